//! An HTTP/1.1 client: one connection, many requests, and what to do when it ends.
//!
//! ```text
//! cargo run --example http_client
//! ```
//!
//! `server::h1::client` is the other end of the server's engine, made from the same codec. A
//! connection is two things: a `SendRequest`, which takes requests, and a `Connection`, a future that
//! does the work and is spawned. There is no pool and no redirect in it: it is what a pool, a proxy or
//! a health check is made of.
//!
//! What to see in the output:
//!
//! 1. Three requests on one connection. The next one goes when the response before has been read.
//! 2. An upload that is made while it is sent, and a response that is read piece by piece.
//! 3. A body that waits for the server's word. The server refuses by the head, and not a byte of the
//!    body is sent; so the connection ends.
//! 4. The server closes a connection that is kept. The next request is not lost: the error says that
//!    nothing of it has left, gives it back, and it goes out on a new connection.
#![forbid(unsafe_code)]

use http::{Request, Response, StatusCode};
use runtime::net::{TcpListener, TcpStream};
use runtime::time::{Duration, sleep};
use server::body::to_bytes;
use server::h1::client::{Retry, SendRequest, handshake};
use server::{Body, Config, serve};
use std::error::Error;
use std::net::SocketAddr;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[runtime::main]
async fn main() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let config = Config {
        idle_timeout: Duration::from_millis(200),
        ..Config::default()
    };
    runtime::spawn(async move { serve(listener, site).with_config(config).await });

    let mut sender = connect(address).await?;
    println!("1. one connection, three requests");
    for path in ["/a", "/b", "/c"] {
        println!("   {}", ask(&mut sender, get(path)).await?);
    }

    println!("2. bodies in pieces");
    let upload = futures_lite::stream::iter(
        ["made ", "while ", "it is sent"].map(Ok::<_, Box<dyn Error + Send + Sync>>),
    );
    let request = Request::post("/echo").body(Body::from_stream(upload))?;
    sender.ready().await?;
    let mut body = sender.send_request(request).await?.into_body();
    let mut pieces = Vec::new();
    while let Some(piece) = body.chunk().await {
        pieces.extend_from_slice(&piece?);
    }
    println!("   {}", String::from_utf8(pieces)?);

    println!("3. a body that waits");
    let request = Request::post("/forbidden").header("expect", "100-continue");
    println!(
        "   {}",
        ask(&mut sender, request.body("secret".into())?).await?
    );
    let is_over = sender.ready().await.is_err();
    println!("   the connection is over: {is_over}");

    println!("4. a connection that the server closes");
    let mut sender = connect(address).await?;
    println!("   {}", ask(&mut sender, get("/d")).await?);
    sleep(Duration::from_millis(500)).await;
    let mut failed = match sender.try_send_request(get("/e")).await {
        Ok(_) => return Err("the server should have closed".into()),
        Err(failed) => failed,
    };
    println!("   {}", failed.error());
    if let (Retry::Safe, Some(request)) = (failed.error().retry(), failed.take_message()) {
        let mut sender = connect(address).await?;
        println!("   again: {}", ask(&mut sender, request).await?);
    }
    Ok(())
}

/// A connection, and a task that does its work.
async fn connect(address: SocketAddr) -> Outcome<SendRequest> {
    let (sender, connection) = handshake(TcpStream::connect(address).await?).await?;
    runtime::spawn(connection);
    Ok(sender)
}

fn get(path: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().expect("a path");
    request
}

/// The response to a request, as text.
async fn ask(sender: &mut SendRequest, request: Request<Body>) -> Outcome<String> {
    sender.ready().await?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = to_bytes(response.into_body(), 1024).await?;
    Ok(format!("{status}: {}", std::str::from_utf8(&body)?))
}

/// What there is to ask for.
async fn site(request: Request<Body>) -> Response<Body> {
    match request.uri().path() {
        "/echo" => Response::new(request.into_body()),
        "/forbidden" => {
            let mut response = Response::new(Body::from("keep it"));
            *response.status_mut() = StatusCode::FORBIDDEN;
            response
        }
        path => Response::new(Body::from(format!("you asked for {path}"))),
    }
}
