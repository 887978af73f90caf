//! A task that waits for a socket, a pipe or a signal is seen to wait at the program's own line.
#![forbid(unsafe_code)]
#![cfg(all(unix, feature = "trace"))]

#[path = "support/machine.rs"]
mod machine;

use std::future::Future;

use machine::{live, poll_here};
use runtime::io::Interest;
use runtime::net::{TcpListener, TcpStream, UdpSocket, UnixDatagram, UnixStream, unix::pipe::pipe};
use runtime::signal::unix::{SignalKind, signal};
use runtime::trace::{Event, Wait};

/// Polls once, which must be a wait.
async fn waits<F: Future>(future: F) {
    assert!(poll_here(&mut Box::pin(future)).await.is_pending());
}

#[test]
fn every_wait_is_at_the_line_that_made_it() {
    let runtime = live();
    let (first, last) = runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let stream = TcpStream::connect(addr).await.unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (near, _far) = UnixStream::pair().unwrap();
        let (datagrams, _other) = UnixDatagram::pair().unwrap();
        let (_sender, receiver) = pipe().unwrap();
        let mut signals = signal(SignalKind::user_defined1()).unwrap();
        listener.accept().await.unwrap();
        let mut b = [0; 8];
        drop(runtime.trace().take());
        let first = line!() + 1;
        waits(listener.accept()).await;
        waits(stream.readable()).await;
        waits(stream.peek(&mut b)).await;
        waits(stream.ready(Interest::READABLE)).await;
        waits(udp.recv(&mut b)).await;
        waits(udp.recv_from(&mut b)).await;
        waits(udp.peek_sender()).await;
        waits(near.readable()).await;
        waits(datagrams.recv(&mut b)).await;
        waits(datagrams.readable()).await;
        waits(receiver.readable()).await;
        waits(signals.recv()).await;
        (first, line!() - 1)
    });
    let records = runtime.trace().take();
    let lines: Vec<u32> = records
        .iter()
        .filter_map(|record| match record.event {
            Event::Waiting {
                on: Wait::Source(..),
                at,
            } => at,
            _ => None,
        })
        .filter(|at| at.file.ends_with("net_waits.rs"))
        .map(|at| at.line)
        .collect();
    assert_eq!(lines, Vec::from_iter(first..=last));
}
