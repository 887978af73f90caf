//! Real sockets, for what only they can show.

use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::TcpStream;
use runtime::time::timeout;
use server::Body;

/// Says which path was asked for.
pub(crate) async fn hello(request: Request<Body>) -> Response<Body> {
    Response::new(Body::from(format!("hello {}", request.uri().path())))
}

/// Sends a request for `path`.
pub(crate) async fn ask(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

/// Reads until what has come ends in `end`.
pub(crate) async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 1024];
    while !text.ends_with(end) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}

/// Whether the server closes the connection, without another byte, while others go on.
pub(crate) async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(
        timeout(Duration::from_secs(20), stream.read(&mut [0])).await,
        Ok(Ok(0))
    )
}
