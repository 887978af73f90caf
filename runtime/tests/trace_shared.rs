//! Locks, permits and channels as events, in a snapshot, and in the answer to "is it a deadlock?"

#![cfg(feature = "trace")]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::collections::BTreeSet;
use std::future::pending;
use std::io::{Read, Write};
use std::rc::Rc;

use events::{events, traced};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::join;
use runtime::net::{TcpListener, TcpStream};
use runtime::runtime::Runtime;
use runtime::sync::{Mutex, RwLock, Semaphore, mpsc};
use runtime::time::{Duration, timeout};
use runtime::trace::{Direction, Event, Holder, Shared, Snapshot, Wait};
use tasks::run_dry;

/// What the events say of locks, permits and lines.
fn of_locks(runtime: &Runtime) -> Vec<String> {
    let words = |event: Event| {
        Some(match event {
            Event::Taken { number, count, .. } => format!("taken {number} x{count}"),
            Event::HandedOver { number, count, .. } => format!("over {number} x{count}"),
            Event::GivenBack { number, count, .. } => format!("back {number} x{count}"),
            Event::Forgotten { number, count, .. } => format!("forgotten {number} x{count}"),
            Event::LineLeft {
                number, granted, ..
            } => format!("left {number} {granted}"),
            Event::Waiting {
                on: Wait::Shared(_, number),
                ..
            } => format!("waits {number}"),
            Event::Woken { task, .. } => format!("woken {task}"),
            _ => return None,
        })
    };
    events(runtime).into_iter().filter_map(words).collect()
}

/// The holders of a thing: task and count.
type Holders = Vec<(Option<u64>, usize)>;

/// Each thing with its holders.
fn held(snapshot: &Snapshot) -> Vec<(u64, Holders)> {
    let holders = |holders: &[Holder]| holders.iter().map(|it| (it.task, it.count)).collect();
    let shared = snapshot.shared.iter();
    shared
        .map(|(number, view)| (*number, holders(&view.holders)))
        .collect()
}

#[test]
fn a_mutex_says_who_takes_it_whom_it_goes_to_and_who_gives_it_back() {
    let runtime = traced();
    let mutex = Rc::new(Mutex::new(()));
    let (first, second) = (Rc::clone(&mutex), Rc::clone(&mutex));
    drop(runtime.spawn(async move {
        let _guard = first.lock().await;
        runtime::task::yield_now().await;
    }));
    drop(runtime.spawn(async move { drop(second.lock().await) }));
    run_dry(&runtime);
    assert_eq!(
        of_locks(&runtime),
        [
            "woken 1",
            "woken 2",
            "taken 1 x1",
            "woken 1",
            "waits 1",
            "back 1 x1",
            "over 1 x1",
            "woken 2",
            "taken 1 x1",
            "back 1 x1"
        ]
    );
    assert!(
        runtime.snapshot().shared.is_empty(),
        "nothing is held any more"
    );
}

#[test]
fn the_holder_of_a_lock_stands_in_the_snapshot_with_its_line() {
    let runtime = traced();
    let lock = Rc::new(RwLock::new(()));
    let (reader, writer) = (Rc::clone(&lock), lock);
    let (at, line) = (file!(), line!() + 2);
    drop(runtime.spawn(async move {
        let _guard = reader.read().await;
        pending::<()>().await;
    }));
    drop(runtime.spawn(async move { drop(writer.write().await) }));
    run_dry(&runtime);
    let snapshot = runtime.snapshot();
    assert_eq!(held(&snapshot), [(1, vec![(Some(1), 1)])]);
    let view = &snapshot.shared[&1];
    let place = view.holders[0].at;
    assert_eq!(
        (view.kind, place.file, place.line),
        (Shared::RwLock, at, line)
    );
    assert_eq!(snapshot.waiters(1).collect::<Vec<_>>(), [2]);
}

#[test]
fn permits_are_counted_by_their_holder_also_when_they_are_split_or_destroyed() {
    let runtime = traced();
    let semaphore = Rc::new(Semaphore::new(5));
    let permits = Rc::clone(&semaphore);
    drop(runtime.spawn(async move {
        let mut three = permits.acquire_many(3).await.unwrap();
        permits.try_acquire_many(2).unwrap().forget();
        drop(three.split(1));
        pending::<()>().await;
    }));
    run_dry(&runtime);
    assert_eq!(held(&runtime.snapshot()), [(1, vec![(Some(1), 2)])]);
    // What no task has held is given back by none.
    semaphore.add_permits(7);
    let expected = [
        "woken 1",
        "taken 1 x3",
        "taken 1 x2",
        "forgotten 1 x2",
        "back 1 x1",
    ];
    assert_eq!(of_locks(&runtime), expected);
}

#[test]
fn a_wait_that_is_given_up_leaves_the_line_and_says_so() {
    let runtime = traced();
    let mutex = Rc::new(Mutex::new(()));
    let (holder, hasty) = (Rc::clone(&mutex), mutex);
    drop(runtime.spawn(async move {
        let _guard = holder.lock().await;
        pending::<()>().await;
    }));
    drop(runtime.spawn(async move {
        let patience = Duration::from_millis(10);
        assert!(timeout(patience, hasty.lock()).await.is_err());
    }));
    runtime.block_on(async { runtime::time::sleep(Duration::from_millis(20)).await });
    let told = of_locks(&runtime);
    let told: Vec<_> = told.iter().filter(|it| !it.starts_with("woken")).collect();
    // It is polled once more by its timer, and waits again before it gives up.
    assert_eq!(told, ["taken 1 x1", "waits 1", "waits 1", "left 1 false"]);
    assert_eq!(held(&runtime.snapshot()), [(1, vec![(Some(1), 1)])]);
}

#[test]
fn what_was_granted_to_a_wait_that_is_dropped_was_never_its_own() {
    let runtime = traced();
    let semaphore = Rc::new(Semaphore::new(1));
    let (waits, held_back) = (Rc::clone(&semaphore), Rc::clone(&semaphore));
    let permit = semaphore.try_acquire().unwrap();
    let task = runtime.spawn(async move { drop(waits.acquire().await) });
    run_dry(&runtime);
    drop(permit);
    task.abort();
    run_dry(&runtime);
    let told = of_locks(&runtime);
    assert_eq!(told[told.len() - 1], "left 1 true", "{told:?}");
    assert!(runtime.snapshot().shared.is_empty());
    assert_eq!(held_back.available_permits(), 1);
}

#[test]
fn two_mutexes_in_opposite_order_are_a_deadlock_and_a_timeout_is_none() {
    let runtime = traced();
    let [one, two] = [(); 2].map(|()| Rc::new(Mutex::new(())));
    for (first, second) in [(&one, &two), (&two, &one)] {
        let (first, second) = (Rc::clone(first), Rc::clone(second));
        drop(runtime.spawn(async move {
            let _first = first.lock().await;
            runtime::task::yield_now().await;
            drop(second.lock().await);
        }));
    }
    // This one waits behind them, and gives up one day.
    drop(runtime.spawn(async move {
        let _late = timeout(Duration::from_secs(3600), one.lock()).await;
        pending::<()>().await;
    }));
    run_dry(&runtime);
    assert_eq!(runtime.snapshot().stuck(), BTreeSet::from([1, 2]));
    let rebuilt = runtime.trace().recording();
    let rebuilt = rebuilt.state_at(rebuilt.records().len());
    assert_eq!(rebuilt.stuck(), BTreeSet::from([1, 2]));
}

#[test]
fn a_task_that_waits_behind_one_that_can_go_on_is_in_no_deadlock() {
    let runtime = traced();
    let mutex = Rc::new(Mutex::new(()));
    let (holder, other) = (Rc::clone(&mutex), mutex);
    drop(runtime.spawn(async move {
        let _guard = holder.lock().await;
        runtime::time::sleep(Duration::from_secs(1)).await;
    }));
    drop(runtime.spawn(async move { drop(other.lock().await) }));
    run_dry(&runtime);
    assert_eq!(runtime.snapshot().waiters(1).count(), 1);
    assert_eq!(runtime.snapshot().stuck(), BTreeSet::new());
}

#[test]
fn a_channel_says_how_full_it_is_at_each_message() {
    let runtime = traced();
    let (sender, mut receiver) = mpsc::channel(2);
    drop(runtime.spawn(async move {
        for message in 0..3 {
            sender.send(message).await.unwrap();
        }
        pending::<()>().await;
    }));
    run_dry(&runtime);
    let snapshot = runtime.snapshot();
    let (number, view) = snapshot.shared.first_key_value().unwrap();
    assert_eq!(
        (view.kind, view.length, view.bound),
        (Shared::MpscMessage, 2, Some(2))
    );
    assert_eq!(snapshot.waiters(*number).collect::<Vec<_>>(), [1]);
    // What happens outside of the runtime is not told.
    let _inside = runtime.enter();
    assert_eq!(receiver.try_recv(), Ok(0));
    drop(receiver);
    let told = events(&runtime).into_iter().filter(|event| {
        use Event::{Received, ReceiverGone, Sent};
        matches!(event, Sent { .. } | Received { .. } | ReceiverGone { .. })
    });
    let (shared, number) = (Shared::MpscMessage, 1);
    let sent = |length| Event::Sent {
        shared,
        number,
        length,
        bound: Some(2),
        reserved: false,
    };
    let received = Event::Received {
        shared,
        number,
        length: 1,
    };
    let gone = Event::ReceiverGone {
        shared,
        number,
        lost: 1,
    };
    let expected = [sent(1), sent(2), received, gone];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert!(runtime.snapshot().shared.is_empty());
}

#[test]
fn an_operation_says_how_many_bytes_it_moved_or_that_it_would_block() {
    let runtime = traced();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let peer = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let mut answer = [0; 5];
        stream.read_exact(&mut answer).unwrap();
        stream.write_all(b"abc").unwrap();
    });
    runtime.block_on(async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "abc");
    });
    peer.join().unwrap();
    let events = events(&runtime);
    let done = events.iter().filter_map(|event| match event {
        Event::IoDone {
            direction, bytes, ..
        } => Some((*direction, *bytes)),
        _ => None,
    });
    let done: Vec<_> = done.collect();
    let (read, write) = (Direction::Read, Direction::Write);
    let expected = [
        (read, None),
        (write, Some(5)),
        (read, Some(3)),
        (read, Some(0)),
    ];
    assert_eq!(done, expected);
}

#[test]
fn an_operation_that_fails_says_why() {
    let runtime = traced();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (near, far) = join!(TcpStream::connect(address), listener.accept());
        let (mut near, (far, _)) = (near.unwrap(), far.unwrap());
        // What is closed with unread bytes in it is reset.
        near.write_all(b"unread").await.unwrap();
        far.readable().await.unwrap();
        drop(far);
        let reset = near.read(&mut [0]).await.unwrap_err();
        assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
        drop(listener);
        let refused = TcpStream::connect(address).await.unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    });
    let failed = events(&runtime)
        .into_iter()
        .filter_map(|event| match event {
            Event::IoFailed {
                direction, error, ..
            } => Some((direction, error.split(" (").next().unwrap().to_owned())),
            _ => None,
        });
    let expected = [
        (Direction::Read, "Connection reset by peer".to_owned()),
        (Direction::Write, "Connection refused".to_owned()),
    ];
    assert_eq!(failed.collect::<Vec<_>>(), expected);
}

#[test]
fn an_operation_that_would_block_says_so_before_the_readiness_is_cleared() {
    use runtime::net::UnixStream;

    let runtime = traced();
    runtime.block_on(async {
        // A short read of a Unix stream proves nothing, so it must try once more.
        let (mut here, mut there) = UnixStream::pair().unwrap();
        there.write_all(b"abc").await.unwrap();
        let mut heard = [0; 8];
        assert_eq!(here.read(&mut heard).await.unwrap(), 3);
        let patience = Duration::from_millis(1);
        assert!(timeout(patience, here.read(&mut heard)).await.is_err());
        assert_eq!(there.try_write(b"de").unwrap(), 2);
    });
    let events = events(&runtime);
    let blocked = events
        .iter()
        .enumerate()
        .filter_map(|(index, event)| match *event {
            Event::WouldBlock { source, direction } => Some((index, source, direction)),
            _ => None,
        });
    let blocked: Vec<_> = blocked.collect();
    assert_eq!(blocked.len(), 1, "{events:?}");
    for (index, source, direction) in blocked {
        let cleared = Event::ReadinessCleared { source, direction };
        assert_eq!(events[index + 1], cleared);
    }
    let written = events.iter().filter_map(|event| match event {
        Event::IoDone {
            direction: Direction::Write,
            bytes,
            ..
        } => *bytes,
        _ => None,
    });
    assert_eq!(written.collect::<Vec<_>>(), [3, 2], "a try counts, too");
}

#[test]
fn a_lock_that_was_taken_unseen_is_given_back_unseen() {
    let runtime = Runtime::new().unwrap();
    let mutex = Rc::new(Mutex::new(()));
    let guard = mutex.try_lock().unwrap();
    runtime.trace().start(100);
    drop(guard);
    assert_eq!(of_locks(&runtime), Vec::<String>::new());
    assert!(runtime.snapshot().shared.is_empty());
}
