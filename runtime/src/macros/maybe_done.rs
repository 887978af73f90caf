//! A future that keeps its answer until it is asked for.
//!
//! `join!` waits for several futures that complete at different times. A future must not
//! be polled after it has completed, and its answer has to be put somewhere until the
//! others have theirs. [`MaybeDone`] is both: first the future, then, in the same place,
//! its answer. The future is dropped at the moment it completes, and with it whatever it
//! holds (a lock, the sending half of a channel). It does not wait for the slowest of its
//! neighbours.
//!
//! How it can go wrong: the future is pinned, so it may not be moved to make room for the
//! answer. Pinning allows exactly one way out, dropping it in place, and that is what
//! `Pin::set` does.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

pin_project! {
    /// A future `F`, then its answer `T`, then nothing.
    //
    // That `T` is what `F` answers is said by the functions and not by the type: a user
    // that joins something that is no future shall be told once, at that place, and not
    // again at every place where the type appears.
    //
    // `repr(C)`: which of the three it is gets a place of its own. Left to itself the
    // compiler may hide it in unused bits of the future, and reading those while the
    // future refers to itself is something that Rust's rules are still being settled for.
    #[derive(Debug)]
    #[project = Projection]
    #[project_replace = Replaced]
    #[repr(C)]
    pub enum MaybeDone<F, T> {
        /// It has not answered yet.
        Running { #[pin] future: F },
        /// It has answered, and is dropped.
        Done { output: T },
        /// The answer has been taken.
        Taken,
    }
}

/// Begins with the future.
#[inline]
pub fn maybe_done<I: IntoFuture>(future: I) -> MaybeDone<I::IntoFuture, I::Output> {
    MaybeDone::Running {
        future: future.into_future(),
    }
}

impl<F: Future> Future for MaybeDone<F, F::Output> {
    type Output = ();

    /// Ready when the answer is there; polling it again is allowed and does nothing.
    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Projection::Running { future } = self.as_mut().project() {
            let output = ready!(future.poll(cx));
            self.set(MaybeDone::Done { output });
        }
        Poll::Ready(())
    }
}

/// The answer. Panics if there is none (yet, or any more).
#[inline]
pub fn take_output<F: Future>(this: Pin<&mut MaybeDone<F, F::Output>>) -> F::Output {
    match this.project_replace(MaybeDone::Taken) {
        Replaced::Done { output } => output,
        Replaced::Running { .. } | Replaced::Taken => unreachable!("join! takes each answer once"),
    }
}

/// The error, if the answer is one; otherwise everything stays as it is.
#[inline]
pub fn take_error<T, E, F>(mut this: Pin<&mut MaybeDone<F, F::Output>>) -> Option<E>
where
    F: Future<Output = Result<T, E>>,
{
    match this.as_mut().project() {
        Projection::Done { output: Err(_) } => take_output(this).err(),
        _ => None,
    }
}

/// The answer's value. Panics if the answer is an error, or there is none.
#[inline]
pub fn take_ok<T, E, F>(this: Pin<&mut MaybeDone<F, F::Output>>) -> T
where
    F: Future<Output = Result<T, E>>,
{
    match take_output(this) {
        Ok(value) => value,
        Err(_) => unreachable!("try_join! returns the first error"),
    }
}
