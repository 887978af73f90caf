//! Our hold on a source: the way from "would block" to "ready" and back.
//!
//! Every socket operation of this crate is the same dance:
//!
//! ```text
//!           ┌──────────────── wait ◄───────────────┐
//!           │   (waker in the slot or in the list) │
//!           ▼                                      │ no
//!   remembered as ready? ──────────────────────────┘
//!           │ yes
//!           ▼
//!     try the operation ── "would block" ──► forget the readiness, from the top
//!           │
//!           ▼
//!   done; got less than asked for, and that proves something? then forget the readiness too
//! ```
//!
//! Which short transfer proves that a direction is drained is told in `source.rs`.
//!
//! The wait ends when a turn of the reactor notes an event at the source and wakes who
//! waits there. Dropping a registration takes the source away from the operating system
//! and frees its place; an event on its way finds a place with another number.

mod odd;
mod readiness;
mod report;

use std::io;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use super::side::{Found, Generation, Side, Slot};
use super::source::Source;
use super::{Interest, Kind, Reactor, Ready, gone};
use crate::machine::coop;
use crate::trace::{Direction, Event, Line, Switch, emit};

/// A mio object, registered with a reactor for as long as this lives.
pub(crate) struct Registration<S: mio::event::Source> {
    /// `None` only after [`Registration::into_inner`].
    io: Option<S>,
    source: Rc<Source>,
    reactor: Rc<Reactor>,
}

impl<S: Kind> Registration<S> {
    /// Registers `io` for both directions, and where it matters for the news of urgent data.
    pub(crate) fn new(reactor: Rc<Reactor>, io: S, at: Line) -> io::Result<Registration<S>> {
        let both = mio::Interest::READABLE | mio::Interest::WRITABLE;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if io.short_is_proof() {
            return Registration::with_interest(reactor, io, both | mio::Interest::PRIORITY, at);
        }
        Registration::with_interest(reactor, io, both, at)
    }

    /// Registers `io` for one direction only: a listener, a pipe.
    pub(crate) fn with_interest(
        reactor: Rc<Reactor>,
        mut io: S,
        interest: mio::Interest,
        at: Line,
    ) -> io::Result<Registration<S>> {
        let source = reactor.register(&mut io, interest, at)?;
        Ok(Registration {
            io: Some(io),
            source,
            reactor,
        })
    }
}

impl<S: mio::event::Source> Registration<S> {
    /// The mio object.
    #[inline]
    pub(crate) fn io(&self) -> &S {
        match &self.io {
            Some(io) => io,
            None => unreachable!("a registration has its object until into_inner consumes it"),
        }
    }

    /// Takes the source away from the reactor and gives the mio object back.
    pub(crate) fn into_inner(mut self) -> io::Result<S> {
        match self.io.take() {
            Some(mut io) => {
                self.reactor.deregister(&mut io, &self.source)?;
                Ok(io)
            }
            None => unreachable!("a registration has its object until into_inner consumes it"),
        }
    }

    /// Takes a direction as ready without waiting to be told; an attempt will find out.
    pub(crate) fn assume_ready(&self, direction: Direction) {
        let source = self.source.id();
        self.source.side(direction).assume_ready();
        emit!(self.trace(), Event::Ready { source, direction });
    }

    /// The object is of another kind than its type says: a short transfer proves nothing.
    pub(crate) fn short_is_no_proof(&self) {
        self.source.read.short_is_no_proof();
        self.source.write.short_is_no_proof();
    }

    #[inline]
    fn side(&self, want: Direction) -> &Side {
        self.source.side(want)
    }

    /// Tries `operation` as often as the source says that it is ready; waits in the
    /// direction's one slot. A result less than `len` drains the direction, where it proves that.
    #[inline]
    pub(crate) fn poll_transfer(
        &self,
        want: Direction,
        cx: &mut Context<'_>,
        len: usize,
        mut operation: impl FnMut(&S) -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        let bytes = |moved: &usize| Some(*moved);
        let (generation, result) = ready!(self.poll_io_at(want, cx, &mut operation, bytes))?;
        if 0 < result && result < len {
            self.clear(want, generation, Found::Less);
        }
        Poll::Ready(Ok(result))
    }

    /// As [`poll_transfer`](Registration::poll_transfer), for what is not counted in bytes.
    pub(crate) fn poll_io<R>(
        &self,
        want: Direction,
        cx: &mut Context<'_>,
        mut operation: impl FnMut(&S) -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let done = ready!(self.poll_io_at(want, cx, &mut operation, |_| None));
        Poll::Ready(done.map(|(_, result)| result))
    }

    #[inline]
    fn poll_io_at<R>(
        &self,
        want: Direction,
        cx: &mut Context<'_>,
        operation: &mut impl FnMut(&S) -> io::Result<R>,
        bytes: impl Fn(&R) -> Option<usize>,
    ) -> Poll<io::Result<(Generation, R)>> {
        let budget = ready!(coop::poll_proceed(cx));
        loop {
            let generation = ready!(self.poll_ready(want, cx))?;
            match self.attempt(want, generation, &mut *operation, &bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    budget.made_progress();
                    return Poll::Ready(result.map(|result| (generation, result)));
                }
            }
        }
    }

    /// Waits in the slot for readiness.
    pub(crate) fn poll_readiness(
        &self,
        want: Direction,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let budget = ready!(coop::poll_proceed(cx));
        ready!(self.poll_ready(want, cx))?;
        budget.made_progress();
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn poll_ready(&self, want: Direction, cx: &Context<'_>) -> Poll<io::Result<Generation>> {
        if let Some(known) = self.known(want) {
            return Poll::Ready(known);
        }
        let is_known = || self.known(want).is_some();
        let slot = self.side(want).wait_in_slot(cx, is_known);
        emit!(self.trace() => self.report_wait(want, slot));
        match slot {
            Slot::Unused => self.poll_ready(want, cx),
            _ => Poll::Pending,
        }
    }

    /// What is known without waiting: that the direction is ready, or that it never will be.
    #[inline]
    fn known(&self, want: Direction) -> Option<io::Result<Generation>> {
        match self.reactor.is_closed() {
            true => Some(Err(gone())),
            false => self.side(want).ready().map(Ok),
        }
    }

    /// An attempt, whatever is remembered, and another if a signal interrupts it.
    #[inline]
    fn attempt<R>(
        &self,
        want: Direction,
        generation: Generation,
        mut operation: impl FnMut(&S) -> io::Result<R>,
        bytes: impl Fn(&R) -> Option<usize>,
    ) -> io::Result<R> {
        loop {
            match self.attempt_once(want, generation, &mut operation, &bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }

    /// A "would block" clears the readiness of `generation`. `bytes` tells how many a success has
    /// moved.
    #[inline]
    fn attempt_once<R>(
        &self,
        want: Direction,
        generation: Generation,
        operation: impl FnOnce(&S) -> io::Result<R>,
        bytes: impl Fn(&R) -> Option<usize>,
    ) -> io::Result<R> {
        #[cfg(feature = "sim")]
        let operation = |io: &S| self.odd_answer(want).map_or_else(|| operation(io), Err);
        let result = operation(self.io());
        emit!(self.trace() => self.report_attempt(want, result.as_ref().map(bytes)));
        if matches!(&result, Err(error) if error.kind() == io::ErrorKind::WouldBlock) {
            self.clear(want, generation, Found::Nothing);
        }
        result
    }

    /// One attempt, of an operation of the program's own, if the source is remembered as ready; "would
    /// block" otherwise. That a signal has interrupted it is for the program.
    pub(crate) fn try_once<R>(
        &self,
        want: Direction,
        operation: impl FnOnce() -> io::Result<R>,
    ) -> io::Result<R> {
        match self.side(want).ready() {
            Some(generation) => self.attempt_once(want, generation, |_| operation(), |_| None),
            None => Err(io::ErrorKind::WouldBlock.into()),
        }
    }

    /// An attempt if the source is remembered as ready; "would block" otherwise.
    pub(crate) fn try_io<R>(
        &self,
        want: Direction,
        operation: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        self.try_counted(want, operation, |_| None)
            .map(|(_, result)| result)
    }

    /// As [`try_io`](Registration::try_io), of an operation whose result is a number of bytes.
    pub(crate) fn try_bytes(
        &self,
        want: Direction,
        operation: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        self.try_counted(want, operation, |moved| Some(*moved))
            .map(|(_, moved)| moved)
    }

    /// As [`try_bytes`](Registration::try_bytes); a result less than `len` drains the direction, where
    /// it proves that.
    pub(crate) fn try_transfer(
        &self,
        want: Direction,
        len: usize,
        operation: impl FnMut(&S) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let (generation, moved) = self.try_counted(want, operation, |moved| Some(*moved))?;
        if 0 < moved && moved < len {
            self.clear(want, generation, Found::Less);
        }
        Ok(moved)
    }

    #[inline]
    fn try_counted<R>(
        &self,
        want: Direction,
        operation: impl FnMut(&S) -> io::Result<R>,
        bytes: impl Fn(&R) -> Option<usize>,
    ) -> io::Result<(Generation, R)> {
        let Some(generation) = self.side(want).ready() else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let result = self.attempt(want, generation, operation, bytes)?;
        Ok((generation, result))
    }

    /// The direction is not ready, as something else than an operation on it has shown.
    pub(crate) fn is_not_ready(&self, direction: Direction) {
        if let Some(generation) = self.side(direction).ready() {
            self.clear(direction, generation, Found::Nothing);
        }
    }

    fn clear(&self, direction: Direction, generation: Generation, found: Found) {
        let cleared = self.side(direction).clear(generation, found);
        emit!(cleared, self.trace() => self.report_cleared(direction));
    }

    pub(crate) fn trace(&self) -> &Switch {
        &self.reactor.trace
    }
}

impl<S: mio::event::Source> Drop for Registration<S> {
    fn drop(&mut self) {
        if let Some(mut io) = self.io.take() {
            // The object is closed next, which takes it away from the system anyhow.
            drop(self.reactor.deregister(&mut io, &self.source));
        }
    }
}
