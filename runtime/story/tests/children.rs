//! What a stretch of work waited for, where it waited for tasks that it spawned.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use runtime::runtime::Builder;
use runtime::sync::{Mutex, Semaphore};
use runtime::task::{JoinSet, spawn, yield_now};
use runtime::time::sleep;
use runtime::trace::{Event, Mark, Record, Recording, Shared, Wait, mark};
use story::account::{Account, Doing};
use story::accounts::Accounts;

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Runs it with a paused clock, as a stretch of work.
fn recorded(work: impl AsyncFnOnce()) -> Recording {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.trace().start(100_000);
    runtime.block_on(async {
        mark("work", 1, Mark::Begin, || "");
        work().await;
        mark("work", 1, Mark::End, || "");
    });
    runtime.trace().recording()
}

/// The accounts after so many events.
fn accounts(recording: &Recording, range: std::ops::Range<usize>) -> Accounts {
    let mut accounts = Accounts::new(10);
    accounts.begin(&recording.state_at(range.start));
    for record in &recording.records()[range] {
        accounts.add(record);
    }
    accounts
}

fn account(recording: &Recording) -> Account {
    let accounts = accounts(recording, 0..recording.records().len());
    accounts.ended().next().unwrap().clone()
}

/// What took time: of which kind, how long, and whether a child did it.
fn parts(account: &Account) -> Vec<(&'static str, Duration, bool)> {
    let kind = |doing| match doing {
        Doing::Running => "runs",
        Doing::Queued => "queued",
        Doing::Waiting(view) => match view.on {
            Wait::Timer(_) => "timer",
            Wait::Task(_) => "task",
            Wait::Shared(Shared::Mutex, _) => "mutex",
            _ => "other",
        },
        _ => "other",
    };
    let sums = account.sums().into_iter();
    sums.map(|sum| (kind(sum.doing), sum.took, sum.task != account.task))
        .collect()
}

fn adds_up(account: &Account) {
    let mut pairs = account.pieces.windows(2);
    assert!(pairs.all(|pair| pair[0].to == pair[1].from), "{account:?}");
    let sum: Duration = account.sums().iter().map(|sum| sum.took).sum();
    assert_eq!(sum, account.end() - account.begin());
}

/// A child that sleeps before it is awaited, then waits for a lock, then sleeps again.
async fn spawns_one() {
    let lock = Rc::new(Mutex::new(()));
    let held = Rc::clone(&lock);
    let child = runtime::spawn(async move {
        sleep(ms(5)).await;
        drop(lock.lock().await);
        sleep(ms(30)).await;
    });
    let holder = runtime::spawn(async move {
        let guard = held.lock().await;
        sleep(ms(25)).await;
        drop(guard);
    });
    sleep(ms(2)).await;
    child.await.unwrap();
    drop(holder);
}

#[test]
fn a_wait_for_a_child_is_split_by_what_the_child_did() {
    let account = account(&recorded(spawns_one));
    adds_up(&account);
    assert_eq!(
        parts(&account),
        [
            // The second sleep and what was left of the first.
            ("timer", ms(30), true),
            ("mutex", ms(20), true),
            ("timer", ms(3), true),
            ("timer", ms(2), false),
        ]
    );
    let told: Vec<String> = account.sums().iter().map(|it| account.tell(it)).collect();
    let begins = "a task that it spawned waits for mutex";
    assert!(told[1].starts_with(begins), "{told:?}");
}

#[test]
fn what_a_grandchild_does_counts_too() {
    let account = account(&recorded(async || {
        let child = runtime::spawn(async {
            let grandchild = runtime::spawn(async { sleep(ms(7)).await });
            grandchild.await.unwrap();
            sleep(ms(2)).await;
        });
        child.await.unwrap();
    }));
    adds_up(&account);
    assert_eq!(
        parts(&account),
        [("timer", ms(7), true), ("timer", ms(2), true)]
    );
}

#[test]
fn of_several_children_the_one_that_ends_is_asked() {
    let account = account(&recorded(async || {
        let mut set = JoinSet::new();
        set.spawn(async { sleep(ms(40)).await });
        set.spawn(async {
            let lock = Mutex::new(());
            let _held = lock.lock().await;
            drop(runtime::time::timeout(ms(10), lock.lock()).await);
        });
        while set.join_next().await.is_some() {}
    }));
    adds_up(&account);
    assert_eq!(
        parts(&account).iter().map(|it| it.1).sum::<Duration>(),
        ms(40)
    );
    assert!(
        parts(&account).iter().all(|it| it.2 && it.0 != "task"),
        "{account:?}"
    );
}

/// The account of what is under way says what the child does at that moment; it adds up from wherever the
/// events are known.
#[test]
fn it_adds_up_at_each_moment_and_from_each_moment() {
    let recording = recorded(spawns_one);
    let all = recording.records().len();
    for moment in 0..all {
        let until = accounts(&recording, 0..moment);
        for open in until.open() {
            let open = until.up_to_now(open);
            adds_up(&open);
            let waits_for_a_task = parts(&open).iter().any(|it| it.0 == "task");
            assert!(!waits_for_a_task, "after {moment} events: {open:?}");
        }
        accounts(&recording, moment..all).ended().for_each(adds_up);
    }
}

/// More children than are followed: the waits for the others are waits for a task.
#[test]
fn a_thousand_children_have_a_bound_and_still_add_up() {
    let account = account(&recorded(async || {
        let children = (1..=1000).map(|time| runtime::spawn(async move { sleep(ms(time)).await }));
        let children: Vec<_> = children.collect();
        for child in children {
            child.await.unwrap();
        }
    }));
    adds_up(&account);
    assert_eq!(account.end() - account.begin(), ms(1000));
    assert!(account.pieces.len() <= 64);
    let kinds = parts(&account);
    assert!(kinds.iter().any(|it| it.0 == "task"), "{kinds:?}");
    assert!(kinds.iter().any(|it| it.0 == "timer" && it.2), "{kinds:?}");
}

/// A child that is aborted with the work that waits for it.
#[test]
fn work_that_is_aborted_while_it_waits_for_a_child_is_split_too() {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.trace().start(1000);
    runtime.block_on(async {
        let task = runtime::spawn(async {
            mark("work", 1, Mark::Begin, || "");
            runtime::spawn(async { sleep(ms(50)).await }).await.unwrap();
        });
        sleep(ms(20)).await;
        task.abort();
        drop(task.await);
    });
    let account = account(&runtime.trace().recording());
    adds_up(&account);
    assert_eq!(parts(&account), [("timer", ms(20), true)]);
}

/// Three calls, two at a time. The last one waits for a permit while the first two work.
async fn spawns_three() {
    let permits = Rc::new(Semaphore::new(2));
    let calls = [20, 70, 60].map(|millis| {
        let permits = Rc::clone(&permits);
        runtime::spawn(async move {
            let _permit = permits.acquire().await.unwrap();
            sleep(ms(millis)).await;
        })
    });
    for call in calls {
        call.await.unwrap();
    }
}

#[test]
fn waits_of_several_tasks_for_several_timers_have_no_number() {
    let account = account(&recorded(spawns_three));
    let told: Vec<_> = account.sums().iter().map(|sum| account.tell(sum)).collect();
    assert!(
        told[0].starts_with("tasks that it spawned wait for 3 timers (children.rs:"),
        "{told:?}"
    );
    assert_eq!(account.sums()[0].took, ms(80));
}

/// What a click on the sum leads to.
#[test]
fn a_sum_begins_with_the_event_by_which_the_task_came_to_wait() {
    let recording = recorded(spawns_three);
    let account = account(&recording);
    let sum = account.sums()[0];
    let records = recording.records();
    let is_own = |record: &&Record| record.seq < sum.seq && record.task == Some(sum.task);
    let waits = records.iter().rev().filter(is_own);
    let waits = waits.take_while(|record| !matches!(record.event, Event::PollStart { .. }));
    let waits: Vec<_> = waits.map(|record| record.event.clone()).collect();
    let Doing::Waiting(view) = sum.doing else {
        panic!("{sum:?}");
    };
    let is_it = |event: &Event| matches!(event, Event::Waiting { on, .. } if *on == view.on);
    assert!(waits.iter().any(is_it), "{waits:?} before {sum:?}");
    let own = records.iter().find(|record| record.seq == sum.seq).unwrap();
    assert!(
        matches!(own.event, Event::PollEnd { task, .. } if task == sum.task),
        "{own:?}"
    );
}

/// A task that waits for a set, and is woken by a timer that its last poll has not asked: as a connection is, which keeps
/// its old timers.
async fn wakes_in_between() {
    let mut set = JoinSet::new();
    drop(set.spawn(async { sleep(ms(50)).await }));
    first_with_a_stray_timer(&mut set, ms(20)).await;
}

/// The first of the set. A timer wakes the task meanwhile which its last poll has not asked.
async fn first_with_a_stray_timer(set: &mut JoinSet<()>, after: Duration) {
    let mut timer = pin!(sleep(after));
    let mut is_first = true;
    poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            assert!(timer.as_mut().poll(context).is_pending());
            context.waker().wake_by_ref();
        }
        set.poll_join_next(context)
    })
    .await
    .unwrap()
    .unwrap();
}

#[test]
fn a_wait_for_a_set_that_something_else_has_interrupted_is_split_as_a_whole() {
    let account = account(&recorded(wakes_in_between));
    let told: Vec<_> = account.sums().iter().map(|sum| account.tell(sum)).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(account.sums()[0].took, ms(50), "{told:?}");
    assert!(
        told[0].starts_with("a task that it spawned waits for timer"),
        "{told:?}"
    );
    adds_up(&account);
}

/// A task that waits for a set of two, and is woken by its own timer just before the first of them ends: that end wakes
/// it no more.
async fn is_queued_when_the_first_ends() {
    let lock = Arc::new(Mutex::new(()));
    let held = Arc::clone(&lock).lock_owned().await;
    let mut set = JoinSet::new();
    drop(set.spawn(async { sleep(ms(20)).await }));
    drop(set.spawn(async move { drop(lock.lock().await) }));
    yield_now().await;
    drop(spawn(async move {
        sleep(ms(50)).await;
        drop(held);
    }));
    for after in [ms(20), ms(1000)] {
        first_with_a_stray_timer(&mut set, after).await;
    }
}

#[test]
fn a_wait_that_the_end_of_another_task_has_ended_is_not_told_as_the_next_one_s() {
    let account = account(&recorded(is_queued_when_the_first_ends));
    let mut lock = parts(&account).into_iter().filter(|part| part.0 == "mutex");
    assert_eq!(lock.next(), Some(("mutex", ms(30), true)), "{account:?}");
    adds_up(&account);
}
