//! The waits on a channel, as futures: for a place, for a message, for the receiver's end.
//!
//! Each holds what it must undo when it is dropped half-way, and the line of the program that
//! made it, so that a trace can say where a task waits.
//!
//! How it can go wrong: a wait is dropped and leaves its waker behind. Then a message wakes a task
//! that waits no more, and the task that waits is not woken. So each drop here leaves the list, or
//! the cell, in which its poll has waited.

use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::capacity::{Asked, Bound, Capacity};
use super::channel::Channel;
use super::error::SendError;
use crate::machine::coop;
use crate::machine::wait_list::WaitKey;

/// The wait for a place; it is part of a future that knows what the place is for.
///
/// The future that holds one calls [`leave`](ForPlace::leave) when it is dropped.
pub(super) struct ForPlace {
    /// The place in the line.
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl ForPlace {
    #[inline]
    pub(super) fn new(at: &'static Location<'static>) -> ForPlace {
        ForPlace { key: None, at }
    }

    /// A place that is free is taken on the spot. All else stands apart, so that what a send
    /// nearly always does is a few instructions.
    #[inline(always)]
    pub(super) fn poll<T>(
        &mut self,
        channel: &Channel<T, Capacity>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        let budget = ready!(coop::poll_proceed(cx));
        if self.key.is_none() {
            if let Asked::Granted = channel.bound.try_take() {
                budget.made_progress();
                return Poll::Ready(Ok(()));
            }
        }
        let result = ready!(self.poll_in_line(channel, cx));
        budget.made_progress();
        Poll::Ready(result)
    }

    #[cold]
    #[inline(never)]
    fn poll_in_line<T>(
        &mut self,
        channel: &Channel<T, Capacity>,
        cx: &Context<'_>,
    ) -> Poll<Result<(), SendError<()>>> {
        let asked = channel.bound.register_sender(&mut self.key, cx);
        channel.emit_waiting(matches!(asked, Asked::InLine), self.at);
        match asked {
            Asked::Granted => Poll::Ready(Ok(())),
            Asked::Refused => {
                channel.returned();
                Poll::Ready(Err(SendError(())))
            }
            Asked::InLine => Poll::Pending,
        }
    }

    /// Emits that the wait has come to reserve a place, if it is `taken`.
    #[inline]
    #[track_caller]
    pub(super) fn emit_taken<T>(&self, channel: &Channel<T, Capacity>, taken: bool) {
        channel.bound.emit_taken(taken, self.at);
    }

    /// Waits no more. A place that was granted and not heard of goes to the next.
    #[inline]
    pub(super) fn leave<T>(&mut self, channel: &Channel<T, Capacity>) {
        if self.key.is_some() && channel.bound.give_up(&mut self.key) {
            channel.returned();
        }
    }
}

/// The wait for one message.
pub(super) struct Recv<'a, T, B: Bound> {
    channel: &'a Channel<T, B>,
    waiting: bool,
    at: &'static Location<'static>,
}

impl<'a, T, B: Bound> Recv<'a, T, B> {
    #[inline]
    pub(super) fn new(channel: &'a Channel<T, B>, at: &'static Location<'static>) -> Self {
        let waiting = false;
        Recv {
            channel,
            waiting,
            at,
        }
    }
}

impl<T, B: Bound> Future for Recv<'_, T, B> {
    type Output = Option<T>;

    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let polled = self.channel.poll_recv(cx, self.at);
        self.waiting = polled.is_pending();
        polled
    }
}

impl<T, B: Bound> Drop for Recv<'_, T, B> {
    #[inline]
    fn drop(&mut self) {
        if self.waiting {
            self.channel.leave();
        }
    }
}

/// The wait for some messages.
pub(super) struct RecvMany<'a, T, B: Bound> {
    channel: &'a Channel<T, B>,
    buffer: &'a mut Vec<T>,
    limit: usize,
    waiting: bool,
    at: &'static Location<'static>,
}

impl<'a, T, B: Bound> RecvMany<'a, T, B> {
    pub(super) fn new(
        channel: &'a Channel<T, B>,
        buffer: &'a mut Vec<T>,
        limit: usize,
        at: &'static Location<'static>,
    ) -> Self {
        RecvMany {
            channel,
            buffer,
            limit,
            waiting: false,
            at,
        }
    }
}

impl<T, B: Bound> Future for RecvMany<'_, T, B> {
    type Output = usize;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<usize> {
        let this = self.get_mut();
        let (channel, at) = (this.channel, this.at);
        let polled = channel.poll_recv_many(cx, this.buffer, this.limit, at);
        this.waiting = polled.is_pending();
        polled
    }
}

impl<T, B: Bound> Drop for RecvMany<'_, T, B> {
    fn drop(&mut self) {
        if self.waiting {
            self.channel.leave();
        }
    }
}

/// The wait for the receiver's end.
pub(super) struct Closed<'a, T, B: Bound> {
    channel: &'a Channel<T, B>,
    key: Option<WaitKey>,
    at: &'static Location<'static>,
}

impl<'a, T, B: Bound> Closed<'a, T, B> {
    pub(super) fn new(channel: &'a Channel<T, B>, at: &'static Location<'static>) -> Self {
        let key = None;
        Closed { channel, key, at }
    }
}

impl<T, B: Bound> Future for Closed<'_, T, B> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let (channel, at) = (self.channel, self.at);
        channel.poll_closed(&mut self.key, cx, at)
    }
}

impl<T, B: Bound> Drop for Closed<'_, T, B> {
    fn drop(&mut self) {
        self.channel.leave_closed(&mut self.key);
    }
}
