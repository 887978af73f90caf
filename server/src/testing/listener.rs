//! Where the connections in memory arrive.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use runtime::sync::mpsc;

use super::stream::TestStream;
use crate::serve::Listener;

/// A listener for connections in memory, which a [`TestServer`](super::TestServer) makes. It is a
/// type of its own so that [`ConnectInfo`](crate::extract::ConnectInfo) works in tests: each
/// client has an address.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() {
/// use std::net::SocketAddr;
/// use server::Router;
/// use server::extract::ConnectInfo;
/// use server::routing::get;
/// use server::testing::TestServer;
///
/// async fn who(ConnectInfo(address): ConnectInfo<SocketAddr>) -> String {
///     address.ip().to_string()
/// }
///
/// let app = Router::new().route("/", get(who));
/// let server = TestServer::new(app.into_make_service_with_connect_info::<SocketAddr>());
/// let (one, other) = (server.client(), server.client());
/// assert_eq!(one.get("/").await.text().await, "10.0.0.1");
/// assert_eq!(other.get("/").await.text().await, "10.0.0.2");
/// # }
/// ```
#[derive(Debug)]
pub struct TestListener {
    queue: mpsc::Receiver<Arrival>,
}

/// A connection that has not been accepted, and where it comes from.
pub(super) type Arrival = (TestStream, SocketAddr);

/// Connections that may wait to be accepted.
const BACKLOG: usize = 1024;

impl TestListener {
    /// A listener, and what its connections go into.
    pub(super) fn new() -> (mpsc::Sender<Arrival>, Self) {
        let (sender, queue) = mpsc::channel(BACKLOG);
        (sender, TestListener { queue })
    }
}

impl Listener for TestListener {
    type Io = TestStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TestStream, SocketAddr) {
        match self.queue.recv().await {
            Some(arrival) => arrival,
            // The test has dropped its server; the end of that is a signal, not an error here.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 80)))
    }

    fn reset(stream: &TestStream) {
        stream.reset();
    }
}
