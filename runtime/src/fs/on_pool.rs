//! A call of the operating system, made on a thread of the pool: how all of this room works. (A simulated host has
//! another pool, which takes simulated time and no thread: `system.rs`.)
//!
//! How it can go wrong: *the future is dropped while a thread makes the call.* The call is made all
//! the same; only its answer is lost.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::pin::pin;

use super::system;
use crate::blocking;
use crate::machine::context;
use crate::trace;

/// Makes one call on the pool. `at` is the line of the program that asked for it. What the program
/// `handed` over is kept until the call has been made: it may be a temporary file that goes with its name.
pub(super) async fn on_pool<H, R: Send + 'static>(
    at: &'static Location<'static>,
    handed: H,
    call: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<R> {
    let made = async {
        let machine = context::machine();
        let given = system::with_pool(&machine, |pool| {
            blocking::give(&machine, pool, call, at.into())
        });
        drop(machine);
        blocking::ended(given?).await
    };
    let result = said_at(at, made).await;
    drop(handed);
    result
}

/// What `future` comes to wait for is waited for at `at`.
pub(super) async fn said_at<F: Future>(at: &'static Location<'static>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| trace::with_line(at, || future.as_mut().poll(cx))).await
}
