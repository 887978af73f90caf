//! Signals: what the operating system, or a key on the terminal, tells the process.
//!
//! A signal interrupts the process between any two instructions, where almost nothing may be
//! done. So the handler (that of the crate signal-hook) only writes one byte into a pipe,
//! and the pipe's other end is a source like any socket: the reactor sees it become readable
//! and wakes the task that listens. That is the old *self-pipe trick*.
//!
//! Every listener has a pipe of its own. So any number of listeners, and of runtimes in one
//! process, hear every signal, and none can take it from another. Signals that arrive
//! faster than they are received are received once.
//!
//! How it can go wrong: after a task has listened to a signal, the signal's default effect (SIGINT
//! ends the process) is off for as long as the process lives, even after the last listener is gone.
//! Tokio does the same.

#[cfg(feature = "sim")]
pub(crate) mod simulated;
pub mod unix;

use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;

use crate::trace::with_line;

/// Waits for the key Ctrl-C (SIGINT).
///
/// It listens from the call on, not from the first poll. To hear several, one after another,
/// without a gap, use [`unix::signal`].
///
/// # Cancel safety
///
/// Cancel safe; dropping it ends the listening.
///
/// # Errors
///
/// If the listener cannot be set up.
///
/// # Panics
///
/// If there is no runtime on this thread, or it was built without
/// [`enable_io`](crate::runtime::Builder::enable_io).
///
/// ```no_run
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// runtime::signal::ctrl_c().await?;
/// println!("goodbye");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn ctrl_c() -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let signal = unix::signal(unix::SignalKind::interrupt());
    async move {
        let mut signal = signal?;
        poll_fn(|cx| with_line(at, || signal.poll_recv(cx))).await;
        Ok(())
    }
}
