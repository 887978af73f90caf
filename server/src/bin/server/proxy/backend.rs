//! One backend: its connections, its health, its numbers.
//!
//! A connection that has served a request is kept for the next one: that saves a round trip, and on
//! a busy machine a port. A request *leases* a connection; the lease gives it back when the answer
//! is complete, and closes it otherwise.
//!
//! ```text
//!   lease ──▶ an idle connection, the youngest first ──┐
//!         └─▶ none: a new one ─────────────────────────┴──▶ Lease ──▶ answer complete: idle again
//!                                                               └───▶ dropped before: closed
//! ```
//!
//! How it can go wrong: a backend closes a connection that idles here. Usually that is noticed at
//! once, as the connection's task watches it. If the next request is on its way already, the
//! request fails, and may be tried again ([`forward`](super::forward)).
//!
//! Another way: connections without end. In use and idle, there are never more than
//! `--backend-connections`: a new one is made only when none is idle.

use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use http::HeaderValue;
use runtime::time::{Instant, timeout};
use server::body::BodyError;
use server::console;
use server::h1::client::Config;

use super::connect::{Connect, Line};
use super::failure::Failure;
use super::health::{Change, Health};
use super::options::Options;
use super::queue::Queue;
use crate::complaints::Complaints;
use crate::local_error::is_local;

/// See the file's heading.
pub(crate) struct Backend {
    pub(crate) name: String,
    pub(crate) health: Health,
    pub(crate) counts: Counts,
    complaints: Complaints,
    connect: Box<dyn Connect>,
    config: Config,
    connect_timeout: Duration,
    idle_timeout: Duration,
    most: usize,
    idle: RefCell<Vec<Idle>>,
    in_use: Cell<usize>,
    queue: Rc<Queue>,
    host: HeaderValue,
}

/// What a backend has done.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Requests that were sent to it.
    pub(crate) requests: Cell<u64>,
    /// Those that got no answer, or half of one.
    pub(crate) failures: Cell<u64>,
    /// Connections that were made.
    pub(crate) connections: Cell<u64>,
}

/// A connection that waits for a request.
struct Idle {
    line: Line,
    since: Instant,
}

impl Backend {
    /// `queue`: who waits for one of its connections.
    pub(crate) fn new(
        name: String,
        connect: Box<dyn Connect>,
        options: &Options,
        queue: &Rc<Queue>,
    ) -> Self {
        // A socket in the file system has no host.
        let host = Some(&name).filter(|name| !name.contains('/'));
        let host = host.and_then(|name| HeaderValue::from_str(name).ok());
        Backend {
            queue: queue.clone(),
            host: host.unwrap_or(HeaderValue::from_static("localhost")),
            name,
            health: Health::new(options.backend_fall.get(), options.backend_rise.get()),
            counts: Counts::default(),
            complaints: Complaints::default(),
            connect,
            config: options.connection(),
            connect_timeout: options.backend_connect_timeout,
            idle_timeout: options.backend_idle_timeout,
            most: options.backend_connections.get(),
            idle: RefCell::default(),
            in_use: Cell::new(0),
        }
    }

    /// The `Host` of a request that has none.
    pub(crate) fn host(&self) -> &HeaderValue {
        &self.host
    }

    pub(crate) fn in_use(&self) -> usize {
        self.in_use.get()
    }

    pub(crate) fn idle(&self) -> usize {
        self.idle.borrow().len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.in_use.get() >= self.most
    }

    /// A connection for one request: one that is idle, or a new one.
    ///
    /// Cancel safe: what has been begun is closed.
    pub(crate) async fn lease(self: &Rc<Self>) -> Result<Lease, Failure> {
        let place = Place::take(self).ok_or(Failure::Full)?;
        match self.take_idle() {
            Some(line) => Ok(Lease::new(line, place, true)),
            None => self.open(place).await,
        }
    }

    /// A new connection. Those that are idle are closed: it is asked for when one of them was
    /// found dead, and the others have probably died with it.
    pub(crate) async fn lease_fresh(self: &Rc<Self>) -> Result<Lease, Failure> {
        drop(self.idle.take());
        let place = Place::take(self).ok_or(Failure::Full)?;
        self.open(place).await
    }

    async fn open(self: &Rc<Self>, place: Place) -> Result<Lease, Failure> {
        let line = self
            .connect(self.config.clone(), self.connect_timeout)
            .await;
        line.map(|line| Lease::new(line, place, false))
    }

    /// A connection that is in no pool.
    pub(crate) async fn connect(&self, config: Config, time: Duration) -> Result<Line, Failure> {
        match timeout(time, self.connect.connect(config)).await {
            Ok(Ok(line)) => {
                self.counts
                    .connections
                    .set(self.counts.connections.get() + 1);
                Ok(line)
            }
            Ok(Err(error)) if is_local(&error) => Err(Failure::local(&error)),
            Ok(Err(error)) => Err(Failure::Unreachable(error)),
            Err(_) => Err(Failure::ConnectTimeout),
        }
    }

    /// The youngest idle connection that is still good. Older ones are the likelier to be closed.
    fn take_idle(&self) -> Option<Line> {
        loop {
            let idle = self.idle.borrow_mut().pop()?;
            if idle.since.elapsed() < self.idle_timeout && idle.line.sender.is_ready() {
                return Some(idle.line);
            }
        }
    }

    /// Closes the connections that have idled too long.
    pub(crate) fn drop_old(&self) {
        let all = self.idle.take();
        let is_good =
            |idle: &Idle| idle.since.elapsed() < self.idle_timeout && !idle.line.sender.is_closed();
        let (good, old): (Vec<_>, Vec<_>) = all.into_iter().partition(is_good);
        self.idle.replace(good);
        drop(old);
    }

    /// A request has been answered, or has failed by the backend's doing.
    pub(crate) fn requested(&self, is_good: bool) {
        if !is_good {
            self.counts.failures.set(self.counts.failures.get() + 1);
        }
        self.health.requested(is_good);
    }

    /// A request has got no answer from it, for this reason.
    pub(crate) fn failed(&self, failure: &Failure) {
        if let Some(why) = failure.why() {
            self.complain(why);
        }
        if failure.is_backends() {
            self.requested(false);
        }
    }

    /// The head of its answer has been handed on, and then its body has ended too early. It is not the backend's doing if
    /// the request's own body has failed: that is an error of another kind.
    pub(crate) fn broke_off(&self, error: &BodyError) {
        if error.is_closed() || error.is_timeout() || error.is_malformed() {
            self.complain(format_args!("has broken its answer off: {error}"));
            self.requested(false);
        }
    }

    fn complain(&self, what: impl Display) {
        let name = &self.name;
        self.complaints
            .say(format_args!("the backend {name} {what}"));
    }

    /// A health check has ended.
    pub(crate) fn checked(&self, is_good: bool) {
        self.say(self.health.checked(is_good));
    }

    fn say(&self, change: Change) {
        let what = match change {
            Change::None => return,
            Change::Ejected => "fails and gets no more requests",
            Change::Returned => {
                self.queue.many_are_free();
                "is healthy again"
            }
        };
        console::stderr().print(format!("server: the backend {} {what}\n", self.name));
    }
}

/// One of the connections that a backend may have.
struct Place(Rc<Backend>);

impl Place {
    fn take(backend: &Rc<Backend>) -> Option<Self> {
        if backend.is_full() {
            return None;
        }
        backend.in_use.set(backend.in_use.get() + 1);
        Some(Place(backend.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.in_use.set(self.0.in_use.get() - 1);
        self.0.queue.one_is_free();
    }
}

/// A connection that serves one request. When it is dropped, a connection that is free again goes
/// back to the idle ones. Another one is closed.
pub(crate) struct Lease {
    line: Option<Line>,
    place: Place,
    pub(crate) is_reused: bool,
}

impl Lease {
    fn new(line: Line, place: Place, is_reused: bool) -> Self {
        Lease {
            line: Some(line),
            place,
            is_reused,
        }
    }

    pub(crate) fn backend(&self) -> &Rc<Backend> {
        &self.place.0
    }

    pub(crate) fn line(&mut self) -> &mut Line {
        self.line
            .as_mut()
            .expect("a lease has its connection until it is dropped")
    }

    /// Whether request and answer are complete.
    pub(crate) fn is_free(&self) -> bool {
        self.line
            .as_ref()
            .is_some_and(|line| line.sender.is_ready())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let is_free = self.is_free();
        if let Some(line) = self.line.take().filter(|_| is_free) {
            let since = Instant::now();
            self.place.0.idle.borrow_mut().push(Idle { line, since });
        }
    }
}
