//! What a [`SendRequest`](super::SendRequest) and its connection share: a place for one request.
//!
//! ```text
//!    SendRequest                                    Connection
//!      poll_ready ◀── status, sender waker ◀────────  idle, busy, closed
//!      call ─────────▶ the place ── engine waker ──▶  take
//!      reply  ◀────────── oneshot ◀─────────────────  the response, or why there is none
//! ```
//!
//! How it can go wrong: a request that is put into the place of a connection that has ended. It
//! would wait for ever. So a closed place takes no request, and closing it empties it.

use std::cell::Cell;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use runtime::sync::oneshot;
use runtime::task::WakerCell;

use super::error::{Error, Kind};
use crate::body::Body;

/// The response, or why there is none, with the request if nothing of it was used.
pub(super) type Outcome = Result<Response<Body>, (Error, Option<Box<Request<Body>>>)>;

/// A request on its way to the connection.
pub(super) struct Call {
    pub(super) request: Box<Request<Body>>,
    pub(super) reply: oneshot::Sender<Outcome>,
}

impl Call {
    /// The connection is over: the request goes back.
    fn give_back(self) {
        let outcome = Err((Error::new(Kind::Canceled), Some(self.request)));
        // A caller that has gone does not want it.
        drop(self.reply.send(outcome));
    }
}

/// What the connection does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Status {
    #[default]
    Idle,
    Busy,
    Closed,
}

/// The place.
#[derive(Default)]
pub(super) struct Dispatch {
    call: Cell<Option<Call>>,
    has_call: Cell<bool>,
    status: Cell<Status>,
    /// No request will follow.
    is_abandoned: Cell<bool>,
    engine: WakerCell,
    sender: WakerCell,
}

impl Dispatch {
    pub(super) fn status(&self) -> Status {
        self.status.get()
    }

    /// Whether a request would be sent at once.
    pub(super) fn is_ready(&self) -> bool {
        self.status.get() == Status::Idle && !self.has_call.get()
    }

    /// Ready when a request would be sent at once, or never more.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            if self.status.get() == Status::Closed {
                return Poll::Ready(Err(Error::new(Kind::Canceled)));
            }
            if self.is_ready() {
                return Poll::Ready(Ok(()));
            }
            let has_news = || self.is_ready() || self.status.get() == Status::Closed;
            ready!(self.sender.register(cx, has_news));
        }
    }

    /// Puts a request into the place; it comes back if there is no place.
    pub(super) fn call(&self, call: Call) -> Result<(), Box<Request<Body>>> {
        if self.status.get() == Status::Closed || self.has_call.get() {
            return Err(call.request);
        }
        self.call.set(Some(call));
        self.has_call.set(true);
        self.engine.wake();
        Ok(())
    }

    /// The next request, if there is one. `None`: no other will follow. `Pending`: the
    /// connection's waker is left.
    pub(super) fn poll_call(&self, cx: &mut Context<'_>) -> Poll<Option<Call>> {
        loop {
            if let Some(call) = self.call.take() {
                self.has_call.set(false);
                return Poll::Ready(Some(call));
            }
            if self.is_abandoned.get() {
                return Poll::Ready(None);
            }
            let has_news = || self.has_call.get() || self.is_abandoned.get();
            ready!(self.engine.register(cx, has_news));
        }
    }

    /// The connection serves a request, or waits for one.
    pub(super) fn set(&self, status: Status) {
        if self.status.replace(status) != status {
            self.sender.wake();
        }
    }

    /// The connection is over.
    pub(super) fn close(&self) {
        self.engine.clear();
        self.has_call.set(false);
        let call = self.call.take();
        self.set(Status::Closed);
        if let Some(call) = call {
            call.give_back();
        }
    }

    /// No request will follow.
    pub(super) fn abandon(&self) {
        self.is_abandoned.set(true);
        self.sender.clear();
        self.engine.wake();
    }
}
