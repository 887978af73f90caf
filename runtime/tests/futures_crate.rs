//! The crate `futures` works here unchanged: its combinators over our timers, tasks, channels
//! and sockets.

#[path = "support/machine.rs"]
mod machine;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::future::{Either, join_all, select, select_all, try_join_all};
use futures::stream::{self, FuturesOrdered, FuturesUnordered, StreamExt, TryStreamExt};
use futures::{FutureExt, pin_mut};
use machine::{run, run_paused};
use runtime::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use runtime::net::{TcpListener, TcpStream};
use runtime::stream::wrappers::{IntervalStream, ReceiverStream, TcpListenerStream};
use runtime::time::{Duration, Instant, interval, sleep};

const MS: Duration = Duration::from_millis(1);

/// Ends after so many milliseconds, with their number.
async fn after(ms: u32) -> u32 {
    sleep(ms * MS).await;
    ms
}

#[test]
fn join_all_lasts_as_long_as_the_longest() {
    run_paused(async {
        let start = Instant::now();
        assert_eq!(join_all([30, 10, 20].map(after)).await, [30, 10, 20]);
        assert_eq!(start.elapsed(), 30 * MS);
        let tasks = (1..=100).map(|ms| runtime::spawn(after(ms)));
        let sum: u32 = try_join_all(tasks).await.unwrap().iter().sum();
        assert_eq!(sum, 5050);
    });
}

#[test]
fn futures_unordered_gives_them_as_they_end() {
    run_paused(async {
        let set: FuturesUnordered<_> = [30, 10, 20].into_iter().map(after).collect();
        assert_eq!(set.collect::<Vec<_>>().await, [10, 20, 30]);
        let set: FuturesOrdered<_> = [30, 10, 20].into_iter().map(after).collect();
        assert_eq!(set.collect::<Vec<_>>().await, [30, 10, 20]);
        let mut tasks: FuturesUnordered<_> = (0..1000)
            .rev()
            .map(|ms| runtime::spawn(after(ms)))
            .collect();
        let mut next = 0;
        while let Some(ended) = tasks.next().await {
            assert_eq!(ended.unwrap(), next);
            next += 1;
        }
        assert_eq!(next, 1000);
    });
}

#[test]
fn select_drops_the_loser_and_its_timer() {
    run_paused(async {
        let start = Instant::now();
        let (slow, fast) = (after(1000).fuse(), after(10).fuse());
        pin_mut!(slow, fast);
        match select(slow, fast).await {
            Either::Right((10, _slow)) => {}
            _ => panic!("the slow one won"),
        }
        let futures = [50, 20, 40].map(|ms| Box::pin(after(ms)));
        let (won, which, rest) = select_all(futures).await;
        assert_eq!((won, which, rest.len()), (20, 1, 2));
        assert_eq!(start.elapsed(), 30 * MS);
    });
}

#[test]
fn for_each_concurrent_keeps_to_its_limit() {
    run_paused(async {
        let start = Instant::now();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let each = stream::iter(0..100).for_each_concurrent(10, |_| async {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            sleep(10 * MS).await;
            now.set(now.get() - 1);
        });
        each.await;
        assert_eq!((now.get(), most.get()), (0, 10));
        assert_eq!(start.elapsed(), 100 * MS);
    });
}

#[test]
fn buffer_unordered_and_buffered_work_ahead() {
    run_paused(async {
        let start = Instant::now();
        let unordered = stream::iter([30, 10, 20, 5]).map(after).buffer_unordered(2);
        assert_eq!(unordered.collect::<Vec<_>>().await, [10, 30, 20, 5]);
        assert_eq!(start.elapsed(), 35 * MS);
        let ordered = stream::iter([30, 10, 20, 5]).map(after).buffered(4);
        assert_eq!(ordered.collect::<Vec<_>>().await, [30, 10, 20, 5]);
        assert_eq!(start.elapsed(), 65 * MS);
    });
}

#[test]
fn a_million_items_with_bounded_concurrency() {
    run_paused(async {
        let sum = stream::iter(0..1_000_000_u64)
            .map(|n| async move { n })
            .buffer_unordered(64)
            .fold(0, |sum, n| async move { sum + n });
        assert_eq!(sum.await, 499_999_500_000);
    });
}

#[test]
fn streams_of_ours_take_its_adapters() {
    run_paused(async {
        let (sender, receiver) = runtime::sync::mpsc::channel(2);
        let sending = runtime::spawn(async move {
            for n in 0..10 {
                sender.send(n).await.unwrap();
            }
        });
        let ticks = IntervalStream::new(interval(10 * MS));
        let start = Instant::now();
        let paced = ReceiverStream::new(receiver).zip(ticks).map(|(n, _)| n);
        assert_eq!(paced.collect::<Vec<_>>().await, Vec::from_iter(0..10));
        assert_eq!(start.elapsed(), 90 * MS);
        sending.await.unwrap();
    });
}

#[test]
fn sockets_are_served_concurrently_by_a_stream() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let served = Rc::new(RefCell::new(Vec::new()));
        let serving = TcpListenerStream::new(listener)
            .take(20)
            .try_for_each_concurrent(None, |mut stream| {
                let served = Rc::clone(&served);
                async move {
                    let byte = stream.read_u8().await?;
                    served.borrow_mut().push(byte);
                    stream.write_u8(byte + 100).await
                }
            });
        let asking = join_all((0..20).map(|n| async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_u8(n).await.unwrap();
            assert_eq!(stream.read_u8().await.unwrap(), n + 100);
        }));
        let (served_all, _) = futures::join!(serving, asking);
        served_all.unwrap();
        let mut served = served.take();
        served.sort_unstable();
        assert_eq!(served, Vec::from_iter(0..20));
    });
}

#[test]
fn its_own_methods_of_reading_work_on_our_streams() {
    run_paused(async {
        let (near, mut far) = runtime::io::duplex(64);
        far.write_all(b"one\ntwo\n").await.unwrap();
        drop(far);
        let lines = futures::AsyncBufReadExt::lines(BufReader::new(near));
        let lines: Vec<String> = lines.try_collect().await.unwrap();
        assert_eq!(lines, ["one", "two"]);
    });
}
