//! The threads of a check. They have names of their own, by which a panic in one of them is known: the check tells of it as of
//! any other failure, and the standard library need not.

use std::any::Any;
use std::panic::{self, AssertUnwindSafe};
use std::{io, thread};

/// How their names begin.
const NAME: &str = "check-";

/// Starts a thread. It is not waited for.
pub(super) fn start(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(format!("{NAME}{name}")).spawn(work).map(drop)
}

/// Does the work of such a thread; the words of its panic, if that is how it ends.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|panic| words(&*panic))
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or_default().to_string()
}

/// True on a thread of a check: nobody else needs to tell of its panic.
pub fn is_current() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with(NAME))
}

/// Keeps panics on these threads from being printed. For the whole process; call it once, before other hooks.
pub fn hush_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if !is_current() {
            before(panic);
        }
    }));
}
