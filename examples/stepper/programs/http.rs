//! One HTTP request, through the server of this repository.
//!
//! Accepting, reading the head, calling the handler, writing the answer, closing: everything
//! that a web server does for one request, as events of the machine below it. Each connection
//! is a task; what waits for a slow peer has a timer beside it.
//!
//! This program is no part of the stepper, which does without the server. It is built when it is asked
//! for, as a program of the reader's is.
#![forbid(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::oneshot;
use runtime::task::Builder;
use runtime::time::{Duration, sleep};
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
    serve(listener, hello)
        .with_graceful_shutdown(async { drop(stop.await) })
        .await?;
    client.await.expect("the client does not panic").map(drop)
}

async fn hello(request: Request<Body>) -> Response<Body> {
    Response::new(Body::from(format!("Hello, {}\n", request.uri().path())))
}

async fn client(server: SocketAddr, done: oneshot::Sender<()>) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(b"GET /loom HTTP/1.1\r\n").await?;
    sleep(Duration::from_millis(5)).await; // a slow client: let the server wait
    stream
        .write_all(b"host: treadle\r\nconnection: close\r\n\r\n")
        .await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let _ = done.send(());
    Ok(answer)
}
