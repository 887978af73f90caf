//! Two requests over one connection.
//!
//! A connection is kept after an answer (*keep-alive*), because to make another takes a journey to the
//! server and back. For the server a kept connection is a task that waits: with no buffer, with a timer
//! beside it, and often for long.
//!
//! Like `http.rs`, it is built when it is asked for.
#![forbid(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::oneshot;
use runtime::task::Builder;
use server::http::{Request, Response};
use server::{Body, serve};
use std::io;
use std::net::SocketAddr;

#[runtime::main]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (done, stop) = oneshot::channel();
    let client = client(listener.local_addr()?, done);
    let client = Builder::new().name("client").spawn(client)?;
    let site = async |request: Request<Body>| Response::new(Body::from(request.uri().to_string()));
    serve(listener, site)
        .with_graceful_shutdown(async { drop(stop.await) })
        .await?;
    client.await.expect("the client does not panic")
}

async fn client(server: SocketAddr, done: oneshot::Sender<()>) -> io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    let mut answer = [0; 512];
    for path in ["/warp", "/weft"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: treadle\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let _ = stream.read(&mut answer).await?; // so short an answer comes in one piece
    }
    // Nothing more is asked. The server closes the connection when it has read that.
    stream.shutdown().await?;
    let closed = stream.read(&mut answer).await?;
    assert_eq!(closed, 0, "an answer to no request");
    let _ = done.send(());
    Ok(())
}
