//! Copying one stream into another: all of it, counted, at the writer's pace.

#[path = "support/scripted.rs"]
mod scripted;

use std::pin::pin;

use futures_lite::future::{block_on, zip};
use runtime::io::{
    AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, ErrorKind, copy, copy_buf, duplex,
};
use scripted::Scripted;
use scripted::Step::{Accept, Fail, Give, Later};
use scripted::{poll_for, poll_once};

const LARGE: &[u8] = &[7; 100_000];

#[test]
fn everything_is_copied_and_counted_and_flushed_once_at_the_end() {
    let steps = [
        Give(b"ab"),
        Fail(ErrorKind::Interrupted),
        Give(LARGE),
        Give(b"z"),
    ];
    let mut reader = Scripted::new(steps);
    let steps = [Accept(1), Fail(ErrorKind::Interrupted), Later, Accept(50)];
    let mut writer = Scripted::new(steps);
    let copied = block_on(copy(&mut reader, &mut writer)).unwrap();
    assert_eq!(copied, 100_003);
    assert_eq!(writer.written.len(), 100_003);
    assert_eq!(
        (
            writer.written[1],
            writer.written[2],
            writer.written[100_002]
        ),
        (b'b', 7, b'z')
    );
    assert_eq!(writer.calls, ["flush"]);
}

#[test]
fn a_writer_that_does_not_accept_makes_the_reader_wait() {
    let (mut source, mut far_source) = duplex(1024 * 1024);
    let (mut target, mut far_target) = duplex(10);
    block_on(far_source.write_all(LARGE)).unwrap();

    let mut copying = pin!(copy(&mut source, &mut target));
    for _ in 0..100 {
        assert!(poll_once(&mut copying).is_pending());
    }
    let text = format!("{far_source:?}");
    assert!(
        text.ends_with("outgoing: 91808 of 1048576 bytes }"),
        "8192 were taken, not {text}"
    );
    assert_eq!(
        block_on(far_target.read(&mut [0; 100])).unwrap(),
        10,
        "the bound"
    );
}

#[test]
fn what_the_writer_holds_back_goes_out_while_the_reader_has_nothing() {
    let (mut source, mut far_source) = duplex(64);
    let (target, mut far_target) = duplex(64);
    let mut target = BufWriter::new(target);
    block_on(async {
        let copying = copy(&mut source, &mut target);
        let conversation = async {
            far_source.write_all(b"question").await.unwrap();
            let mut question = [0; 8];
            far_target.read_exact(&mut question).await.unwrap();
            drop(far_source);
            question
        };
        let (copied, question) = zip(copying, conversation).await;
        assert_eq!((copied.unwrap(), &question), (8, b"question"));
    });
}

#[test]
fn an_error_of_either_side_ends_the_copy() {
    let mut reader = Scripted::new([Give(b"ab"), Fail(ErrorKind::ConnectionReset)]);
    let mut writer = Scripted::new([]);
    let error = block_on(copy(&mut reader, &mut writer)).unwrap_err();
    assert_eq!(
        (error.kind(), &writer.written[..]),
        (ErrorKind::ConnectionReset, &b"ab"[..])
    );

    let mut writer = Scripted::new([Accept(1), Fail(ErrorKind::BrokenPipe)]);
    let error = block_on(copy(&mut &b"abc"[..], &mut writer)).unwrap_err();
    assert_eq!(
        (error.kind(), &writer.written[..]),
        (ErrorKind::BrokenPipe, &b"a"[..])
    );

    let mut writer = Scripted::new([Accept(1), Accept(0)]);
    let error = block_on(copy(&mut &b"abc"[..], &mut writer)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
}

#[test]
fn an_empty_stream_is_copied_too() {
    let mut writer = Scripted::new([]);
    assert_eq!(block_on(copy(&mut &b""[..], &mut writer)).unwrap(), 0);
    assert_eq!(writer.calls, ["flush"]);
}

#[test]
fn copy_buf_that_is_dropped_leaves_the_rest_in_the_reader() {
    let mut reader = BufReader::new(Scripted::new([Give(b"abcdef"), Later, Give(b"g")]));
    let mut writer = Scripted::new([Accept(2), Later]);
    let (_, waker) = scripted::Counter::new();
    assert!(poll_for(&waker, &mut pin!(copy_buf(&mut reader, &mut writer))).is_pending());
    assert_eq!(
        (reader.buffer(), &writer.written[..]),
        (&b"cdef"[..], &b"ab"[..])
    );
    assert_eq!(block_on(copy_buf(&mut reader, &mut writer)).unwrap(), 5);
    assert_eq!(writer.written, b"abcdefg");
}

#[test]
fn copy_buf_reports_errors_as_copy_does() {
    let mut reader = BufReader::new(Scripted::new([Fail(ErrorKind::ConnectionReset)]));
    let error = block_on(copy_buf(&mut reader, &mut Vec::new())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);

    let mut writer = Scripted::new([Accept(0)]);
    let error = block_on(copy_buf(&mut &b"abc"[..], &mut writer)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WriteZero);
}
