//! Where connections come from, and what their requests know of it.

#![cfg(unix)]

mod support;

use std::cell::Cell;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use runtime::net::{TcpListener, TcpStream, UnixListener, UnixStream, unix};
use runtime::sync::mpsc;
use server::extract::ConnectInfo;
use server::extract::connect_info::{Connected, MockConnectInfo};
use server::serve::{IncomingStream, Listener, ListenerExt};
use server::{Router, routing::get, serve};

const ASK: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// What comes back to a request for `/`.
async fn ask(mut stream: impl runtime::io::AsyncRead + runtime::io::AsyncWrite + Unpin) -> String {
    stream.write_all(ASK).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

async fn address(ConnectInfo(from): ConnectInfo<SocketAddr>) -> String {
    from.to_string()
}

/// Connections in memory.
struct Queue(mpsc::Receiver<DuplexStream>);

impl Listener for Queue {
    type Io = DuplexStream;
    type Addr = &'static str;

    async fn accept(&mut self) -> (DuplexStream, &'static str) {
        match self.0.recv().await {
            Some(stream) => (stream, "memory"),
            None => pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<&'static str> {
        Ok("here")
    }
}

#[derive(Clone)]
struct From(&'static str);

impl Connected<IncomingStream<'_, Queue>> for From {
    fn connect_info(stream: IncomingStream<'_, Queue>) -> Self {
        From(stream.remote_addr())
    }
}

#[runtime::test(start_paused = true)]
async fn a_listener_of_ones_own_is_served_and_names_its_peers() {
    let (sender, receiver) = mpsc::channel(1);
    let app = Router::new().route(
        "/",
        get(|ConnectInfo(From(from)): ConnectInfo<From>| async move { from }),
    );
    let server = serve(
        Queue(receiver),
        app.into_make_service_with_connect_info::<From>(),
    );
    assert_eq!(server.local_addr().unwrap(), "here");
    drop(runtime::spawn(async move { server.await }));
    for _ in 0..2 {
        let (near, far) = duplex(1024);
        sender.send(far).await.unwrap();
        let answer = ask(near).await;
        assert!(answer.ends_with("\r\n\r\nmemory"), "{answer}");
    }
}

#[runtime::test]
async fn a_handler_learns_the_address_of_its_client_and_a_tap_sees_each_socket() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let seen = Rc::new(Cell::new(0));
    let counter = seen.clone();
    let listener = listener.tap_io(move |stream: &mut TcpStream| {
        assert!(stream.peer_addr().is_ok());
        counter.set(counter.get() + 1);
    });
    let app = Router::new().route("/", get(address));
    let server = serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    );
    drop(runtime::spawn(async move { server.await }));
    let client = TcpStream::connect(addr).await.unwrap();
    let own = client.local_addr().unwrap().to_string();
    let answer = ask(client).await;
    assert!(answer.ends_with(&own), "{answer}");
    assert_eq!(seen.get(), 1);
}

#[derive(Clone)]
struct Peer(Arc<unix::SocketAddr>);

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        assert!(stream.io().peer_addr().is_ok());
        Peer(Connected::connect_info(stream))
    }
}

#[runtime::test]
async fn a_unix_socket_is_served() {
    let path = std::env::temp_dir().join(format!("treadle-serve-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let app =
        Router::new().route(
            "/",
            get(|ConnectInfo(Peer(peer)): ConnectInfo<Peer>| async move {
                peer.is_unnamed().to_string()
            }),
        );
    let server = serve(listener, app.into_make_service_with_connect_info::<Peer>());
    drop(runtime::spawn(async move { server.await }));
    let answer = ask(UnixStream::connect(&path).await.unwrap()).await;
    std::fs::remove_file(&path).unwrap();
    assert!(answer.ends_with("\r\n\r\ntrue"), "{answer}");
}

#[runtime::test(start_paused = true)]
async fn without_a_connections_address_there_is_a_refusal_or_what_a_test_says() {
    let plain = Router::new().route("/", get(address));
    let mocked = plain
        .clone()
        .layer(MockConnectInfo(SocketAddr::from(([1, 2, 3, 4], 5))));
    let refused = support::connect(plain).get("/").await;
    assert_eq!(refused.status, 500);
    assert!(
        refused.text().contains("ConnectInfo<"),
        "{}",
        refused.text()
    );
    assert_eq!(support::connect(mocked).get("/").await.text(), "1.2.3.4:5");
}
