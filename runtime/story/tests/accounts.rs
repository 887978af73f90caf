//! What a stretch of work did with its time.

use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use runtime::runtime::{Builder, Runtime};
use runtime::sync::{Mutex, mpsc};
use runtime::task::yield_now;
use runtime::time::{sleep, timeout};
use runtime::trace::{Mark, Recording, Shared, Wait, mark};
use story::account::{Account, Doing, Sum, in_words};
use story::accounts::Accounts;

fn paused() -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// The accounts of the recording, from the event `from` on.
fn accounts(recording: &Recording, from: usize) -> Accounts {
    let mut accounts = Accounts::new(1000);
    accounts.begin(&recording.state_at(from));
    for record in &recording.records()[from..] {
        accounts.add(record);
    }
    accounts
}

fn is_without_gap(account: &Account) -> bool {
    let pieces = account.pieces.windows(2);
    pieces.into_iter().all(|pair| pair[0].to == pair[1].from)
}

fn sum(account: &Account) -> Duration {
    account.sums().iter().map(|sum| sum.took).sum()
}

/// Two tasks with a lock between them, each with a stretch; the second is told apart by its waits.
fn a_lock_and_a_sleep() -> Recording {
    let runtime = paused();
    runtime.trace().start(10_000);
    runtime.block_on(async {
        let lock = Rc::new(Mutex::new(()));
        let held = Rc::clone(&lock);
        let holder = runtime::spawn(async move {
            mark("work", 1, Mark::Begin, || "holds the lock");
            let guard = held.lock().await;
            sleep(ms(30)).await;
            drop(guard);
            mark("work", 1, Mark::End, || "done");
        });
        let waiter = runtime::spawn(async move {
            mark("work", 2, Mark::Begin, || "waits for it");
            // Both at once: the lock is what holds it up, and the timer is what ends the wait.
            drop(timeout(ms(10), lock.lock()).await);
            drop(lock.lock().await);
            mark("work", 2, Mark::Point, || "has it");
            sleep(ms(5)).await;
            drop(runtime::spawn(async {}));
            mark("work", 2, Mark::End, || "done");
        });
        holder.await.unwrap();
        waiter.await.unwrap();
    });
    runtime.trace().recording()
}

#[test]
fn each_part_of_the_time_has_its_reason() {
    let recording = a_lock_and_a_sleep();
    let accounts = accounts(&recording, 0);
    let ended: Vec<&Account> = accounts.ended().collect();
    assert_eq!(accounts.open().count(), 0);
    let [second, first] = ended[..] else {
        panic!("two stretches: {ended:?}")
    };
    assert_eq!(
        (second.id, second.scope.0, second.is_over),
        (2, "work", true)
    );
    let said: Vec<&str> = second.said.iter().map(|said| &*said.text).collect();
    assert_eq!(said, ["waits for it", "has it", "done"]);
    assert_eq!(second.spawned.len(), 1);
    for account in [first, second] {
        assert!(is_without_gap(account), "{account:?}");
        assert_eq!(sum(account), account.end() - account.begin());
    }
    assert_eq!((sum(first), sum(second)), (ms(30), ms(35)));
    // Ten of its time-out, twenty for the lock, five of its sleep.
    let waits: Vec<(Wait, Duration)> = second.sums().into_iter().filter_map(wait).collect();
    let [(lock, locked), (_, first_timer), (_, last_timer)] = waits[..] else {
        panic!("three waits: {waits:?}")
    };
    assert!(matches!(lock, Wait::Shared(Shared::Mutex, _)));
    assert_eq!([locked, first_timer, last_timer], [ms(20), ms(10), ms(5)]);
}

fn wait(sum: Sum) -> Option<(Wait, Duration)> {
    match sum.doing {
        Doing::Waiting(view) => Some((view.on, sum.took)),
        _ => None,
    }
}

#[test]
fn work_under_way_says_what_it_waits_for() {
    let runtime = paused();
    runtime.trace().start(10_000);
    let (sender, mut receiver) = mpsc::channel::<()>(1);
    let task = runtime.spawn(async move {
        mark("work", 1, Mark::Begin, || "waits");
        drop(timeout(ms(100), receiver.recv()).await);
    });
    runtime.block_on(async { sleep(ms(7)).await });
    let accounts = accounts(&runtime.trace().recording(), 0);
    let open = accounts.open().map(|it| accounts.up_to_now(it));
    let open: Vec<Account> = open.collect();
    assert_eq!(
        (open.len(), open[0].is_over, sum(&open[0])),
        (1, false, ms(7))
    );
    let words = in_words(&open[0].pieces.last().unwrap().doing);
    assert!(
        words.starts_with("waits for a message of channel"),
        "{words}"
    );
    drop((sender, task));
}

/// The state that a recording begins with says which work is under way.
#[test]
fn a_recording_that_begins_in_the_middle_knows_the_work() {
    let recording = a_lock_and_a_sleep();
    let whole = accounts(&recording, 0);
    let [second, first] = [0, 1].map(|at| whole.ended().nth(at).unwrap().clone());
    for from in 0..recording.records().len() {
        let known: Vec<Account> = accounts(&recording, from).ended().cloned().collect();
        for account in known {
            let all = if account.id == 1 { &first } else { &second };
            assert!(is_without_gap(&account), "from {from}: {account:?}");
            assert_eq!(
                (account.begin(), account.end()),
                (all.begin(), all.end()),
                "from {from}"
            );
            assert_eq!(account.said.last(), all.said.last());
        }
    }
}

/// A loss of events is a piece of which nothing is known, and what ended in it is over.
#[test]
fn what_is_lost_is_a_piece_of_its_own() {
    let recording = a_lock_and_a_sleep();
    let records = recording.records();
    let is_second = |from: usize| recording.state_at(from).stretches.len() == 2;
    let from = (0..records.len()).find(|from| is_second(*from)).unwrap();
    let middle = records.iter().position(|it| it.time == ms(10)).unwrap() + 1;
    let mut accounts = Accounts::new(10);
    accounts.begin(&recording.state_at(0));
    for record in &records[..from] {
        accounts.add(record);
    }
    accounts.begin(&recording.state_at(middle));
    assert_eq!(accounts.open().count(), 2);
    for account in accounts.open().map(|it| accounts.up_to_now(it)) {
        assert!(is_without_gap(&account), "{account:?}");
        let sums = account.sums();
        let unknown = sums.iter().find(|sum| sum.doing == Doing::Unknown);
        assert_eq!(unknown.map(|sum| sum.took), Some(ms(10)));
    }
    accounts.begin(&recording.state_at(records.len()));
    assert_eq!((accounts.open().count(), accounts.ended().count()), (0, 2));
}

#[test]
fn an_account_has_a_bound_and_still_adds_up() {
    let runtime = paused();
    runtime.trace().start(100_000);
    runtime.block_on(async {
        mark("work", 1, Mark::Begin, || "much");
        for count in 0..1000 {
            mark("work", 1, Mark::Point, || "goes on");
            match count % 3 {
                0 => yield_now().await,
                _ => sleep(ms(count % 7)).await,
            }
        }
        mark("work", 1, Mark::End, || "done");
    });
    let recording = runtime.trace().recording();
    let accounts = accounts(&recording, 0);
    let account = accounts.ended().next().unwrap();
    assert!(account.pieces.len() <= 64 && account.said.len() <= 65);
    assert!(account.merged > 0 && is_without_gap(account));
    let slept = recording.records().last().unwrap().time;
    assert_eq!(sum(account), slept);
}

#[test]
fn work_ends_with_its_task() {
    let runtime = paused();
    runtime.trace().start(1000);
    runtime.block_on(async {
        let task = runtime::spawn(async {
            mark("work", 1, Mark::Begin, || "never ends");
            sleep(ms(1000)).await;
        });
        sleep(ms(3)).await;
        task.abort();
        drop(task.await);
        assert!(runtime.snapshot().stretches.is_empty());
    });
    let accounts = accounts(&runtime.trace().recording(), 0);
    assert_eq!((accounts.open().count(), accounts.ended().count()), (0, 1));
    assert_eq!(sum(accounts.ended().next().unwrap()), ms(3));
}

/// A task that was woken in its own poll before its work began stands in the run queue afterwards, and does
/// not wait.
#[test]
fn a_wake_before_the_beginning_counts() {
    let runtime = paused();
    runtime.trace().start(1000);
    runtime.block_on(async {
        let neighbour = runtime::spawn(async {
            yield_now().await;
            runtime::time::advance(ms(20)).await;
        });
        let mut nap = std::pin::pin!(sleep(ms(1000)));
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            if polls == 2 {
                mark("work", 1, Mark::End, || "done");
                return std::task::Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            mark("work", 1, Mark::Begin, || "begins");
            nap.as_mut().poll(cx)
        })
        .await;
        neighbour.await.unwrap();
    });
    let accounts = accounts(&runtime.trace().recording(), 0);
    let account = accounts.ended().next().unwrap();
    let doings: Vec<Doing> = account.pieces.iter().map(|piece| piece.doing).collect();
    assert_eq!(doings, [Doing::Running, Doing::Queued, Doing::Running]);
}

/// Two pieces of work of one task may have the same name: the younger one ends first.
#[test]
fn work_within_work_of_the_same_name_is_told_apart() {
    let runtime = paused();
    runtime.trace().start(1000);
    runtime.block_on(async {
        mark("work", 1, Mark::Begin, || "outer");
        sleep(ms(5)).await;
        mark("work", 1, Mark::Begin, || "inner");
        sleep(ms(7)).await;
        let stretches = runtime.snapshot().stretches;
        assert_eq!(stretches.values().next().map(Vec::len), Some(2));
        mark("work", 1, Mark::End, || "inner");
        sleep(ms(9)).await;
        mark("work", 1, Mark::End, || "outer");
    });
    let accounts = accounts(&runtime.trace().recording(), 0);
    let told = accounts
        .ended()
        .map(|account| (&*account.said[0].text, sum(account)));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [("outer", ms(21)), ("inner", ms(7))]
    );
}

/// The task's end woke it, and not the lock that it waited for, too.
#[test]
fn of_two_waits_the_one_that_ended_is_named() {
    let runtime = paused();
    runtime.trace().start(1000);
    runtime.block_on(async {
        let lock = Rc::new(Mutex::new(()));
        let _held = lock.lock().await;
        let other = Rc::clone(&lock);
        let task = runtime::spawn(async move {
            mark("work", 1, Mark::Begin, || "both");
            let mut nap = runtime::spawn(async { sleep(ms(30)).await });
            let mut locked = std::pin::pin!(other.lock());
            std::future::poll_fn(|cx| {
                assert!(locked.as_mut().poll(cx).is_pending(), "it is held");
                std::pin::Pin::new(&mut nap).poll(cx)
            })
            .await
            .unwrap();
            mark("work", 1, Mark::End, || "done");
        });
        task.await.unwrap();
    });
    let accounts = accounts(&runtime.trace().recording(), 0);
    let account = accounts.ended().next().unwrap();
    let most = account.sums()[0];
    assert_ne!(most.task, account.task, "the other task's nap");
    assert!(matches!(wait(most), Some((Wait::Timer(_), took)) if took == ms(30)));
}

/// So much open work of a task is known, and what a file says of times need not be true.
#[test]
fn hostile_events_have_a_bound() {
    let recording = a_lock_and_a_sleep();
    let begin = recording.records().iter();
    let begin = begin
        .clone()
        .find(|it| matches!(it.event, runtime::trace::Event::Mark { .. }));
    let mut record = begin.unwrap().clone();
    let mut accounts = Accounts::new(10);
    let mut state = recording.state_at(0);
    for round in 0..10_000_u64 {
        record.time = [Duration::ZERO, Duration::MAX][round as usize % 2];
        record.seq = u64::MAX - round % 2;
        accounts.add(&record);
        state.apply(&record);
    }
    assert_eq!(accounts.open().count(), 64);
    assert_eq!(state.stretches.values().map(Vec::len).sum::<usize>(), 64);
    for account in accounts.open() {
        assert!(sum(&accounts.up_to_now(account)) <= Duration::MAX);
    }
}

/// The task holds its own thread, and another thread lets it go after some time, by the clock of both.
#[test]
fn the_time_for_which_the_thread_is_held_is_a_part_of_its_own() {
    let runtime = Runtime::new().unwrap();
    runtime.trace().start(1000);
    let gate = runtime.gate();
    let debugger = gate.clone();
    let (stands, standing) = std::sync::mpsc::channel();
    let other = std::thread::spawn(move || {
        standing.recv().unwrap();
        debugger.wait_until_stopped();
        std::thread::sleep(ms(20)); // what is held is as long as this, or longer
        debugger.release();
    });
    runtime.block_on(async {
        mark("work", 1, Mark::Begin, || "begins");
        gate.hold();
        stands.send(()).unwrap();
        sleep(ms(1)).await;
        mark("work", 1, Mark::End, || "done");
    });
    other.join().unwrap();
    let accounts = accounts(&runtime.trace().recording(), 0);
    let account = accounts.ended().next().unwrap();
    assert!(is_without_gap(account));
    assert_eq!(sum(account), account.end() - account.begin());
    let held = account
        .sums()
        .into_iter()
        .find(|sum| sum.doing == Doing::Held);
    assert!(held.unwrap().took >= ms(20), "{account:?}");
    assert_eq!(
        in_words(&Doing::Held),
        "is held between two steps, with the whole thread"
    );
    // Before and after it is the same wait, which the same event began.
    let timers = account
        .pieces
        .iter()
        .filter(|piece| matches!(piece.doing, Doing::Waiting(_)));
    let begun: Vec<u64> = timers.map(|piece| piece.seq).collect();
    assert!(begun.windows(2).all(|pair| pair[0] == pair[1]), "{begun:?}");
    assert!(!begun.is_empty());
}
