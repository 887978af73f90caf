//! The small streams: without content, made of two, and the one that goes one way.

#[path = "support/scripted.rs"]
mod scripted;

use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use futures_io::{AsyncSeek, AsyncWrite};
use futures_lite::future::block_on;
use runtime::io::{
    AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, ErrorKind, SeekFrom, SimplexStream, empty, join,
    repeat, simplex, sink,
};
use runtime::runtime::Builder;
use runtime::task::yield_now;
use scripted::poll_once;

/// How often `step` was called before another task had its turn.
fn shares(mut step: impl AsyncFnMut()) {
    Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async {
            let other = runtime::spawn(async {});
            let mut steps = 0;
            while !other.is_finished() {
                step().await;
                steps += 1;
                assert!(steps <= 130, "the other task starves");
            }
        });
}

#[test]
fn empty_has_ended_and_accepts_everything() {
    block_on(async {
        let mut stream = empty();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
        assert!(stream.fill_buf().await.unwrap().is_empty());
        stream.consume(0);
        stream.write_all(&[7; 100_000]).await.unwrap();
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(format!("{stream:?}"), "Empty { .. }");
    });
    let mut cx = Context::from_waker(Waker::noop());
    let sought = Pin::new(&mut empty()).poll_seek(&mut cx, SeekFrom::End(7));
    assert!(matches!(sought, Poll::Ready(Ok(0))));
}

#[test]
fn sink_takes_all_slices_at_once() {
    let mut cx = Context::from_waker(Waker::noop());
    let bufs = [IoSlice::new(b"hello"), IoSlice::new(b"world")];
    let mut sink = sink();
    let written = Pin::new(&mut sink).poll_write_vectored(&mut cx, &bufs);
    assert!(matches!(written, Poll::Ready(Ok(10))));
    assert_eq!(format!("{sink:?}"), "Sink { .. }");
}

#[test]
fn what_is_always_ready_leaves_the_others_their_turn() {
    let mut buf = [0; 8];
    shares(async || drop(repeat(1).read(&mut buf).await));
    shares(async || drop(empty().read(&mut [0; 8]).await));
    shares(async || assert!(empty().fill_buf().await.unwrap().is_empty()));
    shares(async || drop(sink().write(b"x").await));
    shares(async || drop(sink().flush().await));
    shares(async || drop(sink().shutdown().await));
    shares(async || drop(empty().write(b"x").await));
}

#[test]
fn repeat_fills_whatever_it_is_given() {
    let mut buf = vec![0; 100_000];
    assert_eq!(block_on(repeat(7).read(&mut buf)).unwrap(), 100_000);
    assert!(buf.iter().all(|&byte| byte == 7));
}

#[test]
fn joined_halves_read_from_one_and_write_to_the_other() {
    block_on(async {
        let mut stream = join(&b"one\ntwo"[..], Vec::new());
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert_eq!(line, "one\n");
        stream.write_all(b"answer").await.unwrap();
        stream.reader_mut().read_to_string(&mut line).await.unwrap();
        assert_eq!((&line[..], *stream.reader()), ("one\ntwo", &b""[..]));
        stream.writer_mut().clear();
        assert_eq!(stream.into_inner().1, b"");
    });
}

#[test]
fn a_simplex_is_read_as_it_was_written_and_pushes_back() {
    let (mut reader, mut writer) = simplex(4);
    block_on(async {
        assert_eq!(writer.write(b"abcdef").await.unwrap(), 4);
        assert!(poll_once(&mut pin!(writer.write(b"e"))).is_pending());
        let mut buf = [0; 8];
        assert_eq!(reader.read(&mut buf).await.unwrap(), 4);
        assert!(poll_once(&mut pin!(reader.read(&mut buf))).is_pending());
        writer.write_all(b"ef").await.unwrap();
        writer.shutdown().await.unwrap();
        let error = writer.write(b"g").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).await.unwrap();
        assert_eq!(rest, b"ef");
    });
}

#[test]
fn the_halves_of_a_simplex_wake_each_other() {
    Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(async {
            let (mut reader, mut writer) = simplex(3);
            let reading = runtime::spawn(async move {
                let mut text = String::new();
                reader.read_to_string(&mut text).await.unwrap();
                text
            });
            yield_now().await;
            writer.write_all(b"longer than the pipe").await.unwrap();
            writer.shutdown().await.unwrap();
            assert_eq!(reading.await.unwrap(), "longer than the pipe");
        });
}

#[test]
fn a_simplex_of_nothing_is_refused() {
    assert!(std::panic::catch_unwind(|| SimplexStream::new_unsplit(0)).is_err());
}
