//! Sockets and pipes of a system that answers oddly: everything arrives, in order and once; nothing hangs, nothing is
//! left behind.

#![cfg(all(feature = "sim", unix))]

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;
#[path = "support/odd.rs"]
mod odd;

use std::future::Future;
use std::io::{ErrorKind, IoSlice};
use std::rc::Rc;

use futures_io::{AsyncRead, AsyncWrite};
use machine::Ledger;
use net::{ANY, pattern};
use odd::{assert_met, made, odd, with_seeds};
use runtime::io::{AsyncReadExt, AsyncWriteExt, copy};
use runtime::net::unix::pipe::pipe;
use runtime::net::{
    TcpListener, TcpSocket, TcpStream, UdpSocket, UnixDatagram, UnixListener, UnixStream,
};
use runtime::runtime::OddAnswers;
use runtime::spawn;

/// One answer in ten is odd.
const PART: f64 = 0.1;

/// Several times what a pipe takes.
const BYTES: usize = 500_000;

/// What every transfer of bytes meets.
const OF_BYTES: [&str; 7] = [
    "would_block",
    "interrupted",
    "short",
    "no_descriptor",
    "waits_interrupted",
    "late",
    "untrue",
];

/// Runs `program` to its end on an odd system; afterwards the machine must hold nothing.
fn run(seed: u64, program: impl Future<Output = ()>) -> OddAnswers {
    let runtime = odd(seed, PART);
    runtime.block_on(program);
    Ledger::of(&runtime).assert_empty();
    runtime.odd_answers()
}

/// Writes the pattern, in pieces of all sizes, some of them out of several buffers, and ends the direction.
async fn write_pattern(mut to: impl AsyncWrite + Unpin) {
    let bytes = pattern(0, BYTES);
    let (mut at, mut size) = (0, 1);
    while at < BYTES {
        let piece = &bytes[at..BYTES.min(at + size)];
        let (one, other) = piece.split_at(piece.len() / 2);
        let parts = [IoSlice::new(&[]), IoSlice::new(one), IoSlice::new(other)];
        at += match size % 3 {
            0 => to.write_vectored(&parts).await.unwrap(),
            _ => to.write(piece).await.unwrap(),
        };
        size = size * 7 % 100_003 + 1;
    }
    to.shutdown().await.unwrap();
}

/// Reads the pattern up to its end.
async fn read_pattern(mut from: impl AsyncRead + Unpin) {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes.len(), BYTES);
    assert!(bytes == pattern(0, BYTES), "bytes out of order");
}

/// The pattern goes to `far`, comes back from there, and is whole.
async fn echo(
    near: (impl AsyncRead + Unpin, impl AsyncWrite + Unpin + 'static),
    far: (
        impl AsyncRead + Unpin + 'static,
        impl AsyncWrite + Unpin + 'static,
    ),
) {
    let (mut from, mut to) = far;
    let echoes = spawn(async move {
        copy(&mut from, &mut to).await.unwrap();
        to.shutdown().await.unwrap();
    });
    let writes = spawn(write_pattern(near.1));
    read_pattern(near.0).await;
    writes.await.unwrap();
    echoes.await.unwrap();
}

/// Has thirty seeds transfer bytes; returns how many answers were odd, by their kinds.
fn transferred(transfer: impl AsyncFn() + Send + 'static) -> Vec<(&'static str, u64)> {
    with_seeds(30, move |seed| run(seed, transfer()))
}

#[test]
fn bytes_over_tcp_arrive_in_order_and_once() {
    let answers = transferred(async || {
        let listener = made(async || TcpListener::bind(ANY).await).await;
        let addr = listener.local_addr().unwrap();
        let near = made(async || TcpStream::connect(addr).await).await;
        let far = accepted(async || listener.accept().await).await;
        echo(near.into_split(), far.into_split()).await;
    });
    assert_met(&answers, &OF_BYTES);
}

#[test]
fn bytes_over_unix_streams_arrive_in_order_and_once() {
    let answers = transferred(async || {
        let (near, far) = made(async || UnixStream::pair()).await;
        echo(near.into_split(), far.into_split()).await;
    });
    assert_met(&answers, &OF_BYTES);
}

#[test]
fn bytes_through_pipes_arrive_in_order_and_once() {
    let answers = transferred(async || {
        let (to_far, at_far) = made(async || pipe()).await;
        let (to_near, at_near) = made(async || pipe()).await;
        echo((at_near, to_far), (at_far, to_near)).await;
    });
    let of_pipes: Vec<_> = OF_BYTES
        .into_iter()
        .filter(|&kind| kind != "short")
        .collect();
    assert_met(&answers, &of_pipes);
    let short = answers.iter().find(|(kind, _)| *kind == "short");
    assert_eq!(short, Some(&("short", 0)), "a line is whole or not there");
}

/// Takes a connection, as soon as the system gives one.
async fn accepted<S, A>(accept: impl AsyncFn() -> std::io::Result<(S, A)>) -> S {
    loop {
        match accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => assert!(is_passing(&error), "{error}"),
        }
    }
}

/// What a server goes on after.
fn is_passing(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::ConnectionAborted || error.raw_os_error() == Some(odd::EMFILE)
}

/// A server answers each connection with the number that it is sent, and goes on whatever accepting says.
async fn serve<S, A>(accept: impl AsyncFn() -> std::io::Result<(S, A)>, connections: u64)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let mut served = Vec::new();
    for _ in 0..connections {
        let mut stream = accepted(&accept).await;
        served.push(spawn(async move {
            let number = stream.read_u64().await.unwrap();
            stream.write_u64(number).await.unwrap();
        }));
    }
    for connection in served {
        connection.await.unwrap();
    }
}

async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, number: u64) {
    stream.write_u64(number).await.unwrap();
    assert_eq!(stream.read_u64().await.unwrap(), number);
}

#[test]
fn a_server_goes_on_whatever_accepting_says() {
    let answers = with_seeds(100, |seed| {
        run(seed, async {
            let listener = made(async || TcpListener::bind(ANY).await).await;
            let addr = listener.local_addr().unwrap();
            let server = spawn(async move { serve(async || listener.accept().await, 20).await });
            for number in 0..20 {
                ask(made(async || TcpStream::connect(addr).await).await, number).await;
            }
            server.await.unwrap();
        })
    });
    assert_met(&answers, &["aborted", "no_descriptor"]);
}

#[test]
fn a_server_on_a_unix_socket_goes_on_whatever_accepting_says() {
    let dir = tempfile::tempdir().unwrap();
    let answers = with_seeds(100, move |seed| {
        let path = dir.path().join(seed.to_string());
        run(seed, async {
            let listener = made(async || UnixListener::bind(&path)).await;
            let server = spawn(async move { serve(async || listener.accept().await, 20).await });
            for number in 0..20 {
                ask(
                    made(async || UnixStream::connect(&path).await).await,
                    number,
                )
                .await;
            }
            server.await.unwrap();
        })
    });
    assert_met(&answers, &["aborted", "no_descriptor"]);
}

/// What every datagram meets.
const OF_DATAGRAMS: [&str; 5] = [
    "would_block",
    "interrupted",
    "waits_interrupted",
    "late",
    "untrue",
];

#[test]
fn datagrams_arrive_whole_and_in_order() {
    let answers = with_seeds(100, |seed| {
        run(seed, async {
            let near = made(async || UdpSocket::bind(ANY).await).await;
            let far = made(async || UdpSocket::bind(ANY).await).await;
            near.connect(far.local_addr().unwrap()).await.unwrap();
            let mut buffer = [0; 2_000];
            for len in 1..100 {
                assert_eq!(near.send(&pattern(len, len)).await.unwrap(), len);
                assert_eq!(far.peek(&mut buffer).await.unwrap(), len);
                let (received, from) = far.recv_from(&mut buffer).await.unwrap();
                assert_eq!(buffer[..received], pattern(len, len));
                far.send_to(&buffer[..received], from).await.unwrap();
                let returned = near.recv(&mut buffer).await.unwrap();
                assert_eq!(buffer[..returned], pattern(len, len));
            }
        })
    });
    assert_met(&answers, &OF_DATAGRAMS);
}

#[test]
fn datagrams_between_processes_arrive_whole_and_in_order() {
    let answers = with_seeds(100, |seed| {
        run(seed, async {
            let (near, far) = made(async || UnixDatagram::pair()).await;
            let sends = spawn(async move {
                for len in 1..200 {
                    assert_eq!(near.send(&pattern(len, len)).await.unwrap(), len);
                }
            });
            let mut buffer = [0; 2_000];
            for len in 1..200 {
                let received = far.recv(&mut buffer).await.unwrap();
                assert_eq!(buffer[..received], pattern(len, len));
            }
            sends.await.unwrap();
        })
    });
    assert_met(&answers, &OF_DATAGRAMS);
}

/// Many wait for one socket: each byte goes to one of them, and none sleeps through its own.
#[test]
fn who_waits_by_hand_is_woken_too() {
    let answers = with_seeds(100, |seed| {
        run(seed, async {
            let (near, far) = made(async || UnixStream::pair()).await;
            let far = Rc::new(far);
            let readers: Vec<_> = (0..4)
                .map(|_| {
                    let far = Rc::clone(&far);
                    spawn(async move { read_by_hand(&far).await })
                })
                .collect();
            for _ in 0..200 {
                near.writable().await.unwrap();
                while let Err(error) = near.try_write(&[7]) {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    near.writable().await.unwrap();
                }
            }
            drop(near);
            let mut read = 0;
            for reader in readers {
                read += reader.await.unwrap();
            }
            assert_eq!(read, 200);
        })
    });
    assert_met(&answers, &OF_DATAGRAMS);
}

/// Reads up to the end; returns how many bytes it got.
async fn read_by_hand(stream: &UnixStream) -> usize {
    let mut got = 0;
    loop {
        stream.readable().await.unwrap();
        match stream.try_read(&mut [0; 3]) {
            Ok(0) => return got,
            Ok(count) => got += count,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
}

/// The client's request for a connection waits until the server's queue has room, for a second or more. Meanwhile the
/// system says that the socket is writable. (Nothing is sent: Linux answers with a reset if the queue is full again then.)
#[test]
fn a_socket_that_is_said_to_be_writable_too_early_is_not_taken_for_connected() {
    let answers = with_seeds(4, |seed| {
        let runtime = odd(seed, 0.5);
        runtime.block_on(async {
            let full = made(async || full_listener()).await;
            let addr = full.local_addr().unwrap();
            let waiting: Vec<_> = (0..6)
                .map(|_| {
                    spawn(async move {
                        let stream = made(async || TcpStream::connect(addr).await).await;
                        assert_eq!(stream.peer_addr().unwrap(), addr);
                        stream
                    })
                })
                .collect();
            let server = spawn(async move {
                let mut kept = Vec::new();
                loop {
                    kept.push(accepted(async || full.accept().await).await);
                }
            });
            for stream in waiting {
                stream.await.unwrap();
            }
            server.abort();
        });
        runtime.odd_answers()
    });
    assert_met(&answers, &["untrue"]);
}

/// A listener whose queue has room for one connection.
fn full_listener() -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(ANY.parse().unwrap())?;
    socket.listen(0)
}
