//! A server in memory: [`serve`](crate::serve()) itself, on a listener without a socket.

use std::fmt;
use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::client::TestClient;
use super::faults::Faults;
use super::hub::Hub;
use super::listener::TestListener;
use super::stream::TestStream;
use super::transcript::Transcript;
use crate::h1::Config;
use crate::serve::{MakeService, serve};

/// A server in memory. The module's page tells how a test uses it.
///
/// It is the server that [`serve`](crate::serve()) makes: with its engine, its limits, its
/// timeouts and its shutdown. Only the sockets are not there. A clone is the same server. When
/// the last clone and the last client are dropped, the server stops.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use server::Router;
/// use server::routing::get;
/// use server::testing::TestServer;
///
/// let server = TestServer::new(Router::new().route("/", get(|| async { "hello" })));
/// let client = server.client();
/// assert_eq!(client.get("/").await.text().await, "hello");
/// assert_eq!(server.open_connections(), 1);
/// # }
/// ```
#[derive(Clone)]
pub struct TestServer {
    hub: Rc<Hub>,
}

impl TestServer {
    /// Serves `app` with the default limits. Its example is [`TestServer`]'s.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn new<M: MakeService<TestListener>>(app: M) -> Self {
        Builder::new().serve(app)
    }

    /// Settings for a server. Its example is [`Builder`]'s.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Another client: with connections and an address of its own. Its example is
    /// [`TestServer`]'s.
    #[must_use]
    pub fn client(&self) -> TestClient {
        TestClient::of(self.hub.clone())
    }

    /// A connection of another client, as a stream of bytes. Its example is [`TestStream`]'s.
    ///
    /// # Errors
    ///
    /// `ConnectionRefused`: the server has stopped, or 1,024 connections wait to be accepted.
    pub fn connect(&self) -> io::Result<TestStream> {
        self.hub.connect(self.hub.next_client())
    }

    /// How many connections the server has open, with those that it has not accepted yet. Its
    /// example is [`TestServer`]'s.
    #[must_use]
    pub fn open_connections(&self) -> usize {
        self.hub.open_connections()
    }

    /// What went over the connections, one after the other as they were made. Its example is
    /// [`Transcript`]'s.
    #[must_use]
    pub fn transcripts(&self) -> Vec<Transcript> {
        self.hub.transcripts()
    }

    /// Tells the server to stop, as the signal of
    /// [`with_graceful_shutdown`](crate::Serve::with_graceful_shutdown) does. The call tells it,
    /// and the future waits until it has stopped.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the server stops anyway.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use std::time::Duration;
    /// use runtime::time::{Instant, sleep};
    /// use server::Router;
    /// use server::routing::get;
    /// use server::testing::TestServer;
    ///
    /// let slow = || async {
    ///     sleep(Duration::from_secs(5)).await;
    ///     "done"
    /// };
    /// let server = TestServer::new(Router::new().route("/", get(slow)));
    /// let client = server.client();
    /// let request = runtime::spawn(async move { client.get("/").await.text().await });
    /// sleep(Duration::from_secs(2)).await;
    ///
    /// let begin = Instant::now();
    /// server.shutdown().await;
    /// assert_eq!(request.await.unwrap(), "done");
    /// assert_eq!(begin.elapsed(), Duration::from_secs(3));
    /// # }
    /// ```
    pub fn shutdown(&self) -> impl Future<Output = ()> + use<> {
        self.hub.stop.cancel();
        self.hub.stopped.clone().cancelled_owned()
    }
}

impl TestClient {
    /// A client of a server of its own, which serves `app`. Its example is [`TestClient`]'s.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn new<M: MakeService<TestListener>>(app: M) -> Self {
        TestServer::new(app).client()
    }
}

impl fmt::Debug for TestServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestServer")
            .field("open_connections", &self.open_connections())
            .finish_non_exhaustive()
    }
}

/// Settings for a [`TestServer`]; from [`TestServer::builder`].
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use std::time::Duration;
/// use server::{Config, Router};
/// use server::routing::post;
/// use server::testing::{Faults, TestServer};
///
/// let app = Router::new().route("/", post(|text: String| async { text }));
/// let server = TestServer::builder()
///     .config(Config { max_body: 1024, ..Config::default() })
///     .max_connections(2)
///     .deadline(Duration::from_secs(1))
///     .buffer(16)
///     .faults(Faults::seed(7))
///     .serve(app);
/// let response = server.client().post("/").body("x".repeat(1025)).await;
/// assert_eq!(response.status(), 413);
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a server begins with `serve`"]
pub struct Builder {
    config: Config,
    max_connections: Option<usize>,
    deadline: Option<Duration>,
    buffer: usize,
    faults: Option<Faults>,
}

impl Builder {
    fn new() -> Self {
        Builder {
            config: Config::default(),
            max_connections: None,
            deadline: None,
            buffer: 64 * 1024,
            faults: None,
        }
    }

    /// Limits and timeouts of the server, as [`Serve::with_config`](crate::Serve::with_config).
    /// Its example is [`Builder`]'s.
    pub fn config(self, config: Config) -> Self {
        Builder { config, ..self }
    }

    /// How many connections may be open at once, as
    /// [`Serve::with_max_connections`](crate::Serve::with_max_connections). Its example is
    /// [`Builder`]'s.
    pub fn max_connections(self, most: usize) -> Self {
        Builder {
            max_connections: Some(most),
            ..self
        }
    }

    /// How long requests may take after the signal to stop, as
    /// [`WithGracefulShutdown::with_deadline`](crate::WithGracefulShutdown::with_deadline). Its
    /// example is [`Builder`]'s.
    pub fn deadline(self, deadline: Duration) -> Self {
        Builder {
            deadline: Some(deadline),
            ..self
        }
    }

    /// Bytes that may be under way in one direction of a connection: then a writer waits for its
    /// reader. Default 64 KiB. Its example is [`Builder`]'s.
    ///
    /// # Panics
    ///
    /// [`serve`](Self::serve) does if it is 0, as soon as there is a connection.
    pub fn buffer(self, bytes: usize) -> Self {
        Builder {
            buffer: bytes,
            ..self
        }
    }

    /// What goes wrong on connections. Its example is [`Builder`]'s.
    pub fn faults(self, faults: Faults) -> Self {
        Builder {
            faults: Some(faults),
            ..self
        }
    }

    /// Begins to serve `app`. Its example is [`Builder`]'s.
    ///
    /// # Panics
    ///
    /// Outside a runtime.
    pub fn serve<M: MakeService<TestListener>>(self, app: M) -> TestServer {
        let (queue, listener) = TestListener::new();
        let hub = Rc::new(Hub::new(queue, self.faults, self.buffer));
        let mut serve = serve(listener, app).with_config(self.config);
        if let Some(most) = self.max_connections {
            serve = serve.with_max_connections(most);
        }
        let mut serve = serve.with_graceful_shutdown(hub.stop.clone().cancelled_owned());
        if let Some(deadline) = self.deadline {
            serve = serve.with_deadline(deadline);
        }
        let stopped = hub.stopped.clone().drop_guard();
        runtime::task::spawn_detached(async move {
            let _stopped = stopped;
            // It has no error, and if it had one: a server that is gone refuses its clients.
            let _ = serve.await;
        });
        TestServer { hub }
    }
}
