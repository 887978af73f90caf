//! The future that serves one connection, and one poll of it.
//!
//! Each stage of the [diagram](super) is a function that makes one step and says how to go on
//! ([`Step`]). The loop around them is [`Turn::run`]. A handler that is ready at its first poll,
//! and they are the most, passes from Head to Head without any stage being stored. There a
//! connection spends nearly all its life.
//!
//! **What a connection owns** while it waits: its socket, its timer, two references. All
//! else belongs to a [`Turn`], that is, to the time of one poll, and lives on the stack or
//! in the thread's scratch buffers. Only if a poll ends in the middle of something, the [`Work`] at hand
//! goes into a box and stays with the connection until it is finished.
//!
//! How it can go wrong: one client with a fast link and much to say could keep the thread
//! to itself, as there is always another request to answer. So a turn has a
//! [budget](super::budget); when it is spent the connection asks for [another turn](super::turns).

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_io::{AsyncRead, AsyncWrite};
use runtime::time::Instant;

use super::budget::Budget;
use super::scratch::{Scratch, scratch};
use super::shared::Shared;
use super::state::{Stage, Work};
use super::timeouts::{Timeouts, Wait};
use super::tracker::{Registration, State};
use super::turns::Place;
use super::upgrade::Offer;
use super::upgraded::Upgraded;
use crate::current::within;
use crate::h1::error::Error;
use crate::mark::Mark;
use crate::observed;
use crate::service::Service;

/// A connection that is being served; from [`Endpoint::connection`](super::Endpoint).
///
/// A future that ends with the connection. Its example is [`Endpoint`](super::Endpoint)'s.
pub struct Connection<I, S: Service, M = ()> {
    io: Option<I>, // `None`: it has been handed over.
    shared: Rc<Shared<S>>,
    registration: Option<Registration>,
    number: u64,
    /// Requests so far.
    requests: u32,
    /// What its requests carry.
    mark: M,
    timeouts: Timeouts<Wait>,
    /// Sees to it that dropping `io` resets the connection.
    reset: fn(&I),
    /// What the last poll left unfinished.
    work: Option<Box<Work<S::Future>>>,
}

impl<I, S: Service, M> Connection<I, S, M> {
    pub(super) fn new(io: I, mark: M, shared: Rc<Shared<S>>) -> Self {
        shared.tracker.enter();
        let number = shared.next_connection();
        let timeouts = Timeouts::new(shared.config.idle_timeout);
        Connection {
            io: Some(io),
            shared,
            registration: None,
            number,
            requests: 0,
            mark,
            timeouts,
            reset: |_| {},
            work: None,
        }
    }

    /// How to make the peer see an error, and not an end, when the socket is dropped. Called
    /// once at most, and before the drop.
    ///
    /// A body whose length a client of HTTP/1.0 does not know ends when the connection closes.
    /// If such an answer breaks off, only a connection that does *not* close properly tells
    /// the client. On a TCP socket that is a reset: `set_linger` with a time of nought.
    /// [`serve`](crate::serve()) does this. Unless told otherwise, nothing is done.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// use std::time::Duration;
    /// use runtime::net::{TcpListener, TcpStream};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::new(service);
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let client = TcpStream::connect(listener.local_addr()?).await?;
    /// let (stream, _) = listener.accept().await?;
    /// let connection = endpoint.connection(stream).with_reset(|stream: &TcpStream| {
    ///     let _ = stream.set_linger(Some(Duration::ZERO));
    /// });
    /// # drop((connection, client));
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    #[must_use = "this is the connection, which does nothing unless it is polled"]
    pub fn with_reset(mut self, reset: fn(&I)) -> Self {
        self.reset = reset;
        self
    }
}

/// A handler's future has a box.
impl<I: Unpin, S: Service, M> Unpin for Connection<I, S, M> {}

impl<I, S, M> Future for Connection<I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
    S: Service,
    M: Mark,
{
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // First it registers, then it looks: to clone the waker for it may change the state.
        let asked_to_leave = this.shared.tracker.register(&mut this.registration, cx);
        if this.shared.tracker.state() == State::Cut {
            return Poll::Ready(Err(Error::shut_down()));
        }
        match this.work.take() {
            None => this.begin_turn(asked_to_leave, cx),
            Some(work) => this.resume(work, asked_to_leave, cx),
        }
    }
}

impl<I, S, M> Connection<I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
    S: Service,
    M: Mark,
{
    /// A turn of an idle connection: the work begins on the stack, and usually ends there.
    fn begin_turn(&mut self, asked: bool, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let mut work = Work::default();
        let end = self.turn(&mut work, asked, None, cx);
        if end.is_pending() && !work.is_done() {
            self.work = Some(Box::new(work));
        }
        end
    }

    /// A turn of a connection in the middle of something.
    fn resume(
        &mut self,
        mut work: Box<Work<S::Future>>,
        asked: bool,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let place = match work.next_turn.take().map(|next| next.begin(cx)) {
            None => None,
            Some(Ok(place)) => Some(place),
            Some(Err(waits)) => {
                work.next_turn = Some(waits);
                self.work = Some(work);
                return Poll::Pending;
            }
        };
        let end = self.turn(&mut work, asked, place, cx);
        if end.is_pending() && !work.is_done() {
            self.work = Some(work);
        }
        end
    }

    /// One turn; `place` is what it was waited for, if it was.
    fn turn(
        &mut self,
        work: &mut Work<S::Future>,
        asked_to_leave: bool,
        place: Option<Place>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Error>> {
        let mut scratch = scratch();
        let scratch = &mut *scratch;
        work.pick_up(scratch);
        let now = Instant::now();
        let Connection {
            io: Some(io),
            shared,
            timeouts,
            registration,
            number,
            requests,
            mark,
            ..
        } = self
        else {
            return Poll::Ready(Ok(()));
        };
        let server = shared.clone();
        let shared = &**shared;
        let parts_now = asked_to_leave && work.is_parting(timeouts.wait());
        let mut turn = Turn {
            io,
            shared,
            mark,
            requests,
            timeouts,
            scratch,
            work,
            cx,
            now,
            budget: Budget::new(),
            asked_to_leave,
            parts_now,
            unread: None,
        };
        let end = within(server, *number, || turn.run());
        let unread = turn.unread.take();
        let wants_another = turn.budget.is_missed();
        work.put_down(scratch);
        drop(place);
        if end.is_ready() && unread.is_none() {
            observed::cut_off(work.coming, work.open_request(), *number, *requests);
        }
        if end.is_ready() && work.torn {
            (self.reset)(io);
        }
        if end.is_pending() {
            if wants_another {
                work.next_turn = Some(shared.turns.ask(cx));
            }
            shared
                .tracker
                .settle(registration.as_ref(), work.queue(timeouts.wait()));
        }
        if let Some(unread) = unread {
            self.hand_over(work.offer.take(), unread);
        }
        end
    }

    /// HTTP is over: the handler gets the stream, and what has been read of it.
    #[cold]
    fn hand_over(&mut self, offer: Option<Offer>, unread: Bytes) {
        if let (Some(offer), Some(io)) = (offer, self.io.take()) {
            offer.keep(Upgraded::new(io, unread, self.shared.clone()));
        }
    }
}

impl<I, S: Service, M> Drop for Connection<I, S, M> {
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            observed::cut_off(work.coming, work.open_request(), self.number, self.requests);
            if let (true, Some(io)) = (work.torn, &self.io) {
                (self.reset)(io);
            }
        }
        self.shared.tracker.leave(self.registration.take());
    }
}

impl<I, S: Service, M> fmt::Debug for Connection<I, S, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let idle = self.work.is_none();
        f.debug_struct("Connection")
            .field("idle", &idle)
            .finish_non_exhaustive()
    }
}

/// How to go on after a step.
pub(super) enum Step {
    /// With the next step.
    On,
    /// Not now: something that was waited for will wake the task.
    Rest,
    /// Not at all.
    End(Result<(), Error>),
}

/// One poll of one connection: everything that it may use while it lasts.
pub(super) struct Turn<'a, 'cx, I, S: Service, M> {
    pub(super) io: &'a mut I,
    pub(super) shared: &'a Shared<S>,
    pub(super) mark: &'a M,
    /// Requests of the connection so far.
    pub(super) requests: &'a mut u32,
    pub(super) timeouts: &'a mut Timeouts<Wait>,
    pub(super) scratch: &'a mut Scratch,
    pub(super) work: &'a mut Work<S::Future>,
    pub(super) cx: &'a mut Context<'cx>,
    /// When the turn began: the clock is read once.
    pub(super) now: Instant,
    pub(super) budget: Budget,
    /// The server is full: this request is the last, and an idle connection ends.
    asked_to_leave: bool,
    /// It was asked while it lingered: a newcomer has its place.
    pub(super) parts_now: bool,
    /// What the handler gets together with the stream, once HTTP is over.
    pub(super) unread: Option<Bytes>,
}

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// Step after step, until there is something to wait for.
    fn run(&mut self) -> Poll<Result<(), Error>> {
        loop {
            match self.step() {
                Step::On => {}
                Step::Rest => return Poll::Pending,
                Step::End(result) => return Poll::Ready(result),
            }
        }
    }

    #[inline]
    fn step(&mut self) -> Step {
        if matches!(self.work.stage, Stage::Head) {
            return self.head();
        }
        match std::mem::replace(&mut self.work.stage, Stage::Head) {
            Stage::Head => self.head(),
            Stage::Handler(slot) => self.poll_handler(slot),
            Stage::Stream(response_body) => self.stream(response_body),
            Stage::Switch => self.switch(),
            Stage::Drain(left) => self.drain(left),
            Stage::Close => self.close(),
            Stage::Sever => self.sever(),
            Stage::Linger(linger) => self.linger(linger),
        }
    }

    /// No request after this one is answered on this connection.
    pub(super) fn is_draining(&self) -> bool {
        self.asked_to_leave || self.shared.tracker.state() >= State::Draining
    }
}
