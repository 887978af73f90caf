//! Random readers and writers at both ends of a connection.
//!
//! What could go wrong is a readiness that is cleared although there was more: then a task
//! waits for ever. It takes an unlucky order of reads, writes, events and dropped futures. So
//! these programs try many: each end reads and writes at once, in pieces of all sizes, through
//! every way that a stream has, and gives up now and then. The bytes must arrive as they were
//! sent, and every task must come to an end.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::pin::Pin;

use futures_io::{AsyncRead, AsyncWrite};
use machine::{drop_after, drop_when_woken, run};
use net::{ANY, pattern};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use runtime::net::{TcpSocket, TcpStream};
use runtime::spawn;
use runtime::task::yield_now;

/// A way to move bytes. The number is how many bytes are offered.
#[derive(Clone, Copy, Debug)]
enum Op {
    /// `read`, `write`.
    Plain(usize),
    /// With several buffers.
    Vectored(usize),
    /// `try_read`, `try_write`, whether or not it is ready.
    Try(usize),
    /// The same, after waiting for readiness.
    Ready(usize),
    /// A `read` or `write` that is dropped after so many polls.
    GiveUp(usize, usize),
    /// A wait for readiness that is dropped when it has come.
    Forget,
    /// A look at what has come; nothing for writers.
    Peek(usize),
    Yield,
}

fn op() -> impl Strategy<Value = Op> {
    let size = prop_oneof![1..10_usize, 10..3000_usize, 3000..40_000_usize];
    (0..9_u8, size, 0..3_usize).prop_map(|(way, size, polls)| match way {
        0 | 1 => Op::Plain(size),
        2 => Op::Vectored(size),
        3 => Op::Try(size),
        4 => Op::Ready(size),
        5 => Op::GiveUp(size, polls),
        6 => Op::Forget,
        7 => Op::Peek(size),
        _ => Op::Yield,
    })
}

/// "Would block" moves no bytes; a read that finds nothing is not an end.
fn tried(result: io::Result<usize>) -> Option<usize> {
    match result {
        Ok(count) => Some(count),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

/// One move; how many bytes were written, if the writer came to its end.
async fn write_once(half: &mut OwnedWriteHalf, op: Op, at: usize, left: usize) -> Option<usize> {
    let data = |size: usize| pattern(at, size.min(left));
    match op {
        Op::Plain(size) => half.write(&data(size)).await.ok(),
        Op::Vectored(size) => {
            let data = data(size);
            let slices: Vec<_> = data.chunks(size.div_ceil(5)).map(IoSlice::new).collect();
            poll_fn(|cx| Pin::new(&mut *half).poll_write_vectored(cx, &slices))
                .await
                .ok()
        }
        Op::Try(size) => tried(half.try_write(&data(size))),
        Op::Ready(size) => {
            half.writable().await.unwrap();
            tried(half.try_write(&data(size)))
        }
        Op::GiveUp(size, polls) => {
            let written = drop_after(polls, half.write(&data(size))).await;
            written.map(Result::unwrap)
        }
        Op::Forget => {
            drop_when_woken(half.writable()).await;
            None
        }
        Op::Peek(_) | Op::Yield => {
            yield_now().await;
            None
        }
    }
}

async fn write(mut half: OwnedWriteHalf, ops: Vec<Op>, total: usize) {
    let mut at = 0;
    for op in ops.into_iter().cycle() {
        if at == total {
            break;
        }
        at += write_once(&mut half, op, at, total - at).await.unwrap_or(0);
    }
    half.shutdown().await.unwrap();
}

/// One move; what was read, which is nothing at the end.
async fn read_once(half: &mut OwnedReadHalf, op: Op) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 40_000];
    let count = match op {
        Op::Plain(size) => Some(half.read(&mut buffer[..size]).await.unwrap()),
        Op::Vectored(size) => {
            let chunks = buffer[..size].chunks_mut(size.div_ceil(5));
            let mut slices: Vec<_> = chunks.map(IoSliceMut::new).collect();
            let read = poll_fn(|cx| Pin::new(&mut *half).poll_read_vectored(cx, &mut slices));
            Some(read.await.unwrap())
        }
        Op::Try(size) => tried(half.try_read(&mut buffer[..size])),
        Op::Ready(size) => {
            half.readable().await.unwrap();
            tried(half.try_read(&mut buffer[..size]))
        }
        Op::GiveUp(size, polls) => {
            let read = drop_after(polls, half.read(&mut buffer[..size])).await;
            read.map(Result::unwrap)
        }
        Op::Forget => {
            drop_when_woken(half.readable()).await;
            None
        }
        Op::Peek(size) => {
            half.peek(&mut buffer[..size]).await.unwrap();
            None
        }
        Op::Yield => {
            yield_now().await;
            None
        }
    };
    count.map(|count| buffer[..count].to_vec())
}

async fn read(mut half: OwnedReadHalf, ops: Vec<Op>) -> Vec<u8> {
    let mut all = Vec::new();
    for op in ops.into_iter().cycle() {
        match read_once(&mut half, op).await {
            Some(bytes) if bytes.is_empty() => break,
            Some(bytes) => all.extend_from_slice(&bytes),
            // Trying without end would keep the clock of the test's own limit busy.
            None => yield_now().await,
        }
    }
    all
}

/// A connection that holds little, so that both ends must often wait for each other.
async fn narrow_pair() -> (TcpStream, TcpStream) {
    let narrow = || {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_send_buffer_size(8 * 1024).unwrap();
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket
    };
    let socket = narrow();
    socket.bind(ANY.parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let near = narrow().connect(listener.local_addr().unwrap()).await;
    (near.unwrap(), listener.accept().await.unwrap().0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn whatever_the_ends_do_the_bytes_arrive_and_everybody_ends(
        (near_writes, near_reads, far_writes, far_reads) in
            (vec(op(), 1..30), vec(op(), 1..30), vec(op(), 1..30), vec(op(), 1..30)),
        (forth, back) in (0..300_000_usize, 0..300_000_usize),
    ) {
        // Something must move bytes at the end of each list, or there is no end.
        let with_end = |mut ops: Vec<Op>| {
            ops.push(Op::Plain(2000));
            ops
        };
        run(async {
            let (near, far) = narrow_pair().await;
            let ((near_read, near_write), (far_read, far_write)) =
                (near.into_split(), far.into_split());
            let writers = [
                spawn(write(near_write, with_end(near_writes), forth)),
                spawn(write(far_write, with_end(far_writes), back)),
            ];
            let readers = [
                spawn(read(far_read, with_end(far_reads))),
                spawn(read(near_read, with_end(near_reads))),
            ];
            for writer in writers {
                writer.await.unwrap();
            }
            for (reader, total) in readers.into_iter().zip([forth, back]) {
                let all = reader.await.unwrap();
                assert!(all == pattern(0, total), "{} of {total} bytes", all.len());
            }
        });
    }
}
