//! The clone of a waker makes the awaited thing happen.
//!
//! A future looks, finds nothing, and clones its waker to leave it. If that clone sends the
//! message, gives the permit back or ends the task, no waker is there yet to be called. The future
//! must find out by a second look, or it waits for ever. Here every primitive meets such a waker:
//! in its first poll, and when it waits already and is polled with this waker instead of another.
//! Those of `sync` stand in `clones_of_sync.rs` beside this file.

#[path = "../support/cloning.rs"]
mod cloning;

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use futures::AsyncRead;

use cloning::{has_worked, works_when_cloned};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::TcpStream;
use runtime::runtime::Runtime;
use runtime::sync::{mpsc, oneshot};
use runtime::task::{JoinSet, WakerCell, spawn_blocking};
use runtime::time::{Duration, advance, interval, sleep, timeout};

use super::net;
use super::tasks::{message_of_panic, panic_quietly, paused, poll_once, run_dry};

/// A wait, and what ends it.
pub(crate) type Case = (Pin<Box<dyn Future<Output = ()>>>, Box<dyn FnOnce()>);

pub(crate) fn case<T>(
    wait: impl Future<Output = T> + 'static,
    event: impl FnOnce() + 'static,
) -> Case {
    let wait = async { drop(wait.await) };
    (Box::pin(wait), Box::new(event))
}

/// The event happens in the clone of the waker, and the wait must hear of it.
#[track_caller]
pub(crate) fn hears(name: &str, make: impl Fn() -> Case) {
    for waits_already in [false, true] {
        let (mut wait, event) = make();
        if waits_already {
            assert!(
                poll_once(&mut wait).is_pending(),
                "{name}: there is nothing yet"
            );
        }
        let (waker, called) = works_when_cloned(event);
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(has_worked(), "{name}: a waker was cloned");
        let woken = called.load(Ordering::Relaxed) > 0;
        assert!(
            polled.is_ready() || woken,
            "{name}: it waits for what has happened (waits_already: {waits_already})"
        );
        if polled.is_pending() {
            assert!(
                poll_once(&mut wait).is_ready(),
                "{name}: it was woken for nothing"
            );
        }
    }
}

#[test]
fn both_ends_of_a_duplex_hear_what_the_clone_of_their_waker_did() {
    hears("read, bytes", || {
        let (mut near, mut far) = runtime::io::duplex(1);
        let wait = async move { near.read(&mut [0]).await.unwrap() };
        case(wait, move || {
            assert!(poll_once(&mut far.write(b"x")).is_ready());
        })
    });
    hears("read, the end", || {
        let (mut near, far) = runtime::io::duplex(1);
        case(
            async move { near.read(&mut [0]).await.unwrap() },
            move || drop(far),
        )
    });
    let full = || {
        let (mut near, far) = runtime::io::duplex(1);
        assert!(poll_once(&mut near.write(b"x")).is_ready());
        (near, far)
    };
    hears("write, room", || {
        let (mut near, mut far) = full();
        let event = move || assert!(poll_once(&mut far.read(&mut [0])).is_ready());
        case(async move { near.write(b"y").await }, event)
    });
    hears("write, the end", || {
        let (mut near, far) = full();
        case(async move { near.write(b"y").await }, move || drop(far))
    });
}

#[test]
fn a_waker_cell_hears_what_the_clone_of_the_waker_did() {
    hears("register", || {
        let done = Rc::new((std::cell::Cell::new(false), WakerCell::new()));
        let theirs = Rc::clone(&done);
        let wait = poll_fn(move |cx| match theirs.0.get() {
            true => Poll::Ready(()),
            false => theirs.1.register(cx, || theirs.0.get()),
        });
        case(wait, move || {
            done.0.set(true);
            done.1.wake();
        })
    });
}

/// A runtime for as long as the process lives.
fn forever() -> &'static Runtime {
    Box::leak(Box::new(Runtime::new().unwrap()))
}

#[test]
fn who_joins_hears_that_the_clone_of_its_waker_drove_the_task_to_its_end() {
    let runtime = forever();
    let _inside = runtime.enter();
    hears("join handle", || {
        case(runtime.spawn(async {}), || drop(run_dry(runtime)))
    });
    hears("remote handle", || {
        case(runtime.handle().spawn(async {}), || drop(run_dry(runtime)))
    });
    hears("job", || {
        let job = spawn_blocking(|| {});
        let over = job.abort_handle();
        case(job, move || {
            let all = poll_fn(|cx| match over.is_finished() {
                true => Poll::Ready(()),
                false => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            });
            runtime.block_on(all);
        })
    });
    hears("join set", || {
        let mut set = JoinSet::new();
        set.spawn(async {});
        case(async move { set.join_next().await }, || {
            drop(run_dry(runtime));
        })
    });
}

#[test]
fn a_timer_hears_that_the_clone_of_its_waker_moved_the_clock() {
    const SECOND: Duration = Duration::from_secs(1);
    let runtime: &'static Runtime = Box::leak(Box::new(paused()));
    let _inside = runtime.enter();
    // One that is set too late fires in the next turn of the loop, and that must be soon.
    let pass = || {
        runtime.block_on(async { advance(SECOND * 2).await });
    };
    let fires = |name: &str, make: &dyn Fn() -> Pin<Box<dyn Future<Output = ()>>>| {
        hears(name, || {
            let wait = make();
            (Box::pin(turning(runtime, wait)), Box::new(pass))
        });
    };
    fires("sleep", &|| Box::pin(sleep(SECOND)));
    fires("timeout", &|| {
        let wait = timeout(SECOND, std::future::pending::<()>());
        Box::pin(async { drop(wait.await) })
    });
    fires("interval", &|| {
        let mut ticks = interval(SECOND);
        assert!(poll_once(&mut Box::pin(ticks.tick())).is_ready());
        Box::pin(async move {
            ticks.tick().await;
        })
    });
}

/// Polls, and lets the loop turn afterwards.
fn turning(
    runtime: &'static Runtime,
    mut wait: Pin<Box<dyn Future<Output = ()>>>,
) -> impl Future<Output = ()> {
    poll_fn(move |cx| {
        let polled = wait.as_mut().poll(cx);
        run_dry(runtime);
        polled
    })
}

/// A socket, and an event: the other end writes, and the runtime is driven until that was noted.
fn pair(runtime: &'static Runtime) -> (Rc<TcpStream>, impl FnOnce() + use<>) {
    let (near, far) = runtime.block_on(net::pair());
    let near = Rc::new(near);
    let other = Rc::clone(&near);
    let event = move || {
        assert_eq!(far.try_write(b"x").unwrap(), 1);
        runtime.block_on(other.readable()).unwrap();
        std::mem::forget(far); // its end is no second event
    };
    (near, event)
}

#[test]
fn a_socket_hears_that_the_clone_of_its_waker_took_the_event() {
    let runtime = forever();
    let pair = || pair(runtime);
    hears("readable", || {
        let (near, event) = pair();
        case(async move { near.readable().await.unwrap() }, event)
    });
    hears("ready", || {
        let (near, event) = pair();
        let wait = async move { near.ready(Interest::READABLE).await.is_ok() };
        case(wait, event)
    });
    hears("poll_read_ready", || {
        let (near, event) = pair();
        case(poll_fn(move |cx| near.poll_read_ready(cx)), event)
    });
    hears("read", || {
        let (near, event) = pair();
        let wait = async move { near.peek(&mut [0]).await.unwrap() };
        case(wait, event)
    });
}

#[test]
fn a_socket_and_a_timer_hear_that_the_clone_of_their_waker_shut_the_runtime_down() {
    for waits_already in [false, true] {
        let runtime = Runtime::new().unwrap();
        let (near, _far) = runtime.block_on(net::pair());
        let mut wait = Box::pin(near.readable());
        if waits_already {
            assert!(poll_once(&mut wait).is_pending());
        }
        let (waker, _) = works_when_cloned(move || drop(runtime));
        let polled = wait.as_mut().poll(&mut Context::from_waker(&waker));
        assert!(matches!(polled, Poll::Ready(Err(_))), "{polled:?}");
    }
    for waits_already in [false, true] {
        let runtime = paused();
        let mut nap = {
            let _inside = runtime.enter();
            sleep(Duration::from_secs(1))
        };
        if waits_already {
            assert!(poll_once(&mut nap).is_pending());
        }
        let (waker, _) = works_when_cloned(move || drop(runtime));
        let poll = || {
            Pin::new(&mut nap)
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        };
        let message = message_of_panic(poll);
        assert!(message.contains("shut down"), "{message}");
    }
}

#[test]
fn a_clone_that_panics_does_not_take_the_place_of_the_one_that_waits() {
    /// Waits with a good waker, then with one whose clone panics; the event calls the good one.
    fn keeps(name: &str, (mut wait, event): Case) {
        let (good, called) = super::counting();
        let polled = wait.as_mut().poll(&mut Context::from_waker(&good));
        assert!(polled.is_pending(), "{name}");
        let (bad, _) = works_when_cloned(|| panic_quietly("the clone of a waker"));
        message_of_panic(|| {
            wait.as_mut()
                .poll(&mut Context::from_waker(&bad))
                .is_ready()
        });
        event();
        assert_eq!(called.load(Ordering::Relaxed), 1, "{name}");
    }
    let (tx, mut rx) = mpsc::channel(1);
    let sender = tx.clone();
    let wait = poll_fn(move |cx| rx.poll_recv(cx).map(|_| tx.is_closed()));
    keeps("mpsc", case_of(wait, move || sender.try_send(1).unwrap()));
    let (tx, mut rx) = oneshot::channel();
    let wait = poll_fn(move |cx| Pin::new(&mut rx).poll(cx));
    keeps("oneshot", case_of(wait, move || tx.send(1).unwrap()));
    let (mut near, mut far) = runtime::io::duplex(1);
    let wait = poll_fn(move |cx| Pin::new(&mut near).poll_read(cx, &mut [0]));
    let event = move || assert!(poll_once(&mut far.write(b"x")).is_ready());
    keeps("duplex", case_of(wait, event));
    let runtime = forever();
    let mut task = runtime.spawn(async {});
    let wait = poll_fn(move |cx| Pin::new(&mut task).poll(cx));
    keeps("join handle", case_of(wait, || drop(run_dry(runtime))));
    let (near, event) = pair(runtime);
    keeps(
        "socket",
        case_of(poll_fn(move |cx| near.poll_read_ready(cx)), event),
    );
}

/// As [`case`], for a wait that can be polled after a panic.
fn case_of<T>(
    wait: impl Future<Output = T> + Unpin + 'static,
    event: impl FnOnce() + 'static,
) -> Case {
    let mut wait = wait;
    let wait = poll_fn(move |cx| Pin::new(&mut wait).poll(cx).map(drop));
    (Box::pin(wait), Box::new(event))
}
