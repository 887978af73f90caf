//! A client, and the server's end of its connection, which a test plays by hand.

use http::Request;
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::task::JoinHandle;
use server::Body;
use server::h1::client::{self, SendRequest};

/// How a connection ends.
pub(crate) type Ended = JoinHandle<Result<(), client::Error>>;

/// The server's end.
pub(crate) struct Server {
    pub(crate) stream: DuplexStream,
}

/// A client with these limits, and the end of the server.
pub(crate) async fn client_and_server(config: client::Config) -> (SendRequest, Ended, Server) {
    client_and_server_over(config, super::ROOM).await
}

/// The same, with `room` bytes under way in each direction.
pub(crate) async fn client_and_server_over(
    config: client::Config,
    room: usize,
) -> (SendRequest, Ended, Server) {
    let (near, far) = duplex(room);
    let (sender, connection) = client::handshake_with_config(near, config).await.unwrap();
    (sender, runtime::spawn(connection), Server { stream: far })
}

impl Server {
    /// Reads a head, and gives it.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(self.stream.read_u8().await.unwrap()));
        }
        head
    }

    /// Reads so many bytes.
    pub(crate) async fn read(&mut self, count: usize) -> String {
        let mut bytes = vec![0; count];
        self.stream.read_exact(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    /// Reads to the end.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.stream.read_to_string(&mut rest).await.unwrap();
        rest
    }

    pub(crate) async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Closes the direction to the client.
    pub(crate) async fn finish(&mut self) {
        self.stream.shutdown().await.unwrap();
    }
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).body(body.into()).unwrap()
}
