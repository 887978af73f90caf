//! The wait until a source is ready, for any number of tasks at once.
//!
//! It waits in the lists of the directions that are wanted, transfers nothing, and spends no
//! budget. A task that is woken tries, and may find that another was quicker. Dropped, it leaves
//! nothing behind.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{Interest, Ready, Registration, Slot, gone};
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;
use crate::trace::{Direction, emit};

impl<S: mio::event::Source> Registration<S> {
    /// Waits, with any number of others, until one of the wanted directions is ready. It
    /// transfers nothing and spends no budget; what follows it does.
    pub(crate) fn readiness(&self, interest: Interest) -> Readiness<'_, S> {
        Readiness {
            registration: self,
            interest,
            read: None,
            write: None,
        }
    }

    /// Waits, with any number of others, until `operation` does not say "would block".
    pub(crate) async fn perform<R>(
        &self,
        want: Direction,
        operation: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        self.perform_either(Interest::of(want), operation).await
    }

    /// As [`perform`](Registration::perform), tried when either of the wanted directions is ready.
    pub(crate) async fn perform_either<R>(
        &self,
        interest: Interest,
        mut operation: impl FnMut(&S) -> io::Result<R>,
    ) -> io::Result<R> {
        loop {
            self.readiness(interest).await?;
            let budget = poll_fn(coop::poll_proceed).await;
            match self.try_io(self.pick(interest), &mut operation) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                result => {
                    budget.made_progress();
                    return result;
                }
            }
        }
    }

    /// Which direction of those wanted to try: one that is ready, if there is one.
    pub(crate) fn pick(&self, interest: Interest) -> Direction {
        let ready = self.ready_now(interest);
        match ready.is_readable() || (ready.is_empty() && interest.is_readable()) {
            true => Direction::Read,
            false => Direction::Write,
        }
    }

    pub(super) fn ready_now(&self, interest: Interest) -> Ready {
        let mut ready = Ready::EMPTY;
        let (read, write) = (&self.source.read, &self.source.write);
        if interest.is_readable() && read.ready().is_some() {
            ready |= match read.is_closed() {
                true => Ready::READ_CLOSED,
                false => Ready::READABLE,
            };
        }
        if interest.is_writable() && write.ready().is_some() {
            ready |= match write.is_closed() {
                true => Ready::WRITE_CLOSED,
                false => Ready::WRITABLE,
            };
        }
        ready
    }

    /// What is known without waiting: which of the wanted directions are ready, or that none ever
    /// will be.
    fn known_of(&self, interest: Interest) -> Option<io::Result<Ready>> {
        let ready = self.ready_now(interest);
        match self.reactor.is_closed() {
            true => Some(Err(gone())),
            false => (!ready.is_empty()).then_some(Ok(ready)),
        }
    }
}

/// Waits for readiness; see [`Registration::readiness`]. Leaves nothing behind.
pub(crate) struct Readiness<'a, S: mio::event::Source> {
    registration: &'a Registration<S>,
    interest: Interest,
    read: Option<WaitKey>,
    write: Option<WaitKey>,
}

impl<S: mio::event::Source> Readiness<'_, S> {
    /// Waits at one direction. False: at the second look there was nothing to wait for.
    fn wait(&mut self, want: Direction, cx: &Context<'_>) -> bool {
        let (registration, interest) = (self.registration, self.interest);
        let key = match want {
            Direction::Read => &mut self.read,
            Direction::Write => &mut self.write,
        };
        let is_known = || registration.known_of(interest).is_some();
        let slot = registration.side(want).wait_in_list(key, cx, is_known);
        emit!(registration.trace() => registration.report_wait(want, slot));
        slot != Slot::Unused
    }

    fn leave(&mut self) {
        let registration = self.registration;
        for (want, key) in [
            (Direction::Read, &mut self.read),
            (Direction::Write, &mut self.write),
        ] {
            let left = registration.side(want).leave(key);
            emit!(left, registration.trace() => registration.report_removed(want));
        }
    }
}

impl<S: mio::event::Source> Future for Readiness<'_, S> {
    type Output = io::Result<Ready>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let interest = this.interest;
        loop {
            if let Some(known) = this.registration.known_of(interest) {
                this.leave();
                return Poll::Ready(known);
            }
            let reads = !interest.is_readable() || this.wait(Direction::Read, cx);
            if reads && (!interest.is_writable() || this.wait(Direction::Write, cx)) {
                return Poll::Pending;
            }
        }
    }
}

impl<S: mio::event::Source> Drop for Readiness<'_, S> {
    fn drop(&mut self) {
        self.leave();
    }
}
