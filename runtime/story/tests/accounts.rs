//! What a stretch of work did with its time.

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
    assert_eq!(accounts.open_count(), 0);
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
    let open: Vec<Account> = accounts.open().collect();
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
    assert_eq!(accounts.open_count(), 2);
    for account in accounts.open() {
        assert!(is_without_gap(&account), "{account:?}");
        let sums = account.sums();
        let unknown = sums.iter().find(|sum| sum.doing == Doing::Unknown);
        assert_eq!(unknown.map(|sum| sum.took), Some(ms(10)));
    }
    accounts.begin(&recording.state_at(records.len()));
    assert_eq!((accounts.open_count(), accounts.ended().count()), (0, 2));
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
    assert!(account.pieces.len() <= 256 && account.said.len() <= 257);
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
    assert_eq!((accounts.open_count(), accounts.ended().count()), (0, 1));
    assert_eq!(sum(accounts.ended().next().unwrap()), ms(3));
}
