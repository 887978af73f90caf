//! The pair of streams in memory: bytes, back-pressure, the end, and who is woken when.

#[path = "support/scripted.rs"]
mod scripted;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Wake, Waker};

use futures_lite::future::{block_on, try_zip};
use runtime::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ErrorKind, duplex};
use runtime::runtime::{Builder, Runtime};
use runtime::spawn;
use runtime::time::{Duration, Instant, timeout};
use scripted::{Counter, poll_for, poll_once};

#[test]
fn both_directions_carry_bytes_at_once() {
    let (mut left, mut right) = duplex(4);
    let (mut to_left, mut to_right) = ([0; 4], [0; 4]);
    block_on(async {
        left.write_all(b"ping").await.unwrap();
        right.write_all(b"pong").await.unwrap();
        right.read_exact(&mut to_right).await.unwrap();
        left.read_exact(&mut to_left).await.unwrap();
    });
    assert_eq!((&to_right, &to_left), (b"ping", b"pong"));
}

#[test]
fn a_writer_is_never_more_than_the_bound_ahead() {
    let (mut here, mut there) = duplex(3);
    assert_eq!(block_on(here.write(b"abcdef")).unwrap(), 3);
    let mut more = here.write(b"def");
    assert!(poll_once(&mut more).is_pending());
    assert_eq!(block_on(there.read(&mut [0; 2])).unwrap(), 2);
    assert!(matches!(poll_once(&mut more), Poll::Ready(Ok(2))));
}

#[test]
fn much_more_than_the_bound_flows_through() {
    let (mut here, mut there) = duplex(7);
    let sent: Vec<u8> = (0..10_000_u32).map(|n| n as u8).collect();
    let mut heard = Vec::new();
    let write = async {
        here.write_all(&sent).await?;
        here.shutdown().await
    };
    block_on(try_zip(write, there.read_to_end(&mut heard))).unwrap();
    assert_eq!(heard, sent);
}

#[test]
fn a_write_wakes_the_reader_once_and_a_read_the_writer() {
    let (mut here, mut there) = duplex(2);
    let (reader, wake_reader) = Counter::new();
    assert!(poll_for(&wake_reader, &mut there.read(&mut [0; 2])).is_pending());
    block_on(here.write_all(b"a")).unwrap();
    block_on(here.write_all(b"b")).unwrap();
    assert_eq!(reader.wakes(), 1);

    let (writer, wake_writer) = Counter::new();
    assert!(poll_for(&wake_writer, &mut here.write(b"c")).is_pending());
    block_on(there.read(&mut [0; 1])).unwrap();
    block_on(there.read(&mut [0; 1])).unwrap();
    assert_eq!(writer.wakes(), 1);
}

#[test]
fn the_last_task_that_waited_is_the_one_that_is_woken() {
    let (mut here, mut there) = duplex(2);
    let (first, wake_first) = Counter::new();
    let (second, wake_second) = Counter::new();
    assert!(poll_for(&wake_first, &mut there.read(&mut [0; 2])).is_pending());
    assert!(poll_for(&wake_second, &mut there.read(&mut [0; 2])).is_pending());
    block_on(here.write_all(b"a")).unwrap();
    assert_eq!((first.wakes(), second.wakes()), (0, 1));
}

#[test]
fn shutdown_lets_the_peer_read_what_is_left_then_the_end() {
    let (mut here, mut there) = duplex(8);
    block_on(async {
        here.write_all(b"last").await.unwrap();
        here.shutdown().await.unwrap();
        here.shutdown().await.unwrap();
        let error = here.write(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        let mut heard = String::new();
        there.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "last");
        assert_eq!(
            there.read(&mut [0; 1]).await.unwrap(),
            0,
            "the end stays the end"
        );
    });
}

#[test]
fn dropping_an_end_wakes_both_waits_of_the_peer() {
    let (mut here, there) = duplex(1);
    block_on(here.write_all(b"x")).unwrap();
    let (reader, wake_reader) = Counter::new();
    let (writer, wake_writer) = Counter::new();
    assert!(poll_for(&wake_reader, &mut here.read(&mut [0; 1])).is_pending());
    assert!(poll_for(&wake_writer, &mut here.write(b"y")).is_pending());
    drop(there);
    assert_eq!((reader.wakes(), writer.wakes()), (1, 1));
    assert_eq!(block_on(here.read(&mut [0; 1])).unwrap(), 0);
    assert_eq!(
        block_on(here.write(b"y")).unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
}

#[test]
fn an_end_that_is_dropped_leaves_no_waker_behind() {
    let (mut here, mut there) = duplex(1);
    block_on(here.write_all(b"x")).unwrap();
    let (counter, waker) = Counter::new();
    assert!(poll_for(&waker, &mut here.read(&mut [0; 1])).is_pending());
    assert!(poll_for(&waker, &mut here.write(b"y")).is_pending());
    drop(here);
    drop(waker);
    assert_eq!(
        Arc::strong_count(&counter),
        1,
        "the pipes hold no waker of the dropped end"
    );
    block_on(there.read(&mut [0; 1])).unwrap();
    let _ = block_on(there.write(b"z"));
    assert_eq!(counter.wakes(), 0);
}

#[test]
fn what_nobody_will_read_is_not_kept() {
    let (mut here, there) = duplex(8);
    block_on(here.write_all(b"unread")).unwrap();
    drop(there);
    let text = format!("{here:?}");
    assert!(text.ends_with("outgoing: 0 of 8 bytes, closed }"), "{text}");
}

#[test]
fn empty_reads_and_writes_do_not_wait() {
    let (mut here, there) = duplex(1);
    block_on(async {
        assert_eq!(here.read(&mut []).await.unwrap(), 0, "nothing to read");
        here.write_all(b"x").await.unwrap();
        assert_eq!(here.write(b"").await.unwrap(), 0, "no room");
        drop(there);
        assert_eq!(
            here.write(b"").await.unwrap_err().kind(),
            ErrorKind::BrokenPipe
        );
    });
}

fn runtime() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

#[test]
fn a_task_that_always_finds_bytes_leaves_the_others_their_turn() {
    runtime().block_on(async {
        let (mut here, mut there) = duplex(1000);
        here.write_all(&[7; 1000]).await.unwrap();
        let count = Rc::new(Cell::new(0));
        let counted = count.clone();
        let reader = spawn(async move {
            while counted.get() < 1000 {
                counted.set(counted.get() + there.read(&mut [0; 1]).await.unwrap());
            }
        });
        let observer = spawn(async move { count.get() });
        assert_eq!(observer.await.unwrap(), 128, "the budget of one poll");
        reader.await.unwrap();
    });
}

#[cfg(feature = "trace")]
#[test]
fn two_writes_wake_the_task_that_reads_once() {
    use runtime::trace::Event;

    let runtime = runtime();
    runtime.trace().start(1000);
    let (reader, writer) = runtime.block_on(async {
        let (mut here, mut there) = duplex(8);
        let reader = spawn(async move { there.read(&mut [0; 8]).await.unwrap() });
        let writer = spawn(async move {
            here.write_all(b"abc").await.unwrap();
            here.write_all(b"def").await.unwrap();
            here
        });
        let ids = (reader.id(), writer.id());
        let _here = writer.await.unwrap();
        assert_eq!(reader.await.unwrap(), 6);
        ids
    });
    let wakes = runtime
        .trace()
        .take()
        .into_iter()
        .filter_map(|record| match record.event {
            Event::Woken { task, by } if task.to_string() == reader.to_string() => Some(by),
            _ => None,
        });
    let wakes: Vec<_> = wakes.map(|by| format!("{by:?}")).collect();
    let (spawned, written) = ("Task(1)".to_string(), format!("Task({writer})"));
    assert_eq!(
        wakes,
        [spawned, written],
        "the second write found no task waiting"
    );
}

#[test]
fn a_read_that_ran_out_of_time_loses_nothing() {
    runtime().block_on(async {
        let (mut here, mut there) = duplex(8);
        let begun = Instant::now();
        let mut buf = [0; 8];
        let late = timeout(Duration::from_secs(30), there.read(&mut buf)).await;
        assert!(late.is_err());
        assert_eq!(begun.elapsed(), Duration::from_secs(30));
        here.write_all(b"late").await.unwrap();
        assert_eq!(there.read(&mut buf).await.unwrap(), 4);
    });
}

#[test]
#[should_panic(expected = "max_buf_size must be at least 1")]
fn a_pair_that_could_carry_nothing_is_refused() {
    let _ = duplex(0);
}

/// A waker that reads from the stream it is woken for. The stream is `!Send`, so it lives
/// with its thread and not in the waker.
struct Reentrant;

thread_local! {
    static STREAM: RefCell<Option<DuplexStream>> = const { RefCell::new(None) };
    static HEARD: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Wake for Reentrant {
    fn wake(self: Arc<Self>) {
        let mut stream = STREAM.take().expect("the stream is there");
        let mut buf = [0; 8];
        let n = block_on(stream.read(&mut buf)).unwrap();
        HEARD.with_borrow_mut(|heard| heard.extend_from_slice(&buf[..n]));
        STREAM.set(Some(stream));
    }
}

#[test]
fn a_waker_may_come_back_to_the_same_pipe() {
    let (mut here, mut there) = duplex(8);
    let waker = Waker::from(Arc::new(Reentrant));
    assert!(poll_for(&waker, &mut there.read(&mut [0; 8])).is_pending());
    STREAM.set(Some(there));
    block_on(here.write_all(b"hello")).unwrap();
    assert_eq!(HEARD.take(), b"hello");
    STREAM.take();
}

#[test]
fn a_stream_shows_how_full_it_is() {
    let (mut here, there) = duplex(8);
    block_on(here.write_all(b"abc")).unwrap();
    let text = format!("{there:?}");
    assert_eq!(
        text,
        "DuplexStream { incoming: 3 of 8 bytes, outgoing: 0 of 8 bytes }"
    );
}
