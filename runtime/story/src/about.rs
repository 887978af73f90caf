//! What an event is about: its task, and the line of the program.

use runtime::trace::{Cause, Event, Place, Record, Snapshot, TaskView, WaitView};

/// The task of which an event speaks.
///
/// ```
/// use runtime::trace::Event;
///
/// assert_eq!(story::task_of(&Event::PollStart { task: 3 }), Some(3));
/// assert_eq!(story::task_of(&Event::Unparked), None);
/// ```
pub fn task_of(event: &Event) -> Option<u64> {
    match event {
        Event::Spawned { task, .. }
        | Event::Woken { task, .. }
        | Event::PollStart { task }
        | Event::PollEnd { task, .. }
        | Event::Stranded { task }
        | Event::LongPoll { task, .. }
        | Event::Ended { task, .. }
        | Event::AbortRequested { task }
        | Event::Aborted { task }
        | Event::BudgetSpent { task } => Some(*task),
        _ => None,
    }
}

/// A task that has not run for longer is not looked for.
const FARTHEST: usize = 10_000;

/// The line of the program that the event at the index `at` is about, and what that line is: where the
/// wait, the timer, the task was *made*; where a lock was *taken*; where the task *waits*, or *waited* until
/// this event; the line *after* which the task goes on, because it was the last of its code that was
/// seen; or where it was *spawned*, if it has not come farther. The states are those before and after the
/// event.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = runtime.trace().recording();
/// let states = [&recording.state_at(0), &recording.state_at(1)];
/// let (what, place) = story::line_of_program(recording.records(), 0, states).unwrap();
/// assert_eq!((what, place.file), ("made at", file!()));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn line_of_program(
    records: &[Record],
    at: usize,
    [before, after]: [&Snapshot; 2],
) -> Option<(&'static str, Place)> {
    let record = records.get(at)?;
    let own = line_of_thing(record, before);
    own.or_else(|| line_of_task(records, at, [before, after]))
}

/// Of the thing that the event is about.
fn line_of_thing(record: &Record, before: &Snapshot) -> Option<(&'static str, Place)> {
    let made = |place| Some(("made at", place));
    match &record.event {
        Event::TimerFired { timer } | Event::TimerDropped { timer } => {
            before.wheel.timers.get(timer)?.at.and_then(made)
        }
        Event::SourceDropped { source } => made(before.sources.get(source)?.at),
        Event::GivenBack { number, .. } | Event::Forgotten { number, .. } => {
            let holders = &before.shared.get(number)?.holders;
            let own = holders.iter().find(|holder| holder.task == record.task);
            own.or(holders.first())
                .map(|holder| ("taken at", holder.at))
        }
        Event::Waiting { at: Some(at), .. } => Some(("waits at", *at)),
        Event::Taken { at, .. } => Some(("taken at", *at)),
        event => line_in(event).and_then(made),
    }
}

/// The line that an event names itself.
fn line_in(event: &Event) -> Option<Place> {
    match event {
        Event::Spawned { at, .. }
        | Event::TimerSet { at, .. }
        | Event::SourceRegistered { at, .. }
        | Event::JobQueued { at, .. }
        | Event::LongPoll { at, .. }
        | Event::TimersDropped { at, .. }
        | Event::Waiting { at: Some(at), .. }
        | Event::Taken { at, .. } => Some(*at),
        _ => None,
    }
}

/// The line that the task has left behind it with this event. A wait, or the timer of one, that was made in this
/// very poll is not over: the task may wait for several things, and go on because of another.
fn line_passed(event: &Event) -> Option<Place> {
    match event {
        Event::Waiting { .. } | Event::TimerSet { .. } => None,
        event => line_in(event),
    }
}

/// Of the task that the event is about.
fn line_of_task(
    records: &[Record],
    at: usize,
    [before, after]: [&Snapshot; 2],
) -> Option<(&'static str, Place)> {
    let record = &records[at];
    let task = task_of(&record.event).or(record.task)?;
    let view = after.tasks.get(&task).or(before.tasks.get(&task))?;
    let wait = |state: &Snapshot| state.tasks.get(&task).and_then(the_wait);
    let found = match record.event {
        Event::PollStart { .. } => wait(before).map(|at| ("after", at)),
        Event::PollEnd { ready: false, .. } => wait(after).map(|at| ("waits at", at)),
        Event::Woken { .. } if record.task != Some(task) => wait(after).map(|at| ("waited at", at)),
        _ if record.task != Some(task) => wait(after).map(|at| ("waits at", at)),
        _ => None,
    };
    let found = found.or_else(|| Some(("after", line_before(records, at, task, view)?)));
    Some(found.unwrap_or(("spawned", view.at)))
}

/// The last line that the task has passed in the poll in which the event at `at` happens; or else where it
/// waited before that poll.
fn line_before(records: &[Record], at: usize, task: u64, view: &TaskView) -> Option<Place> {
    let mut back = records[at.saturating_sub(FARTHEST)..at].iter().rev();
    let is_start = |event: &Event| matches!(event, Event::PollStart { task: it } if *it == task);
    for record in back.by_ref().take_while(|record| !is_start(&record.event)) {
        if let Some(line) = line_passed(&record.event).filter(|_| record.task == Some(task)) {
            return Some(line);
        }
    }
    let last_poll = back.take_while(|record| !is_start(&record.event));
    let of_wait = |record: &Record| match record.event {
        Event::Waiting { on, at } if record.task == Some(task) => Some(WaitView::new(on, at)),
        _ => None,
    };
    let mut waits: Vec<WaitView> = last_poll.filter_map(of_wait).collect();
    waits.reverse();
    the_one(&waits, view.woken_by)
}

fn the_wait(view: &TaskView) -> Option<Place> {
    the_one(&view.waits, view.woken_by)
}

/// Where the wait is, of all these, that has woken the task, or else the first.
fn the_one(waits: &[WaitView], woken_by: Option<Cause>) -> Option<Place> {
    let ended = woken_by.and_then(|by| WaitView::ended_by(waits, by));
    ended.or(waits.first())?.at
}
