//! Serving a listener: on real sockets, inside one runtime.

use std::cell::Cell;
use std::future::{IntoFuture, pending};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use http::{Request, Response};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpListener, TcpStream};
use runtime::task::{JoinHandle, yield_now};
use runtime::time::{sleep, timeout};
use server::h1::Endpoint;
use server::{Body, Config, serve};

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

/// A server that stops when the switch is thrown, its address, and its end.
async fn start<S, F>(
    service: S,
    stop: &Switch,
    deadline: u64,
) -> (SocketAddr, JoinHandle<io::Result<()>>)
where
    S: Fn(Request<Body>) -> F + 'static,
    F: Future<Output = Response<Body>> + 'static,
{
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

async fn hello(request: Request<Body>) -> Response<Body> {
    Response::new(Body::from(format!("hello {}", request.uri().path())))
}

async fn ask(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
}

async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 1024];
    while !text.ends_with(end) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert_ne!(count, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}

/// A server for at most so many connections, and its address.
async fn start_small(most: usize) -> (SocketAddr, JoinHandle<io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let endless = serve(listener, hello).with_max_connections(most);
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

/// Whether the server closes the connection, without another byte, while others go on.
async fn is_closed(stream: &mut TcpStream) -> bool {
    matches!(
        timeout(Duration::from_secs(20), stream.read(&mut [0])).await,
        Ok(Ok(0))
    )
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
async fn a_connection_that_has_sent_nothing_yet_goes_when_none_has_been_served() {
    let (addr, server) = start_small(3).await;
    let mut silent = TcpStream::connect(addr).await.unwrap();
    let mut idle = served(addr, "/idle").await;
    let mut other_silent = TcpStream::connect(addr).await.unwrap();
    let mut newcomers = vec![served(addr, "/one").await];
    assert!(
        is_closed(&mut idle).await,
        "it is the only one that was served"
    );
    // A request under way: it is not idle.
    newcomers[0].write_all(b"GET /two HT").await.unwrap();
    newcomers[0].flush().await.unwrap();
    newcomers.push(served(addr, "/three").await);
    assert!(is_closed(&mut silent).await, "the first that came");
    newcomers[1].write_all(b"GET /four HT").await.unwrap();
    newcomers.push(served(addr, "/five").await);
    assert!(is_closed(&mut other_silent).await);
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
    let service = {
        let may_answer = may_answer.clone();
        move |_: Request<Body>| {
            let may_answer = may_answer.clone();
            async {
                may_answer.thrown().await;
                Response::new(Body::from("done"))
            }
        }
    };
    let (addr, server) = start(service, &stop, 60_000).await;
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
