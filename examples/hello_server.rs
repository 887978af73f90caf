//! The smallest web service, and how it ends.
//!
//! ```text
//! cargo run --example hello_server -- 127.0.0.1:3000      serves until Ctrl-C
//! curl -i 127.0.0.1:3000/hello/Ada
//! cargo run --example hello_server                        asks itself, and stops
//! ```
//!
//! A router knows paths. A handler is an async function; what it takes is read from the request,
//! and what it returns becomes the response. `serve` accepts connections and makes a task of each.
//! All of it is one thread.
//!
//! What to see in the output of the demonstration:
//!
//! 1. A text, with its length and its type; the status line and the headers come from the server.
//! 2. A path that no route has: 404.
//! 3. The server is told to stop while a request is under way. It is answered, with `connection:
//!    close`, and then `serve` returns.
#![forbid(unsafe_code)]

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::CancellationToken;
use runtime::time::{Duration, sleep};
use server::Router;
use server::extract::Path;
use server::routing::get;
use std::net::SocketAddr;

async fn hello(Path(name): Path<String>) -> String {
    format!("Hello, {name}!\n")
}

async fn slow() -> &'static str {
    sleep(Duration::from_millis(300)).await;
    "It took a while.\n"
}

fn app() -> Router {
    Router::new()
        .route("/hello/{name}", get(hello))
        .route("/slow", get(slow))
}

#[runtime::main]
async fn main() -> std::io::Result<()> {
    let Some(address) = std::env::args().nth(1) else {
        return demonstrate().await;
    };
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let interrupted = async { drop(runtime::signal::ctrl_c().await) };
    server::serve(listener, app())
        .with_graceful_shutdown(interrupted)
        .await
}

async fn demonstrate() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let stop = CancellationToken::new();
    let signal = stop.clone().cancelled_owned();
    let server = runtime::spawn(async move {
        server::serve(listener, app())
            .with_graceful_shutdown(signal)
            .await
    });

    ask(address, "/hello/Ada").await?;
    ask(address, "/nowhere").await?;
    let last = runtime::spawn(ask(address, "/slow"));
    sleep(Duration::from_millis(100)).await;
    println!("the server is told to stop");
    stop.cancel();
    last.await??;
    server.await??;
    println!("the server has stopped");
    Ok(())
}

/// Sends one request, and prints what comes back.
async fn ask(server: SocketAddr, path: &str) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.shutdown().await?; // No other request will come, so the server closes after this one.
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("GET {path}");
    for line in answer.lines().filter(|line| !line.starts_with("date")) {
        println!("    {line}");
    }
    Ok(())
}
