//! What an event is about: its task, and the line of the program.

use runtime::trace::{Cause, Event, Place, Record, Snapshot, TaskView, Wait, WaitView};

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

/// The line of the program that an event is about, and what it is: where the wait, the timer, the
/// task was *made*; or what the task that the event is about was *waiting* for; or where it was
/// *spawned*. The states are those before and after the event.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = runtime.trace().recording();
/// let states = [&recording.state_at(0), &recording.state_at(1)];
/// let (what, place) = story::line_of_program(&recording.records()[0], states).unwrap();
/// assert_eq!((what, place.file), ("made at", file!()));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn line_of_program(
    record: &Record,
    [before, after]: [&Snapshot; 2],
) -> Option<(&'static str, Place)> {
    let made = |place| Some(("made at", place));
    match &record.event {
        Event::Spawned { at, .. }
        | Event::TimerSet { at, .. }
        | Event::SourceRegistered { at, .. }
        | Event::JobQueued { at, .. }
        | Event::LongPoll { at, .. }
        | Event::TimersDropped { at, .. } => made(*at),
        Event::Waiting { at: Some(at), .. } => Some(("waits at", *at)),
        Event::Taken { at, .. } => Some(("taken at", *at)),
        Event::GivenBack { number, .. } | Event::Forgotten { number, .. } => {
            let holders = &before.shared.get(number)?.holders;
            let own = holders.iter().find(|holder| holder.task == record.task);
            own.or(holders.first())
                .map(|holder| ("taken at", holder.at))
        }
        Event::TimerFired { timer } | Event::TimerDropped { timer } => {
            before.wheel.timers.get(timer)?.at.and_then(made)
        }
        Event::SourceDropped { source } => made(before.sources.get(source)?.at),
        event => {
            let task = task_of(event).or(record.task)?;
            let spent = matches!(event, Event::PollStart { .. } | Event::Ended { .. });
            let state = if spent { before } else { after };
            let view = state.tasks.get(&task)?;
            let wait = the_wait(view).and_then(|wait| wait.at);
            Some(wait.map_or(("spawned", view.at), |at| ("waits at", at)))
        }
    }
}

/// Of all that a task waits for: what has woken it, or else the first.
fn the_wait(view: &TaskView) -> Option<&WaitView> {
    let ended = |wait: &&WaitView| match (wait.on, view.woken_by) {
        (Wait::Timer(one), Some(Cause::Timer(other))) => one == other,
        (Wait::Source(one, _), Some(Cause::Source(other, _))) => one == other,
        _ => false,
    };
    view.waits.iter().find(ended).or(view.waits.first())
}
