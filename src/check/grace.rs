//! What a test takes beyond its time, always a share of it: of a short time, too, it takes no more than a tenth.

use std::time::{Duration, Instant};

/// Probes end by themselves and know best what they waited for: so much longer they are listened to.
pub fn of_all(timeout: Duration) -> Duration {
    timeout / 14
}

/// Machines tell once a second why they cannot be reached, and a test that is repeated each second must hear it each time. So
/// one more question is put after the end of the time, and its answer awaited.
#[derive(Clone, Copy)]
pub struct Grace {
    left: Duration,
}

impl Grace {
    /// Of what begins now.
    pub fn until(deadline: Instant) -> Grace {
        Grace { left: deadline.saturating_duration_since(Instant::now()) }
    }

    /// So long after the end the last question is put, when a second is over for certain.
    pub fn question(self) -> Duration {
        Duration::from_millis(10).min(self.left / 56)
    }

    /// So long its answer is awaited.
    pub fn answer(self) -> Duration {
        Duration::from_millis(25).min(self.left / 28)
    }

    /// So long after the end one waits for another thread that puts it.
    pub fn look(self) -> Duration {
        Duration::from_millis(50).min(self.left / 16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_comes_before_nobody_listens_however_short_the_time() {
        for millis in [1, 20, 100, 200, 499, 500, 700, 1000, 3000, 60_000] {
            let timeout = Duration::from_millis(millis);
            let grace = Grace { left: timeout };
            assert!(grace.question() > Duration::ZERO && grace.answer() > grace.question(), "{timeout:?}");
            assert!(grace.question() + grace.answer() < grace.look(), "{timeout:?}");
            assert!(grace.look() < of_all(timeout), "{timeout:?}");
            assert!(of_all(timeout) < timeout / 10, "{timeout:?}");
        }
    }
}
