//! One stream in two hands: who is woken, who may wait, and putting it together again.

#[path = "support/scripted.rs"]
mod scripted;

use std::cell::RefCell;
use std::io;
use std::marker::PhantomPinned;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use futures_lite::future::{block_on, zip};
use runtime::io::{AsyncReadExt, AsyncWriteExt, WriteHalf, duplex, split};
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::Builder;
use runtime::spawn;
use scripted::{Counter, poll_for};

#[test]
fn the_two_halves_may_wait_at_once_and_each_is_woken_for_its_own() {
    let (stream, mut peer) = duplex(1);
    let (mut reader, mut writer) = split(stream);
    block_on(writer.write_all(b"x")).unwrap();

    let (reads, wake_reader) = Counter::new();
    let (writes, wake_writer) = Counter::new();
    assert!(poll_for(&wake_reader, &mut reader.read(&mut [0; 1])).is_pending());
    assert!(poll_for(&wake_writer, &mut writer.write(b"y")).is_pending());

    block_on(peer.read(&mut [0; 1])).unwrap();
    assert_eq!((reads.wakes(), writes.wakes()), (0, 1));
    block_on(peer.write_all(b"z")).unwrap();
    assert_eq!((reads.wakes(), writes.wakes()), (1, 1));
}

#[test]
fn the_halves_talk_in_both_directions_at_once() {
    let (left, right) = duplex(3);
    let (mut left_reader, mut left_writer) = split(left);
    let (mut right_reader, mut right_writer) = split(right);
    let there = async {
        left_writer.write_all(b"a long question").await.unwrap();
        left_writer.shutdown().await.unwrap();
    };
    let echo = async {
        runtime::io::copy(&mut right_reader, &mut right_writer)
            .await
            .unwrap();
        right_writer.shutdown().await.unwrap();
    };
    let mut heard = String::new();
    block_on(zip(
        zip(there, echo),
        left_reader.read_to_string(&mut heard),
    ))
    .1
    .unwrap();
    assert_eq!(heard, "a long question");
}

#[test]
fn the_halves_of_a_socket_wait_in_two_tasks() {
    const SENT: usize = 4 * 1024 * 1024;
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        let (mut reader, mut writer) = split(stream);

        // More than the kernel's buffers hold, so the writer waits; and the reader waits
        // for the one byte that the peer sends at the end.
        let reads = spawn(async move { reader.read(&mut [0; 8]).await.unwrap() });
        let writes = spawn(async move { writer.write_all(&vec![7; SENT]).await.unwrap() });
        peer.read_exact(&mut vec![0; SENT]).await.unwrap();
        peer.write_all(b"!").await.unwrap();
        writes.await.unwrap();
        assert_eq!(reads.await.unwrap(), 1);
    });
}

#[test]
fn the_stream_lives_until_both_halves_are_gone() {
    let (stream, mut peer) = duplex(8);
    let (reader, mut writer) = split(stream);
    drop(reader);
    block_on(async {
        writer.write_all(b"still").await.unwrap();
        drop(writer);
        let mut heard = String::new();
        peer.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "still");
    });
}

#[test]
fn halves_of_one_stream_can_be_put_together_again() {
    let (stream, mut peer) = duplex(8);
    let (reader, writer) = split(stream);
    assert!(reader.is_pair_of(&writer) && writer.is_pair_of(&reader));
    let mut stream = reader.unsplit(writer);
    block_on(async {
        stream.write_all(b"whole").await.unwrap();
        assert_eq!(peer.read(&mut [0; 8]).await.unwrap(), 5);
    });
}

#[test]
#[should_panic(expected = "halves of two different streams")]
fn halves_of_two_streams_cannot() {
    let (left, right) = duplex(8);
    let (reader, _) = split(left);
    let (_, writer) = split(right);
    assert!(!reader.is_pair_of(&writer));
    reader.unsplit(writer);
}

/// A stream that, asked to read, writes to the other half of itself. And it must not be
/// moved, which `split` allows.
struct Ouroboros(PhantomPinned);

thread_local! {
    static TAIL: RefCell<Option<WriteHalf<Ouroboros>>> = const { RefCell::new(None) };
}

impl AsyncRead for Ouroboros {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        _: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut tail = TAIL.take().expect("the tail is there");
        Pin::new(&mut tail).poll_write(cx, b"ouch")
    }
}

impl AsyncWrite for Ouroboros {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        src: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(src.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
#[should_panic(expected = "polled the other half of the stream it is in")]
fn a_stream_that_polls_its_own_other_half_is_told_so() {
    let (mut head, tail) = split(Ouroboros(PhantomPinned));
    TAIL.set(Some(tail));
    let _ = block_on(head.read(&mut [0; 4]));
}
