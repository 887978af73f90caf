//! The engine's handle: a service, made into something that answers on connections.
//!
//! An endpoint makes connections out of streams, and can later reach all of them at once:
//! to count them, to ask them to come to an end, to end them. What it shares with them is in
//! `shared.rs`, which knows nothing of either.

use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;

use futures_io::{AsyncRead, AsyncWrite};

use super::connection::Connection;
use super::shared::Shared;
use super::tracker::State;
use crate::h1::config::Config;
use crate::mark::Mark;
use crate::service::Service;

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
pub struct Endpoint<S: Service> {
    shared: Rc<Shared<S>>,
}

impl<S: Service> Endpoint<S> {
    /// An endpoint with the default limits and timeouts.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use server::{Body, h1::Endpoint};
    ///
    /// let endpoint = Endpoint::new(|_: Request<Body>| async { Response::new(Body::empty()) });
    /// assert_eq!(endpoint.open_connections(), 0);
    /// ```
    pub fn new(service: S) -> Self {
        Endpoint::with_config(service, Config::default())
    }

    /// An endpoint with limits and timeouts of your own.
    ///
    /// ```
    /// use http::{Request, Response};
    /// use server::{Body, Config, h1::Endpoint};
    ///
    /// let config = Config { max_body: 100 * 1024 * 1024, ..Config::default() };
    /// let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::with_config(service, config);
    /// # let _ = endpoint;
    /// ```
    pub fn with_config(service: S, config: Config) -> Self {
        Endpoint {
            shared: Rc::new(Shared::new(service, config)),
        }
    }

    /// Serves the requests that arrive on `io`, one after the other, until the connection
    /// ends.
    ///
    /// # Errors
    ///
    /// The future's [`Error`](crate::h1::Error) says why the connection ended early; the peer
    /// has been told what it can be told.
    ///
    /// # Panics
    ///
    /// Outside a runtime, as a connection needs its timers.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handler that runs and the connection with it.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::new(service);
    /// let (client, socket) = runtime::io::duplex(1024);
    /// drop(client);
    /// endpoint.connection(socket).await.unwrap();
    /// # });
    /// ```
    pub fn connection<I>(&self, io: I) -> Connection<I, S>
    where
        I: AsyncRead + AsyncWrite + Unpin,
    {
        self.marked_connection(io, ())
    }

    /// As [`connection`](Self::connection), and each request of the connection carries a mark.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// use server::extract::ConnectInfo;
    ///
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::new(service);
    /// let (_client, socket) = runtime::io::duplex(1024);
    /// let connection = endpoint.marked_connection(socket, ConnectInfo("in memory"));
    /// # drop(connection);
    /// # });
    /// ```
    pub fn marked_connection<I, M>(&self, io: I, mark: M) -> Connection<I, S, M>
    where
        I: AsyncRead + AsyncWrite + Unpin,
        M: Mark,
    {
        Connection::new(io, mark, self.shared.clone())
    }

    /// How many connections are open.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::new(service);
    /// let connection = endpoint.connection(runtime::io::duplex(1024).1);
    /// assert_eq!(endpoint.open_connections(), 1);
    /// drop(connection);
    /// assert_eq!(endpoint.open_connections(), 0);
    /// # });
    /// ```
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.shared.tracker.open()
    }

    /// Begins to stop: idle connections close, requests under way are answered with
    /// `Connection: close`. New connections should not be made any more.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::new(service);
    /// let (_client, socket) = runtime::io::duplex(1024);
    /// drop(runtime::spawn(endpoint.connection(socket)));
    /// endpoint.drain();
    /// endpoint.closed().await;
    /// # });
    /// ```
    pub fn drain(&self) {
        self.shared.tracker.advance(State::Draining);
    }

    /// Ends every connection as soon as it is polled next, whatever it is doing. Handlers that go on
    /// without a connection are aborted.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// let endpoint = Endpoint::new(service);
    /// let (_client, socket) = runtime::io::duplex(1024);
    /// let connection = runtime::spawn(endpoint.connection(socket));
    /// endpoint.cut();
    /// assert!(connection.await.unwrap().unwrap_err().is_shut_down());
    /// # });
    /// ```
    pub fn cut(&self) {
        self.shared.cut();
    }

    /// Waits until no connection is open.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe. One waiter at a time: a second one takes the place of the first.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new().unwrap().block_on(async {
    /// # use http::{Request, Response};
    /// # use server::{Body, h1::Endpoint};
    /// # let service = |_: Request<Body>| async { Response::new(Body::empty()) };
    /// Endpoint::new(service).closed().await;
    /// # });
    /// ```
    pub async fn closed(&self) {
        poll_fn(|cx| self.shared.tracker.poll_below(1, cx)).await;
    }

    /// Waits until fewer than `most` connections are open; as [`closed`](Self::closed) does.
    /// For each that is too many, the connection that has been idle longest is closed.
    pub(crate) async fn room(&self, most: usize) {
        poll_fn(|cx| self.shared.tracker.poll_room(most, cx)).await;
    }

    /// Closes the connection that has been idle longest, as soon as it is polled next. False
    /// if none is idle.
    pub(crate) fn close_longest_idle(&self) -> bool {
        self.shared.tracker.ask_longest()
    }
}

impl<S: Service> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        Endpoint {
            shared: self.shared.clone(),
        }
    }
}

impl<S: Service> fmt::Debug for Endpoint<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shared = &self.shared;
        f.debug_struct("Endpoint")
            .field("config", &shared.config)
            .finish_non_exhaustive()
    }
}
