//! What all connections of one server have in common.
//!
//! A connection is small because most of what it needs is not its own: the service that
//! answers, the limits, the tracker through which a server that stops reaches all of them, and
//! a store of *slots*.
//!
//! A slot is the place where a handler's future lives while it runs. A future must not move
//! between two polls, so it has to be pinned somewhere, and the usual place is a box made
//! for each request. Here the box outlives the request: it is emptied, put aside, and
//! filled again by the next one. So a request allocates nothing for its handler, and an idle
//! connection holds no room for one.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use runtime::task::AbortHandle;
use slab::Slab;

use super::tracker::{State, Tracker};
use super::turns::Turns;
use super::upgraded::Tracked;
use crate::body::held::Held;
use crate::body::{Body, BodyError};
use crate::current::Stops;
use crate::h1::config::Config;
use crate::service::Service;

/// Where a handler's future lives while it runs; `None` while the slot lies in store.
pub(super) type Slot<F> = Pin<Box<Option<F>>>;

/// What a handler said when it was polled. It is written to a place of the caller's and read
/// there: a response has a hundred and fifty bytes, and to hand it from function to function
/// would copy them each time.
pub(super) type Answer = Poll<Response<Body>>;

/// A handler panicked.
#[derive(Debug)]
pub(super) struct Panicked;

/// What the endpoint's handles and the connections share.
pub(super) struct Shared<S: Service> {
    service: S,
    pub(super) config: Config,
    pub(super) tracker: Tracker,
    /// What all request bodies together hold.
    pub(super) held: Held,
    /// Who may have another turn.
    pub(super) turns: Turns,
    /// The tasks that go on without a connection, and how each is aborted.
    tasks: RefCell<Slab<Option<AbortHandle>>>,
    /// Connections so far.
    connections: Cell<u64>,
    /// Requests so far.
    requests: Cell<u64>,
    /// Empty slots.
    slots: RefCell<Vec<Slot<S::Future>>>,
}

impl<S: Service> Tracked for Shared<S> {
    fn tracker(&self) -> &Tracker {
        &self.tracker
    }
}

impl<S: Service> Stops for Shared<S> {
    fn is_stopping(&self) -> bool {
        self.tracker.state() >= State::Draining
    }

    fn begin_task(&self) -> usize {
        self.tracker.enter();
        self.tasks.borrow_mut().insert(None)
    }

    fn abort_with(&self, key: usize, abort: AbortHandle) {
        if self.tracker.state() == State::Cut {
            // A handler has cut its own server off, and began a task after that.
            return abort.abort();
        }
        if let Some(task) = self.tasks.borrow_mut().get_mut(key) {
            *task = Some(abort);
        }
    }

    fn end_task(&self, key: usize) {
        let abort = self.tasks.borrow_mut().try_remove(key);
        drop(abort);
        self.tracker.leave(None);
    }
}

impl<S: Service> Shared<S> {
    pub(super) fn new(service: S, config: Config) -> Self {
        Shared {
            service,
            config,
            tracker: Tracker::default(),
            held: Held::default(),
            turns: Turns::default(),
            tasks: RefCell::default(),
            connections: Cell::default(),
            requests: Cell::default(),
            slots: RefCell::default(),
        }
    }

    /// Ends everything: connections when they are polled next, and tasks.
    pub(super) fn cut(&self) {
        self.tracker.advance(State::Cut);
        // Taken out first: an abort may run what the task holds.
        let tasks = self.tasks.take();
        for (_, abort) in tasks {
            if let Some(abort) = abort {
                abort.abort();
            }
        }
    }

    /// The number of a connection that begins.
    pub(super) fn next_connection(&self) -> u64 {
        next(&self.connections)
    }

    /// The number of a request of whose head the first part is there.
    #[inline]
    pub(super) fn next_request(&self) -> u64 {
        next(&self.requests)
    }

    /// Calls the service with the request, and polls the future it returns for the first
    /// time, in a slot. Most handlers are ready then.
    ///
    /// The request lies in an `Option` so that the closure borrows it: to move it into the
    /// closure would copy its three hundred bytes once more.
    #[inline]
    pub(super) fn start(
        &self,
        request: &mut Option<Request<Body>>,
        cx: &mut Context<'_>,
        answer: &mut Answer,
    ) -> (Slot<S::Future>, Result<(), Panicked>) {
        let spare = self.slots.borrow_mut().pop();
        let mut slot = spare.unwrap_or_else(|| Box::pin(None));
        let calm = unharmed(|| {
            slot.set(request.take().map(|request| self.service.call(request)));
            poll_slot(&mut slot, cx, answer);
        });
        (slot, calm)
    }

    /// Whether so many more bytes of request bodies may be held.
    pub(super) fn may_hold(&self, bytes: usize) -> Result<(), BodyError> {
        let total = self.held.total().saturating_add(bytes as u64);
        match total > self.config.max_held_bodies {
            true => Err(BodyError::overloaded()),
            false => Ok(()),
        }
    }

    /// Whether another body may begin. The last quarter is for the bodies that have begun: it
    /// is better to refuse a new one than to fail a half-done one.
    pub(super) fn may_begin(&self) -> Result<(), BodyError> {
        let most = self.config.max_held_bodies;
        match self.held.total() > most - most / 4 {
            true => Err(BodyError::overloaded()),
            false => Ok(()),
        }
    }

    /// Polls the handler in a slot.
    pub(super) fn poll(
        &self,
        slot: &mut Slot<S::Future>,
        cx: &mut Context<'_>,
        answer: &mut Answer,
    ) -> Result<(), Panicked> {
        unharmed(|| poll_slot(slot, cx, answer))
    }

    /// Puts a slot into store; a handler that is still in it is dropped.
    #[inline]
    pub(super) fn retire(&self, mut slot: Slot<S::Future>) {
        const KEPT: usize = 64;
        if slot.is_some() && unharmed(|| slot.set(None)).is_err() {
            return;
        }
        let mut slots = self.slots.borrow_mut();
        if slots.len() < KEPT {
            slots.push(slot);
        }
    }
}

/// Counts on, from 1.
#[inline]
fn next(counter: &Cell<u64>) -> u64 {
    counter.set(counter.get() + 1);
    counter.get()
}

/// Polls what is in the slot; a future that is ready is dropped at once, as it might panic
/// there too.
#[inline]
fn poll_slot<F: Future>(slot: &mut Slot<F>, cx: &mut Context<'_>, answer: &mut Poll<F::Output>) {
    if let Some(future) = slot.as_mut().as_pin_mut() {
        *answer = future.poll(cx);
    }
    if answer.is_ready() {
        slot.set(None);
    }
}

/// Runs foreign code; its panic ends here, so that it harms one request and no other.
///
/// Safe to go on after: what the closure may have left half done belongs to the request
/// that panicked, and is dropped with it.
#[inline]
pub(super) fn unharmed<T>(foreign: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(foreign)).map_err(|payload| {
        // To drop a payload may panic as well; that panic is not caught.
        drop(payload);
        Panicked
    })
}

/// Drops a body that is not sent to its end. Its stream may panic then, too.
pub(super) fn discard(body: Body) {
    let _ = unharmed(|| drop(body));
}
