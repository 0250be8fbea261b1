//! A program on a pseudo-terminal, and the moment at which each of its bytes was read.
//!
//! A thread of its own reads and stamps; what the bytes draw is worked out afterwards, when the program has gone quiet,
//! so that the emulator's work is in no figure.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, SlavePty, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::{Cell, Color, Parser, Screen};

/// The size at which everything is measured, in columns and rows.
pub const SIZE: (u16, u16) = (80, 24);

/// A program that has not drawn its first screen by then is taken for broken.
const PATIENCE: Duration = Duration::from_secs(15);

/// Some programs never go quiet: a reply is over after this much of it.
const LONGEST_REPLY: Duration = Duration::from_secs(3);

/// Bits of `c_lflag` on Linux: a terminal that a shell left alone has both.
const ICANON: u32 = 0o2;
const ECHO: u32 = 0o10;

/// How a program is started: nothing of the environment but what stands here.
#[derive(Clone)]
pub struct Launch {
    /// The file.
    pub program: PathBuf,
    /// What follows its name.
    pub arguments: Vec<String>,
    /// All variables it sees.
    pub environment: BTreeMap<String, String>,
    /// Where it runs.
    pub folder: PathBuf,
}

impl Launch {
    fn failed(&self, error: &dyn std::fmt::Display) -> String {
        format!("{}: {error}", self.program.display())
    }
}

/// Bytes that came in one read.
pub struct Chunk {
    /// When the read returned.
    pub at: Instant,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What a program wrote between a start or a key, and quiet.
#[derive(Default)]
pub struct Reply {
    /// In the order in which they came.
    pub chunks: Vec<Chunk>,
}

impl Reply {
    /// How many bytes it is.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes.len()).sum()
    }

    /// Milliseconds from `start` to the last byte; `None` where nothing came.
    pub fn last_ms(&self, start: Instant) -> Option<f64> {
        self.chunks.last().map(|chunk| ms(chunk.at.duration_since(start)))
    }
}

/// How a program ended.
pub struct Ended {
    /// The exit code, or the signal.
    pub how: String,
    /// What was not put back on the terminal; empty where it was left clean.
    pub left_behind: Vec<&'static str>,
}

/// A program, running on a terminal.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    /// Held, so that the terminal's last settings can be read when the program has ended.
    _slave: Box<dyn SlavePty + Send>,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    chunks: Receiver<Chunk>,
    emulator: Parser,
    quiet: Duration,
    started: Instant,
}

impl Terminal {
    /// Starts a program; it is taken to be quiet after `quiet` without a byte.
    pub fn start(launch: &Launch, quiet: Duration) -> Result<Terminal, String> {
        let pair = native_pty_system().openpty(extent(SIZE)).map_err(|error| launch.failed(&error))?;
        let mut screen = pair.master.try_clone_reader().map_err(|error| launch.failed(&error))?;
        let keyboard = pair.master.take_writer().map_err(|error| launch.failed(&error))?;
        let mut command = CommandBuilder::new(&launch.program);
        command.args(&launch.arguments);
        command.env_clear();
        for (name, value) in &launch.environment {
            command.env(name, value);
        }
        command.cwd(&launch.folder);
        let (sender, chunks) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                let chunk = Chunk { at: Instant::now(), bytes: buffer[..read].to_vec() };
                if sender.send(chunk).is_err() {
                    break;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).map_err(|error| launch.failed(&error))?;
        let emulator = Parser::new(length(SIZE.1), length(SIZE.0), 0);
        Ok(Terminal { master: pair.master, _slave: pair.slave, child, keyboard, chunks, emulator, quiet, started })
    }

    /// Waits until `text` stands on the screen and the program is quiet: milliseconds from its start to the read that
    /// brought the text, and all bytes so far.
    pub fn first_screen(&mut self, text: &str) -> Result<(f64, usize), String> {
        let (mut bytes, mut shown) = (0, None);
        while shown.is_none() {
            let reply = self.collect(self.quiet.max(Duration::from_millis(20)), PATIENCE);
            bytes += reply.len();
            for chunk in &reply.chunks {
                self.emulator.process(&chunk.bytes);
                if shown.is_none() && self.screen().contents().contains(text) {
                    shown = Some(ms(chunk.at.duration_since(self.started)));
                }
            }
            if reply.chunks.is_empty() || shown.is_none() && self.started.elapsed() > PATIENCE {
                return Err(format!("never showed \"{text}\":\n{}", self.screen().contents()));
            }
        }
        Ok((shown.unwrap_or_default(), bytes))
    }

    /// Presses one key and waits until the reply has ended: the moment of the press, and the reply.
    pub fn press(&mut self, key: &str) -> (Instant, Reply) {
        let bytes = self.bytes(key);
        (self.send(&bytes), self.settle(Duration::from_millis(250)))
    }

    /// Presses the keys one by one, each when the one before was answered.
    pub fn press_all(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.press(key);
        }
    }

    /// Sends bytes, and says when.
    pub fn send(&mut self, bytes: &[u8]) -> Instant {
        let now = Instant::now();
        // A program that has ended takes no more keys; that it ended is seen where its end is asked for.
        let _ = self.keyboard.write_all(bytes).and_then(|()| self.keyboard.flush());
        now
    }

    /// Takes what comes until the program is quiet, or nothing at all has come for `first`.
    pub fn settle(&mut self, first: Duration) -> Reply {
        let reply = self.collect(self.quiet, first);
        self.draw(&reply);
        reply
    }

    /// Takes what comes in this time.
    pub fn listen(&mut self, time: Duration) -> Reply {
        let end = Instant::now() + time;
        let mut reply = Reply::default();
        while let Ok(chunk) = self.chunks.recv_timeout(end.saturating_duration_since(Instant::now())) {
            reply.chunks.push(chunk);
        }
        // The channel ends at once where the terminal is gone; the time is waited out all the same.
        std::thread::sleep(end.saturating_duration_since(Instant::now()));
        self.draw(&reply);
        reply
    }

    /// Takes the next chunk, for a key that is sure to be answered in one.
    pub fn answer(&mut self) {
        if let Ok(chunk) = self.chunks.recv_timeout(PATIENCE) {
            self.emulator.process(&chunk.bytes);
        }
    }

    /// What stands on the screen.
    pub fn screen(&self) -> &Screen {
        self.emulator.screen()
    }

    /// A copy of the emulator, to draw a reply again, byte by byte.
    pub fn copy(&self) -> Parser {
        let mut copy = Parser::new(length(SIZE.1), length(SIZE.0), 0);
        copy.process(self.screen().state_formatted().as_bytes());
        copy
    }

    /// The bytes of a key as this terminal sends them now: programs may ask for another form of the arrows.
    pub fn bytes(&self, key: &str) -> Vec<u8> {
        let arrow = |letter| format!("\x1b{}{letter}", if self.screen().application_cursor() { 'O' } else { '[' });
        let text = match key {
            "Up" => arrow('A'),
            "Down" => arrow('B'),
            "Enter" => "\r".into(),
            "F5" => "\x1b[15~".into(),
            _ => match key.strip_prefix("C-").and_then(|rest| rest.bytes().next()) {
                Some(letter) => char::from(letter.to_ascii_uppercase() & 0x1f).into(),
                None => key.into(),
            },
        };
        text.into_bytes()
    }

    /// Makes the terminal so large and waits until the program has drawn itself anew, or does not.
    pub fn resize(&mut self, size: (u16, u16)) {
        self.emulator.set_size(length(size.1), length(size.0));
        if self.master.resize(extent(size)).is_ok() {
            self.settle(Duration::from_millis(500));
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let process = i32::try_from(self.process()).ok().and_then(Pid::from_raw);
        // One that is gone already cannot be told; its end is asked for next.
        let _ = process.map(|process| kill_process(process, signal));
    }

    /// How it ended, if it does within `patience`.
    pub fn end(&mut self, patience: Duration) -> Option<Ended> {
        let deadline = Instant::now() + patience;
        let status = loop {
            let reply = self.collect(Duration::from_millis(5), Duration::from_millis(5));
            self.draw(&reply);
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                _ if Instant::now() >= deadline => return None,
                _ => {}
            }
        };
        self.settle(Duration::from_millis(50));
        let modes = self.master.get_termios().map_or(0, |settings| settings.local_flags.bits());
        let screen = self.screen();
        let left_behind = [
            (screen.alternate_screen(), "alternate screen"),
            (screen.hide_cursor(), "hidden cursor"),
            (modes & ICANON == 0 || modes & ECHO == 0, "raw terminal"),
        ];
        let left_behind = left_behind.into_iter().filter(|(left, _)| *left).map(|(_, what)| what).collect();
        let how = status.signal().map_or_else(|| format!("exit {}", status.exit_code()), str::to_owned);
        Some(Ended { how, left_behind })
    }

    /// The process.
    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap_or_default()
    }

    fn draw(&mut self, reply: &Reply) {
        for chunk in &reply.chunks {
            self.emulator.process(&chunk.bytes);
        }
    }

    fn collect(&self, quiet: Duration, first: Duration) -> Reply {
        let mut reply = Reply::default();
        let mut patience = first;
        let start = Instant::now();
        while let Ok(chunk) = self.chunks.recv_timeout(patience) {
            patience = quiet;
            reply.chunks.push(chunk);
            if start.elapsed() > LONGEST_REPLY {
                break;
            }
        }
        reply
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a person sees of one cell. A blank that was written and one that was never touched look the same.
#[derive(PartialEq)]
pub struct Look {
    /// One visible character; empty is blank.
    pub text: String,
    colours: (Color, Color),
    style: [bool; 5],
}

impl Look {
    fn of(cell: &Cell) -> Look {
        Look {
            text: cell.contents().trim_end().to_owned(),
            colours: (cell.fgcolor(), cell.bgcolor()),
            style: [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()],
        }
    }
}

/// All cells of a screen, row by row.
pub fn looks(screen: &Screen) -> impl Iterator<Item = Look> {
    let (rows, columns) = screen.size();
    let places = (0..rows.get()).flat_map(move |row| (0..columns.get()).map(move |column| (row, column)));
    places.filter_map(|(row, column)| screen.cell(row, column).map(Look::of))
}

/// Milliseconds, with their fraction.
pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn extent((columns, rows): (u16, u16)) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn length(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap_or(NonZeroU16::MIN)
}
