//! A waker is not kept after its wait is over.
//!
//! Behind a waker may be anything. That of a `FuturesUnordered` holds the future itself: as long
//! as a channel keeps such a waker, a future that has long ended keeps its memory. So whatever is
//! waited for lets go of the waker when it has called it, when the wait has heard, and when the
//! wait is dropped.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::sync::{
    Barrier, CancellationToken, Notify, Semaphore, broadcast, mpsc, oneshot, watch,
};
use runtime::task::{JoinSet, yield_now};
use runtime::time::{Duration, advance, sleep};

use super::tasks::{paused, poll_once, run_dry};

struct Counted;

impl Wake for Counted {
    fn wake(self: Arc<Self>) {}
}

/// What a test leaves alive: what is waited for must not go away with the wait.
fn leak<T>(value: T) -> &'static mut T {
    Box::leak(Box::new(value))
}

/// The wait ends by the event; then, and when it is dropped instead, no waker is left. The wait
/// itself is still there when it has ended.
#[track_caller]
fn lets_go<F: Future>(name: &str, make: impl Fn() -> (F, Box<dyn FnOnce()>)) {
    for ends in [true, false] {
        let counted = Arc::new(Counted);
        let waker = Waker::from(Arc::clone(&counted));
        let mut cx = Context::from_waker(&waker);
        let (wait, event) = make();
        let mut wait = Box::pin(wait);
        assert!(wait.as_mut().poll(&mut cx).is_pending(), "{name}");
        match ends {
            true => {
                event();
                assert!(wait.as_mut().poll(&mut cx).is_ready(), "{name}");
            }
            false => drop(wait),
        }
        drop(waker);
        assert_eq!(Arc::strong_count(&counted), 1, "{name} (ends: {ends})");
    }
}

#[test]
fn what_is_waited_for_in_sync_lets_go_of_the_waker() {
    lets_go("mpsc recv", || {
        let (tx, rx) = mpsc::channel(1);
        let tx = leak(tx);
        (leak(rx).recv(), Box::new(|| tx.try_send(1).unwrap()))
    });
    lets_go("mpsc recv, the senders gone", || {
        let (tx, rx) = mpsc::channel::<u32>(1);
        (leak(rx).recv(), Box::new(move || drop(tx)))
    });
    lets_go("mpsc send", || {
        let (tx, rx) = mpsc::channel(1);
        tx.try_send(1).unwrap();
        let rx = leak(rx);
        (
            leak(tx).send(2),
            Box::new(|| assert!(rx.try_recv().is_ok())),
        )
    });
    lets_go("mpsc closed", || {
        let (tx, rx) = mpsc::channel::<u32>(1);
        let rx = leak(rx);
        (leak(tx).closed(), Box::new(|| rx.close()))
    });
    lets_go("oneshot closed", || {
        let (tx, rx) = oneshot::channel::<u32>();
        let rx = leak(rx);
        (leak(tx).closed(), Box::new(|| rx.close()))
    });
    lets_go("watch changed", || {
        let (tx, rx) = watch::channel(0);
        let tx = leak(tx);
        (leak(rx).changed(), Box::new(|| tx.send(1).unwrap()))
    });
    lets_go("watch closed", || {
        let (tx, rx) = watch::channel(0);
        (leak(tx).closed(), Box::new(|| drop(rx)))
    });
    lets_go("broadcast recv", || {
        let (tx, rx) = broadcast::channel(1);
        let tx = leak(tx);
        (leak(rx).recv(), Box::new(|| drop(tx.send(1))))
    });
    lets_go("notified", || {
        let notify = &*leak(Notify::new());
        (notify.notified(), Box::new(|| notify.notify_one()))
    });
    lets_go("acquire", || {
        let semaphore = &*leak(Semaphore::new(0));
        (semaphore.acquire(), Box::new(|| semaphore.add_permits(1)))
    });
    lets_go("barrier", || {
        let barrier = &*leak(Barrier::new(2));
        let event = || assert!(poll_once(&mut Box::pin(barrier.wait())).is_ready());
        (barrier.wait(), Box::new(event))
    });
    lets_go("cancelled", || {
        let token = &*leak(CancellationToken::new());
        (token.cancelled(), Box::new(|| token.cancel()))
    });
}

#[test]
fn tasks_timers_and_streams_let_go_of_the_waker() {
    let runtime = &*leak(paused());
    let _inside = runtime.enter();
    lets_go("join next", || {
        let set = leak(JoinSet::new());
        set.spawn(async {});
        (set.join_next(), Box::new(|| drop(run_dry(runtime))))
    });
    lets_go("join handle", || {
        let task = runtime.spawn(async {});
        (task, Box::new(|| drop(run_dry(runtime))))
    });
    lets_go("remote handle", || {
        let task = runtime.handle().spawn(async {});
        (task, Box::new(|| drop(run_dry(runtime))))
    });
    lets_go("sleep", || {
        let pass = || runtime.block_on(advance(Duration::from_secs(2)));
        (sleep(Duration::from_secs(1)), Box::new(pass))
    });
    lets_go("duplex read", || {
        let (near, mut far) = runtime::io::duplex(1);
        // The stream's `poll_read` cannot know that the read is dropped; the stream can.
        let event = move || assert!(poll_once(&mut far.write(b"x")).is_ready());
        let read = async move {
            let mut near = near;
            near.read(&mut [0]).await.unwrap()
        };
        (read, Box::new(event))
    });
}

#[test]
fn a_receiver_of_a_oneshot_that_is_closed_lets_go_of_its_waker() {
    let counted = Arc::new(Counted);
    let waker = Waker::from(Arc::clone(&counted));
    let (_tx, mut rx) = oneshot::channel::<u32>();
    assert!(
        Pin::new(&mut rx)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    rx.close();
    drop(waker);
    assert_eq!(Arc::strong_count(&counted), 1);
}

/// How many bytes are left of 200 futures of 16 KiB that have waited and ended in a
/// `FuturesUnordered`, of which nothing is left but the channels.
fn left_of_200<E, F>(make: impl Fn() -> (E, F), end: impl Fn(&mut E)) -> i64
where
    F: Future,
{
    let runtime = paused();
    let mut ends = Vec::with_capacity(200);
    let measured = allocation_counter::measure(|| {
        let mut all = FuturesUnordered::new();
        for _ in 0..200 {
            let (end, wait) = make();
            ends.push(end);
            all.push(async move {
                let mut large = [0_u8; 16 * 1024];
                wait.await;
                large[7] = 1;
                std::hint::black_box(&large);
            });
        }
        runtime.block_on(async {
            assert!(poll_now(&mut all).await.is_pending(), "they wait");
            ends.iter_mut().for_each(&end);
            while all.next().await.is_some() {}
        });
    });
    drop(ends);
    measured.bytes_current
}

/// One poll with the waker of the task that this runs in.
async fn poll_now<S: futures::Stream + Unpin>(stream: &mut S) -> Poll<()> {
    poll_fn(|cx| Poll::Ready(stream.poll_next_unpin(cx).map(drop))).await
}

#[test]
fn futures_that_have_ended_leave_bytes_and_not_megabytes() {
    let received = left_of_200(
        || {
            let (tx, rx) = mpsc::channel(1);
            let rx = leak(rx);
            (tx, async { rx.recv().await })
        },
        |tx| tx.try_send(1).unwrap(),
    );
    // What is left are the channels: the rings of the messages, and the receivers leaked here.
    assert!(received < 200 * 512, "mpsc recv: {received} bytes are left");
    let closed = left_of_200(
        || {
            let (tx, rx) = oneshot::channel::<u32>();
            let rx = leak(rx);
            let wait = async {
                assert!(
                    poll_fn(|cx| Poll::Ready(Pin::new(&mut *rx).poll(cx)))
                        .await
                        .is_pending()
                );
                yield_now().await;
                rx.close();
            };
            (tx, wait)
        },
        |_| {},
    );
    assert!(closed < 200 * 512, "oneshot close: {closed} bytes are left");
}

#[test]
fn a_task_that_receives_again_and_again_is_woken_each_time() {
    let runtime = paused();
    let (tx, mut rx) = mpsc::channel(1);
    let receiver = runtime.spawn(async move {
        let mut sum = 0;
        while let Some(n) = rx.recv().await {
            sum += n;
        }
        sum
    });
    let mut receiver = pin!(receiver);
    for n in 1..=3 {
        run_dry(&runtime);
        tx.try_send(n).unwrap();
    }
    drop(tx);
    run_dry(&runtime);
    let Poll::Ready(sum) = poll_once(&mut receiver) else {
        panic!("it waits")
    };
    assert_eq!(sum.unwrap(), 6);
}
