//! `try_join!`: several futures at once, until all have succeeded or one has failed.
//!
//! It is `join!` with one more line: after a branch has completed, its answer is looked
//! at, and an error ends the whole at once.
//!
//! ```text
//!     0 => if future0.as_mut().poll(cx).is_pending() {
//!         pending = true;
//!     } else if let Some(error) = take_error(future0.as_mut()) {
//!         return Poll::Ready(Err(error));
//!     }
//! ```
//!
//! "At once" is meant literally: the branches that would have been asked after it in this
//! round are not, and when the surrounding block ends, on the same poll, all futures and
//! the values of those that had succeeded are dropped.

/// Waits for several futures at once, and returns when all have completed with `Ok`, or
/// as soon as **one** has completed with `Err`.
///
/// `try_join!(a, b, c)` takes futures whose outputs are `Result`s with one and the same
/// error type. It gives back `Ok` with the tuple of their values, in the order in which
/// they are written, or the first `Err` that any of them gives, the moment it gives it.
/// The other futures are dropped then, finished or not. `try_join!()` gives `Ok(())`.
///
/// All that is said of [`join!`](crate::join) about order, place, number, fairness and
/// `biased;` holds here too.
///
/// # Cancel safety
///
/// As with [`join!`](crate::join), dropping it drops its futures and what the completed
/// ones had answered. Note that `try_join!` itself does this to its branches: at the first
/// error all others are cancelled, so each of them should be one that may be.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() {
/// let both = runtime::try_join!(async { "6".parse::<u32>() }, async { "7".parse::<u32>() });
/// assert_eq!(both, Ok((6, 7)));
///
/// let failed = runtime::try_join!(
///     // It would wait for ever...
///     async {
///         std::future::pending::<()>().await;
///         Ok(1)
///     },
///     // ... but is not waited for.
///     async { Err::<u32, _>("no thread left on the spool") },
/// );
/// assert_eq!(failed, Err("no thread left on the spool"));
/// # }
/// ```
///
/// Error types that differ are made the same in the branches:
///
/// ```
/// # use std::error::Error;
/// # async fn port() -> Result<u16, std::num::ParseIntError> { "80".parse() }
/// # async fn host() -> Result<&'static str, std::env::VarError> { Ok("localhost") }
/// # #[runtime::main] async fn main() {
/// let both: Result<_, Box<dyn Error>> = runtime::try_join!(
///     async { Ok(host().await?) },
///     async { Ok(port().await?) },
/// );
/// assert_eq!(both.unwrap(), ("localhost", 80));
/// # }
/// ```
#[macro_export]
macro_rules! try_join {
    ($($futures:tt)*) => {
        $crate::macros::support::try_join! { $crate $($futures)* }
    };
}
