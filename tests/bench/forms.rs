//! What a form costs and how it behaves: the same questions to every program.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;

use crate::programs::Program;
use crate::series::Series;
use crate::terminal::{Look, SIZE, Terminal, looks};

/// Keys that are measured in a round, one by one.
const DOWNS: &str = "Down Down Down Down Down";
const LETTERS: &str = "b c d e f";

/// What is measured in every round.
#[derive(Default)]
pub struct Costs {
    /// From the start of the process until the whole first screen is there.
    pub first_ms: Series,
    /// Bytes of it.
    pub first_bytes: Series,
    /// Bytes of the reply to Down.
    pub down_bytes: Series,
    /// From the key to the last byte of it.
    pub down_ms: Series,
    /// Bytes of it beyond 1.25 times the UTF-8 bytes of the cells that changed.
    pub down_excess: Series,
    /// Bytes of the reply to a typed character, beyond the first, which changes marks.
    pub letter_bytes: Series,
    /// From the key to the last byte of it.
    pub letter_ms: Series,
    /// Resident memory after the keys, KiB.
    pub rss_kib: Series,
    /// The same, shared pages counted by share.
    pub pss_kib: Series,
}

impl Costs {
    /// Measures a program once more; a warm-up round tells whether it works at all.
    pub fn round(&mut self, program: &Program, warm_up: bool) -> Result<(), String> {
        let mut measured = if warm_up { Costs::default() } else { std::mem::take(self) };
        let done = measured.walk(program).and_then(|()| measured.write(program));
        if !warm_up {
            *self = measured;
        }
        done
    }

    fn walk(&mut self, program: &Program) -> Result<(), String> {
        let Some(setup) = program.walk else { return Ok(()) };
        let mut terminal = program.start()?;
        let (first_ms, first_bytes) = terminal.first_screen(program.full)?;
        self.first_ms.add(first_ms);
        self.first_bytes.add(first_bytes as f64);
        terminal.press_all(setup);
        for key in DOWNS.split(' ') {
            let before = seen(&terminal);
            let (pressed, reply) = terminal.press(key);
            let changed = before.iter().zip(looks(terminal.screen())).filter(|(before, after)| **before != *after);
            let needed: usize = changed.map(|(_, after)| after.text.len().max(1)).sum();
            self.down_bytes.add(reply.len() as f64);
            self.down_excess.add(reply.len() as f64 - 1.25 * needed as f64);
            if let Some(last_ms) = reply.last_ms(pressed) {
                self.down_ms.add(last_ms);
            }
        }
        self.rss_kib.add(memory_kib(terminal.process(), "Rss"));
        self.pss_kib.add(memory_kib(terminal.process(), "Pss"));
        Ok(())
    }

    fn write(&mut self, program: &Program) -> Result<(), String> {
        let Some(setup) = program.write else { return Ok(()) };
        let mut terminal = program.start()?;
        let first = terminal.first_screen(program.full)?;
        if program.walk.is_none() {
            self.first_ms.add(first.0);
            self.first_bytes.add(first.1 as f64);
        }
        terminal.press_all(setup);
        terminal.press("a");
        for key in LETTERS.split(' ') {
            let (pressed, reply) = terminal.press(key);
            self.letter_bytes.add(reply.len() as f64);
            if let Some(last_ms) = reply.last_ms(pressed) {
                self.letter_ms.add(last_ms);
            }
        }
        if program.walk.is_none() {
            self.rss_kib.add(memory_kib(terminal.process(), "Rss"));
            self.pss_kib.add(memory_kib(terminal.process(), "Pss"));
        }
        Ok(())
    }
}

/// What is found out once.
pub struct Habits {
    /// Bytes written while nothing was pressed.
    pub idle_bytes: usize,
    /// How often any of its threads woke up meanwhile.
    pub idle_wakes: u64,
    /// What an arrow became whose bytes came 10 ms apart.
    pub split: String,
    /// The terminal after SIGHUP.
    pub hangup: String,
    /// The screen after 20x5 and back.
    pub resize: String,
}

impl Habits {
    /// Finds out, each in a fresh process.
    pub fn of(program: &Program, idle: Duration) -> Result<Habits, String> {
        let (idle_bytes, idle_wakes) = idle_costs(&mut ready(program)?, idle);
        Ok(Habits {
            idle_bytes,
            idle_wakes,
            split: split(program)?,
            hangup: hangup(program)?,
            resize: resize(program)?,
        })
    }
}

/// The program, with its first screen shown and where its keys are measured.
pub fn ready(program: &Program) -> Result<Terminal, String> {
    let mut terminal = program.start()?;
    terminal.first_screen(program.full)?;
    terminal.press_all(program.walk.or(program.write).unwrap_or_default());
    Ok(terminal)
}

/// Bytes and wake-ups while nothing is pressed.
pub fn idle_costs(terminal: &mut Terminal, time: Duration) -> (usize, u64) {
    let before = wakes(terminal.process());
    let bytes = terminal.listen(time).len();
    (bytes, wakes(terminal.process()).saturating_sub(before))
}

/// By how many KiB the resident memory grows over so many keys, each answered before the next.
pub fn growth_kib(program: &Program, keys: usize) -> Result<f64, String> {
    let mut terminal = ready(program)?;
    let before = memory_kib(terminal.process(), "Rss");
    for number in 0..keys {
        let key = terminal.bytes(if number % 2 == 0 { "Down" } else { "Up" });
        terminal.send(&key);
        terminal.answer();
    }
    Ok(memory_kib(terminal.process(), "Rss") - before)
}

fn split(program: &Program) -> Result<String, String> {
    // Longer than the second that ncurses waits for the rest of a key.
    let patience = Duration::from_millis(1500);
    let mut whole = ready(program)?;
    let key = whole.bytes("Down");
    whole.send(&key);
    whole.settle(patience);
    let mut parted = ready(program)?;
    let before = parted.screen().contents();
    let (escape, rest) = key.split_at(1);
    parted.send(escape);
    parted.listen(Duration::from_millis(10));
    parted.send(rest);
    // Quiet is no end here: some think about it for a second.
    parted.listen(patience);
    if let Some(ended) = parted.end(Duration::from_millis(20)) {
        return Ok(format!("Esc: ended ({})", ended.how));
    }
    let rest = String::from_utf8_lossy(rest).into_owned();
    let shows = |screen: &str| screen.matches(rest.as_str()).count();
    let after = parted.screen().contents();
    Ok(match () {
        () if seen(&parted) == seen(&whole) => "arrow".into(),
        () if shows(&after) > shows(&before) => format!("`{rest}` typed"),
        () if after == before => "lost".into(),
        () => "Esc".into(),
    })
}

fn hangup(program: &Program) -> Result<String, String> {
    let mut terminal = ready(program)?;
    terminal.signal(Signal::HUP);
    Ok(match terminal.end(Duration::from_secs(2)) {
        None => "runs on".into(),
        Some(ended) if ended.left_behind.is_empty() => "clean".into(),
        Some(ended) => ended.left_behind.join(", "),
    })
}

fn resize(program: &Program) -> Result<String, String> {
    let mut terminal = ready(program)?;
    let before = seen(&terminal);
    for size in [(20, 5), SIZE] {
        terminal.resize(size);
        if let Some(ended) = terminal.end(Duration::from_millis(50)) {
            return Ok(format!("ends ({})", ended.how));
        }
    }
    if seen(&terminal) == before {
        return Ok("restored".into());
    }
    terminal.press_all("Down Up");
    Ok(if seen(&terminal) == before { "restored by a key" } else { "not as before" }.into())
}

fn seen(terminal: &Terminal) -> Vec<Look> {
    looks(terminal.screen()).collect()
}

/// The number after `name:` in a file of /proc; 0 where the process is gone.
fn number(path: &str, name: &str) -> u64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn memory_kib(process: u32, kind: &str) -> f64 {
    number(&format!("/proc/{process}/smaps_rollup"), kind) as f64
}

fn wakes(process: u32) -> u64 {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads.map(|thread| number(&format!("{}/status", thread.path().display()), "voluntary_ctxt_switches")).sum()
}
