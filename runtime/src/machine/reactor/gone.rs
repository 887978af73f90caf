//! What an operation on a source says when the runtime is gone.

use std::fmt;
use std::io;

#[derive(Debug)]
struct Gone;

impl fmt::Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the runtime that this I/O object belongs to has been shut down")
    }
}

impl std::error::Error for Gone {}

pub(super) fn gone() -> io::Error {
    io::Error::other(Gone)
}

/// Whether that is what this error says.
pub(crate) fn says_gone(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Gone>)
}
