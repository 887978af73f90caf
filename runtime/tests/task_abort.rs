//! Aborting: a request that the task be dropped at its next turn, whatever it is doing.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

use runtime::runtime::Step;
use runtime::task::{AbortHandle, JoinHandle, yield_now};
use runtime::time::{Duration, sleep};
use tasks::{Door, Log, hold, on_drop, paused, polled, run_dry};

/// Where a task finds its own abort handle, which exists only once it is spawned.
type Itself = Rc<RefCell<Option<AbortHandle>>>;

fn abort(itself: &Itself) {
    itself.borrow().as_ref().unwrap().abort();
}

#[test]
fn a_task_aborted_before_its_first_poll_is_never_polled() {
    let runtime = paused();
    let (log, door) = (Log::default(), Door::default());
    let (held, waits) = (log.on_drop("dropped"), door.wait());
    let task = runtime.spawn(async move {
        waits.await;
        drop(held);
    });
    task.abort();
    assert!(log.take().is_empty(), "abort only asks");
    assert!(!task.is_finished());
    run_dry(&runtime);
    assert_eq!(door.polls(), 0);
    assert_eq!(log.take(), ["dropped"]);
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_aborted_while_it_waits_is_dropped_at_its_next_turn_without_a_poll() {
    let runtime = paused();
    let (log, door) = (Log::default(), Door::default());
    let (held, waits) = (log.on_drop("dropped"), door.wait());
    let task = runtime.spawn(async move {
        let _held = held;
        waits.await;
    });
    run_dry(&runtime);
    task.abort();
    assert!(log.take().is_empty());
    run_dry(&runtime);
    assert_eq!((door.polls(), log.take()), (1, vec!["dropped"]));
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_that_is_woken_and_then_aborted_is_not_polled_any_more() {
    let runtime = paused();
    let door = Door::default();
    let task = runtime.spawn(door.wait());
    run_dry(&runtime);
    door.open();
    task.abort();
    run_dry(&runtime);
    assert_eq!(door.polls(), 1);
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_that_aborts_itself_and_then_waits_is_cancelled_in_the_same_poll() {
    let runtime = paused();
    let itself = Itself::default();
    let theirs = Rc::clone(&itself);
    let task = runtime.spawn(async move {
        abort(&theirs);
        std::future::pending::<()>().await;
    });
    itself.replace(Some(task.abort_handle()));
    let first = runtime.step();
    assert_eq!(
        first,
        Step::Polled {
            task: 1,
            ready: true
        }
    );
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_that_aborts_itself_and_returns_in_the_same_poll_has_its_value() {
    let runtime = paused();
    let itself = Itself::default();
    let theirs = Rc::clone(&itself);
    let task = runtime.spawn(async move {
        abort(&theirs);
        "still"
    });
    itself.replace(Some(task.abort_handle()));
    assert_eq!(runtime.block_on(task).unwrap(), "still");
}

#[test]
fn an_abort_after_the_end_changes_nothing() {
    let runtime = paused();
    let task = runtime.spawn(async { 1 });
    let late = task.abort_handle();
    run_dry(&runtime);
    task.abort();
    late.abort();
    assert!(polled(&run_dry(&runtime)).is_empty());
    assert_eq!(runtime.block_on(task).unwrap(), 1);
    late.abort();
}

#[test]
fn aborting_many_times_ends_the_task_once() {
    let runtime = paused();
    let log = Log::default();
    let task = runtime.spawn(hold(log.on_drop("dropped")));
    for _ in 0..10 {
        task.abort();
        task.abort_handle().abort();
    }
    assert_eq!(polled(&run_dry(&runtime)), [1]);
    assert_eq!(log.take(), ["dropped"]);
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_task_may_abort_the_one_that_is_next_in_the_queue() {
    let runtime = paused();
    let itself = Itself::default();
    let theirs = Rc::clone(&itself);
    drop(runtime.spawn(async move { abort(&theirs) }));
    let door = Door::default();
    let victim = runtime.spawn(door.wait());
    itself.replace(Some(victim.abort_handle()));
    run_dry(&runtime);
    assert_eq!(door.polls(), 0);
    assert!(runtime.block_on(victim).unwrap_err().is_cancelled());
}

#[test]
fn an_old_abort_handle_does_not_touch_the_next_task_of_the_place() {
    let runtime = paused();
    let old = runtime.spawn(async {});
    let handle = old.abort_handle();
    run_dry(&runtime);
    drop(old);
    let door = Door::default();
    let newer = runtime.spawn(door.wait());
    handle.abort();
    run_dry(&runtime);
    assert!(handle.is_finished() && !newer.is_finished());
    door.open();
    runtime.block_on(newer).unwrap();
}

/// An aborted task may be on the queue twice: for its wake and for its end. The second key
/// comes up when its place has been let again.
#[test]
fn the_second_key_of_an_aborted_task_polls_nobody() {
    let runtime = paused();
    let victim = runtime.spawn(std::future::pending::<()>());
    victim.abort();
    assert_eq!(polled(&[runtime.step()]), [1]);
    let door = Door::default();
    let newer = runtime.spawn(door.wait());
    assert_eq!(polled(&run_dry(&runtime)), [2]);
    assert!(victim.is_finished() && !newer.is_finished());
}

#[test]
fn the_drop_of_one_task_may_abort_another() {
    let runtime = paused();
    let log = Log::default();
    let second = runtime.spawn(hold(log.on_drop("second")));
    let abort_second = second.abort_handle();
    let first = runtime.spawn(hold((
        log.on_drop("first"),
        on_drop(move || abort_second.abort()),
    )));
    run_dry(&runtime);
    first.abort();
    run_dry(&runtime);
    assert_eq!(log.take(), ["first", "second"]);
    assert!(runtime.block_on(second).unwrap_err().is_cancelled());
}

#[test]
fn the_drop_of_an_aborted_task_may_abort_itself_again() {
    let runtime = paused();
    let itself = Itself::default();
    let theirs = Rc::clone(&itself);
    let task = runtime.spawn(hold(on_drop(move || abort(&theirs))));
    itself.replace(Some(task.abort_handle()));
    run_dry(&runtime);
    task.abort();
    run_dry(&runtime);
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn the_drop_of_an_aborted_task_may_spawn_and_the_new_task_runs() {
    let runtime = paused();
    let log = Log::default();
    let theirs = log.clone();
    let task = runtime.spawn(hold(on_drop(move || {
        drop(runtime::spawn(async move { theirs.add("child") }));
    })));
    run_dry(&runtime);
    task.abort();
    run_dry(&runtime);
    assert_eq!(log.take(), ["child"]);
}

#[test]
fn an_aborted_sleeper_leaves_no_timer_behind() {
    let runtime = paused();
    let task = runtime.spawn(async { sleep(Duration::from_secs(60)).await });
    run_dry(&runtime);
    assert!(matches!(runtime.step(), Step::WouldPark { until: Some(_) }));
    task.abort();
    run_dry(&runtime);
    assert_eq!(runtime.step(), Step::WouldPark { until: None });
}

#[test]
fn dropping_an_abort_handle_aborts_nobody_and_it_works_without_the_join_handle() {
    let runtime = paused();
    let door = Door::default();
    let task = runtime.spawn(door.wait());
    drop(task.abort_handle());
    let abort = task.abort_handle().clone();
    drop(task);
    run_dry(&runtime);
    assert!(!abort.is_finished());
    abort.abort();
    run_dry(&runtime);
    assert!(abort.is_finished());
    assert_eq!(door.polls(), 1);
}

#[test]
fn an_abort_is_heard_by_a_task_that_yields_for_ever() {
    paused().block_on(async {
        let rounds = Rc::new(Cell::new(0));
        let theirs = Rc::clone(&rounds);
        let spinner = runtime::spawn(async move {
            loop {
                theirs.set(theirs.get() + 1);
                yield_now().await;
            }
        });
        yield_now().await;
        spinner.abort();
        assert!(spinner.await.unwrap_err().is_cancelled());
        assert_eq!(rounds.get(), 1);
    });
}

#[test]
fn a_future_that_is_ready_in_the_poll_after_its_abort_is_not_asked() {
    let runtime = paused();
    let mut polls = 0;
    let task = runtime.spawn(poll_fn(move |cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        match polls {
            1 => Poll::Pending,
            _ => Poll::Ready("too late"),
        }
    }));
    assert_eq!(polled(&[runtime.step()]), [1]);
    task.abort();
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
}

#[test]
fn a_thousand_tasks_are_aborted_and_every_one_is_dropped() {
    paused().block_on(async {
        let dropped = Rc::new(Cell::new(0));
        let count = |_| {
            let dropped = Rc::clone(&dropped);
            runtime::spawn(hold(on_drop(move || dropped.set(dropped.get() + 1))))
        };
        let tasks: Vec<_> = (0..1000).map(count).collect();
        yield_now().await;
        tasks.iter().for_each(JoinHandle::abort);
        for task in tasks {
            assert!(task.await.unwrap_err().is_cancelled());
        }
        assert_eq!(dropped.get(), 1000);
    });
}
