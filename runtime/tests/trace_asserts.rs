//! What a test asserts of a snapshot: nothing stranded, no deadlock, nothing left.
#![forbid(unsafe_code)]

#[path = "support/tasks.rs"]
mod tasks;

use runtime::runtime::{Runtime, Step};
use runtime::sync::{Mutex, Notify, mpsc, oneshot};
use runtime::task::{JoinHandle, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::{assert_no_deadlock, assert_nothing_left, assert_nothing_stranded};
use std::collections::BTreeSet;
use std::future::{Future, pending};
use std::rc::Rc;
use tasks::{message_of_panic, paused, run_dry};

/// A runtime that is observed, with these tasks, stepped until it would park.
fn settled<F: Future<Output = ()> + 'static>(tasks: impl IntoIterator<Item = F>) -> Runtime {
    let runtime = paused();
    runtime.trace().observe();
    tasks.into_iter().for_each(|task| drop(runtime.spawn(task)));
    run_dry(&runtime);
    runtime
}

async fn lock_both([first, second]: [Rc<Mutex<()>>; 2]) {
    let _first = first.lock().await;
    yield_now().await;
    let _second = second.lock().await;
}

/// Two tasks that lock two mutexes, in this order each.
fn two_with_locks(orders: [[usize; 2]; 2]) -> Vec<impl Future<Output = ()> + 'static> {
    let locks = [(); 2].map(|()| Rc::new(Mutex::new(())));
    let pick = |order: [usize; 2]| lock_both(order.map(|lock| Rc::clone(&locks[lock])));
    orders.map(pick).into()
}

#[test]
fn two_tasks_that_lock_in_opposite_order_are_a_deadlock() {
    let runtime = settled(two_with_locks([[0, 1], [1, 0]]));
    let said = message_of_panic(|| assert_no_deadlock(&runtime.snapshot()));
    for part in ["wait for each other", "task 1: ", "task 2: ", "for mutex "] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    assert_eq!(said.matches("trace_asserts.rs").count(), 4, "{said}");
    assert_nothing_stranded(&runtime.snapshot());
}

#[test]
fn the_same_order_is_none() {
    let runtime = settled(two_with_locks([[0, 1], [0, 1]]));
    assert_no_deadlock(&runtime.snapshot());
    assert_nothing_left(&runtime.snapshot());
}

#[test]
fn a_task_that_sleeps_might_be_the_one_that_gives_what_another_waits_for() {
    let notify = Rc::new(Notify::new());
    let runtime = settled([] as [std::future::Ready<()>; 0]);
    let theirs = Rc::clone(&notify);
    let waiter = runtime.spawn(async move { theirs.notified().await });
    let sleeper = runtime.spawn(async move {
        sleep(Duration::from_secs(1)).await;
        notify.notify_one();
    });
    run_dry(&runtime);
    assert!(runtime.snapshot().stuck().is_empty());
    assert_no_deadlock(&runtime.snapshot());
    sleeper.abort();
    run_dry(&runtime);
    assert_eq!(runtime.snapshot().stuck().len(), 1);
    drop(waiter);
}

#[test]
fn a_task_that_awaits_a_stuck_task_is_stuck_and_one_that_awaits_a_sleeper_is_not() {
    let runtime = settled([] as [std::future::Ready<()>; 0]);
    let (sender, mut receiver) = mpsc::channel::<()>(1);
    let stuck = runtime.spawn(async move {
        receiver.recv().await;
        drop(sender);
    });
    let sleeper = runtime.spawn(async { sleep(Duration::from_secs(1)).await });
    let awaits = |task: JoinHandle<()>| runtime.spawn(async move { drop(task.await) });
    let handles = [awaits(stuck), awaits(sleeper)];
    run_dry(&runtime);
    // A message that no task sends: while another sleeps, it might be that one.
    assert!(runtime.snapshot().stuck().is_empty());
    while let Step::WouldPark { until: Some(until) } = runtime.step() {
        runtime.park(Some(until));
        run_dry(&runtime);
    }
    run_dry(&runtime);
    let stuck: Vec<u64> = runtime.snapshot().stuck().into_iter().collect();
    assert_eq!(stuck, [1, 3]);
    drop(handles);
}

#[test]
fn a_stranded_task_is_named_with_the_line_that_spawned_it() {
    let runtime = settled([pending::<()>()]);
    let said = message_of_panic(|| assert_nothing_stranded(&runtime.snapshot()));
    assert!(said.contains("task 1: stranded"), "{said}");
    assert!(said.contains("trace_asserts.rs"), "{said}");
    // It waits for no other task.
    assert_no_deadlock(&runtime.snapshot());
}

#[test]
fn a_runtime_that_was_not_observed_cannot_be_asked_for_deadlocks() {
    let runtime = Runtime::new().unwrap();
    let said = message_of_panic(|| assert_no_deadlock(&runtime.snapshot()));
    assert!(said.contains("runtime.trace().observe()"), "{said}");
}

#[test]
fn what_is_left_is_named_with_what_it_waits_for() {
    let runtime = settled([async { sleep(Duration::from_secs(1)).await }]);
    let said = message_of_panic(|| assert_nothing_left(&runtime.snapshot()));
    assert!(
        said.starts_with("1 task(s), 1 timer(s) and 0 source(s) are left"),
        "{said}"
    );
    assert!(said.contains("for timer 1, 1s from now"), "{said}");
}

#[test]
fn a_circle_through_a_cell_that_is_being_filled_is_found_while_another_task_sleeps() {
    use runtime::sync::OnceCell;

    let cell = Rc::new(OnceCell::new());
    let mutex = Rc::new(Mutex::new(()));
    let runtime = settled(Vec::<std::future::Ready<()>>::new());
    let (filled, locked) = (Rc::clone(&cell), Rc::clone(&mutex));
    drop(runtime.spawn(async move {
        let fill = || async {
            yield_now().await;
            drop(locked.lock().await);
        };
        filled.get_or_init(fill).await;
    }));
    drop(runtime.spawn(async move {
        let _guard = mutex.lock().await;
        cell.get_or_init(|| async {}).await;
    }));
    drop(runtime.spawn(async { sleep(Duration::from_secs(1)).await }));
    run_dry(&runtime);
    assert_eq!(runtime.snapshot().stuck(), BTreeSet::from([1, 2]));
}

#[test]
fn a_semaphore_that_another_task_may_fill_is_no_deadlock() {
    use runtime::sync::Semaphore;

    let tokens = Rc::new(Semaphore::new(1));
    let taker = Rc::clone(&tokens);
    let runtime = settled(Vec::<std::future::Ready<()>>::new());
    drop(runtime.spawn(async move {
        let _first = taker.acquire().await.unwrap();
        drop(taker.acquire().await);
    }));
    drop(runtime.spawn(async move {
        sleep(Duration::from_secs(1)).await;
        tokens.add_permits(1);
    }));
    run_dry(&runtime);
    assert_no_deadlock(&runtime.snapshot());
}

/// Each task waits for the end of the one that was spawned after it; the last one does `last`.
fn in_a_line(tasks: usize, last: impl Future<Output = ()> + 'static) -> Runtime {
    let runtime = paused();
    runtime.trace().observe();
    let (mut to_previous, _) = oneshot::channel::<JoinHandle<()>>();
    for _ in 1..tasks {
        let (give, take) = oneshot::channel();
        let handle = runtime.spawn(async move {
            let next: JoinHandle<()> = take.await.unwrap();
            next.await.unwrap();
        });
        let _ = to_previous.send(handle);
        to_previous = give;
    }
    to_previous.send(runtime.spawn(last)).unwrap();
    run_dry(&runtime);
    runtime
}

/// If each look at the tasks freed one of them only, this would take hours.
#[test]
fn a_long_line_of_tasks_hangs_on_its_last_one() {
    const MANY: usize = 30_000;
    let runtime = in_a_line(MANY, async { sleep(Duration::from_secs(1)).await });
    assert_eq!(runtime.snapshot().tasks.len(), MANY);
    assert_no_deadlock(&runtime.snapshot());
    let runtime = in_a_line(MANY, async { Notify::new().notified().await });
    assert_eq!(runtime.snapshot().stuck().len(), MANY);
}
