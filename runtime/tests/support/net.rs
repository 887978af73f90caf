//! Connected streams, and addresses that refuse.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::net::SocketAddr;
use std::task::Poll;

use futures_io::{AsyncRead, AsyncWrite};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::{TcpListener, TcpSocket, TcpStream};
use runtime::spawn;
use runtime::task::yield_now;

use crate::machine::{drop_when_woken, poll_here};

/// A connection of whatever kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Stream for S {}

/// Any free port of this machine.
pub(crate) const ANY: &str = "127.0.0.1:0";

pub(crate) async fn listener() -> TcpListener {
    TcpListener::bind(ANY).await.expect("a free port")
}

/// The two ends of a connection.
pub(crate) async fn pair() -> (TcpStream, TcpStream) {
    let listener = listener().await;
    let addr = listener.local_addr().expect("an address");
    let near = TcpStream::connect(addr).await.expect("to connect");
    let (far, peer) = listener.accept().await.expect("to accept");
    assert_eq!(peer, near.local_addr().expect("an address"));
    (near, far)
}

/// An address that refuses connections for as long as the socket lives: it is bound, so
/// no other socket gets the port, and does not listen.
pub(crate) fn refusing() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(ANY.parse().expect("an address"))
        .expect("a free port");
    let addr = socket.local_addr().expect("an address");
    (socket, addr)
}

/// Bytes that tell their place.
pub(crate) fn pattern(from: usize, len: usize) -> Vec<u8> {
    (from..from + len).map(|at| (at % 251) as u8).collect()
}

/// Writes the pattern until there is no room left. Returns how many bytes that were.
pub(crate) async fn fill(stream: &TcpStream) -> usize {
    let mut total = 0;
    loop {
        let mut room = Box::pin(stream.ready(Interest::WRITABLE));
        if poll_here(&mut room).await.is_pending() {
            return total;
        }
        if let Ok(count) = stream.try_write(&pattern(total, 64 * 1024)) {
            total += count;
        }
    }
}

/// Reads exactly `total` bytes, which must be the pattern from its beginning.
pub(crate) async fn drain(stream: &mut TcpStream, total: usize) {
    let mut at = 0;
    let mut buffer = vec![0; 64 * 1024];
    while at < total {
        let most = buffer.len().min(total - at);
        let count = stream.read(&mut buffer[..most]).await.expect("to read");
        assert!(count > 0, "the stream ended after {at} of {total} bytes");
        assert!(
            buffer[..count] == pattern(at, count),
            "wrong bytes after {at}"
        );
        at += count;
    }
}

/// A byte one way and back: the connection works.
pub(crate) async fn works<S: Stream>(near: &mut S, far: &mut S) {
    for _ in 0..2 {
        near.write_all(b"?").await.expect("to write");
        let mut byte = [0];
        far.read_exact(&mut byte).await.expect("to read");
        far.write_all(b"!").await.expect("to write");
        near.read_exact(&mut byte).await.expect("to read");
        assert_eq!(&byte, b"!");
    }
}

/// Gives up one read after another, each when it has been woken: the next read has the byte.
pub(crate) async fn give_up_reads_when_woken<S: Stream>(near: &mut S, mut far: S) -> S {
    for round in 0..20_u8 {
        let writer = spawn(async move {
            yield_now().await;
            far.write_all(&[round]).await.unwrap();
            far
        });
        drop_when_woken(near.read(&mut [0; 8])).await;
        far = writer.await.unwrap();
        let mut buffer = [0; 8];
        assert_eq!(near.read(&mut buffer).await.unwrap(), 1);
        assert_eq!(buffer[0], round);
    }
    far
}

/// Whether a future is at its end now.
pub(crate) async fn is_ready<T>(future: impl Future<Output = T>) -> bool {
    let mut future = Box::pin(future);
    matches!(poll_here(&mut future).await, Poll::Ready(_))
}
