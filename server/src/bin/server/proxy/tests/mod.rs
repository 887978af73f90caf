//! The proxy in memory, on the paused clock. Its backends are servers of tests, or are played by
//! hand: then the test reads and writes the very bytes.

mod balancing;
mod broken;
mod checking;
mod faulty;
mod messages;
mod overview;
mod pooling;
mod simulated;
mod streaming;

use std::net::SocketAddr;
use std::rc::Rc;

use clap::Parser;
use runtime::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use runtime::sync::mpsc;
use runtime::task::JoinHandle;
use runtime::time::{Duration, timeout};
use rustix::io::Errno;
use server::h1::client::{Config, Error};
use server::middleware::from_fn;
use server::testing::{TestClient, TestRequest, TestResponse, TestServer, TestStream};

use super::connect::{Connect, Connecting, Line};
use super::*;

/// A proxy with its backends, which are called `a`, `b` and so on.
struct Site {
    client: TestClient,
    server: TestServer,
    backends: Vec<Rc<Backend>>,
    background: Background,
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

/// A proxy with the options of a command line. It checks nothing.
fn site(line: &str, connects: Vec<Box<dyn Connect>>) -> Site {
    let words = std::iter::once("server").chain(line.split_whitespace());
    let options = Rc::new(CommandLine::parse_from(words).options);
    let queue = Rc::new(Queue::new(&options));
    let named = connects.into_iter().zip('a'..);
    let backends = named
        .map(|(connect, name)| Rc::new(Backend::new(name.to_string(), connect, &options, &queue)));
    let backends: Vec<_> = backends.collect();
    let metrics = Metrics::default();
    let router = to_backends(backends.clone(), options, queue, &metrics)
        .merge(metrics.routes())
        .layer(from_fn(crate::pages::negotiate));
    let server = TestServer::new(router.into_make_service_with_connect_info::<SocketAddr>());
    Site {
        client: server.client(),
        server,
        backends,
        background: Background::new(),
    }
}

/// The same, with health checks.
fn checked_site(line: &str, connects: Vec<Box<dyn Connect>>) -> Site {
    let site = site(line, connects);
    let words = std::iter::once("server").chain(line.split_whitespace());
    let options = Rc::new(CommandLine::parse_from(words).options);
    checks::begin(&site.backends, &options, &site.background);
    site
}

impl Site {
    fn get(&self, path: &str) -> TestRequest {
        self.client.get(path)
    }

    /// Sends a GET, and does not wait for the answer.
    fn ask(&self, path: &str) -> Asked {
        runtime::spawn(self.get(path).send())
    }

    /// Status and text of the answer to a GET.
    async fn status_and_text(&self, path: &str) -> (u16, String) {
        let response = self.get(path).await;
        (response.status().as_u16(), response.text().await)
    }
}

/// A request under way.
type Asked = JoinHandle<Result<TestResponse, Error>>;

/// A backend that is a server in memory.
struct InMemory(TestServer);

impl Connect for InMemory {
    fn connect(&self, config: Config) -> Connecting {
        let stream = self.0.connect();
        Box::pin(async move { Line::new(stream?, config).await })
    }
}

fn in_memory(app: Router) -> Box<dyn Connect> {
    Box::new(InMemory(TestServer::new(app)))
}

/// A backend that says who it is.
fn named(name: &'static str) -> Box<dyn Connect> {
    in_memory(Router::new().fallback(async move || name))
}

/// A backend where nothing listens.
struct Refuses;

impl Connect for Refuses {
    fn connect(&self, _: Config) -> Connecting {
        let error = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        Box::pin(std::future::ready(Err(error)))
    }
}

/// A backend that this machine makes no connection to, because of this error.
struct Hindered(Errno);

impl Connect for Hindered {
    fn connect(&self, _: Config) -> Connecting {
        Box::pin(std::future::ready(Err(self.0.into())))
    }
}

/// A backend that is played by hand: its connections arrive here.
struct Backstage(mpsc::Receiver<DuplexStream>);

struct ByHand(mpsc::Sender<DuplexStream>);

/// Bytes under way in one direction.
const ROOM: usize = 16 * 1024;

fn by_hand() -> (Box<dyn Connect>, Backstage) {
    let (sender, receiver) = mpsc::channel(16);
    (Box::new(ByHand(sender)), Backstage(receiver))
}

impl Connect for ByHand {
    fn connect(&self, config: Config) -> Connecting {
        let (near, far) = duplex(ROOM);
        let arrival = self.0.try_send(far);
        Box::pin(async move {
            arrival.map_err(|_| std::io::Error::from(std::io::ErrorKind::ConnectionRefused))?;
            Line::new(near, config).await
        })
    }
}

impl Backstage {
    /// The next connection.
    async fn accept(&mut self) -> Hand {
        let arrival = timeout(Duration::from_secs(1), self.0.recv()).await;
        Hand(arrival.expect("a connection").expect("a proxy"))
    }

    fn has_no_other(&mut self) -> bool {
        self.0.try_recv().is_err()
    }
}

/// One end of a connection that is played by hand: the backend's, or the client's.
struct Hand<S = DuplexStream>(S);

impl Hand<TestStream> {
    /// A client of the proxy.
    fn of(site: &Site) -> Self {
        Hand(site.server.connect().unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Hand<S> {
    /// The head of the next request.
    async fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(self.0.read_u8().await.unwrap()));
        }
        head
    }

    async fn read(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// What still comes, to the end.
    async fn rest(&mut self) -> String {
        let mut rest = String::new();
        let reading = self.0.read_to_string(&mut rest);
        let read = timeout(Duration::from_secs(3600), reading).await;
        read.expect("the proxy closes the connection").unwrap();
        rest
    }

    async fn say(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }
}

/// A whole answer without a body.
const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
