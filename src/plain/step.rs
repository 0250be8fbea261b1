//! How a question ends.

use crate::session::ending::Ending;

/// What comes of a question, unless something leads out of it.
pub type Step<T> = Result<T, Stop>;

/// What leads out of a question.
#[derive(Debug)]
pub enum Stop {
    /// Ctrl+C, or Ctrl+D on an empty line.
    Interrupted,
    /// The form is to be left.
    Left(Box<Ending>),
    /// A signal, or a terminal that is gone: SIGHUP.
    Signal(i32),
}

impl Stop {
    pub fn left(ending: Ending) -> Stop {
        Stop::Left(Box::new(ending))
    }
}
