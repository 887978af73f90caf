//! From a listening socket to answers: accepting, and stopping.
//!
//! This is the one place that knows both sides: the runtime's sockets and tasks, and the
//! engine that speaks HTTP on any stream of bytes. It is short, because each side does its
//! part. Accept a connection, make a task of it, accept the next.
//!
//! Accepting has a page of its own (`accept`). Stopping deserves a thought here.
//!
//! First the listening socket is closed: a load balancer that
//! is refused goes elsewhere, while a connection that is accepted and then dropped is an
//! error to its client. Then each connection is told ([`Endpoint::drain`]), and one in the middle
//! of something may finish. And then patience has an end: a peer must not keep a process alive.

mod accept;
mod listener;
mod make_service;
#[cfg(feature = "tls")]
pub mod tls;

use std::cell::Cell;
use std::fmt;
use std::future::{Future, IntoFuture, pending};
use std::io;
use std::pin::Pin;
use std::time::Duration;

use accept::{accept, start_waiting};
use runtime::select;
use runtime::time::timeout;

use crate::console;
use crate::h1::{Config, Endpoint};
use crate::service::Service;

pub use listener::{Listener, ListenerExt, TapIo};
pub use make_service::{IncomingStream, MakeService};

/// Answers the connections that arrive at `listener` with `service`.
///
/// Await the result to serve for ever, or give it a signal first
/// ([`with_graceful_shutdown`](Serve::with_graceful_shutdown)).
///
/// ```no_run
/// use http::{Request, Response};
/// use runtime::net::TcpListener;
/// use server::{Body, serve};
///
/// # fn main() -> std::io::Result<()> {
/// runtime::runtime::Runtime::new()?.block_on(async {
///     let listener = TcpListener::bind("127.0.0.1:3000").await?;
///     serve(listener, |_: Request<Body>| async { Response::new(Body::from("Hello, World!")) }).await
/// })
/// # }
/// ```
pub fn serve<L, M>(listener: L, service: M) -> Serve<L, M>
where
    L: Listener,
    M: MakeService<L>,
{
    Serve {
        listener,
        service,
        config: Config::default(),
        most: None,
        backlog: None,
    }
}

/// A server about to start; from [`serve`]. Await it. Its example is [`serve`]'s.
///
/// # Errors
///
/// None so far: whatever goes wrong while serving concerns one connection, or passes.
///
/// # Cancel safety
///
/// Dropping it closes the listening socket; connections go on until the runtime ends.
#[must_use = "a server does nothing unless it is awaited"]
pub struct Serve<L, M> {
    listener: L,
    service: M,
    config: Config,
    /// In the place of the configuration's.
    most: Option<usize>,
    backlog: Option<u32>,
}

impl<L: Listener, M: MakeService<L>> Serve<L, M> {
    /// Limits and timeouts other than the [default](Config::default).
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use std::time::Duration;
    /// use runtime::net::TcpListener;
    /// use server::{Body, Config, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let config = Config { idle_timeout: Duration::from_secs(5), ..Config::default() };
    /// let server = serve(listener, service).with_config(config);
    /// # let _ = server;
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn with_config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// How many connections may be open at once; at least one. It takes the place of
    /// [`Config::max_connections`].
    ///
    /// When so many are open and another one comes, the connection that has waited longest
    /// for its next request is closed, as at the end of [`Config::idle_timeout`]. If there is
    /// none, it is one that has had its last answer and lingers
    /// ([`Config::linger_timeout`]), or one on which nothing has come yet. These two kinds go
    /// first when they are more than a quarter of the connections that could be closed: so
    /// strangers who send nothing take few places from clients that are served. If no
    /// connection can be closed, the newcomer waits until one can, or ends. (The first in the
    /// line is accepted already and needs a descriptor; the others wait in the kernel's
    /// queue.)
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let server = serve(listener, service).with_max_connections(1_000);
    /// # let _ = server;
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn with_max_connections(mut self, most: usize) -> Self {
        self.most = Some(most);
        self
    }

    /// How many connections may wait in the kernel's queue to be accepted (`listen(2)`).
    /// It takes the place of [`Config::backlog`], 4,096, whatever the listener was made with: with
    /// [`TcpListener::bind`](runtime::net::TcpListener::bind) that is 128, which a burst of clients fills at once.
    ///
    /// The kernel allows what it wants: Linux takes no more than
    /// `/proc/sys/net/core/somaxconn` says, and says nothing about it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let server = serve(listener, service).with_backlog(511);
    /// # let _ = server;
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn with_backlog(mut self, backlog: u32) -> Self {
        self.backlog = Some(backlog);
        self
    }

    /// Stops when `signal` completes: at once for new connections, as soon as they are
    /// answered for requests under way, and within
    /// [nine seconds](WithGracefulShutdown::with_deadline) for all of them.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// use std::future::ready;
    /// use http::{Request, Response};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// serve(listener, |_: Request<Body>| async { Response::new(Body::empty()) })
    ///     .with_graceful_shutdown(ready(()))
    ///     .await
    /// # }).unwrap();
    /// ```
    pub fn with_graceful_shutdown<G>(self, signal: G) -> WithGracefulShutdown<L, M, G>
    where
        G: Future<Output = ()> + 'static,
    {
        WithGracefulShutdown {
            serve: self,
            signal,
        }
    }

    /// Where it will listen.
    ///
    /// # Errors
    ///
    /// What the listener says.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// assert_ne!(serve(listener, service).local_addr()?.port(), 0);
    /// # std::io::Result::Ok(())
    /// # }).unwrap();
    /// ```
    pub fn local_addr(&self) -> io::Result<L::Addr> {
        self.listener.local_addr()
    }

    async fn run(self, signal: impl Future<Output = ()>) -> io::Result<()> {
        let Serve {
            mut listener,
            service,
            mut config,
            most,
            backlog,
        } = self;
        config.is_secure |= L::IS_SECURE;
        listener.set_backlog(backlog.unwrap_or(config.backlog));
        let most = most.unwrap_or(config.max_connections).max(1);
        let deadline = config.shutdown_timeout;
        let service = service.into_service();
        warn_about(&service);
        let endpoint = Endpoint::with_config(service, config);
        let waiting = Cell::new(None);
        select! {
            biased;
            () = signal => {}
            () = accept::<L, M>(&mut listener, &endpoint, most, &waiting) => {}
        }
        drop(listener);
        start_waiting::<L, M>(&waiting, &endpoint);
        endpoint.drain();
        if timeout(deadline, endpoint.closed()).await.is_err() {
            endpoint.cut();
            endpoint.closed().await;
        }
        Ok(())
    }
}

impl<L: Listener, M: MakeService<L>> IntoFuture for Serve<L, M> {
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run(pending()))
    }
}

impl<L, M> fmt::Debug for Serve<L, M>
where
    L: Listener,
    L::Addr: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.listener.local_addr();
        f.debug_struct("Serve")
            .field("address", &address)
            .field("config", &self.config)
            .field("max_connections", &self.most)
            .field("backlog", &self.backlog)
            .finish()
    }
}

/// A server that stops when it is told to; from [`Serve::with_graceful_shutdown`]. Await it.
/// Its example is [`Serve::with_graceful_shutdown`]'s.
///
/// Errors and cancel safety are those of [`Serve`].
#[must_use = "a server does nothing unless it is awaited"]
pub struct WithGracefulShutdown<L, M, G> {
    serve: Serve<L, M>,
    signal: G,
}

impl<L: Listener, M, G> WithGracefulShutdown<L, M, G> {
    /// How long requests under way may take after the signal. It takes the place of
    /// [`Config::shutdown_timeout`], 9 s. Then the server cuts off their connections.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// use std::{future::ready, time::Duration};
    /// use runtime::net::TcpListener;
    /// use server::{Body, serve};
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// serve(listener, service)
    ///     .with_graceful_shutdown(ready(()))
    ///     .with_deadline(Duration::from_secs(1))
    ///     .await
    /// # }).unwrap();
    /// ```
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.serve.config.shutdown_timeout = deadline;
        self
    }

    /// Where the listener listens, or why the listener cannot tell.
    /// Its example is [`Serve::local_addr`]'s.
    pub fn local_addr(&self) -> io::Result<L::Addr> {
        self.serve.listener.local_addr()
    }
}

impl<L, M, G> IntoFuture for WithGracefulShutdown<L, M, G>
where
    L: Listener,
    M: MakeService<L>,
    G: Future<Output = ()> + 'static,
{
    type Output = io::Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = io::Result<()>>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.serve.run(self.signal))
    }
}

impl<L, M, G> fmt::Debug for WithGracefulShutdown<L, M, G>
where
    L: Listener,
    L::Addr: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithGracefulShutdown")
            .field("serve", &self.serve)
            .finish_non_exhaustive()
    }
}

/// Says on standard error what is doubtful in a service.
fn warn_about(service: &impl Service) {
    for warning in service.warnings() {
        console::stderr().print(format!("server: {warning}\n"));
    }
}
