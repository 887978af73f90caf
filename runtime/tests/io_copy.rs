//! Copying one stream into another: all of it, counted, at the writer's pace.

#[path = "support/scripted.rs"]
mod scripted;

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use futures_lite::future::{block_on, zip};
use proptest::prelude::*;
use runtime::io::{
    AsyncReadExt, AsyncWriteExt, BufReader, BufWriter, ErrorKind, copy, copy_buf, duplex,
};
use runtime::runtime::Builder;
use runtime::spawn;
use scripted::Scripted;
use scripted::Step::{Accept, Fail, Give, Later};
use scripted::{Counter, poll_for, poll_once};

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
fn a_reader_that_fails_ends_the_copy_although_the_writer_takes_nothing() {
    let (mut target, _far_target) = duplex(1);
    block_on(target.write_all(b"x")).unwrap(); // full
    let mut reader = Scripted::new([Give(b"a"), Fail(ErrorKind::ConnectionReset)]);
    let mut copying = pin!(copy(&mut reader, &mut target));
    match poll_once(&mut copying) {
        Poll::Ready(result) => assert_eq!(result.unwrap_err().kind(), ErrorKind::ConnectionReset),
        Poll::Pending => panic!("it waits for the writer alone"),
    }
}

#[test]
fn what_comes_while_the_writer_takes_nothing_is_read_and_stays_in_order() {
    let (mut source, mut far_source) = duplex(4);
    let (mut target, mut far_target) = duplex(1);
    let mut copying = Box::pin(copy(&mut source, &mut target));
    let (wakes, waker) = Counter::new();
    for (number, piece) in [b"abcd", b"efgh", b"ijkl"].into_iter().enumerate() {
        assert!(poll_for(&waker, &mut copying).is_pending());
        block_on(far_source.write_all(piece)).unwrap(); // there is room: the copy has read all
        assert_eq!(wakes.wakes(), number + 1);
    }
    drop(far_source);
    let mut arrived = [0; 12];
    let (copied, read) = block_on(zip(copying, far_target.read_exact(&mut arrived)));
    assert_eq!((copied.unwrap(), read.unwrap()), (12, 12));
    assert_eq!(&arrived, b"abcdefghijkl");
}

#[test]
fn one_read_goes_ahead_of_the_writes_and_what_it_brought_is_written_before_the_next() {
    let mut reader = Scripted::new([
        Give(b"a"),
        Give(b"b"),
        Later,
        Fail(ErrorKind::ConnectionReset),
    ]);
    let mut writer = Scripted::new([Later]);
    let error = block_on(copy(&mut reader, &mut writer)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(writer.written, b"ab");
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
fn a_reader_that_stays_silent_is_flushed_for_once() {
    let mut reader = Scripted::new([Give(b"ab"), Later, Later, Later, Give(b"c")]);
    let mut writer = Scripted::new([]);
    assert_eq!(block_on(copy(&mut reader, &mut writer)).unwrap(), 3);
    assert_eq!(
        writer.calls,
        ["flush", "flush"],
        "at the first pause, and at the end"
    );
}

#[test]
fn what_was_read_goes_out_although_the_reader_has_nothing_more() {
    let (mut source, mut far_source) = duplex(64);
    let (mut target, mut far_target) = duplex(2);
    block_on(far_source.write_all(b"abcd")).unwrap();
    let mut copying = pin!(copy(&mut source, &mut target));
    let mut heard = [0; 2];
    for expected in [b"ab", b"cd"] {
        assert!(poll_once(&mut copying).is_pending());
        block_on(far_target.read_exact(&mut heard)).unwrap();
        assert_eq!(&heard, expected);
    }
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

#[test]
fn a_copy_between_streams_that_are_always_ready_leaves_the_others_their_turn() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let finished = Rc::new(Cell::new(false));
        let finish = finished.clone();
        let copying = spawn(async move {
            let source = vec![7; 2 * 1024 * 1024];
            let copied = copy(&mut &source[..], &mut Vec::new()).await.unwrap();
            finish.set(true);
            copied
        });
        let other = spawn(async move { finished.get() });
        assert!(!other.await.unwrap(), "128 rounds of 8 KiB are half of it");
        assert_eq!(copying.await.unwrap(), 2 * 1024 * 1024);
    });
}

proptest! {
    #[test]
    fn a_copy_is_the_same_whatever_the_pieces(
        capacity in 1..10_usize,
        given in proptest::collection::vec(scripted::piece(), 0..40),
        accepted in proptest::collection::vec(scripted::piece(), 0..40),
    ) {
        let (steps, content) = scripted::given(&given);
        let steps: Vec<_> = steps.collect();
        let length = content.len() as u64;

        let mut reader = Scripted::new(steps.clone());
        let mut writer = Scripted::new(scripted::accepted(&accepted));
        prop_assert_eq!(block_on(copy(&mut reader, &mut writer)).unwrap(), length);
        prop_assert_eq!(&writer.written, &content);

        let mut reader = BufReader::with_capacity(capacity, Scripted::new(steps));
        let mut writer = Scripted::new(scripted::accepted(&accepted));
        prop_assert_eq!(block_on(copy_buf(&mut reader, &mut writer)).unwrap(), length);
        prop_assert_eq!(&writer.written, &content);
    }
}
