//! A recorded event, as a sentence.
//!
//! An event is data: `Woken { task: 2, by: Timer(1) }`. Here it is put into words. Those that say
//! nothing to a reader who follows a task (how far the wheel has moved, how often the reactor has
//! looked) are passed over.

use runtime::trace::{Cause, Direction, End, Event, Record, Wait};

/// What happened. `None`: it is passed over.
pub(crate) fn in_words(record: &Record) -> Option<String> {
    of_tasks(&record.event).or_else(|| of_waits(&record.event))
}

/// What became of tasks.
fn of_tasks(event: &Event) -> Option<String> {
    Some(match event {
        Event::Spawned { task, .. } => format!("task {task} is made"),
        Event::Woken { task, by } if *by == Cause::Task(*task) => {
            format!("task {task} wakes itself: it goes on the run queue after this poll")
        }
        Event::Woken { task, by } => {
            format!("task {task} goes on the run queue, {}", by_whom(*by))
        }
        Event::PollStart { task } => format!("task {task} is polled"),
        Event::PollEnd { task, ready, .. } => match ready {
            true => format!("task {task} is ready"),
            false => format!("task {task} is pending"),
        },
        Event::Ended { task, how } => match how {
            End::Finished => format!("task {task} has finished"),
            End::Cancelled => format!("task {task} has been cancelled"),
            End::Panicked => format!("task {task} has panicked"),
        },
        Event::AbortRequested { task } => format!("task {task} is to be aborted"),
        Event::Aborted { task } => format!("task {task} is dropped, as was asked"),
        Event::Stranded { task } => format!("task {task} is stranded: nothing can wake it"),
        Event::BudgetSpent { task } => format!("task {task} has spent its budget"),
        Event::InboxTaken { jobs: 0, wakes, .. } => {
            format!("the inbox is taken, with {wakes} wake(s)")
        }
        Event::InboxTaken { jobs, .. } => format!("the inbox is taken, with {jobs} job(s)"),
        Event::Parked { until: None } => "the thread parks".to_owned(),
        Event::Parked { until: Some(until) } => format!("the thread parks until {until:?}"),
        Event::Unparked => "the thread is back".to_owned(),
        _ => return None,
    })
}

/// Who woke a task.
fn by_whom(cause: Cause) -> String {
    match cause {
        Cause::Task(other) => format!("woken by task {other}"),
        Cause::Timer(timer) => format!("woken by timer {timer}"),
        Cause::Source(source, _) => format!("woken by source {source}"),
        Cause::Job(job) => format!("woken by job {job}"),
        Cause::Outside => "woken from outside".to_owned(),
        _ => "woken by the program".to_owned(),
    }
}

/// What became of that which can be waited for.
fn of_waits(event: &Event) -> Option<String> {
    Some(match event {
        Event::TimerSet { timer, tick, .. } => format!("timer {timer} is set for tick {tick}"),
        Event::TimerFired { timer } => format!("timer {timer} fires"),
        Event::TimerDropped { timer } => format!("timer {timer} is taken out"),
        Event::ClockAdvanced { to } => format!("the clock jumps to {to:?}"),
        Event::JobQueued { job, .. } => format!("job {job} is given to the pool"),
        Event::JobEnded { job, .. } => format!("job {job} has ended"),
        Event::SourceRegistered { source, .. } => format!("source {source} is registered"),
        Event::SourceDropped { source } => format!("source {source} is taken away"),
        Event::WaiterAdded { source, .. } => format!("a waker is left at source {source}"),
        Event::Ready {
            source,
            direction: Direction::Read,
        } => format!("source {source} is readable"),
        Event::IoFailed { source, error, .. } => format!("it fails with source {source}: {error}"),
        Event::ReadinessCleared { source, .. } => format!("source {source} is taken for drained"),
        Event::Waiting { on, .. } => return of_wait(*on),
        event => return of_sharing(event),
    })
}

/// What became of that which tasks share.
fn of_sharing(event: &Event) -> Option<String> {
    Some(match event {
        Event::Taken { shared, number, .. } => format!("it has {} {number}", shared.thing()),
        Event::GivenBack { shared, number, .. } => {
            format!("it gives {} {number} back", shared.thing())
        }
        Event::HandedOver { shared, number, .. } => {
            format!("{} {number} is handed to the first in line", shared.thing())
        }
        Event::LineLeft { shared, number, .. } => {
            format!("the wait for {} {number} leaves the line", shared.thing())
        }
        Event::Sent {
            shared,
            number,
            length,
            ..
        } => format!("it sends; {} {number} holds {length}", shared.thing()),
        Event::Received {
            shared,
            number,
            length,
        } => format!("it receives; {} {number} holds {length}", shared.thing()),
        Event::SendersGone { shared, number } => {
            format!("the last sender of {} {number} is gone", shared.thing())
        }
        _ => return None,
    })
}

/// What the task that is being polled waits for. Of timers and sources it has been told already.
fn of_wait(on: Wait) -> Option<String> {
    match on {
        Wait::Timer(_) | Wait::Source(..) => None,
        other => Some(format!("it waits for {other}")),
    }
}
