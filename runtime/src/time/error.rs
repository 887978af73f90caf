//! What can go wrong with time: it can run out.

use std::fmt;

/// The future that [`timeout`](super::timeout()) was given did not end in time. It has been
/// dropped, or will be with the [`Timeout`](super::Timeout).
///
/// ```
/// # runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?
/// # .block_on(async {
/// use runtime::time::{Duration, timeout};
///
/// let never = timeout(Duration::from_secs(1), std::future::pending::<()>());
/// assert_eq!(never.await.unwrap_err().to_string(), "deadline has elapsed");
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct Elapsed(());

impl Elapsed {
    pub(super) fn new() -> Elapsed {
        Elapsed(())
    }
}

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

impl From<Elapsed> for std::io::Error {
    fn from(_: Elapsed) -> std::io::Error {
        std::io::ErrorKind::TimedOut.into()
    }
}
