//! hyper on our sockets: a server and its clients, on one thread.
//!
//! ```text
//! cargo run --example hyper_client_and_server
//! ```
//!
//! hyper is the HTTP library that most of the Rust world stands on. It belongs to no runtime: what
//! it needs of one (bytes, time, tasks) it asks for by four traits, and
//! `examples/support/hyper_io.rs` answers them for Treadle in a hundred lines. What follows is
//! hyper as its own guides show it.
//!
//! What to see in the output:
//!
//! 1. One connection that is kept alive, and four requests on it. The body of the third goes
//!    through the server's hands; that of the fourth is larger than the server will hold, and it
//!    says so.
//! 2. A hundred connections at the same time. The server counts its requests in an `Rc<Cell>`: a
//!    plain number, without lock or atomic, because all of it is one thread.
//! 3. A client that connects and says nothing. hyper's own timeout shows it out, on our wheel.
//! 4. A server that is asked to stop while it works on an answer: it takes no new connection,
//!    finishes what it has begun, and then it is done.
#![forbid(unsafe_code)]

#[path = "support/accept.rs"]
mod accept;
#[path = "support/hyper_io.rs"]
mod hyper_io;

use accept::until_stopped;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::CONNECTION;
use hyper::rt::Executor;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_io::{Clock, Io, Tasks};
use runtime::io::AsyncReadExt;
use runtime::net::{TcpListener, TcpStream};
use runtime::sync::CancellationToken;
use runtime::task::JoinSet;
use runtime::time::{Duration, sleep};
use std::cell::Cell;
use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;

type Answer = Response<Full<Bytes>>;
type Client = SendRequest<Full<Bytes>>;
type Outcome<T> = Result<T, Box<dyn Error>>;

/// More than this of a request's body is not held in memory.
const MOST: usize = 16 * 1024;

#[runtime::main]
async fn main() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("serving on {address}");
    let server = Server::new(Duration::from_secs(30));
    let requests = server.requests.clone();
    let serving = runtime::spawn(server.serve(listener));

    kept_alive(address).await?;
    a_hundred_at_once(address).await?;
    silent().await?;
    stopped_at_work(address).await?;

    serving.await?;
    println!("the server has ended, after {} requests", requests.get());
    Ok(())
}

/// What every connection of a server knows.
#[derive(Clone)]
struct Server {
    /// How long a client may take for the head of a request.
    patience: Duration,
    stop: CancellationToken,
    requests: Rc<Cell<u32>>,
}

impl Server {
    fn new(patience: Duration) -> Server {
        let (stop, requests) = (CancellationToken::new(), Rc::default());
        Server {
            patience,
            stop,
            requests,
        }
    }

    async fn serve(self, listener: TcpListener) {
        let stop = self.stop.clone();
        until_stopped(listener, stop, move |stream| {
            self.clone().connection(stream)
        })
        .await;
    }

    /// One connection, until the client leaves, is shown out, or the server stops.
    async fn connection(self, stream: TcpStream) {
        let connection = http1::Builder::new()
            .timer(Clock)
            .header_read_timeout(self.patience)
            .serve_connection(Io(stream), service_fn(|request| self.answer(request)));
        let mut connection = pin!(connection);
        let ended = runtime::select! {
            ended = connection.as_mut() => ended,
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        match ended {
            Err(error) if error.is_timeout() => println!("  server: {error}"),
            Err(error) => eprintln!("connection: {error}"),
            Ok(()) => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Infallible> {
        self.requests.set(self.requests.get() + 1);
        Ok(match (request.method(), request.uri().path()) {
            (&Method::GET, "/") => say(StatusCode::OK, "hello from hyper"),
            (&Method::POST, "/shout") => shout(request.into_body()).await,
            (&Method::POST, "/stop") => {
                self.stop.cancel();
                sleep(Duration::from_millis(100)).await; // each connection has heard it by now
                say(StatusCode::OK, "what was begun is finished")
            }
            _ => say(StatusCode::NOT_FOUND, "no such page"),
        })
    }
}

async fn shout(body: Incoming) -> Answer {
    match Limited::new(body, MOST).collect().await {
        Ok(whole) => say(StatusCode::OK, whole.to_bytes().to_ascii_uppercase()),
        Err(_) => say(StatusCode::PAYLOAD_TOO_LARGE, "not so loud"),
    }
}

fn say(status: StatusCode, words: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(words.into()));
    *answer.status_mut() = status;
    answer
}

/// A client's side of a connection. A task of its own moves its bytes, until the client drops.
async fn connect(server: SocketAddr) -> Outcome<Client> {
    let stream = TcpStream::connect(server).await?;
    let (client, connection) = handshake(Io(stream)).await?;
    Tasks.execute(async move {
        if let Err(error) = connection.await {
            eprintln!("client: {error}");
        }
    });
    Ok(client)
}

async fn ask(client: &mut Client, request: Request<Full<Bytes>>) -> Outcome<Response<Bytes>> {
    client.ready().await?;
    let (head, body) = client.send_request(request).await?.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(Response::from_parts(head, body))
}

fn get(path: &str) -> Request<Full<Bytes>> {
    let request = Request::get(path).header("host", "treadle.test");
    request.body(Full::default()).expect("is a request")
}

fn post(path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::post(path).header("host", "treadle.test");
    request.body(Full::new(body.into())).expect("is a request")
}

async fn kept_alive(server: SocketAddr) -> Outcome<()> {
    println!("one connection, kept alive:");
    let mut client = connect(server).await?;
    let requests = [
        get("/"),
        get("/nowhere"),
        post("/shout", "warp and weft"),
        post("/shout", vec![b'a'; MOST + 1]),
    ];
    for request in requests {
        let what = format!("{} {}", request.method(), request.uri());
        let answer = ask(&mut client, request).await?;
        println!("  {what:13} {} {:?}", answer.status(), answer.body());
    }
    Ok(())
}

async fn a_hundred_at_once(server: SocketAddr) -> Outcome<()> {
    let mut clients = Vec::new();
    for _ in 0..100 {
        clients.push(connect(server).await?);
    }
    let mut answers = JoinSet::new();
    for mut client in clients {
        answers.spawn(async move {
            let answer = ask(&mut client, get("/")).await;
            answer.is_ok_and(|it| it.status() == StatusCode::OK)
        });
    }
    let right = answers.join_all().await.into_iter().filter(|it| *it);
    println!("a hundred connections at once: {} answers", right.count());
    Ok(())
}

/// A server of little patience, and a client that tries it.
async fn silent() -> Outcome<()> {
    println!("a client that says nothing:");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    let server = Server::new(Duration::from_millis(100));
    let stop = server.stop.clone();
    let serving = runtime::spawn(server.serve(listener));
    let heard = stream.read_to_end(&mut Vec::new()).await?;
    println!("  client: shown out, with {heard} bytes to take along");
    stop.cancel();
    Ok(serving.await?)
}

async fn stopped_at_work(server: SocketAddr) -> Outcome<()> {
    println!("asked to stop while it works on an answer:");
    let mut client = connect(server).await?;
    let answer = ask(&mut client, post("/stop", "")).await?;
    println!("  POST /stop    {} {:?}", answer.status(), answer.body());
    println!("  connection:   {:?}", answer.headers().get(CONNECTION));
    let late = TcpStream::connect(server).await;
    println!("  a new client: {:?}", late.err().map(|it| it.kind()));
    Ok(())
}
