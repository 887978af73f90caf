//! A call of the operating system, made on a thread of the pool: how all of this room works.
//!
//! How it can go wrong: *the future is dropped while a thread makes the call.* The call is made all
//! the same; only its answer is lost.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::pin::pin;

use crate::blocking;
use crate::trace;

/// Makes one call on the pool. `at` is the line of the program that asked for it. What the program
/// `handed` over is kept until the call has been made: it may be a temporary file that goes with its name.
pub(super) async fn on_pool<H, R: Send + 'static>(
    at: &'static Location<'static>,
    handed: H,
    call: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    let result = said_at(at, blocking::run(call, at.into())).await;
    drop(handed);
    result
}

/// What `future` comes to wait for is waited for at `at`.
pub(super) async fn said_at<F: Future>(at: &'static Location<'static>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| trace::with_line(at, || future.as_mut().poll(cx))).await
}
