//! Serving a listener on real sockets, inside one runtime, until it is told to stop.

mod support;

use std::cell::Cell;
use std::future::{IntoFuture, pending};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::task::{JoinHandle, yield_now};
use runtime::time::sleep;
use server::h1::Endpoint;
use server::{Body, Config, Service, serve};
use support::tcp::{ask, hello, read_until};

/// A switch that one task throws and another waits for.
#[derive(Clone, Default)]
struct Switch(Rc<Cell<bool>>);

impl Switch {
    fn throw(&self) {
        self.0.set(true);
    }

    async fn thrown(self) {
        while !self.0.get() {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

/// A service that answers when the switch is thrown.
fn held_back(may_answer: &Switch) -> impl Fn(Request<Body>) -> LateAnswer + 'static {
    let may_answer = may_answer.clone();
    move |_| {
        let may_answer = may_answer.clone();
        Box::pin(async {
            may_answer.thrown().await;
            Response::new(Body::from("done"))
        })
    }
}

type LateAnswer = Pin<Box<dyn Future<Output = Response<Body>>>>;

/// A server that stops when the switch is thrown, its address, and its end.
async fn start(
    service: impl Service,
    stop: &Switch,
    deadline: u64,
) -> (SocketAddr, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let serving = serve(listener, service)
        .with_config(Config {
            idle_timeout: Duration::from_secs(5),
            ..Config::default()
        })
        .with_graceful_shutdown(stop.clone().thrown())
        .with_deadline(Duration::from_millis(deadline));
    (addr, runtime::spawn(async move { serving.await }))
}

#[runtime::test]
async fn connections_are_served_side_by_side() {
    let stop = Switch::default();
    let (addr, server) = start(hello, &stop, 5_000).await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(TcpStream::connect(addr).await.unwrap());
    }
    for round in ["/a", "/b"] {
        for stream in &mut streams {
            ask(stream, round).await;
        }
        for stream in &mut streams {
            read_until(stream, &format!("hello {round}")).await;
        }
    }
    stop.throw();
    server.await.unwrap().unwrap();
    for stream in &mut streams {
        assert_eq!(
            stream.read(&mut [0]).await.unwrap(),
            0,
            "the idle are closed"
        );
    }
}

#[runtime::test]
async fn once_told_to_stop_it_refuses_the_new_and_finishes_the_old() {
    let stop = Switch::default();
    let may_answer = Switch::default();
    let (addr, server) = start(held_back(&may_answer), &stop, 60_000).await;
    let mut busy = TcpStream::connect(addr).await.unwrap();
    ask(&mut busy, "/").await;
    // The request is there when a second one is accepted after it.
    drop(TcpStream::connect(addr).await.unwrap());
    sleep(Duration::from_millis(20)).await;
    stop.throw();
    while TcpStream::connect(addr).await.is_ok() {
        yield_now().await;
    }
    assert!(!server.is_finished());
    may_answer.throw();
    assert!(
        read_until(&mut busy, "done")
            .await
            .contains("connection: close")
    );
    server.await.unwrap().unwrap();
}

#[runtime::test]
async fn patience_has_an_end() {
    let stop = Switch::default();
    let (addr, server) = start(|_: Request<Body>| pending(), &stop, 50).await;
    let mut stuck = TcpStream::connect(addr).await.unwrap();
    ask(&mut stuck, "/").await;
    sleep(Duration::from_millis(20)).await;
    stop.throw();
    server.await.unwrap().unwrap();
    assert!(
        !matches!(stuck.read(&mut [0]).await, Ok(1..)),
        "it was cut off"
    );
}

#[runtime::test]
async fn a_handler_is_dropped_when_its_client_resets_the_connection() {
    struct Dropped(Switch);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.throw();
        }
    }
    let stop = Switch::default();
    let (begun, dropped) = (Switch::default(), Switch::default());
    let service = {
        let (begun, dropped) = (begun.clone(), dropped.clone());
        move |_: Request<Body>| {
            begun.throw();
            let guard = Dropped(dropped.clone());
            async move {
                pending::<()>().await;
                drop(guard);
                Response::new(Body::empty())
            }
        }
    };
    let (addr, _server) = start(service, &stop, 5_000).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    ask(&mut stream, "/").await;
    begun.thrown().await;
    stream.set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
    dropped.thrown().await;
}

#[runtime::test]
async fn an_early_answer_reaches_a_client_that_is_still_sending() {
    let stop = Switch::default();
    let (addr, _server) = start(hello, &stop, 5_000).await;
    let mut stream = TcpStream::connect(addr).await.unwrap();
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'x'; 20_000_000]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer:?}");
}

#[runtime::test]
async fn a_connection_owns_little_while_it_waits() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let size = size_of_val(&Endpoint::new(hello).connection(stream));
    assert!(
        size <= 192,
        "{size} bytes: what is not needed while waiting belongs to `Work`"
    );
}

/// When this returns, all tasks whose sockets were ready before have been polled.
async fn pass_the_driver() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut near = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    for _ in 0..3 {
        near.write_all(b"x").await.unwrap();
        far.read_exact(&mut [0]).await.unwrap();
        yield_now().await;
    }
}

/// It has been accepted, and no place has become free for it.
#[runtime::test]
async fn a_newcomer_that_waits_for_a_place_is_answered_when_the_server_stops() {
    let stop = Switch::default();
    let may_answer = Switch::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let serving = serve(listener, held_back(&may_answer))
        .with_max_connections(1)
        .with_graceful_shutdown(stop.clone().thrown());
    let server = runtime::spawn(serving.into_future());
    let mut busy = TcpStream::connect(addr).await.unwrap();
    ask(&mut busy, "/").await;
    let mut waiting = TcpStream::connect(addr).await.unwrap();
    ask(&mut waiting, "/").await;
    pass_the_driver().await;
    stop.throw();
    may_answer.throw();
    for stream in [&mut busy, &mut waiting] {
        let answer = read_until(stream, "done").await;
        assert!(answer.contains("connection: close"), "{answer:?}");
    }
    server.await.unwrap().unwrap();
}
