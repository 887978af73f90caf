//! Wakers that are not tasks: foreign code, which the machine calls, clones and drops.
//!
//! A future of ours may be polled by a stranger: a combinator, another executor, a test. Its
//! waker then runs in the middle of the driver's work, and may do there whatever it likes:
//! set timers, abort tasks, drop what others wait for, or panic. The rule that makes this
//! harmless is that nothing foreign runs under a borrow of the machine's books, and that one
//! waker that panics keeps no other from being called.

#[path = "foreign_wakers/clones.rs"]
mod clones;
#[path = "foreign_wakers/clones_of_sync.rs"]
mod clones_of_sync;
#[path = "foreign_wakers/kept.rs"]
mod kept;
#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use runtime::net::TcpStream;
use runtime::runtime::Runtime;
use runtime::time::{Duration, Sleep, sleep};
use tasks::{panic_quietly, paused, run_dry, waker_of};

const SECOND: Duration = Duration::from_secs(1);

/// Polls with this waker; it must have to wait.
fn wait_with(waker: &Waker, future: &mut (impl Future + Unpin)) {
    let poll = Pin::new(future).poll(&mut Context::from_waker(waker));
    assert!(poll.is_pending());
}

/// A waker that counts, and the count.
fn counting() -> (Waker, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let theirs = Arc::clone(&count);
    let waker = waker_of(move || {
        theirs.fetch_add(1, Ordering::Relaxed);
    });
    (waker, count)
}

#[test]
fn a_timer_whose_waker_panics_keeps_no_other_from_firing() {
    let runtime = paused();
    let mut timers = {
        let _inside = runtime.enter();
        [(); 3].map(|()| sleep(SECOND))
    };
    let (good, fired) = counting();
    let bad = waker_of(|| panic_quietly("a waker"));
    for (timer, waker) in timers.iter_mut().zip([&good, &bad, &good]) {
        wait_with(waker, timer);
    }
    let task = runtime.spawn(async { sleep(SECOND).await });
    runtime.block_on(task).unwrap();
    assert_eq!(fired.load(Ordering::Relaxed), 2);
    assert!(timers.iter().all(Sleep::is_elapsed));
}

#[test]
fn a_socket_whose_waker_panics_keeps_no_other_from_being_told() {
    let runtime = Runtime::new().unwrap();
    let pairs =
        runtime.block_on(async { [net::pair().await, net::pair().await, net::pair().await] });
    let (good, told) = counting();
    let bad = waker_of(|| panic_quietly("a waker"));
    for ((near, _), waker) in pairs.iter().zip([&good, &bad, &good]) {
        assert!(
            near.poll_read_ready(&mut Context::from_waker(waker))
                .is_pending()
        );
    }
    for (_, far) in &pairs {
        assert_eq!(far.try_write(b"x").unwrap(), 1);
    }
    runtime.block_on(async {
        for (near, _) in &pairs {
            near.readable().await.unwrap();
        }
    });
    assert_eq!(told.load(Ordering::Relaxed), 2);
}

#[test]
fn wakers_that_panic_while_the_runtime_goes_down_are_not_in_the_way() {
    let runtime = Runtime::new().unwrap();
    let pairs = runtime.block_on(async { [net::pair().await, net::pair().await] });
    let mut timers = {
        let _inside = runtime.enter();
        [sleep(SECOND), sleep(SECOND)]
    };
    let (good, told) = counting();
    let bad = waker_of(|| panic_quietly("a waker"));
    for (at, waker) in [&bad, &good].into_iter().enumerate() {
        let mut cx = Context::from_waker(waker);
        assert!(pairs[at].0.poll_read_ready(&mut cx).is_pending());
        wait_with(waker, &mut timers[at]);
    }
    drop(runtime);
    assert_eq!(told.load(Ordering::Relaxed), 2, "one timer and one socket");
}

thread_local! {
    static WORK: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// Does the thread's work, once.
fn work() {
    if let Some(work) = WORK.take() {
        work();
    }
}

fn set_work(next: impl FnOnce() + 'static) {
    WORK.set(Some(Box::new(next)));
}

/// A waker that does the thread's work when it is dropped.
fn works_when_dropped() -> Waker {
    struct Last;
    impl Wake for Last {
        fn wake(self: Arc<Self>) {}
    }
    impl Drop for Last {
        fn drop(&mut self) {
            work();
        }
    }
    Waker::from(Arc::new(Last))
}

/// All that a stranger could get hold of, used at once.
fn meddle(runtime: &'static Runtime, timers: Vec<Sleep>, streams: Vec<TcpStream>) {
    let aborted = runtime.spawn(std::future::pending::<()>());
    aborted.abort();
    let _inside = runtime.enter();
    for mut timer in timers {
        let later = timer.deadline() + SECOND;
        Pin::new(&mut timer).reset(later);
        let _ = Pin::new(&mut timer).poll(&mut Context::from_waker(Waker::noop()));
    }
    for stream in streams {
        let _ = stream.poll_read_ready(&mut Context::from_waker(Waker::noop()));
        drop(stream.readable());
    }
    wait_with(Waker::noop(), &mut sleep(SECOND));
    drop(runtime.spawn(async {}));
    drop(runtime.handle().spawn(async {}));
    runtime.trace().start(10);
    runtime.trace().stop();
}

/// One runtime a test, for as long as the process lives: closures get it without counting.
fn forever() -> &'static Runtime {
    Box::leak(Box::new(Runtime::new().unwrap()))
}

fn some_timers(runtime: &Runtime) -> Vec<Sleep> {
    let _inside = runtime.enter();
    let mut timers: Vec<_> = (0..5).map(|n| sleep(Duration::from_millis(n))).collect();
    for timer in &mut timers {
        let _ = Pin::new(timer).poll(&mut Context::from_waker(Waker::noop()));
    }
    timers
}

fn some_streams(runtime: &Runtime) -> Vec<TcpStream> {
    let (near, far) = runtime.block_on(net::pair());
    let _ = near.poll_read_ready(&mut Context::from_waker(Waker::noop()));
    vec![near, far]
}

#[test]
fn a_waker_may_meddle_when_a_timer_fires() {
    let runtime = forever();
    let (timers, streams) = (some_timers(runtime), some_streams(runtime));
    set_work(move || meddle(runtime, timers, streams));
    let mut timer = {
        let _inside = runtime.enter();
        sleep(Duration::from_millis(2))
    };
    wait_with(&waker_of(work), &mut timer);
    runtime.block_on(async { sleep(Duration::from_millis(10)).await });
    assert!(WORK.take().is_none(), "it was called");
    run_dry(runtime);
}

#[test]
fn a_waker_may_meddle_when_a_socket_is_ready() {
    let runtime = forever();
    let (near, far) = runtime.block_on(net::pair());
    let (timers, streams) = (some_timers(runtime), some_streams(runtime));
    set_work(move || meddle(runtime, timers, streams));
    assert!(
        near.poll_read_ready(&mut Context::from_waker(&waker_of(work)))
            .is_pending()
    );
    far.try_write(b"x").unwrap();
    runtime.block_on(near.readable()).unwrap();
    assert!(WORK.take().is_none(), "it was called");
    run_dry(runtime);
}

#[test]
fn the_last_drop_of_a_waker_may_meddle_wherever_it_happens() {
    let runtime = forever();
    let _inside = runtime.enter();
    type Case = fn(&Runtime, Waker);
    let cases: [(&str, Case); 6] = [
        ("a timer gets another waker", |_, waker| {
            let mut timer = sleep(SECOND);
            wait_with(&waker, &mut timer);
            drop(waker);
            wait_with(Waker::noop(), &mut timer);
        }),
        ("a timer is dropped", |_, waker| {
            let mut timer = sleep(SECOND);
            wait_with(&waker, &mut timer);
        }),
        ("a slot is taken by another", |runtime, waker| {
            let (near, _far) = runtime.block_on(net::pair());
            let _ = near.poll_read_ready(&mut Context::from_waker(&waker));
            drop(waker);
            let _ = near.poll_read_ready(&mut Context::from_waker(Waker::noop()));
        }),
        ("a waiter leaves", |runtime, waker| {
            let (near, _far) = runtime.block_on(net::pair());
            let mut readable = Box::pin(near.readable());
            wait_with(&waker, &mut readable);
            drop(waker);
            wait_with(Waker::noop(), &mut readable);
        }),
        ("a stream is dropped", |runtime, waker| {
            let (near, _far) = runtime.block_on(net::pair());
            let _ = near.poll_read_ready(&mut Context::from_waker(&waker));
        }),
        ("a join handle is dropped", |runtime, waker| {
            let mut task = runtime.spawn(std::future::pending::<()>());
            wait_with(&waker, &mut task);
        }),
    ];
    for (name, case) in cases {
        let (timers, streams) = (some_timers(runtime), some_streams(runtime));
        let waker = works_when_dropped();
        set_work(move || meddle(runtime, timers, streams));
        case(runtime, waker);
        assert!(WORK.take().is_none(), "{name}: it was dropped");
    }
    run_dry(runtime);
}

/// A waker whose last drop panics.
fn bad_to_drop() -> Waker {
    struct Bad;
    impl Wake for Bad {
        fn wake(self: Arc<Self>) {
            std::mem::forget(self);
        }
    }
    impl Drop for Bad {
        fn drop(&mut self) {
            panic_quietly("the drop of a waker");
        }
    }
    Waker::from(Arc::new(Bad))
}

#[test]
fn an_end_of_a_channel_whose_waker_panics_when_dropped_is_gone_all_the_same() {
    use runtime::sync::oneshot;

    let (mut tx, mut rx) = oneshot::channel::<()>();
    let (good, called) = counting();
    wait_with(&good, &mut rx);
    let bad = bad_to_drop();
    let poll = tx.poll_closed(&mut Context::from_waker(&bad));
    assert!(poll.is_pending());
    drop(bad);
    drop(tx);
    assert_eq!(
        called.load(Ordering::Relaxed),
        1,
        "the receiver hears of it"
    );

    let (mut tx, mut rx) = oneshot::channel::<()>();
    let (good, called) = counting();
    let poll = tx.poll_closed(&mut Context::from_waker(&good));
    assert!(poll.is_pending());
    let bad = bad_to_drop();
    wait_with(&bad, &mut rx);
    drop(bad);
    drop(rx);
    assert_eq!(called.load(Ordering::Relaxed), 1, "the sender hears of it");
}
