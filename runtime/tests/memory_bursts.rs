//! The memory of a burst is given back, as soon as little of it is in use: also by what is never
//! quite empty, and by a machine that has nothing more to do.
//!
//! And a steady load does not feel it: what goes up and down asks the allocator for nothing, be it by
//! less than four times or, when it has done so for a while, all the way.
#![forbid(unsafe_code)]

#[path = "support/tasks.rs"]
mod tasks;

use allocation_counter::measure;
use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex};
use runtime::runtime::Runtime;
use runtime::sync::{CancellationToken, Notify, Semaphore, broadcast, mpsc};
use runtime::task::{JoinSet, yield_now};
use runtime::time::{Duration, sleep};
use std::future::{Future, pending};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use tasks::{Door, paused, run_dry};

const MANY: usize = 20_000;
const KIB: i64 = 1024;

/// How many bytes `burst` has taken and not given back.
fn kept(burst: impl FnOnce()) -> i64 {
    measure(burst).bytes_current
}

fn poll(future: Pin<&mut impl Future>) -> bool {
    future
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_ready()
}

/// Polls so many futures once and leaves them pending.
fn waiting<F: Future>(count: usize, mut make: impl FnMut() -> F) -> Vec<Pin<Box<F>>> {
    let mut futures: Vec<_> = (0..count).map(|_| Box::pin(make())).collect();
    futures
        .iter_mut()
        .for_each(|future| assert!(!poll(future.as_mut())));
    futures
}

#[test]
fn a_channel_that_is_never_quite_empty() {
    let (tx, mut rx) = mpsc::unbounded_channel::<[u64; 8]>();
    let held = kept(|| {
        (0..200_000).for_each(|_| tx.send([0; 8]).unwrap());
        (1..200_000).for_each(|_| assert!(rx.try_recv().is_ok()));
    });
    assert_eq!(rx.len(), 1);
    assert!(held <= 16 * KIB, "{held} bytes for one message");
}

#[test]
fn a_channel_whose_messages_are_taken_many_at_a_time() {
    let (tx, mut rx) = mpsc::channel::<u64>(100_000);
    let held = kept(|| {
        (0..100_000).for_each(|n| tx.try_send(n).unwrap());
        let mut buffer = Vec::new();
        let taken = futures::executor::block_on(rx.recv_many(&mut buffer, 99_999));
        assert_eq!(taken, 99_999);
    });
    assert!(held <= 16 * KIB, "{held} bytes for one message");
}

#[test]
fn a_channel_under_a_steady_load_allocates_nothing() {
    let (tx, mut rx) = mpsc::unbounded_channel::<u64>();
    (0..10_000).for_each(|n| tx.send(n).unwrap());
    let asked = measure(|| {
        for _ in 0..10 {
            (0..5_000).for_each(|_| assert!(rx.try_recv().is_ok()));
            (0..5_000).for_each(|n| tx.send(n).unwrap());
        }
    });
    assert_eq!(asked.count_total, 0);
}

/// A load that came a hundred times is likely to come again.
fn comes_again(mut load: impl FnMut()) -> u64 {
    (0..100).for_each(|_| load());
    measure(|| (0..10).for_each(|_| load())).count_total
}

#[test]
fn a_channel_that_is_emptied_again_and_again_keeps_its_room() {
    let (tx, mut rx) = mpsc::unbounded_channel::<u64>();
    let asked = comes_again(|| {
        (0..10_000).for_each(|n| tx.send(n).unwrap());
        (0..10_000).for_each(|_| assert!(rx.try_recv().is_ok()));
    });
    assert_eq!(asked, 0);
}

#[test]
fn a_pipe_that_is_emptied_at_once_again_and_again_keeps_its_room() {
    let (mut one, mut two) = duplex(1 << 16);
    let mut bytes = vec![7; 1 << 16];
    let asked = measure(|| {
        futures::executor::block_on(async {
            for _ in 0..1_000 {
                one.write_all(&bytes).await.unwrap();
                two.read_exact(&mut bytes).await.unwrap();
            }
        });
    });
    let asked = asked.count_total;
    assert!(asked < 100, "{asked} allocations in 1,000 turns");
}

#[test]
fn ten_thousand_tasks_that_come_again_and_again_find_their_room() {
    let runtime = paused();
    let burst = || {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..10_000).map(|_| runtime::spawn(async {})).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    };
    (0..100).for_each(|_| burst());
    let asked = measure(burst).count_total;
    // Two for each task (the future, the join state), and one for the list.
    assert!(asked <= 20_010, "{asked} allocations");
}

#[test]
fn a_ring_of_broadcasts() {
    let (tx, mut rx) = broadcast::channel(65_536);
    let held = kept(|| {
        (0..60_000).for_each(|n| drop(tx.send(n)));
        (1..60_000).for_each(|n| assert_eq!(rx.try_recv(), Ok(n - 1)));
    });
    assert!(held <= 16 * KIB, "{held} bytes for one message");
}

#[test]
fn a_ring_of_broadcasts_whose_slow_receiver_has_left() {
    let (tx, rx) = broadcast::channel(65_536);
    let held = kept(|| {
        (0..60_000).for_each(|n| drop(tx.send(n)));
        drop(rx);
    });
    assert!(held <= 16 * KIB, "{held} bytes");
}

#[test]
fn a_pipe_in_memory() {
    let (mut one, mut two) = duplex(1 << 22);
    let held = kept(|| {
        futures::executor::block_on(async {
            one.write_all(&vec![7; 1 << 21]).await.unwrap();
            two.read_exact(&mut vec![0; (1 << 21) - 1]).await.unwrap();
        });
    });
    assert!(held <= 16 * KIB, "{held} bytes for one byte");
}

#[test]
fn a_line_of_waiters() {
    let semaphore = Semaphore::new(0);
    let held = kept(|| drop(waiting(MANY, || semaphore.acquire())));
    assert!(held <= 16 * KIB, "{held} bytes after they gave up");
    let held = kept(|| {
        let mut line = waiting(MANY, || semaphore.acquire());
        semaphore.add_permits(MANY);
        line.iter_mut()
            .for_each(|wait| assert!(poll(wait.as_mut())));
    });
    assert!(held <= 16 * KIB, "{held} bytes after they were served");
}

/// Each place is known by its index: the one that stays keeps those before it, not those behind.
#[test]
fn a_line_in_which_one_of_the_first_waits_on() {
    let notify = Notify::new();
    let mut first = Box::pin(notify.notified());
    assert!(!poll(first.as_mut()));
    let held = kept(|| drop(waiting(MANY, || notify.notified())));
    assert!(held <= 16 * KIB, "{held} bytes for one waiter");
    notify.notify_one();
    assert!(poll(first.as_mut()));
}

#[test]
fn a_set_of_tasks_that_is_never_quite_empty() {
    let runtime = paused();
    let mut set = JoinSet::new();
    let _inside = runtime.enter();
    set.spawn(pending());
    runtime.block_on(yield_now());
    let held = kept(|| {
        (0..MANY).for_each(|_| drop(set.spawn(async {})));
        runtime.block_on(async {
            for _ in 0..MANY {
                set.join_next().await.unwrap().unwrap();
            }
        });
    });
    assert_eq!(set.len(), 1);
    assert!(held <= 150 * KIB, "{held} bytes");
}

#[test]
fn tasks() {
    let runtime = paused();
    runtime.block_on(async {});
    let held = kept(|| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..MANY).map(|_| runtime::spawn(yield_now())).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    });
    assert!(held <= 150 * KIB, "{held} bytes"); // Tokio 1.54 keeps 257 KiB.
}

/// No call of `block_on` returns: the machine gives back before it parks.
#[test]
fn tasks_of_a_runtime_that_is_stepped() {
    let runtime = paused();
    drop(runtime.spawn(pending::<()>()));
    run_dry(&runtime);
    let held = kept(|| {
        (0..MANY).for_each(|_| drop(runtime.spawn(yield_now())));
        run_dry(&runtime);
    });
    assert!(held <= 150 * KIB, "{held} bytes");
}

/// Some task is always ready: the machine gives back in between.
#[test]
fn tasks_of_a_runtime_that_never_rests() {
    let runtime = paused();
    drop(runtime.spawn(async {
        loop {
            yield_now().await;
        }
    }));
    let held = kept(|| {
        (0..MANY).for_each(|_| drop(runtime.spawn(yield_now())));
        for _ in 0..150_000 {
            runtime.step();
        }
    });
    assert!(held <= 150 * KIB, "{held} bytes");
}

#[test]
fn wakes_from_outside() {
    let runtime = paused();
    run_dry(&runtime);
    let held = kept(|| {
        let doors: Vec<Door> = (0..MANY).map(|_| Door::default()).collect();
        doors
            .iter()
            .for_each(|door| drop(runtime.spawn(door.wait())));
        run_dry(&runtime);
        doors.iter().for_each(Door::open);
        run_dry(&runtime);
        runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    });
    assert!(held <= 150 * KIB, "{held} bytes");
}

/// What `burst` leaves of its timers when the machine has parked once more.
fn kept_of_timers(burst: impl FnOnce(&Runtime)) -> i64 {
    let runtime = paused();
    let rest = || runtime.block_on(async { sleep(Duration::from_millis(1)).await });
    rest();
    kept(|| {
        burst(&runtime);
        rest();
    })
}

#[test]
fn timers_that_were_taken_back() {
    let held = kept_of_timers(|runtime| {
        let _inside = runtime.enter();
        drop(waiting(MANY, || sleep(Duration::from_secs(9))));
    });
    assert!(held <= 64 * KIB, "{held} bytes");
}

#[test]
fn timers_that_fired() {
    let held = kept_of_timers(|runtime| {
        runtime.block_on(async {
            let naps: JoinSet<()> = (0..MANY).map(|_| sleep(Duration::from_secs(9))).collect();
            naps.join_all().await;
        });
    });
    assert!(held <= 200 * KIB, "{held} bytes");
}

#[test]
fn timers_of_which_one_of_the_first_waits_on() {
    let runtime = paused();
    let _inside = runtime.enter();
    let first = waiting(1, || sleep(Duration::from_secs(5)));
    let held = kept(|| {
        drop(waiting(MANY, || sleep(Duration::from_secs(9))));
        runtime.block_on(async {});
    });
    assert!(held <= 64 * KIB, "{held} bytes");
    // Its key still finds it, and those of the others find nothing.
    let again = waiting(MANY, || sleep(Duration::from_secs(9)));
    runtime.block_on(async { sleep(Duration::from_secs(7)).await });
    assert!(first.into_iter().all(|mut nap| poll(nap.as_mut())));
    assert!(again.into_iter().all(|mut nap| !poll(nap.as_mut())));
}

/// The tables of an observer grow with the tasks and timers.
#[test]
fn tasks_and_timers_that_are_observed() {
    let runtime = paused();
    runtime.trace().observe();
    let naps = |count: usize| {
        let nap = || async { sleep(Duration::from_secs(9)).await };
        let naps: JoinSet<()> = (0..count).map(|_| nap()).collect();
        naps.join_all()
    };
    runtime.block_on(async { naps(10).await });
    let held = kept(|| {
        drop(runtime.block_on(async { naps(MANY).await }));
        (0..8).for_each(|_| runtime.block_on(async {}));
    });
    assert!(held <= 512 * KIB, "{held} bytes");
}

#[test]
fn children_of_a_token() {
    let token = CancellationToken::new();
    let held = kept(|| {
        let children: Vec<_> = (0..MANY).map(|_| token.child_token()).collect();
        drop(children);
    });
    assert!(held <= 20 * KIB, "{held} bytes");
    let _first = token.child_token();
    let held = kept(|| {
        let children: Vec<_> = (0..MANY).map(|_| Rc::new(token.child_token())).collect();
        drop(children);
    });
    assert!(held <= 20 * KIB, "{held} bytes for one child");
}
