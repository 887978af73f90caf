//! A wait on a socket, and the line of the program that made it.
//!
//! The registration says what a task waits for: this source, to read or to write. Which line
//! waits it cannot know, for it is called from a future that is polled by the machine. So each
//! method that is awaited is `#[track_caller]`, and what it returns is wrapped here: around every
//! poll, the line is the one that called the method. Unobserved, that is the test of a flag.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::trace::with_line;

pin_project! {
    /// See [`lined`].
    pub(super) struct Lined<F> {
        #[pin]
        future: F,
        at: &'static Location<'static>,
    }
}

/// `future`, whose waits are at the line of whoever called the caller of this.
#[inline]
#[track_caller]
pub(super) fn lined<F: Future>(future: F) -> Lined<F> {
    let at = Location::caller();
    Lined { future, at }
}

impl<F: Future> Future for Lined<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let me = self.project();
        with_line(me.at, || me.future.poll(cx))
    }
}
