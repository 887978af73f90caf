//! What has just happened, in a sentence.
//!
//! For a reader who has never seen the inside of a runtime: no sentence uses a word that it does
//! not explain, or that the pictures beside it do not show.

use runtime::trace::{Cause, End, Event, Mark, Record, Scope, Snapshot, Wait};

use crate::given::is_line;
use crate::place::{self, is_of_block_on};
use crate::sharing::of_sharing;
use crate::sources::of_sources;
use crate::wait_words::things;
use crate::warnings;
use crate::words::{count, task, time, upper, who};

/// The sentence for the first of these events, given the states before and after it. The events that
/// follow tell how a poll will end, which its first event cannot know. Of no events, an empty text.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = runtime.trace().recording();
/// for at in 0..recording.records().len() {
///     let states = [recording.state_at(at), recording.state_at(at + 1)];
///     let sentence = story::tell(&recording.records()[at..], &states[0], &states[1]);
///     assert!(sentence.ends_with('.'), "{sentence}");
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn tell(records: &[Record], before: &Snapshot, after: &Snapshot) -> String {
    let Some(record) = records.first() else {
        return String::new();
    };
    let states = [before, after];
    let event = &record.event;
    of_poll(record, end_of_turn(records), states)
        .or_else(|| of_life(record, states))
        .or_else(|| warnings::of_warnings(event, states))
        .or_else(|| of_waking(event, record.task, states))
        .or_else(|| of_timers(event))
        .or_else(|| of_sources(event, record.task, states))
        .or_else(|| of_sharing(records, states))
        .or_else(|| of_mark(event, record.task, states))
        .or_else(|| of_thread(event, before))
        .unwrap_or_else(|| format!("{event:?}."))
}

/// The sentence for the state in which a recording begins.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// assert!(story::before_the_first(&runtime.snapshot()).starts_with("Nothing has happened yet"));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn before_the_first(base: &Snapshot) -> String {
    match base.tasks.is_empty() {
        true => "Nothing has happened yet. Press the treadle: each step is one event.".to_owned(),
        false => format!(
            "The recording begins here, with {}.",
            count(base.tasks.len(), "task")
        ),
    }
}

/// How a task's turn ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It was to be aborted, and is not polled at all.
    Unpolled,
    /// It ends in this poll.
    Ends(End),
    /// It will have another turn.
    GoesOn,
}

/// How the turn ends that begins or ends with the first of these events.
fn end_of_turn(records: &[Record]) -> Turn {
    let next = records.get(1).map(|record| &record.event);
    if let Some(Event::Aborted { .. }) = next {
        return Turn::Unpolled;
    }
    let mut rest = records.iter();
    let end = rest.find(|record| matches!(record.event, Event::PollEnd { .. }));
    match end.and_then(|_| rest.next()).map(|record| &record.event) {
        Some(Event::Ended { how, .. }) => Turn::Ends(*how),
        _ => Turn::GoesOn,
    }
}

fn of_poll(record: &Record, turn: Turn, states: [&Snapshot; 2]) -> Option<String> {
    let name = |it: u64| task(it, states);
    Some(match (&record.event, turn) {
        (Event::PollStart { task: it }, Turn::Unpolled) => format!(
            "The executor takes {} off the front of the queue. It is to be aborted, so this \
             turn is its last.",
            name(*it)
        ),
        (Event::PollStart { task: it }, _) => format!(
            "The executor takes {} off the front of the queue and polls it: it runs until it \
             has to wait, or is at its end.",
            name(*it)
        ),
        (Event::PollEnd { task: it, .. }, Turn::Ends(End::Cancelled)) => {
            format!("The turn of {} is over, and so is its life.", name(*it))
        }
        (Event::PollEnd { task: it, .. }, Turn::Ends(End::Panicked)) => {
            let panic = match is_of_block_on(record) {
                true => "It is not caught: `block_on` panics with it",
                false => "The panic was caught around its poll",
            };
            format!("{} has panicked. {panic}.", upper(&name(*it)))
        }
        (
            Event::PollEnd {
                task: it,
                ready: true,
                ..
            },
            _,
        ) => format!(
            "{} says Ready: its future has reached its end.",
            upper(&name(*it))
        ),
        (Event::PollEnd { task: it, .. }, _) => pending(*it, states),
        _ => return None,
    })
}

fn of_life(record: &Record, states: [&Snapshot; 2]) -> Option<String> {
    Some(match &record.event {
        Event::Spawned { task: it, at, .. } => format!(
            "{} is made of a future, at {}. It has not run yet.",
            upper(&task(*it, states)),
            place::name(*at),
        ),
        Event::Ended { task: it, how } => format!(
            "{} is gone: {}.",
            upper(&task(*it, states)),
            ended(*how, is_of_block_on(record))
        ),
        Event::Aborted { task: it } => format!(
            "The future of {} is dropped: its abort was requested.",
            task(*it, states)
        ),
        Event::AbortRequested { task: it } => format!(
            "The abort of {} is requested. At its next turn it is dropped, not polled.",
            task(*it, states)
        ),
        _ => return None,
    })
}

/// What it means that a task has ended so. The future of `block_on` has no join handle.
fn ended(how: End, is_of_block_on: bool) -> &'static str {
    match how {
        End::Finished if is_of_block_on => "it has finished, and `block_on` returns its value",
        End::Finished => "it has finished, and its join handle has its value",
        End::Cancelled => "it was cancelled, and what was left of its future is dropped",
        End::Panicked if is_of_block_on => "it panicked, and `block_on` panics with it",
        End::Panicked => "it panicked, and no other task is harmed",
    }
}

fn pending(it: u64, states: [&Snapshot; 2]) -> String {
    let name = upper(&task(it, states));
    let view = states[1].tasks.get(&it);
    let waits = view.map_or(0, things);
    if states[1].queue.contains(&it) {
        return format!(
            "{name} says Pending and gives the thread back; it has been woken, so it is queued again."
        );
    }
    match waits {
        0 => format!("{name} says Pending and gives the thread back."),
        1 => format!("{name} says Pending: it has left its waker, and gives the thread back."),
        _ => format!("{name} says Pending: it waits for {waits} things at once."),
    }
}

fn of_waking(event: &Event, running: Option<u64>, states: [&Snapshot; 2]) -> Option<String> {
    Some(match event {
        Event::Woken { task: it, by } if *by == Cause::Task(*it) => format!(
            "{} wakes itself: it goes to the back of the run queue when this poll is over.",
            upper(&task(*it, states))
        ),
        Event::Woken { task: it, by } => format!(
            "{} goes to the back of the run queue: {}.",
            upper(&task(*it, states)),
            woken_by(*it, *by, states)
        ),
        Event::Waiting { on, at } => {
            let name = running.map_or("a task".to_owned(), |it| task(it, states));
            let who = upper(&name);
            let at = at.map_or(String::new(), |at| format!(", at {}", place::name(at)));
            match on {
                Wait::Source(..) => format!("So {name} waits for {on}{at}."),
                Wait::Shared(kind, _) if is_line(*kind) => {
                    format!("{who} stands in line: it waits for {on}{at}.")
                }
                _ => format!("{who} leaves its waker: it waits for {on}{at}."),
            }
        }
        _ => return None,
    })
}

fn woken_by(it: u64, by: Cause, states: [&Snapshot; 2]) -> String {
    let is_new = states[1].tasks.get(&it).is_some_and(|view| view.polls == 0);
    match by {
        Cause::Task(other) if is_new => format!("{} has spawned it", task(other, states)),
        Cause::Task(other) => format!("{} has woken it", task(other, states)),
        Cause::Timer(timer) => format!("timer {timer} has woken it"),
        Cause::Source(source, direction) => {
            format!("source {source} is {}, and that has woken it", direction)
        }
        Cause::Job(job) => format!("job {job} has ended, and that has woken it"),
        Cause::Outside => "another thread has woken it, by way of the inbox".to_owned(),
        Cause::Owner if is_new => "it is new".to_owned(),
        _ => "the program has woken it, outside of all tasks".to_owned(),
    }
}

fn of_timers(event: &Event) -> Option<String> {
    Some(match event {
        Event::TimerSet { timer, tick, at } => format!(
            "Timer {timer} is hung in the wheel. It fires at {}, and was made at {}.",
            time(std::time::Duration::from_millis(*tick)),
            place::name(*at)
        ),
        Event::TimerReset { timer, tick } => format!(
            "Timer {timer} gets another deadline: {}.",
            time(std::time::Duration::from_millis(*tick))
        ),
        Event::TimerFired { timer } => {
            format!("Timer {timer} fires: its time has come. It calls the waker that it was left.")
        }
        Event::TimerDropped { timer } => format!(
            "Timer {timer} is taken out of the wheel before its time: no task waits for it any more."
        ),
        Event::WheelAdvanced { to } => format!(
            "The wheel turns to {}: whatever hangs there or before fires now.",
            time(std::time::Duration::from_millis(*to))
        ),
        Event::Cascaded {
            level,
            slot,
            timers,
        } => format!(
            "Slot {slot} of level {level} cascades: {}.",
            match timers {
                1 => "its timer goes to a lower level".to_owned(),
                _ => format!("its {timers} timers go to lower levels"),
            }
        ),
        _ => return None,
    })
}

/// What the program says of its work.
fn of_mark(event: &Event, running: Option<u64>, states: [&Snapshot; 2]) -> Option<String> {
    let Event::Mark {
        scope,
        id,
        what,
        text,
    } = event
    else {
        return None;
    };
    let (who, text) = (upper(&who(running, states)), place::printable(text));
    let work = format!("{} {id}", place::printable(scope.0));
    if let (Scope("fault"), None) = (*scope, running) {
        return Some(match what {
            Mark::End => format!("Fault {id} of the simulation is over: {text}."),
            _ => format!("Fault {id} of the simulation begins: {text}."),
        });
    }
    Some(match what {
        Mark::Begin => format!("{who} begins {work}: {text}."),
        Mark::Point => format!("{who} says of {work}: {text}."),
        Mark::End => format!("{who} has ended {work}: {text}."),
    })
}

fn of_thread(event: &Event, before: &Snapshot) -> Option<String> {
    Some(match event {
        Event::Parked { until: None } => {
            "Nothing to do: the thread sleeps until something comes from outside.".to_owned()
        }
        Event::Parked { until: Some(until) } => format!(
            "Nothing to do: the thread sleeps, until {} at the latest.",
            time(*until)
        ),
        Event::Unparked => "The thread is awake again, and goes round the loop.".to_owned(),
        Event::Held { took } => format!(
            "The thread goes on. Another one has held it between two steps, for {}.",
            time(*took)
        ),
        Event::Turned { events: 0, .. } => {
            "The reactor asks the operating system what is ready: nothing is.".to_owned()
        }
        Event::Turned { events, inbox } => format!(
            "The reactor asked the operating system what is ready, and was told of {}.{}",
            count(*events, "event"),
            match (inbox, events) {
                (false, _) => "",
                (true, 1) =>
                    " It comes from no socket: another thread has written to this thread's eventfd.",
                (true, _) =>
                    " One comes from no socket: another thread has written to this thread's eventfd.",
            }
        ),
        Event::InboxTaken {
            wakes,
            spawns,
            jobs,
        } => format!(
            "The inbox is emptied. Other threads had left {}, {} and {} in it.",
            count(*wakes, "wake"),
            count(*spawns, "new future"),
            count(*jobs, "result")
        ),
        Event::JobQueued { job, at } => format!(
            "Job {job}, which blocks, is given to another thread, at {}.",
            place::name(*at)
        ),
        Event::JobEnded { job, .. } => format!("Job {job} has ended on its thread."),
        Event::ClockPaused => "The clock is stopped.".to_owned(),
        Event::ClockResumed => "The clock runs again.".to_owned(),
        Event::ClockAdvanced { to } => format!(
            "The clock is paused, so the thread does not wait: it jumps from {} to {}.",
            time(before.time),
            time(*to)
        ),
        _ => return None,
    })
}
