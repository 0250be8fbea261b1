//! How much of the form follows the keys, and how soon: on a slow line, held keys must not pile up frames.
//!
//! While keys repeat, only the pane that has the focus follows each of them; the rest waits until they have been quiet for a
//! moment, and so does the next frame until a slow line may have taken the last one. Pure: it is told of keys and of silence,
//! and reads no clock.

use std::time::Duration;

/// Keys that follow each other within this repeat: a held key does so every 30 to 50 ms, and over a shaky link up to this.
const REPEAT: Duration = Duration::from_millis(150);
/// Silence for so long after keys that repeated is calm: longer than the gaps within them, and hardly noticed.
const CALM: Duration = Duration::from_millis(120);
/// What a byte takes on the slowest line that is thought of: 9,600 bit/s, ten bits each.
const BYTE: Duration = Duration::from_nanos(1_000_000_000 / 960);
/// No frame, however large, delays the next one longer: on a fast line a held key would seem to stall.
const LONGEST_REST: Duration = Duration::from_millis(250);

/// Where the keys are. Durations count from the last byte of input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Keys {
    #[default]
    Quiet,
    /// One came: another one within [`REPEAT`] repeats.
    Pressed,
    Repeat,
}

/// Paces the frames by the keys.
#[derive(Debug, Default)]
pub struct Pace {
    keys: Keys,
    /// How many bytes the last frame had.
    frame: usize,
}

impl Pace {
    /// So many keys came in one piece.
    pub fn pressed(&mut self, count: usize) {
        self.keys = match (self.keys, count) {
            (_, 0) => return,
            (Keys::Quiet, 1) => Keys::Pressed,
            _ => Keys::Repeat,
        };
    }

    /// A frame of so many bytes was sent.
    pub fn drawn(&mut self, bytes: usize) {
        self.frame = bytes;
    }

    /// True where all of the form is drawn.
    pub fn is_calm(&self) -> bool {
        self.keys != Keys::Repeat
    }

    /// True where the next key begins anew: it repeats none.
    pub fn is_quiet(&self) -> bool {
        self.keys == Keys::Quiet
    }

    /// How long after the last byte of input [`Pace::silence`] is due; `None` where time changes nothing.
    pub fn deadline(&self) -> Option<Duration> {
        match self.keys {
            Keys::Quiet => None,
            Keys::Pressed => Some(REPEAT),
            Keys::Repeat => Some(CALM),
        }
    }

    /// Says that [`Pace::deadline`] passed without a byte.
    pub fn silence(&mut self) {
        self.keys = match self.keys {
            // What is left until the keys would not have repeated.
            Keys::Repeat => Keys::Pressed,
            _ => Keys::Quiet,
        };
    }

    /// How long after the last frame the next one has to wait, since a slow line is not done with it; `None` where nothing
    /// holds it up.
    pub fn rest(&self) -> Option<Duration> {
        let bytes = u32::try_from(self.frame).unwrap_or(u32::MAX);
        (self.keys == Keys::Repeat && bytes > 0).then(|| BYTE.saturating_mul(bytes).min(LONGEST_REST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_is_calm_and_two_at_once_or_soon_after_each_other_repeat() {
        let mut pace = Pace::default();
        pace.pressed(0);
        assert_eq!((pace.is_calm(), pace.deadline()), (true, None));
        pace.pressed(1);
        assert_eq!((pace.is_calm(), pace.deadline()), (true, Some(REPEAT)));
        pace.silence();
        assert_eq!((pace.is_calm(), pace.deadline()), (true, None));
        pace.pressed(1);
        pace.pressed(1);
        assert_eq!((pace.is_calm(), pace.deadline()), (false, Some(CALM)));
        pace.silence();
        assert_eq!((pace.is_calm(), pace.deadline()), (true, Some(REPEAT)), "the next one may still repeat");
        pace.silence();
        assert_eq!(pace.deadline(), None);
        pace.pressed(2);
        assert!(!pace.is_calm());
    }

    #[test]
    fn only_while_keys_repeat_a_frame_delays_the_next_and_within_bounds() {
        let mut pace = Pace::default();
        pace.drawn(2000);
        pace.pressed(1);
        assert_eq!(pace.rest(), None);
        pace.pressed(1);
        assert_eq!(pace.rest(), Some(LONGEST_REST));
        pace.drawn(48);
        assert_eq!(pace.rest(), Some(BYTE * 48));
        pace.drawn(0);
        assert_eq!(pace.rest(), None);
    }
}
