//! `join!`: several futures at once, until all have answered.
//!
//! `a().await; b().await` takes as long as both together; `join!(a(), b())` as long as the
//! slower one, because while one waits the other is polled. It is the smallest form of
//! concurrency there is: no task, no allocation, one poll that polls two.
//!
//! With two branches, `join!(a(), b())` becomes this:
//!
//! ```text
//! {
//!     let future0 = a();
//!     let future1 = b();
//!     let mut future1 = pin!(maybe_done(future1));
//!     let mut future0 = pin!(maybe_done(future0));
//!     let mut first = 0;                        // which is polled first this time
//!     let output = poll_fn(move |cx| {
//!         let mut pending = false;
//!         let start: u32 = first;
//!         let mut branch = start;
//!         loop {
//!             match branch {
//!                 0 => if future0.as_mut().poll(cx).is_pending() { pending = true; }
//!                 _ => if future1.as_mut().poll(cx).is_pending() { pending = true; }
//!             }
//!             branch = if branch == 1 { 0 } else { branch + 1 };
//!             if branch == start { break; }
//!         }
//!         first = if first == 1 { 0 } else { first + 1 };
//!         if pending { return Poll::Pending; }
//!         Poll::Ready((take_output(future0.as_mut()), take_output(future1.as_mut())))
//!     })
//!     .await;
//!     output
//! }
//! ```
//!
//! Each poll of the `join!` begins with the next future. It matters when one of the futures uses
//! up the task's whole budget every time: if it were always the first, the others would find
//! nothing left, for ever. With `biased;` the round becomes the two `if`s one after the other,
//! and the program must see to it that the first future leaves budget for the second.
//!
//! How it can go wrong: a future may complete long before its neighbours, must then not
//! be polled again, and should not keep what it holds. That is `maybe_done.rs`.

/// Waits for several futures at once, and returns when **all** have completed.
///
/// `join!(a, b, c)` takes expressions that are futures (or anything that is
/// [`IntoFuture`]), evaluates them in order, polls them together as part of the current
/// task, and gives back the tuple of their outputs in the order in which they are
/// written. A trailing comma is welcome; `join!()` gives `()`. Any number of futures will
/// do, and neither they nor their outputs are boxed.
///
/// It must stand where `.await` may stand: in an `async` function, block or closure.
///
/// When the outputs are `Result`s, all of them are waited for, errors or not; use
/// [`try_join!`](crate::try_join) to stop at the first error.
///
/// The futures run concurrently but not in parallel: all on this thread, in turns, and
/// one that blocks the thread stops all. To let one of them outlive this function, spawn
/// it and join its handle.
///
/// # Fairness
///
/// Each time the task is polled, another future is asked first, in rotation, so that one
/// that spends the task's whole budget does not keep the others waiting. `biased;` in
/// front asks them always in the order in which they are written. Then it is up to you
/// that the first ones leave something for the last.
///
/// # Cancel safety
///
/// Dropping the `join!` (because it is itself a branch of a `select!`, or because the
/// task is aborted) drops all its futures, the outputs of those that had completed
/// included. It is cancel safe only if losing those outputs is no harm. To keep them,
/// [`pin!`](crate::pin) the futures outside and join references to them.
///
/// # Examples
///
/// ```
/// async fn name() -> &'static str {
///     "loom"
/// }
///
/// async fn year() -> u32 {
///     1785
/// }
///
/// # #[runtime::main] async fn main() {
/// let (name, year) = runtime::join!(name(), year());
/// assert_eq!((name, year), ("loom", 1785));
/// # }
/// ```
///
/// In the order in which they stand:
///
/// ```
/// # use std::cell::RefCell;
/// # #[runtime::main] async fn main() {
/// let log = RefCell::new(Vec::new());
/// runtime::join!(
///     biased;
///     async { log.borrow_mut().push("warp") },
///     async { log.borrow_mut().push("weft") },
/// );
/// assert_eq!(log.into_inner(), ["warp", "weft"]);
/// # }
/// ```
///
/// [`IntoFuture`]: std::future::IntoFuture
#[macro_export]
macro_rules! join {
    ($($futures:tt)*) => {
        $crate::macros::support::join! { $crate $($futures)* }
    };
}
