//! Which row is the first that is shown, and how far that can go.

/// The first row shown of what keys can scroll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scroll {
    pub at: usize,
    /// The last position that leaves no row empty, as of the last frame.
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

/// The scroll positions of a frame: what the view made of the model's, and what the model goes on with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scrolls {
    /// Of the list of groups.
    pub list: usize,
    pub fields: usize,
    pub help: Scroll,
    /// Of the last dialog.
    pub dialog: Scroll,
}
