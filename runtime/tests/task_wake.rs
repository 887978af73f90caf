//! Waking: a task is polled again when it was woken, once, and never in another's stead.

#[path = "support/tasks.rs"]
mod tasks;

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;

use runtime::runtime::{Runtime, Step};
use runtime::task::{try_id, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::Doing;
use tasks::{Door, Log, hold, message_of_panic, on_drop, panic_quietly, paused, polled, run_dry};

const POLLED: [u64; 1] = [1];
const NO_TASK: [u64; 0] = [];

/// A task that waits at a door, polled once.
fn waiting(runtime: &Runtime) -> Door {
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    run_dry(runtime);
    assert_eq!(door.polls(), 1);
    door
}

#[test]
fn a_task_that_nobody_wakes_is_not_polled_again() {
    let runtime = paused();
    let door = waiting(&runtime);
    (0..100).for_each(|_| drop(waiting(&runtime)));
    assert_eq!(door.polls(), 1);
}

#[test]
fn a_wake_in_the_task_s_own_poll_schedules_it_again() {
    let runtime = paused();
    let mut left = 3;
    let task = runtime.spawn(poll_fn(move |cx| {
        left -= 1;
        cx.waker().wake_by_ref();
        match left {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }));
    assert_eq!(polled(&run_dry(&runtime)), [1, 1, 1]);
    assert!(task.is_finished());
}

#[test]
fn many_wakes_make_one_poll() {
    let runtime = paused();
    let door = waiting(&runtime);
    let _guard = runtime.enter();
    for _ in 0..10 {
        door.waker().wake();
        door.waker().wake_by_ref();
    }
    assert_eq!(polled(&run_dry(&runtime)), POLLED);
    assert_eq!(door.polls(), 2);
}

#[test]
fn many_wakes_in_the_task_s_own_poll_make_one_poll() {
    let runtime = paused();
    let polls = Rc::new(Cell::new(0));
    let theirs = Rc::clone(&polls);
    drop(runtime.spawn(poll_fn(move |cx| {
        theirs.set(theirs.get() + 1);
        if theirs.get() == 1 {
            (0..10).for_each(|_| cx.waker().wake_by_ref());
        }
        Poll::<()>::Pending
    })));
    run_dry(&runtime);
    assert_eq!(polls.get(), 2);
}

#[test]
fn wakes_from_inside_and_from_outside_make_one_poll() {
    let runtime = paused();
    let door = waiting(&runtime);
    thread::scope(|scope| {
        for _ in 0..3 {
            let waker = door.waker();
            scope.spawn(move || waker.wake());
        }
    });
    {
        let _guard = runtime.enter();
        door.waker().wake();
    }
    let steps = run_dry(&runtime);
    assert!(steps.contains(&Step::TookInbox {
        wakes: 1,
        spawns: 0,
        jobs: 0
    }));
    assert_eq!(polled(&steps), POLLED);
}

#[test]
fn a_wake_after_the_end_does_nothing() {
    let runtime = paused();
    let door = waiting(&runtime);
    let late = door.waker();
    door.open();
    assert_eq!(polled(&run_dry(&runtime)), POLLED);
    for _ in 0..3 {
        let _guard = runtime.enter();
        late.wake_by_ref();
        assert_eq!(run_dry(&runtime), []);
    }
    late.wake_by_ref();
    assert_eq!(polled(&run_dry(&runtime)), NO_TASK);
    thread::spawn(move || late.wake()).join().unwrap();
    assert_eq!(polled(&run_dry(&runtime)), NO_TASK);
}

#[test]
fn a_wake_in_the_last_poll_does_nothing() {
    let runtime = paused();
    let task = runtime.spawn(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Ready(())
    }));
    assert_eq!(polled(&run_dry(&runtime)), POLLED);
    assert!(task.is_finished());
}

#[test]
fn a_wake_after_the_runtime_is_gone_does_nothing() {
    let runtime = paused();
    let door = waiting(&runtime);
    let root = runtime.block_on(poll_fn(|cx| Poll::Ready(cx.waker().clone())));
    drop(runtime);
    for waker in [door.waker(), root] {
        waker.wake_by_ref();
        let elsewhere = waker.clone();
        thread::spawn(move || elsewhere.wake()).join().unwrap();
        paused().block_on(async move { waker.wake() });
    }
    assert_eq!(door.polls(), 1);
}

#[test]
fn an_old_waker_never_reaches_the_next_task_of_the_place() {
    let runtime = paused();
    let mut old = Vec::new();
    for _ in 0..5 {
        let door = waiting(&runtime);
        old.push(door.waker());
        door.open();
        run_dry(&runtime);
    }
    let newer = waiting(&runtime);
    {
        let _guard = runtime.enter();
        old.iter().for_each(Waker::wake_by_ref);
        assert_eq!(polled(&run_dry(&runtime)), NO_TASK);
    }
    thread::spawn(move || old.into_iter().for_each(Waker::wake))
        .join()
        .unwrap();
    assert_eq!(polled(&run_dry(&runtime)), NO_TASK);
    assert_eq!(newer.polls(), 1);
}

/// The wake is under way, in the inbox, when the task ends and its place is let again.
#[test]
fn a_wake_on_its_way_through_the_inbox_never_reaches_the_next_task() {
    let runtime = paused();
    let door = waiting(&runtime);
    let waker = door.waker();
    {
        let _guard = runtime.enter();
        door.open();
    }
    // The task ends before the inbox is looked at: the loop is at its polls.
    let newer = Rc::new(RefCell::new(None));
    let theirs = Rc::clone(&newer);
    let sender = runtime.spawn(async move {
        thread::spawn(move || waker.wake()).join().unwrap();
        let door = Door::default();
        drop(runtime::spawn(door.wait()));
        theirs.replace(Some(door));
    });
    run_dry(&runtime);
    assert!(sender.is_finished());
    assert_eq!(newer.take().unwrap().polls(), 1);
}

/// The next task moves into the place of one that woke itself in its last poll.
#[test]
fn a_wake_in_the_last_poll_leaves_nothing_on_the_queue_for_the_next_tenant() {
    let runtime = paused();
    drop(runtime.spawn(poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Ready(())
    })));
    assert_eq!(polled(&[runtime.step()]), [1]);
    assert_eq!(runtime.snapshot().queue, NO_TASK);
    let door = Door::default();
    drop(runtime.spawn(door.wait()));
    assert_eq!(polled(&run_dry(&runtime)), [2]);
    assert_eq!(door.polls(), 1);
}

/// As in Tokio.
#[test]
fn a_task_that_wakes_itself_goes_behind_those_that_it_wakes_in_the_same_poll() {
    let runtime = paused();
    let door = waiting(&runtime);
    let mut polls = 0;
    drop(runtime.spawn(poll_fn(move |cx| {
        polls += 1;
        cx.waker().wake_by_ref();
        door.open();
        match polls {
            2 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })));
    assert_eq!(polled(&run_dry(&runtime)), [2, 1, 2]);
}

/// The drop of a result is the doing of the task whose result it is, and so are the wakes in it. The
/// task that drops it is the one that runs, all the same.
#[test]
fn a_wake_in_the_drop_of_another_task_s_result_is_not_lost() {
    let runtime = Rc::new(paused());
    let waker = Rc::new(RefCell::new(None::<Waker>));
    let (theirs, inside) = (Rc::clone(&waker), Rc::clone(&runtime));
    let mut other = Some(runtime.spawn(async move {
        on_drop(move || {
            theirs.take().inspect(Waker::wake_by_ref);
            let doing = inside.snapshot().doing;
            assert!(matches!(
                doing,
                Doing::Polling {
                    task: 2,
                    woken: true,
                    ..
                }
            ));
        })
    }));
    let task = runtime.spawn(poll_fn(move |cx| {
        waker.replace(Some(cx.waker().clone()));
        match other.take() {
            Some(handle) => {
                assert!(handle.is_finished());
                drop(handle);
                Poll::Pending
            }
            None => Poll::Ready(()),
        }
    }));
    assert_eq!(polled(&run_dry(&runtime)), [1, 2, 2]);
    assert!(task.is_finished());
}

/// Such a drop may run outside of the loop, and run the loop.
#[test]
fn a_block_on_in_the_drop_of_a_result_has_tasks_of_its_own() {
    let runtime = Rc::new(paused());
    let inside = Rc::clone(&runtime);
    let seen = Rc::new(Cell::new(None));
    let theirs = Rc::clone(&seen);
    let task = runtime.spawn(async move {
        on_drop(move || {
            let before = try_id();
            let task = inside.spawn(async { runtime::task::id() });
            let own = task.id();
            let told = inside.block_on(task).unwrap();
            theirs.set(Some((before, own == told, try_id() == before)));
        })
    });
    run_dry(&runtime);
    let id = task.id();
    let _guard = runtime.enter();
    drop(task);
    assert_eq!(seen.take(), Some((Some(id), true, true)));
}

#[test]
fn a_snapshot_in_a_poll_shows_that_the_task_has_been_woken_though_nobody_observes() {
    let runtime = Rc::new(paused());
    let inside = Rc::clone(&runtime);
    let woken = Rc::new(Cell::new([true, false]));
    let theirs = Rc::clone(&woken);
    drop(runtime.spawn(poll_fn(move |cx| {
        let look = || matches!(inside.snapshot().doing, Doing::Polling { woken: true, .. });
        let before = look();
        cx.waker().wake_by_ref();
        theirs.set([before, look()]);
        assert_eq!(
            inside.snapshot().queue,
            NO_TASK,
            "it goes there after the poll"
        );
        Poll::Ready(())
    })));
    run_dry(&runtime);
    assert_eq!(woken.get(), [false, true]);
}

#[test]
fn places_are_let_again_thousands_of_times_and_every_task_runs_once() {
    let runtime = paused();
    let runs = Rc::new(Cell::new(0));
    for round in 0..100 {
        let tasks: Vec<_> = (0..round % 17 + 1)
            .map(|n| {
                let runs = Rc::clone(&runs);
                runtime.spawn(async move {
                    for _ in 0..n % 5 {
                        yield_now().await;
                    }
                    runs.set(runs.get() + 1);
                })
            })
            .collect();
        let before = runs.get();
        run_dry(&runtime);
        assert_eq!(runs.get() - before, tasks.len());
    }
}

#[test]
fn a_waker_kept_by_a_finished_task_s_friend_does_not_keep_its_future() {
    let runtime = paused();
    let log = Log::default();
    let door = Door::default();
    let (held, waits) = (log.on_drop("dropped"), door.wait());
    drop(runtime.spawn(async move {
        let _held = held;
        waits.await;
    }));
    run_dry(&runtime);
    let kept = door.waker();
    door.open();
    run_dry(&runtime);
    assert_eq!(log.take(), ["dropped"]);
    drop(runtime);
    kept.wake();
}

#[test]
fn the_wakers_of_one_task_know_each_other_and_those_of_two_tasks_do_not() {
    let runtime = paused();
    let (first, second) = (waiting(&runtime), waiting(&runtime));
    let before = first.waker();
    {
        let _guard = runtime.enter();
        before.wake_by_ref();
    }
    run_dry(&runtime);
    assert_eq!(first.polls(), 2);
    assert!(before.will_wake(&first.waker()));
    assert!(before.will_wake(&before.clone()));
    assert!(!before.will_wake(&second.waker()));
}

#[test]
fn a_thread_wakes_a_task_of_a_runtime_that_has_nothing_else_to_do() {
    let runtime = Runtime::new().unwrap();
    let (there, here) = mpsc::channel::<Door>();
    let opener = thread::spawn(move || here.into_iter().for_each(|door| door.open()));
    runtime.block_on(async move {
        for _ in 0..100 {
            let door = Door::default();
            there.send(door.clone()).unwrap();
            door.wait().await;
        }
    });
    opener.join().unwrap();
}

#[test]
fn a_waker_may_be_called_from_a_thread_that_is_in_another_runtime() {
    let runtime = Runtime::new().unwrap();
    let door = Door::default();
    let theirs = door.clone();
    let other = thread::spawn(move || {
        Runtime::new().unwrap().block_on(async move {
            runtime::spawn(async move { theirs.open() }).await.unwrap();
        });
    });
    runtime.block_on(door.wait());
    other.join().unwrap();
}

#[test]
fn the_future_of_block_on_is_woken_like_any_task() {
    let runtime = paused();
    let log = Log::default();
    let door = Door::default();
    let theirs = (log.clone(), door.clone());
    drop(runtime.spawn(async move {
        yield_now().await;
        theirs.0.add("opening");
        theirs.1.open();
    }));
    runtime.block_on(async {
        door.wait().await;
        log.add("through");
    });
    assert_eq!(log.take(), ["opening", "through"]);
    assert_eq!(door.polls(), 2);
}

#[test]
fn a_waker_of_an_earlier_block_on_does_not_poll_a_later_one() {
    let runtime = paused();
    let old = runtime.block_on(poll_fn(|cx| Poll::Ready(cx.waker().clone())));
    let polls = Cell::new(0);
    runtime.block_on(async {
        let mut nap = sleep(Duration::from_secs(1));
        poll_fn(|cx| {
            polls.set(polls.get() + 1);
            old.wake_by_ref();
            Pin::new(&mut nap).poll(cx)
        })
        .await;
    });
    assert_eq!(polls.get(), 2);
}

/// A task's last waker may be dropped anywhere, in whatever state the machine is.
#[test]
fn dropping_the_last_waker_of_a_dead_task_in_a_drop_is_harmless() {
    let runtime = paused();
    let door = waiting(&runtime);
    let waker = door.waker();
    let task = runtime.spawn(hold(on_drop(move || drop(waker))));
    run_dry(&runtime);
    door.open();
    run_dry(&runtime);
    task.abort();
    run_dry(&runtime);
    assert!(task.is_finished());
}

#[test]
fn a_waker_dropped_by_a_dying_thread_s_locals_is_harmless() {
    thread_local! {
        static KEPT: RefCell<Option<Waker>> = const { RefCell::new(None) };
    }
    struct WakesLate(Waker);
    impl Drop for WakesLate {
        fn drop(&mut self) {
            self.0.wake_by_ref();
        }
    }
    thread_local! {
        static LATE: RefCell<Option<WakesLate>> = const { RefCell::new(None) };
    }
    let runtime = Runtime::new().unwrap();
    let door = waiting(&runtime);
    let waker = door.waker();
    thread::spawn(move || {
        LATE.set(Some(WakesLate(waker.clone())));
        KEPT.set(Some(waker));
        // Having been in a runtime, this thread has its thread-locals, which die too.
        paused().block_on(async {});
    })
    .join()
    .unwrap();
    assert_eq!(polled(&run_dry(&runtime)), POLLED);
}

#[test]
fn a_waker_of_a_block_on_that_panicked_wakes_nothing() {
    let runtime = paused();
    let kept = RefCell::new(None::<Waker>);
    let message = message_of_panic(|| {
        runtime.block_on(poll_fn(|cx| -> Poll<()> {
            kept.replace(Some(cx.waker().clone()));
            cx.waker().wake_by_ref();
            panic_quietly("the root")
        }));
    });
    assert_eq!(message, "the root");
    runtime.trace().start(16);
    let _guard = runtime.enter();
    kept.take().unwrap().wake();
    assert_eq!(runtime.trace().take(), []);
    assert_eq!(run_dry(&runtime), []);
}
