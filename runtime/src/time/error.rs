//! What can go wrong with time: it runs out ([`Elapsed`]). [`Error`] is here because Tokio has the
//! name; nothing returns it.

use std::fmt;

/// The future that [`timeout`](super::timeout()) was given did not end in time. It has been
/// dropped, or will be with the [`Timeout`](super::Timeout).
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use runtime::time::{Duration, timeout};
///
/// let never = timeout(Duration::from_secs(1), std::future::pending::<()>());
/// assert_eq!(never.await.unwrap_err().to_string(), "deadline has elapsed");
/// # }
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
        f.pad("deadline has elapsed")
    }
}

impl std::error::Error for Elapsed {}

/// Why a timer could not be made, in Tokio.
///
/// Here nothing returns it, as in Tokio 1 nothing does any more: a timer that cannot be made panics.
/// It is for programs that name it.
///
/// ```
/// use runtime::time::error::Error;
///
/// assert!(Error::shutdown().is_shutdown());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Error(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shutdown,
    AtCapacity,
    Invalid,
}

impl Error {
    /// The runtime of the timer has been shut down.
    ///
    /// ```
    /// use runtime::time::error::Error;
    ///
    /// assert!(Error::shutdown().is_shutdown());
    /// ```
    #[must_use]
    pub fn shutdown() -> Error {
        Error(Kind::Shutdown)
    }

    /// Whether the runtime of the timer has been shut down.
    pub fn is_shutdown(&self) -> bool {
        self.0 == Kind::Shutdown
    }

    /// There are as many timers as there can be.
    ///
    /// ```
    /// use runtime::time::error::Error;
    ///
    /// assert!(Error::at_capacity().is_at_capacity());
    /// ```
    #[must_use]
    pub fn at_capacity() -> Error {
        Error(Kind::AtCapacity)
    }

    /// Whether there are as many timers as there can be.
    pub fn is_at_capacity(&self) -> bool {
        self.0 == Kind::AtCapacity
    }

    /// The duration is longer than a timer can last.
    ///
    /// ```
    /// use runtime::time::error::Error;
    ///
    /// assert!(Error::invalid().is_invalid());
    /// ```
    #[must_use]
    pub fn invalid() -> Error {
        Error(Kind::Invalid)
    }

    /// Whether the duration is longer than a timer can last.
    pub fn is_invalid(&self) -> bool {
        self.0 == Kind::Invalid
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self.0 {
            Kind::Shutdown => "the runtime of the timer has been shut down",
            Kind::AtCapacity => "there are as many timers as there can be",
            Kind::Invalid => "the duration is longer than a timer can last",
        })
    }
}

impl std::error::Error for Error {}

impl From<Elapsed> for std::io::Error {
    fn from(_: Elapsed) -> std::io::Error {
        std::io::ErrorKind::TimedOut.into()
    }
}
