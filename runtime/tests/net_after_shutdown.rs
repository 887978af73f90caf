//! Objects that outlive their runtime: they answer with errors, wake who waits for them, and
//! never hang or panic where a program could not have known.

#[path = "support/machine.rs"]
mod machine;
#[path = "support/net.rs"]
mod net;

use std::future::poll_fn;
use std::io::{ErrorKind, Read, Write};
use std::rc::Rc;

use machine::{Ledger, block_on, live, panic_of, poll_here, run};
use net::{ANY, fill, is_ready, listener, pair, refusing};
use runtime::io::{AsyncReadExt, AsyncWriteExt, Interest};
use runtime::net::{TcpListener, TcpStream};
use runtime::signal::unix::{SignalKind, signal};
use runtime::task::yield_now;
use runtime::time::{Duration, interval, sleep, timeout};
use runtime::{spawn, trace::Trace};

/// Makes objects in a runtime that is gone when this returns.
fn outlive<T>(make: impl AsyncFnOnce() -> T) -> (T, Trace) {
    let gone = live();
    let objects = block_on(&gone, make());
    (objects, gone.trace())
}

/// After the objects are dropped, their runtime holds nothing.
fn assert_nothing_left(trace: &Trace) {
    let mut ledger = Ledger::default();
    ledger.read(&trace.take());
    ledger.assert_empty();
}

fn assert_gone<T>(result: std::io::Result<T>) {
    let Err(error) = result else {
        panic!("it must fail: its runtime is gone");
    };
    assert!(error.to_string().contains("shut down"), "{error}");
}

#[test]
fn every_wait_on_a_stream_or_listener_is_an_error() {
    let ((mut near, far, listener), trace) =
        outlive(async || (pair().await.0, pair().await.1, listener().await));
    run(async {
        assert_gone(near.read(&mut [0; 8]).await);
        assert_gone(near.write(b"x").await);
        assert_gone(near.write_all(b"x").await);
        assert_gone(near.peek(&mut [0; 8]).await);
        assert_gone(near.readable().await);
        assert_gone(near.writable().await);
        assert_gone(near.ready(Interest::READABLE | Interest::WRITABLE).await);
        assert_gone(poll_fn(|cx| near.poll_read_ready(cx)).await);
        assert_gone(poll_fn(|cx| near.poll_write_ready(cx)).await);
        assert_gone(listener.accept().await);
        assert_gone(poll_fn(|cx| listener.poll_accept(cx)).await);
    });
    drop((near, far, listener));
    assert_nothing_left(&trace);
}

#[test]
fn what_does_not_wait_still_works() {
    let ((near, far), trace) = outlive(pair);
    assert_eq!(near.peer_addr().unwrap(), far.local_addr().unwrap());
    near.set_nodelay(true).unwrap();
    assert!(near.nodelay().unwrap() && near.take_error().unwrap().is_none());
    // Trying may or may not find the socket ready; it does not wait.
    let tried = near.try_read(&mut [0; 8]).unwrap_err();
    assert_eq!(tried.kind(), ErrorKind::WouldBlock);
    drop(near.try_write(b"x"));
    let (read, write) = near.into_split();
    drop(read.reunite(write).unwrap());
    drop(far);
    assert_nothing_left(&trace);
}

#[test]
fn the_socket_can_be_taken_out_and_used_elsewhere() {
    let ((near, mut far, listener), trace) = outlive(async || {
        let (near, far) = pair().await;
        (near, far.into_std().unwrap(), listener().await)
    });
    let (near, listener) = (near.into_std().unwrap(), listener.into_std().unwrap());
    assert_nothing_left(&trace);
    far.write_all(b"hello").unwrap();
    far.set_nonblocking(false).unwrap();
    run(async {
        let mut near = TcpStream::from_std(near).unwrap();
        let mut buffer = [0; 5];
        near.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"hello");
        drop(near);
        let listener = TcpListener::from_std(listener).unwrap();
        let peer = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        listener.accept().await.unwrap();
        drop(peer);
    });
    assert_eq!(far.read(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn whoever_waits_in_another_runtime_is_woken_by_the_shutdown() {
    let gone = live();
    let trace = gone.trace();
    let (near, _far, full, _other_end, listener, mut interrupt) = block_on(&gone, async {
        let ((near, far), (full, other_end)) = (pair().await, pair().await);
        fill(&full).await;
        let interrupt = signal(SignalKind::hangup()).unwrap();
        (near, far, full, other_end, listener().await, interrupt)
    });
    run(async {
        let (near, listener) = (Rc::new(near), Rc::new(listener));
        let (readable, accepting) = (Rc::clone(&near), Rc::clone(&listener));
        let (mut read, mut write) = full.into_split();
        let waiting = [
            spawn(async move { readable.readable().await }),
            spawn(async move { accepting.accept().await.map(drop) }),
            spawn(async move { read.read(&mut [0; 8]).await.map(drop) }),
            spawn(async move { write.write_all(&[0; 100_000]).await }),
        ];
        let hearing = spawn(async move { interrupt.recv().await });
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(waiting.iter().all(|task| !task.is_finished()) && !hearing.is_finished());
        drop(gone);
        for task in waiting {
            assert_gone(task.await.unwrap());
        }
        assert_eq!(hearing.await.unwrap(), None);
    });
    drop((_far, _other_end));
    assert_nothing_left(&trace);
}

#[test]
fn a_connect_that_outlives_its_runtime_is_an_error() {
    let gone = live();
    let trace = gone.trace();
    let (_held, refused) = refusing();
    let addr = block_on(&gone, async { listener().await.local_addr().unwrap() });
    // A connection to a listener that was dropped may be refused or may have come through; it
    // has not been heard of by the time the runtime ends.
    let mut connects = [addr, refused].map(|addr| Box::pin(TcpStream::connect(addr)));
    block_on(&gone, async {
        for connect in &mut connects {
            let _ = poll_here(connect).await;
        }
    });
    drop(gone);
    run(async {
        for connect in connects {
            drop(connect.await.unwrap_err());
        }
    });
    assert_nothing_left(&trace);
}

#[test]
fn a_signal_that_outlives_its_runtime_has_come_to_its_end() {
    let (mut listening, trace) = outlive(async || signal(SignalKind::hangup()).unwrap());
    run(async {
        assert_eq!(listening.recv().await, None);
        assert_eq!(listening.recv().await, None);
    });
    drop(listening);
    assert_nothing_left(&trace);
}

#[test]
fn a_limit_or_an_interval_that_outlives_its_runtime_panics_and_says_why() {
    let long = Duration::from_secs(3600);
    let ((limit, mut ticker), trace) = outlive(async || {
        let mut limit = timeout(long, std::future::pending::<()>());
        assert!(poll_here(&mut limit).await.is_pending());
        let mut ticker = interval(long);
        ticker.tick().await;
        assert!(!is_ready(ticker.tick()).await);
        (limit, ticker)
    });
    let text = panic_of(|| run(limit));
    assert!(text.contains("shut down"), "{text}");
    let text = panic_of(|| run(ticker.tick()));
    assert!(text.contains("shut down"), "{text}");
    drop(ticker);
    assert_nothing_left(&trace);
}

#[test]
fn a_join_handle_that_outlives_its_runtime_says_cancelled() {
    let ((waiting, done), _trace) = outlive(async || {
        let done = spawn(async { 7 });
        yield_now().await;
        (spawn(std::future::pending::<i32>()), done)
    });
    run(async {
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert_eq!(done.await.unwrap(), 7);
    });
}

#[test]
fn a_dropped_stream_says_goodbye_to_its_peer_even_after_its_runtime() {
    let ((near, far), trace) = outlive(pair);
    let mut far = far.into_std().unwrap();
    far.set_nonblocking(false).unwrap();
    drop(near);
    assert_eq!(far.read(&mut [0; 8]).unwrap(), 0);
    assert_nothing_left(&trace);
}

/// Makes sockets and timers, and waits for them, while its runtime shuts down.
struct LastWords {
    stream: TcpStream,
}

impl Drop for LastWords {
    fn drop(&mut self) {
        drop(self.stream.try_write(b"goodbye"));
        let std = std::net::TcpListener::bind(ANY).unwrap();
        std.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(std).unwrap();
        let waker = std::task::Waker::noop();
        let mut accept = Box::pin(listener.accept());
        assert!(machine::poll_with(waker, &mut accept).is_pending());
        let mut nap = sleep(Duration::from_secs(1));
        assert!(machine::poll_with(waker, &mut nap).is_pending());
        drop(spawn(async {}));
    }
}

#[test]
fn what_a_task_makes_while_it_is_dropped_by_the_shutdown_is_dropped_with_it() {
    let (mut far, trace) = outlive(async || {
        let (near, far) = pair().await;
        let words = LastWords { stream: near };
        drop(spawn(async move {
            let _words = words;
            std::future::pending::<()>().await;
        }));
        yield_now().await;
        far.into_std().unwrap()
    });
    far.set_nonblocking(false).unwrap();
    let mut heard = String::new();
    far.read_to_string(&mut heard).unwrap();
    assert_eq!(heard, "goodbye");
    assert_nothing_left(&trace);
}

#[test]
fn a_thousand_waiters_of_a_runtime_that_is_gone_are_all_woken() {
    let gone = live();
    let (near, _far) = block_on(&gone, pair());
    run(async {
        let near = Rc::new(near);
        let waiters = (0..1000).map(|_| {
            let near = Rc::clone(&near);
            spawn(async move { near.readable().await })
        });
        let waiters: Vec<_> = waiters.collect();
        yield_now().await;
        drop(gone);
        for waiter in waiters {
            assert_gone(waiter.await.unwrap());
        }
    });
}
