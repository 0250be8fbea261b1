//! Scroll positions and their limits.

/// A position that keys change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    pub at: usize,
    /// The last position that leaves no row empty, as of the last frame. Keys stop there, so that scrolling past the end does
    /// not have to be undone.
    pub most: usize,
}

impl Default for Scroll {
    fn default() -> Scroll {
        Scroll { at: 0, most: usize::MAX }
    }
}

impl Scroll {
    pub fn up(&mut self, rows: usize) {
        self.at = self.at.saturating_sub(rows);
    }

    pub fn down(&mut self, rows: usize) {
        self.at = self.at.saturating_add(rows).min(self.most);
    }
}

/// All positions of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrolls {
    /// Of the list of groups.
    pub list: usize,
    pub fields: usize,
    pub help: Scroll,
    /// Of the last dialog.
    pub dialog: Scroll,
}
