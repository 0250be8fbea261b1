//! What a busy machine may do to a test, and what not: everything may be late, and nothing fails for that.
//!
//! A test waits for what is to happen, never for time. Where time itself is the promise (a deadline, an answer at once),
//! it is kept if it is kept once: a busy machine is late now and then, what is broken is late every time.

use std::time::{Duration, Instant};

/// Longer than anything under test takes, however busy the machine; only a broken test waits so long.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How often a promise about time may fail for want of a processor.
const TRIES: usize = 30;

/// Waits for what others do: threads, processes, the disk.
pub fn wait_until(what: &str, holds: impl FnMut() -> bool) {
    assert!(eventually(holds), "it does not come about: {what}");
}

/// The same, for what may come about or not.
pub fn eventually(mut holds: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    while !holds() {
        if Instant::now() > end {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Does it until the result is as wished; the last result where it never is, for the caller to complain about.
pub fn at_best<T>(mut act: impl FnMut() -> T, is_as_wished: impl Fn(&T) -> bool) -> T {
    let mut result = act();
    for _ in 1..TRIES {
        if is_as_wished(&result) {
            break;
        }
        result = act();
    }
    result
}

/// Does it until it took no longer than `limit`; how long the last one took, with its result.
pub fn timed<T>(limit: Duration, mut act: impl FnMut() -> T) -> (T, Duration) {
    let once = || {
        let began = Instant::now();
        let result = act();
        (result, began.elapsed())
    };
    at_best(once, |(_, took)| *took <= limit)
}
