//! Which runtime it is: its flavor, its number, and why there is none.

use std::error::Error;
use std::fmt;

use crate::machine::context;

/// What kinds of runtime there are: one.
///
/// In a program written for Tokio a `match` on it has other arms. It is `non_exhaustive`, as
/// Tokio's is, so an arm for all others is there.
///
/// ```
/// use runtime::runtime::{Handle, Runtime, RuntimeFlavor};
///
/// let flavor = Runtime::new()?.block_on(async { Handle::current().runtime_flavor() });
/// assert_eq!(flavor, RuntimeFlavor::CurrentThread);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuntimeFlavor {
    /// All tasks run on one thread.
    CurrentThread,
    /// Tasks run on several threads. No runtime of ours is of that kind: it is there for a `match` that names it.
    MultiThread,
}

/// Tells runtimes apart: see [`Handle::id`](super::Handle::id).
///
/// It is a number without a meaning. When a runtime and all its handles are gone, another may have
/// its number.
///
/// ```
/// use runtime::runtime::{Id, Runtime};
///
/// let (one, two) = (Runtime::new()?, Runtime::new()?);
/// let id: Id = one.handle().id();
/// assert_eq!(id, one.handle().clone().id());
/// assert_ne!(id, two.handle().id());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub struct Id(pub(super) usize);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// This thread is in no runtime; see [`Handle::try_current`](super::Handle::try_current).
///
/// ```
/// let error = runtime::runtime::Handle::try_current().unwrap_err();
/// assert!(error.to_string().contains("no runtime on this thread"));
/// ```
#[derive(Debug)]
pub struct TryCurrentError(pub(super) &'static str);

impl TryCurrentError {
    /// Whether this thread is in no runtime.
    ///
    /// ```
    /// let error = runtime::runtime::Handle::try_current().unwrap_err();
    /// assert!(error.is_missing_context());
    /// ```
    pub fn is_missing_context(&self) -> bool {
        self.0 == context::NOT_ENTERED
    }

    /// Whether this thread is ending, and has dropped the thread-local by which it would know. That
    /// happens in the destructor of another thread-local.
    ///
    /// ```
    /// use runtime::runtime::Handle;
    ///
    /// struct Last;
    ///
    /// impl Drop for Last {
    ///     fn drop(&mut self) {
    ///         // Which of the two is gone first is for the platform to say.
    ///         let error = Handle::try_current().unwrap_err();
    ///         assert!(error.is_thread_local_destroyed() || error.is_missing_context());
    ///     }
    /// }
    ///
    /// thread_local!(static LAST: Last = const { Last });
    /// std::thread::spawn(|| {
    ///     LAST.with(|_| ());
    ///     let error = Handle::try_current().unwrap_err();
    ///     assert!(!error.is_thread_local_destroyed());
    /// })
    /// .join()
    /// .unwrap();
    /// ```
    pub fn is_thread_local_destroyed(&self) -> bool {
        self.0 == context::ENDING
    }
}

impl fmt::Display for TryCurrentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for TryCurrentError {}
