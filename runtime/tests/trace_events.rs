//! Events: what happens to a task and its timers is told, in order.

#![cfg(feature = "trace")]

#[path = "support/events.rs"]
mod events;
#[path = "support/tasks.rs"]
mod tasks;

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use events::{end, ended, events, here, spawned, start, story, traced, woken};
use runtime::task::{AbortHandle, JoinHandle, yield_now};
use runtime::time::{Duration, sleep};
use runtime::trace::{Cause, End, Event};
use tasks::{Door, on_drop, panic_quietly, run_dry};

/// Drops the events of a task's spawning, up to its first poll.
fn after_first_poll(events: Vec<Event>, task: u64) -> Vec<Event> {
    let poll = end(task, false);
    let mut rest = events.into_iter().skip_while(|event| *event != poll);
    rest.next();
    rest.collect()
}

#[test]
fn a_block_on_is_a_task_with_a_beginning_and_an_end() {
    let runtime = traced();
    let (at, ()) = (here(), runtime.block_on(async {}));
    let expected = [
        spawned(1, at),
        woken(1, Cause::Owner),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(story(&runtime), expected);
}

#[test]
fn a_task_is_woken_by_its_spawn_and_wakes_its_joiner() {
    let runtime = traced();
    let mut at = None;
    runtime.block_on(async {
        let (line, task) = (here(), runtime::spawn(async {}));
        at = Some(line);
        task.await.unwrap();
    });
    let expected = [
        spawned(2, at.unwrap()),
        woken(2, Cause::Task(1)),
        end(1, false),
        start(2),
        woken(1, Cause::Task(2)),
        end(2, true),
        ended(2, End::Finished),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(story(&runtime)[3..], expected);
}

#[test]
fn every_way_to_spawn_knows_the_line_of_its_caller() {
    let runtime = traced();
    let mut lines = Vec::new();
    lines.push((here(), drop(runtime.spawn(async {}))).0);
    lines.push((here(), drop(runtime.handle().spawn(async {}))).0);
    run_dry(&runtime);
    let _guard = runtime.enter();
    lines.push((here(), drop(runtime::spawn(async {}))).0);
    lines.push((here(), drop(runtime::task::spawn(async {}))).0);
    lines.push((here(), drop(runtime::task::spawn_local(async {}))).0);
    let named = || runtime::task::Builder::new().name("worker");
    lines.push((here(), drop(named().spawn(async {}))).0);
    let events = story(&runtime);
    let spawns = events.iter().filter_map(|event| match event {
        Event::Spawned { at, name, .. } => Some((*at, name.as_deref())),
        _ => None,
    });
    let (places, names): (Vec<_>, Vec<_>) = spawns.unzip();
    assert_eq!(places, lines);
    assert_eq!(names, [None, None, None, None, None, Some("worker")]);
}

#[test]
fn a_sleep_is_set_waited_for_fired_and_told_as_the_cause_of_the_wake() {
    let runtime = traced();
    let mut line = None;
    runtime.block_on(async {
        let (at, nap) = (here(), sleep(Duration::from_millis(5)));
        line = Some(at);
        nap.await;
    });
    let all = story(&runtime);
    let Event::TimerSet { timer, .. } = all[3] else {
        panic!("{all:?}");
    };
    let at = line.unwrap();
    let moment = Duration::from_millis(5);
    let until = Some(moment);
    let expected = [
        Event::TimerSet { timer, tick: 5, at },
        end(1, false),
        Event::Parked { until },
        Event::Turned {
            events: 0,
            inbox: false,
        },
        Event::ClockAdvanced { to: moment },
        Event::Unparked,
        Event::TimerFired { timer },
        woken(1, Cause::Timer(timer)),
        start(1),
        end(1, true),
        ended(1, End::Finished),
    ];
    assert_eq!(all[3..], expected);
}

#[test]
fn a_timer_that_is_moved_or_given_up_is_told_too() {
    let runtime = traced();
    drop(runtime.spawn(async {
        let mut nap = pin!(sleep(Duration::from_secs(1)));
        poll_fn(|cx| Poll::Ready(nap.as_mut().poll(cx)))
            .await
            .is_pending();
        let later = nap.deadline() + Duration::from_secs(1);
        nap.as_mut().reset(later);
    }));
    run_dry(&runtime);
    let all = story(&runtime);
    let Event::TimerSet { timer, tick, .. } = all[3] else {
        panic!("{all:?}");
    };
    assert_eq!(tick, 1000);
    let tick = 2000;
    assert_eq!(all[4], Event::TimerReset { timer, tick });
    assert_eq!(all[5], Event::TimerDropped { timer });
}

#[test]
fn an_abort_is_asked_for_wakes_the_task_and_ends_it() {
    let runtime = traced();
    let task = runtime.spawn(std::future::pending::<()>());
    run_dry(&runtime);
    task.abort();
    run_dry(&runtime);
    let expected = [
        Event::Stranded { task: 1 },
        Event::AbortRequested { task: 1 },
        woken(1, Cause::Owner),
        start(1),
        Event::Aborted { task: 1 },
        end(1, true),
        ended(1, End::Cancelled),
    ];
    assert_eq!(after_first_poll(story(&runtime), 1), expected);
}

/// It is on the run queue already, so it is not woken.
#[test]
fn an_abort_of_a_task_that_is_queued_wakes_nothing() {
    let runtime = traced();
    runtime.spawn(std::future::pending::<()>()).abort();
    run_dry(&runtime);
    let expected = [
        woken(1, Cause::Owner),
        Event::AbortRequested { task: 1 },
        start(1),
        Event::Aborted { task: 1 },
        end(1, true),
        ended(1, End::Cancelled),
    ];
    assert_eq!(story(&runtime)[1..], expected);
}

#[test]
fn a_task_that_aborts_itself_is_polled_first_and_aborted_at_the_poll_s_end() {
    let runtime = traced();
    let own = Rc::new(RefCell::new(None::<AbortHandle>));
    let handle = Rc::clone(&own);
    let task = runtime.spawn(async move {
        handle.take().inspect(AbortHandle::abort);
        yield_now().await;
    });
    own.replace(Some(task.abort_handle()));
    run_dry(&runtime);
    let expected = [
        start(1),
        Event::AbortRequested { task: 1 },
        woken(1, Cause::Task(1)),
        Event::Aborted { task: 1 },
        end(1, true),
        ended(1, End::Cancelled),
    ];
    assert_eq!(story(&runtime)[2..], expected);
}

#[test]
fn a_panic_is_an_end_like_another() {
    let runtime = traced();
    drop::<JoinHandle<()>>(runtime.spawn(async { panic_quietly("told") }));
    run_dry(&runtime);
    let expected = [start(1), end(1, true), ended(1, End::Panicked)];
    assert_eq!(story(&runtime)[2..], expected);
}

#[test]
fn a_block_on_that_panics_has_an_end_and_what_follows_is_not_laid_to_its_door() {
    let runtime = traced();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async { panic_quietly("the root") })
    }));
    assert!(caught.is_err());
    drop(runtime.spawn(async {}));
    let records = runtime.trace().take();
    let tasks: Vec<_> = records.iter().map(|record| record.task).collect();
    assert_eq!(tasks, [None, None, Some(1), Some(1), None, None, None]);
    let events: Vec<_> = records.into_iter().map(|record| record.event).collect();
    let expected = [start(1), end(1, true), ended(1, End::Panicked)];
    assert_eq!(events[2..5], expected);
    assert_eq!(events[6], woken(2, Cause::Owner));
}

#[test]
fn a_block_on_that_ends_well_while_its_thread_unwinds_ends_well() {
    let runtime = traced();
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _cleanup = on_drop(|| runtime.block_on(async {}));
        panic_quietly("unwinding")
    }));
    assert!(caught.is_err());
    assert_eq!(story(&runtime).last(), Some(&ended(1, End::Finished)));
}

#[test]
fn a_shutdown_cancels_every_task() {
    let runtime = traced();
    let trace = runtime.trace();
    let joined = runtime.spawn(std::future::pending::<()>());
    drop(runtime.spawn(joined));
    run_dry(&runtime);
    drop(trace.take());
    drop(runtime);
    let events: Vec<_> = trace.take().into_iter().map(|r| r.event).collect();
    // The end of task 1 wakes task 2, which is not put on the queue any more.
    assert_eq!(events, [ended(1, End::Cancelled), ended(2, End::Cancelled)]);
}

#[test]
fn a_task_dropped_by_a_shutdown_is_not_woken_any_more() {
    let runtime = traced();
    let trace = runtime.trace();
    let (first, second) = (Door::default(), Door::default());
    drop(runtime.spawn(first.wait()));
    let waits = second.wait();
    drop(runtime.spawn(async move {
        let _held = on_drop(move || first.open());
        waits.await;
    }));
    run_dry(&runtime);
    drop(trace.take());
    drop(runtime);
    let events: Vec<_> = trace.take().into_iter().map(|r| r.event).collect();
    let expected = [ended(1, End::Cancelled), ended(2, End::Cancelled)];
    assert_eq!(events, expected);
}

#[test]
fn a_spent_budget_is_told_once_in_its_poll() {
    let runtime = traced();
    let tasks: Vec<_> = (0..129).map(|_| runtime.spawn(async {})).collect();
    run_dry(&runtime);
    drop(story(&runtime));
    drop(runtime.spawn(async move {
        for task in tasks {
            task.await.unwrap();
        }
    }));
    run_dry(&runtime);
    let expected = [
        start(130),
        woken(130, Cause::Task(130)),
        Event::BudgetSpent { task: 130 },
        end(130, false),
        start(130),
        end(130, true),
        ended(130, End::Finished),
    ];
    assert_eq!(story(&runtime)[2..], expected);
}

#[test]
fn a_slot_of_the_wheel_that_cascades_is_told_before_what_fires() {
    let runtime = traced();
    runtime.block_on(async { sleep(Duration::from_millis(100)).await });
    let moves = |event: &Event| {
        use Event::{Cascaded, TimerFired, WheelAdvanced};
        matches!(
            event,
            Cascaded { .. } | TimerFired { .. } | WheelAdvanced { .. }
        )
    };
    let told: Vec<_> = events(&runtime).into_iter().filter(moves).collect();
    // In base 64, 100 is (1, 36): the timer hangs in slot 1 of level 1 until the wheel comes to 64.
    let expected = [
        Event::WheelAdvanced { to: 100 },
        Event::Cascaded {
            level: 1,
            slot: 1,
            timers: 1,
        },
        Event::TimerFired { timer: 1 },
    ];
    assert_eq!(told, expected);
}
