//! Writing: short writes, pauses, errors, writers that take no more, and dropped futures.

#[path = "support/scripted.rs"]
mod scripted;

use std::io::IoSlice;

use bytes::{Buf, Bytes};
use futures_lite::future::block_on;
use runtime::io::{AsyncReadExt, AsyncWriteExt, ErrorKind, duplex};
use scripted::Step::{Accept, Fail, Later};
use scripted::{Scripted, poll_once};

#[test]
fn a_write_returns_what_was_accepted() {
    let mut writer = Scripted::new([Later, Accept(2)]);
    assert_eq!(block_on(writer.write(b"abc")).unwrap(), 2);
    assert_eq!(writer.written, b"ab");
}

#[test]
fn a_write_that_is_dropped_while_it_waits_has_written_nothing() {
    let (mut here, mut there) = duplex(2);
    block_on(here.write_all(b"ab")).unwrap();
    assert!(poll_once(&mut here.write(b"cd")).is_pending());
    drop(here);
    let mut heard = String::new();
    block_on(there.read_to_string(&mut heard)).unwrap();
    assert_eq!(heard, "ab");
}

#[test]
fn write_all_goes_on_after_short_writes_pauses_and_interruptions() {
    let steps = [Accept(1), Later, Fail(ErrorKind::Interrupted), Accept(2)];
    let mut writer = Scripted::new(steps);
    block_on(writer.write_all(b"abcdef")).unwrap();
    assert_eq!(writer.written, b"abcdef");
}

#[test]
fn write_all_of_nothing_does_not_touch_the_stream() {
    let mut writer = Scripted::new([Fail(ErrorKind::Other)]);
    block_on(writer.write_all(b"")).unwrap();
    assert!(!writer.is_done());
}

#[test]
fn a_writer_that_takes_no_more_is_an_error_and_not_a_hang() {
    let mut writer = Scripted::new([Accept(2), Accept(0)]);
    let error = block_on(writer.write_all(b"abcde")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
    assert!(error.to_string().contains("none of the 3 bytes"), "{error}");

    let mut writer = Scripted::new([Accept(2), Accept(0)]);
    let mut message = &b"abcde"[..];
    let error = block_on(writer.write_all_buf(&mut message)).unwrap_err();
    assert_eq!((error.kind(), message), (ErrorKind::WriteZero, &b"cde"[..]));
}

#[test]
fn write_all_reports_an_error_in_the_middle() {
    let mut writer = Scripted::new([Accept(2), Fail(ErrorKind::BrokenPipe)]);
    let error = block_on(writer.write_all(b"abcde")).unwrap_err();
    assert_eq!(
        (error.kind(), &writer.written[..]),
        (ErrorKind::BrokenPipe, &b"ab"[..])
    );
}

#[test]
fn write_buf_advances_past_what_was_accepted() {
    let mut writer = Scripted::new([Accept(2)]);
    let mut message = Bytes::from_static(b"abcde");
    assert_eq!(block_on(writer.write_buf(&mut message)).unwrap(), 2);
    assert_eq!(&message[..], b"cde");
    let mut nothing = Bytes::new();
    let mut untouched = Scripted::new([Fail(ErrorKind::Other)]);
    assert_eq!(block_on(untouched.write_buf(&mut nothing)).unwrap(), 0);
}

#[test]
fn write_all_buf_that_is_dropped_goes_on_where_it_stopped() {
    let mut writer = Scripted::new([Accept(2), Later, Accept(1)]);
    let mut message = Bytes::from_static(b"abcde");
    assert!(poll_once(&mut writer.write_all_buf(&mut message)).is_pending());
    assert_eq!(&message[..], b"cde");
    block_on(writer.write_all_buf(&mut message)).unwrap();
    assert_eq!(writer.written, b"abcde");
}

#[test]
fn write_all_buf_writes_a_buffer_of_several_pieces() {
    let (mut here, mut there) = duplex(64);
    let mut message = Bytes::from_static(b"head, ").chain(Bytes::from_static(b"body"));
    block_on(async {
        here.write_all_buf(&mut message).await.unwrap();
        drop(here);
        let mut heard = String::new();
        there.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "head, body");
    });
}

#[test]
fn write_vectored_takes_the_slices_in_order() {
    let (mut here, mut there) = duplex(5);
    let parts = [
        IoSlice::new(b"ab"),
        IoSlice::new(b""),
        IoSlice::new(b"cdef"),
    ];
    block_on(async {
        assert_eq!(here.write_vectored(&parts).await.unwrap(), 5);
        let mut heard = [0; 8];
        assert_eq!(there.read(&mut heard).await.unwrap(), 5);
        assert_eq!(&heard[..5], b"abcde");
    });
}

#[test]
fn shutdown_closes_the_stream_and_flush_flushes_it() {
    let mut writer = Scripted::new([]);
    block_on(async {
        writer.flush().await.unwrap();
        writer.shutdown().await.unwrap();
    });
    assert_eq!(writer.calls, ["flush", "close"]);
}
