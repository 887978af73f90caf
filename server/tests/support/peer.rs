//! The client's end of a connection.

use std::time::Duration;

use http::StatusCode;
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use runtime::task::JoinHandle;
use runtime::time::timeout;
use server::h1::Error;

/// A client that says exactly what it is told to, and reads answers.
pub(crate) struct Peer {
    stream: DuplexStream,
    received: Vec<u8>,
    connection: JoinHandle<Result<(), Error>>,
}

impl Peer {
    pub(crate) fn new(stream: DuplexStream, connection: JoinHandle<Result<(), Error>>) -> Self {
        Peer {
            stream,
            received: Vec::new(),
            connection,
        }
    }

    /// Sends these bytes. A connection that is closed already does not take them, which the
    /// test will notice by what it reads.
    pub(crate) async fn send(&mut self, wire: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(wire.as_ref()).await;
    }

    /// Closes the sending direction.
    pub(crate) async fn finish_sending(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// Sends a request for `path` and reads the answer.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"))
            .await;
        self.answer().await
    }

    /// Reads one answer with its body, whichever way that is framed.
    pub(crate) async fn answer(&mut self) -> Answer {
        let mut answer = self.answer_without_body().await;
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks().await;
        } else if let Some(length) = answer.header("content-length") {
            let length = length.parse().expect("a length");
            answer.body = self.take(length).await;
        }
        answer
    }

    /// Reads one head, for answers that have no body whatever it says.
    pub(crate) async fn answer_without_body(&mut self) -> Answer {
        let end = self.find(b"\r\n\r\n").await;
        let head = self.take(end + 4).await;
        Answer::parse(&String::from_utf8(head).expect("a head is text"))
    }

    /// All that comes until the connection closes, without the `Date` headers.
    pub(crate) async fn rest(&mut self) -> String {
        while self.read_more().await {}
        let text = String::from_utf8_lossy(&std::mem::take(&mut self.received)).into_owned();
        text.split_inclusive("\r\n")
            .filter(|line| !line.starts_with("date: "))
            .collect()
    }

    /// Whether something has come back by now.
    pub(crate) async fn has_answer(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let reading = timeout(Duration::ZERO, self.stream.read(&mut buffer)).await;
        let count = reading.map_or(0, |read| read.unwrap_or(0));
        self.received.extend_from_slice(&buffer[..count]);
        !self.received.is_empty()
    }

    /// How the connection ended.
    pub(crate) async fn end(self) -> Result<(), Error> {
        drop(self.stream);
        self.connection
            .await
            .expect("the connection's task does not panic")
    }

    /// Whether the connection's task has ended.
    pub(crate) fn is_over(&self) -> bool {
        self.connection.is_finished()
    }

    /// Drops the server's side of it all, in the middle of whatever it is doing.
    pub(crate) async fn abort(self) -> DuplexStream {
        self.connection.abort();
        let _ = self.connection.await;
        self.stream
    }

    /// Reads exactly so many bytes of what comes.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<u8> {
        while self.received.len() < count {
            assert!(
                self.read_more().await,
                "the connection closed in the middle of an answer"
            );
        }
        self.received.drain(..count).collect()
    }

    async fn chunks(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let end = self.find(b"\r\n").await;
            let line = self.take(end + 2).await;
            let digits = std::str::from_utf8(&line[..end]).expect("a size is text");
            let size = usize::from_str_radix(digits, 16).expect("a size");
            let chunk = self.take(size + 2).await;
            assert!(chunk.ends_with(b"\r\n"), "a chunk ends in a line end");
            if size == 0 {
                return body;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    }

    async fn find(&mut self, what: &[u8]) -> usize {
        loop {
            if let Some(at) = self
                .received
                .windows(what.len())
                .position(|here| here == what)
            {
                return at;
            }
            let so_far = String::from_utf8_lossy(&self.received).into_owned();
            assert!(self.read_more().await, "closed, but no answer: {so_far:?}");
        }
    }

    async fn read_more(&mut self) -> bool {
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.received.extend_from_slice(&buffer[..count]);
        count > 0
    }
}

/// A response as it came over the wire.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn parse(head: &str) -> Self {
        let mut lines = head.trim_end().split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = first
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3));
        let status = status.and_then(|digits| digits.parse().ok());
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").expect("a header line");
            (name.to_owned(), value.to_owned())
        });
        Answer {
            status: status.unwrap_or_else(|| panic!("no status line: {first:?}")),
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    /// The value of a header that is there at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_str());
        let first = values.next();
        assert!(values.next().is_none(), "{name} is there twice");
        first
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body that is text")
    }

    pub(crate) fn closes(&self) -> bool {
        self.header("connection") == Some("close")
    }
}
