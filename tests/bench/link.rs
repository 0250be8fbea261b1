//! A slow, far link, as a model: 9,600 bit/s in both directions and 300 ms there and back.
//!
//! The program runs on a real pseudo-terminal; only the way of its bytes is worked out. Each byte leaves when the line
//! is free and the one before it has gone, and arrives 150 ms later. Nothing holds the program back, as an SSH server
//! does not: what is too much waits in the queue. So the figure does not depend on how fast this machine sleeps.

use std::time::{Duration, Instant};

use vt100::Parser;

use crate::forms::ready;
use crate::programs::Program;
use crate::terminal::{Chunk, Look, Terminal, looks, ms};

/// Of one byte, with its start and stop bit: ten bits at 9,600 bit/s.
const BYTE: Duration = Duration::from_nanos(1_000_000_000 / 960);

/// One way.
const WAY: Duration = Duration::from_millis(150);

/// Between two keys: an arrow that is held down repeats some 30 times a second.
const PACE: Duration = Duration::from_millis(33);

/// Twenty keys that stay within six fields, so that each of them changes something.
pub const TWENTY: &str = "Down Down Down Down Down Up Up Up Up Up Down Down Down Down Down Up Up Up Up Down";
/// The same with ten down and ten up before.
pub const FORTY: &str = "Down Down Down Down Down Up Up Up Up Up Down Down Down Down Down Up Up Up Up Up \
    Down Down Down Down Down Up Up Up Up Up Down Down Down Down Down Up Up Up Up Down";

/// What became of keys that were held.
pub struct Held {
    /// From the press of the last key to the screen that is right.
    pub answer_ms: f64,
    /// The largest piece that came between the second key and the last one.
    pub step_bytes: usize,
}

/// Presses keys at the pace of one that is held, after those of `setup`; `None` if the right screen never comes.
pub fn hold(program: &Program, setup: &str, keys: &str) -> Result<Option<Held>, String> {
    let mut terminal = ready(program)?;
    terminal.press_all(setup);
    let mut drawing = terminal.copy();
    let mut chunks = vec![];
    let mut last = Instant::now();
    let (mut key_bytes, mut first_answered) = (0, 0);
    for (number, key) in keys.split_whitespace().enumerate() {
        if number == 1 {
            first_answered = chunks.len();
        }
        let bytes = terminal.bytes(key);
        key_bytes = bytes.len();
        last = terminal.send(&bytes);
        chunks.extend(terminal.listen(PACE).chunks);
    }
    let step_bytes =
        chunks.iter().skip(first_answered).map(|chunk: &Chunk| chunk.bytes.len()).max().unwrap_or_default();
    chunks.extend(terminal.settle(Duration::from_millis(250)).chunks);
    let arrived = arrivals(&chunks);
    let right = right_from(&mut drawing, &chunks, &terminal);
    // The last key has been on its way, too, when it reached the program.
    let key_way = WAY + BYTE * u32::try_from(key_bytes).unwrap_or(u32::MAX);
    let answered = right.and_then(|index| arrived.get(index));
    let answer_ms = answered.map(|at| ms(at.saturating_duration_since(last) + key_way));
    Ok(answer_ms.map(|answer_ms| Held { answer_ms, step_bytes }))
}

/// When each byte reaches the far end.
fn arrivals(chunks: &[Chunk]) -> Vec<Instant> {
    let mut free = None;
    let mut arrived = vec![];
    for chunk in chunks {
        for _ in &chunk.bytes {
            let gone = free.map_or(chunk.at, |free: Instant| free.max(chunk.at)) + BYTE;
            arrived.push(gone + WAY);
            free = Some(gone);
        }
    }
    arrived
}

/// The index of the byte that makes the screen what it is in the end; what comes after it changes no cell.
fn right_from(drawing: &mut Parser, chunks: &[Chunk], terminal: &Terminal) -> Option<usize> {
    let wanted: Vec<Look> = looks(terminal.screen()).collect();
    let bytes = chunks.iter().flat_map(|chunk| &chunk.bytes);
    let mut right = None;
    for (index, byte) in bytes.enumerate() {
        drawing.process(&[*byte]);
        // Nearly always the first cells tell already that it is not yet right.
        let is_right = looks(drawing.screen()).zip(&wanted).all(|(look, wanted)| look == *wanted);
        right = if is_right { right.or(Some(index)) } else { None };
    }
    right
}
