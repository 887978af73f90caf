//! Wrappers that make streams of receivers and the like: what comes, when it ends, and what is
//! left when one is dropped.

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use events::{events, here, traced};
use futures_lite::StreamExt;
use runtime::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, duplex};
use runtime::stream::Stream;
use runtime::stream::wrappers::errors::BroadcastStreamRecvError::Lagged;
use runtime::stream::wrappers::{
    BroadcastStream, IntervalStream, JoinSetStream, LinesStream, ReadDirStream, ReceiverStream,
    SplitStream, UnboundedReceiverStream, WatchStream,
};
use runtime::sync::{broadcast, mpsc, watch};
use runtime::task::{JoinSet, yield_now};
use runtime::time::{Duration, interval};
use runtime::trace::Event;
use tasks::paused;

/// The next item if there is one, without waiting; the inner `None` is the end.
fn now<S: Stream + Unpin>(stream: &mut S) -> Option<Option<S::Item>> {
    match Pin::new(stream).poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(item) => Some(item),
        Poll::Pending => None,
    }
}

#[test]
fn a_channel_of_either_kind_ends_when_its_senders_are_gone() {
    paused().block_on(async {
        let (sender, receiver) = mpsc::channel(2);
        let mut stream = ReceiverStream::new(receiver);
        assert_eq!(now(&mut stream), None);
        let sending = runtime::spawn(async move {
            for n in 0..5 {
                sender.send(n).await.unwrap();
            }
        });
        for n in 0..5 {
            assert_eq!(stream.next().await, Some(n));
        }
        assert_eq!(stream.next().await, None);
        sending.await.unwrap();

        let (sender, receiver) = mpsc::unbounded_channel();
        let mut stream = UnboundedReceiverStream::from(receiver);
        sender.send(7).unwrap();
        assert_eq!(now(&mut stream), Some(Some(7)));
        assert_eq!(now(&mut stream), None);
        drop(sender);
        assert_eq!(now(&mut stream), Some(None));
    });
}

#[test]
fn what_is_wrapped_can_be_reached_closed_and_had_back() {
    paused().block_on(async {
        let (sender, receiver) = mpsc::channel(2);
        let mut stream = ReceiverStream::from(receiver);
        sender.send(1).await.unwrap();
        assert_eq!(stream.as_ref().len(), 1);
        assert_eq!(stream.as_mut().try_recv(), Ok(1));
        stream.close();
        assert!(sender.is_closed());
        assert!(stream.into_inner().recv().await.is_none());
    });
}

#[test]
fn a_stream_knows_how_much_comes_from_what_is_wrapped() {
    paused().block_on(async {
        let (sender, receiver) = mpsc::channel(4);
        let mut stream = ReceiverStream::new(receiver);
        assert_eq!(stream.size_hint(), (0, None));
        sender.send(1).await.unwrap();
        assert_eq!(stream.size_hint(), (1, None));
        let place = sender.reserve().await.unwrap();
        stream.close();
        assert_eq!(stream.size_hint(), (1, Some(2)));
        drop(place);
        assert_eq!(stream.size_hint(), (1, Some(1)));
        assert_eq!(stream.next().await, Some(1));
        assert_eq!(stream.size_hint(), (0, Some(0)));

        let (sender, receiver) = mpsc::unbounded_channel();
        let stream = UnboundedReceiverStream::new(receiver);
        sender.send(1).unwrap();
        assert_eq!(stream.size_hint(), (1, None));
        drop(sender);
        assert_eq!(stream.size_hint(), (1, Some(1)));

        let ticks = IntervalStream::new(interval(Duration::from_secs(1)));
        assert_eq!(ticks.size_hint(), (usize::MAX, None));
        let has_ended = futures::stream::FusedStream::is_terminated;
        assert!(!has_ended(&ticks));
    });
}

#[test]
fn the_results_of_a_set_come_in_the_order_of_their_ends() {
    paused().block_on(async {
        let mut set = JoinSet::new();
        for seconds in [2, 1] {
            set.spawn(async move {
                runtime::time::sleep(Duration::from_secs(seconds)).await;
                seconds
            });
        }
        let mut stream = JoinSetStream::from(set);
        assert_eq!(stream.size_hint(), (2, Some(2)));
        assert!(now(&mut stream).is_none());
        assert_eq!(stream.next().await.unwrap().unwrap(), 1);
        stream.as_mut().abort_all();
        assert!(stream.next().await.unwrap().unwrap_err().is_cancelled());
        assert!(stream.next().await.is_none());
        assert_eq!(stream.size_hint(), (0, Some(0)));
        assert!(stream.into_inner().is_empty());
    });
}

#[test]
fn a_slow_broadcast_stream_is_told_what_it_missed_and_goes_on() {
    paused().block_on(async {
        let (sender, receiver) = broadcast::channel(2);
        let mut stream = BroadcastStream::new(receiver);
        assert_eq!(now(&mut stream), None);
        for n in 0..5 {
            sender.send(n).unwrap();
        }
        assert_eq!(now(&mut stream), Some(Some(Err(Lagged(3)))));
        assert_eq!(now(&mut stream), Some(Some(Ok(3))));
        assert_eq!(now(&mut stream), Some(Some(Ok(4))));
        assert_eq!(now(&mut stream), None);
        drop(sender);
        assert_eq!(now(&mut stream), Some(None));
        assert_eq!(now(&mut stream), Some(None), "the end stays the end");
    });
}

#[test]
fn a_broadcast_stream_that_waits_is_woken_and_one_that_is_dropped_leaves_nothing() {
    paused().block_on(async {
        let (sender, receiver) = broadcast::channel(4);
        let mut stream = BroadcastStream::from(receiver);
        let waiting = runtime::spawn(async move { (stream.next().await, stream) });
        yield_now().await;
        sender.send("news").unwrap();
        let (news, mut stream) = waiting.await.unwrap();
        assert_eq!(news, Some(Ok("news")));
        assert!(now(&mut stream).is_none());
        drop(stream);
        assert_eq!(sender.receiver_count(), 0);
    });
}

#[test]
fn a_broadcast_stream_that_is_always_ready_shares_the_thread() {
    paused().block_on(async {
        let (sender, receiver) = broadcast::channel(1024);
        (0..1024).for_each(|n| drop(sender.send(n)));
        let mut stream = BroadcastStream::new(receiver);
        let other = runtime::spawn(async {});
        let mut taken = 0;
        while !other.is_finished() {
            stream.next().await.unwrap().unwrap();
            taken += 1;
        }
        assert_eq!(taken, 129);
    });
}

#[test]
fn a_watch_stream_gives_the_present_value_or_only_what_is_new() {
    paused().block_on(async {
        let (sender, receiver) = watch::channel(0);
        let mut all = WatchStream::new(receiver.clone());
        let mut changes = WatchStream::from_changes(receiver);
        assert_eq!(now(&mut all), Some(Some(0)));
        assert_eq!(now(&mut all), None);
        assert_eq!(now(&mut changes), None);
        sender.send(1).unwrap();
        sender.send(2).unwrap();
        assert_eq!(now(&mut all), Some(Some(2)));
        assert_eq!(now(&mut changes), Some(Some(2)));
        sender.send(3).unwrap();
        drop(sender);
        assert_eq!(now(&mut all), Some(Some(3)), "the last value is not lost");
        assert_eq!(now(&mut all), Some(None));
        assert_eq!(now(&mut all), Some(None), "the end stays the end");
    });
}

#[test]
fn a_watch_stream_that_is_dropped_leaves_no_receiver() {
    paused().block_on(async {
        let (sender, receiver) = watch::channel(0);
        let mut stream = WatchStream::from_changes(receiver);
        assert_eq!(now(&mut stream), None);
        assert_eq!(sender.receiver_count(), 1);
        drop(stream);
        assert_eq!(sender.receiver_count(), 0);
    });
}

#[test]
fn lines_and_pieces_come_as_results_and_keep_what_has_begun() {
    paused().block_on(async {
        let (near, mut far) = duplex(64);
        let mut lines = LinesStream::new(BufReader::new(near).lines());
        far.write_all(b"one\ntw").await.unwrap();
        assert_eq!(lines.next().await.unwrap().unwrap(), "one");
        assert!(now(&mut lines).is_none());
        far.write_all(b"o\n\xff\n").await.unwrap();
        drop(far);
        assert_eq!(lines.next().await.unwrap().unwrap(), "two");
        assert!(lines.next().await.unwrap().is_err());
        assert!(lines.next().await.is_none());

        let mut pieces = SplitStream::new(BufReader::new(&b"a--b"[..]).split(b'-'));
        for piece in ["a", "", "b"] {
            assert_eq!(pieces.next().await.unwrap().unwrap(), piece.as_bytes());
        }
        assert!(pieces.next().await.is_none());
    });
}

#[test]
fn the_entries_of_a_directory_come_and_end() {
    paused().block_on(async {
        let entries = runtime::fs::read_dir("src/stream").await.unwrap();
        let entries = ReadDirStream::new(entries).map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.collect().await;
        names.sort_unstable();
        assert_eq!(names, ["mod.rs", "wrappers", "wrappers.rs"]);
    });
}

#[cfg(unix)]
#[test]
fn the_connections_of_a_unix_listener_come() {
    use runtime::net::{UnixListener, UnixStream};
    use runtime::stream::wrappers::UnixListenerStream;

    let folder = std::env::temp_dir().join(format!("treadle_stream_{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("socket");
    runtime::runtime::Runtime::new().unwrap().block_on(async {
        let mut streams = UnixListenerStream::new(UnixListener::bind(&path).unwrap());
        let mut client = UnixStream::connect(&path).await.unwrap();
        let server = streams.next().await.unwrap().unwrap();
        client.write_all(b"hello\n").await.unwrap();
        let mut lines = LinesStream::new(BufReader::new(server).lines());
        assert_eq!(lines.next().await.unwrap().unwrap(), "hello");
    });
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_interval_stream_ticks_for_ever() {
    paused().block_on(async {
        let start = runtime::time::Instant::now();
        let mut ticks = IntervalStream::new(interval(Duration::from_secs(1)));
        for tick in 0..100 {
            assert_eq!(ticks.next().await, Some(start + Duration::from_secs(tick)));
        }
    });
}

#[test]
fn a_stream_waits_at_the_line_that_made_it() {
    let runtime = traced();
    let mut lines = Vec::new();
    runtime.block_on(async {
        let (_sender, receiver) = mpsc::channel::<()>(1);
        let (_other, second) = broadcast::channel::<()>(1);
        let (_third, third) = watch::channel(());
        let mut a = ReceiverStream::new(receiver);
        lines.push(here().line - 1);
        let mut b = BroadcastStream::new(second);
        lines.push(here().line - 1);
        let mut c = WatchStream::from_changes(third);
        lines.push(here().line - 1);
        for stream in [&mut a as &mut (dyn Stream<Item = ()> + Unpin), &mut c] {
            assert!(now(&mut pin!(stream)).is_none());
        }
        assert!(now(&mut b).is_none());
    });
    let line = |event| match event {
        Event::Waiting { at, .. } => at.map(|at| at.line),
        _ => None,
    };
    let waits: Vec<u32> = events(&runtime).into_iter().filter_map(line).collect();
    assert_eq!(waits, [lines[0], lines[2], lines[1]]);
}
