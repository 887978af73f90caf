//! Serving a listener on real sockets: whose place a newcomer takes when the server is full.

mod support;

use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use http::{Request, Response, Version};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::task::JoinHandle;
use runtime::time::timeout;
use server::{Body, Config, serve};
use support::tcp::{ask, hello, is_closed, read_until};

/// A server for at most so many connections, and its address.
async fn start_small(most: usize) -> (SocketAddr, JoinHandle<io::Result<()>>) {
    start_with(most, Config::default()).await
}

async fn start_with(most: usize, config: Config) -> (SocketAddr, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let endless = serve(listener, hello).with_max_connections(most);
    let endless = endless.with_config(config);
    (addr, runtime::spawn(endless.into_future()))
}

/// A connection that has been served, long before an idle timeout of 60 s, and waits for its
/// next request.
async fn served(addr: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(addr).await.unwrap();
    ask(&mut stream, path).await;
    let answer = timeout(Duration::from_secs(20), read_until(&mut stream, path)).await;
    answer.expect("an answer");
    stream
}

#[runtime::test]
async fn a_newcomer_takes_the_place_of_the_one_that_has_been_idle_longest() {
    let (addr, server) = start_small(20).await;
    let mut inside = Vec::new();
    for _ in 0..20 {
        inside.push(served(addr, "/first").await);
    }
    // The second was idle longest, once the first has asked again.
    ask(&mut inside[0], "/again").await;
    read_until(&mut inside[0], "/again").await;
    for oldest in 1..4 {
        inside.push(served(addr, "/new").await);
        assert!(is_closed(&mut inside[oldest]).await, "{oldest}");
    }
    for open in [0, 4, 19, 20, 21, 22] {
        ask(&mut inside[open], "/still").await;
        read_until(&mut inside[open], "/still").await;
    }
    server.abort();
}

#[runtime::test]
async fn among_few_connections_the_silent_go_before_the_served() {
    let (addr, server) = start_small(3).await;
    let mut silent = TcpStream::connect(addr).await.unwrap();
    let mut idle = served(addr, "/idle").await;
    let mut other_silent = TcpStream::connect(addr).await.unwrap();
    let mut newcomers = vec![served(addr, "/one").await];
    assert!(is_closed(&mut silent).await, "the first that came");
    // A request under way: it is not idle.
    newcomers[0].write_all(b"GET /two HT").await.unwrap();
    newcomers.push(served(addr, "/three").await);
    assert!(is_closed(&mut other_silent).await);
    newcomers[1].write_all(b"GET /four HT").await.unwrap();
    newcomers.push(served(addr, "/five").await);
    assert!(is_closed(&mut idle).await, "there is no other");
    newcomers[0]
        .write_all(b"TP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    read_until(&mut newcomers[0], "/two").await;
    server.abort();
}

#[runtime::test]
async fn without_an_idle_connection_a_newcomer_waits_until_one_is_idle() {
    let (addr, server) = start_small(2).await;
    // Half a request comes with each whole one, so that there is always something to do.
    let with_half = b"Host: x\r\n\r\nGET /half HTTP/1.1\r\n";
    let mut inside = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(b"GET /half HTTP/1.1\r\n").await.unwrap();
        stream.write_all(with_half).await.unwrap();
        read_until(&mut stream, "/half").await;
        inside.push(stream);
    }
    let mut waiting = TcpStream::connect(addr).await.unwrap();
    ask(&mut waiting, "/three").await;
    for _ in 0..100 {
        // Each round goes by the driver, which would have accepted it.
        inside[0].write_all(with_half).await.unwrap();
        read_until(&mut inside[0], "/half").await;
        let early = waiting.try_read(&mut [0; 1]);
        assert_eq!(early.unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
    inside[0].write_all(b"Host: x\r\n\r\n").await.unwrap();
    read_until(&mut inside[0], "/half").await;
    assert!(is_closed(&mut inside[0]).await);
    read_until(&mut waiting, "/three").await;
    server.abort();
}

/// The connection of a refused peer stays open only so that the refusal arrives.
#[runtime::test]
async fn a_newcomer_takes_the_place_of_a_refused_peer_that_goes_on_sending() {
    const HOUR: Duration = Duration::from_secs(3_600);
    let config = Config {
        linger_timeout: HOUR,
        linger_time: HOUR,
        ..Config::default()
    };
    let (addr, server) = start_with(1, config).await;
    let mut refused = TcpStream::connect(addr).await.unwrap();
    refused.write_all(b"rubbish\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    refused.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer:?}");
    refused.write_all(b"more").await.unwrap();
    served(addr, "/new").await;
    server.abort();
}

/// How many of these are still served.
async fn still_served(clients: &mut [TcpStream]) -> usize {
    let mut count = 0;
    for client in clients {
        ask(client, "/still").await;
        let read = timeout(Duration::from_secs(20), client.read(&mut [0; 1024])).await;
        count += usize::from(matches!(read, Ok(Ok(1..))));
    }
    count
}

#[runtime::test]
async fn strangers_without_a_word_take_few_places_from_clients_that_were_served() {
    let (addr, server) = start_small(20).await;
    let mut inside = Vec::new();
    for _ in 0..20 {
        inside.push(served(addr, "/first").await);
    }
    let mut strangers = Vec::new();
    for _ in 0..60 {
        strangers.push(TcpStream::connect(addr).await.unwrap());
    }
    // When it is served, all of them have been accepted.
    inside.push(served(addr, "/last").await);
    let left = still_served(&mut inside).await;
    assert!(left >= 14, "{left} of 20 clients are left");
    server.abort();
}

/// A stream that fails at once.
struct Fails;

impl Stream for Fails {
    type Item = Result<Bytes, io::Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Err(io::Error::other("no more"))))
    }
}

/// The answer of its connection broke off. The reset waits only for what was sent to arrive.
#[runtime::test]
async fn a_newcomer_takes_the_place_of_a_connection_that_will_be_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let service = |request: Request<Body>| async move {
        match request.version() {
            Version::HTTP_10 => Response::new(Body::from_stream(Fails)),
            _ => hello(request).await,
        }
    };
    let endless = serve(listener, service)
        .with_max_connections(1)
        .with_config(Config {
            linger_timeout: Duration::from_secs(3_600),
            ..Config::default()
        });
    let server = runtime::spawn(endless.into_future());
    let mut broken = TcpStream::connect(addr).await.unwrap();
    broken.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    read_until(&mut broken, "\r\n\r\n").await;
    served(addr, "/new").await;
    let error = broken.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    server.abort();
}
