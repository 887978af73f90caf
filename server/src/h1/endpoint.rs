//! What all connections of one server have in common.
//!
//! A connection is small because most of what it needs is not its own: the service that
//! answers, the limits, the gate through which a server that stops reaches everybody, and
//! a store of *slots*.
//!
//! A slot is the place where a handler's future lives while it runs. A future must not move
//! between two polls, so it has to be pinned somewhere, and the usual place is a box made
//! for each request. Here the box outlives the request: it is emptied, put aside, and
//! filled again by the next one. So a request allocates nothing for its handler, and an idle
//! connection holds no room for one.

use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use http::{Request, Response};

use super::config::Config;
use super::connection::Connection;
use super::gate::{Gate, State};
use crate::body::Body;

/// A service with its configuration, ready to answer on any number of connections.
///
/// Cloning is cheap and gives another handle to the same endpoint.
///
/// ```
/// # runtime::runtime::Runtime::new().unwrap().block_on(async {
/// use http::{Request, Response};
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
/// use server::{Body, h1::Endpoint};
///
/// let endpoint = Endpoint::new(|request: Request<Body>| async move {
///     Response::new(Body::from(format!("you asked for {}", request.uri())))
/// });
/// let (mut client, socket) = duplex(1024);
/// runtime::spawn(endpoint.connection(socket));
///
/// client.write_all(b"GET /tea HTTP/1.0\r\n\r\n").await.unwrap();
/// let mut answer = String::new();
/// client.read_to_string(&mut answer).await.unwrap();
/// assert!(answer.ends_with("you asked for /tea"));
/// # });
/// ```
pub struct Endpoint<S, F> {
    shared: Rc<Shared<S, F>>,
}

impl<S, F> Endpoint<S, F>
where
    S: Fn(Request<Body>) -> F,
    F: Future<Output = Response<Body>>,
{
    /// An endpoint with the default limits and timeouts.
    pub fn new(service: S) -> Self {
        Endpoint::with_config(service, Config::default())
    }

    /// An endpoint with limits and timeouts of your own.
    pub fn with_config(service: S, config: Config) -> Self {
        let gate = Gate::default();
        let slots = RefCell::default();
        Endpoint {
            shared: Rc::new(Shared {
                service,
                config,
                gate,
                slots,
            }),
        }
    }

    /// Serves the requests that arrive on `io`, one after the other, until the connection
    /// ends.
    ///
    /// # Errors
    ///
    /// The future's [`Error`](super::Error) says why the connection ended early; the peer
    /// has been told what it can be told.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handler that runs and the connection with it.
    pub fn connection<I>(&self, io: I) -> Connection<I, S, F>
    where
        I: AsyncRead + AsyncWrite + Unpin,
    {
        Connection::new(io, self.shared.clone())
    }

    /// How many connections are open.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.gate.open()
    }

    /// Begins to stop: idle connections close, requests under way are answered with
    /// `Connection: close`. New connections should not be made any more.
    pub fn drain(&self) {
        self.shared.gate.advance(State::Draining);
    }

    /// Ends every connection as soon as it is polled next, whatever it is doing.
    pub fn cut(&self) {
        self.shared.gate.advance(State::Cut);
    }

    /// Waits until no connection is open.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. One waiter at a time: a second one takes the place of the first.
    pub async fn closed(&self) {
        poll_fn(|cx| self.shared.gate.poll_empty(cx)).await;
    }
}

impl<S, F> Clone for Endpoint<S, F> {
    fn clone(&self) -> Self {
        Endpoint {
            shared: self.shared.clone(),
        }
    }
}

impl<S, F> fmt::Debug for Endpoint<S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &self.shared;
        f.debug_struct("Endpoint")
            .field("config", &shared.config)
            .finish_non_exhaustive()
    }
}

/// Where a handler's future lives while it runs; `None` while the slot lies in store.
pub(crate) type Slot<F> = Pin<Box<Option<F>>>;

/// A handler panicked.
#[derive(Debug)]
pub(crate) struct Panicked;

/// What the handles and the connections share.
pub(crate) struct Shared<S, F> {
    service: S,
    pub(crate) config: Config,
    pub(crate) gate: Gate,
    /// Empty slots.
    slots: RefCell<Vec<Slot<F>>>,
}

impl<S, F> Shared<S, F>
where
    S: Fn(Request<Body>) -> F,
    F: Future<Output = Response<Body>>,
{
    /// Calls the service; the future it returns waits in a slot.
    #[inline]
    pub(crate) fn call(&self, request: Request<Body>) -> Result<Slot<F>, Panicked> {
        let future = unharmed(|| (self.service)(request))?;
        let spare = self.slots.borrow_mut().pop();
        let mut slot = spare.unwrap_or_else(|| Box::pin(None));
        slot.set(Some(future));
        Ok(slot)
    }

    /// Polls the handler in a slot.
    #[inline]
    pub(crate) fn poll(
        &self,
        slot: &mut Slot<F>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Response<Body>, Panicked>> {
        let Some(future) = slot.as_mut().as_pin_mut() else {
            return Poll::Ready(Err(Panicked));
        };
        match unharmed(|| future.poll(cx)) {
            Ok(poll) => poll.map(Ok),
            Err(panicked) => Poll::Ready(Err(panicked)),
        }
    }

    /// Drops the handler and puts its slot into store.
    #[inline]
    pub(crate) fn retire(&self, mut slot: Slot<F>) {
        const KEPT: usize = 64;
        if unharmed(|| slot.set(None)).is_err() {
            return;
        }
        let mut slots = self.slots.borrow_mut();
        if slots.len() < KEPT {
            slots.push(slot);
        }
    }
}

/// Runs foreign code; its panic ends here, so that it harms one request and nobody else.
///
/// Safe to go on after: what the closure may have left half done belongs to the request
/// that panicked, and is dropped with it.
#[inline]
pub(crate) fn unharmed<T>(foreign: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(foreign)).map_err(|payload| {
        // Dropping a payload may panic as well; whoever does that gets what they want.
        drop(payload);
        Panicked
    })
}
