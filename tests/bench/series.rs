//! What was measured again and again, and the middle of it.

/// Samples of one quantity, in the order in which they were taken.
#[derive(Clone, Default)]
pub struct Series(Vec<f64>);

impl Series {
    /// Takes in one more sample.
    pub fn add(&mut self, sample: f64) {
        self.0.push(sample);
    }

    /// The median: one slow round of a busy machine does not move it. `None` where nothing was measured.
    pub fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        match sorted.len() {
            0 => None,
            odd if odd % 2 == 1 => Some(sorted[middle]),
            _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
        }
    }

    /// The largest sample.
    pub fn largest(&self) -> Option<f64> {
        self.0.iter().copied().max_by(f64::total_cmp)
    }
}
