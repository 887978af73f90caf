//! Why a poll happens: the chain of its causes, followed back through the recording.
//!
//! A task is polled because it was woken. It was woken by another task, in a poll of that one,
//! which happened because *that* task was woken... So the chain goes back, from poll to poll,
//! until it comes to something that no poll made: a timer that fired, a socket, another thread,
//! or the start of the program. That first cause is what to look at when a program does what
//! no reader expected.

use runtime::trace::{Cause, Event, Record};

use crate::place;
use crate::task_of;

/// Two tasks that wake each other for days make a chain as long. It is followed so far.
const LONGEST: usize = 1000;

/// A link of the [`chain`] of causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The event: its index in the recording.
    pub index: usize,
    /// What it did, in a few words: `timer 3 woke task 1`.
    pub text: String,
}

/// The links, from the event at the index `at` back to the first cause; of a timer that fires, who set it.
/// None where the event belongs to no task, or where there is no event. At most 1,000 links are followed.
///
/// ```
/// use runtime::trace::Event;
///
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let records = runtime.trace().take();
/// let poll = records.iter().position(|it| matches!(it.event, Event::PollStart { .. }));
/// let links = story::causes::chain(&records, poll.expect("the future of block_on is polled"));
/// assert_eq!(links[0].text, "task 1 was spawned by the program: the start");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn chain(records: &[Record], at: usize) -> Vec<Link> {
    let mut links = Vec::new();
    let Some(record) = records.get(at) else {
        return links;
    };
    let mut woken = match record.event {
        Event::TimerFired { timer } => return set_before(records, at, timer).into_iter().collect(),
        Event::Woken { .. } => Some(at),
        _ => record
            .task
            .or_else(|| task_of(&record.event))
            .and_then(|task| waking_before(records, at, task)),
    };
    if let (Some(wake), Event::PollStart { task }) = (woken, &record.event) {
        links.extend(abort_between(records, wake, at, *task));
    }
    while let Some(index) = woken
        && links.len() < LONGEST
    {
        woken = follow(records, index, &mut links);
    }
    links
}

/// Adds the link for a wake; the answer is the wake that stands behind it.
fn follow(records: &[Record], index: usize, links: &mut Vec<Link>) -> Option<usize> {
    let Event::Woken { task, by } = records[index].event else {
        return None;
    };
    let is_new = is_spawn(records, index, task);
    let text = match by {
        _ if is_abort(records, index.wrapping_sub(1), task) => asked(task, by),
        Cause::Task(other) if other == task => format!("task {task} woke itself"),
        Cause::Task(other) if is_new => format!("task {other} spawned task {task}"),
        Cause::Task(other) => format!("task {other} woke task {task}"),
        Cause::Owner if is_new => format!("task {task} was spawned by the program: the start"),
        Cause::Timer(timer) => format!("timer {timer} woke task {task}"),
        Cause::Source(source, _) => format!("source {source} woke task {task}"),
        Cause::Job(job) => format!("job {job} woke task {task}"),
        Cause::Outside => format!("another thread woke task {task}"),
        _ => format!("the program woke task {task}, outside of all tasks"),
    };
    links.push(Link { index, text });
    match by {
        Cause::Task(other) => return waking_before(records, index, other),
        Cause::Timer(timer) => links.extend(timer_before(records, index, timer)),
        first => links.extend(first_before(records, index, first)),
    }
    None
}

/// Whether this is the event that asks for the abort of a task.
fn is_abort(records: &[Record], index: usize, it: u64) -> bool {
    let event = records.get(index).map(|record| &record.event);
    matches!(event, Some(Event::AbortRequested { task }) if *task == it)
}

/// That an abort was asked for, and by which task.
fn asked(task: u64, by: Cause) -> String {
    match by {
        Cause::Task(other) => format!("task {other} asked for the abort of task {task}"),
        _ => format!("the program asked for the abort of task {task}, outside of all tasks"),
    }
}

/// An abort that was asked for when the task was woken already.
fn abort_between(records: &[Record], wake: usize, poll: usize, it: u64) -> Option<Link> {
    let index = (wake..poll).find(|&index| is_abort(records, index, it))?;
    let by = records[index].task.map_or(Cause::Owner, Cause::Task);
    let text = asked(it, by);
    Some(Link { index, text })
}

/// Whether a wake is the one that belongs to a spawn.
fn is_spawn(records: &[Record], index: usize, it: u64) -> bool {
    let before = index.checked_sub(1).map(|before| &records[before].event);
    matches!(before, Some(Event::Spawned { task, .. }) if *task == it)
}

/// The wake because of which a task was being polled when the event at `at` happened.
fn waking_before(records: &[Record], at: usize, it: u64) -> Option<usize> {
    let poll = (0..=at)
        .rev()
        .find(|&index| matches!(records[index].event, Event::PollStart { task } if task == it))?;
    (0..poll)
        .rev()
        .find(|&index| matches!(records[index].event, Event::Woken { task, .. } if task == it))
}

/// The timer fired, and who had set it.
fn timer_before(records: &[Record], at: usize, it: u64) -> Vec<Link> {
    let fired = last(
        records,
        at,
        |event| matches!(event, Event::TimerFired { timer } if *timer == it),
    );
    let fired = fired.map(|index| Link {
        index,
        text: format!("timer {it} fired"),
    });
    let set = set_before(records, at, it);
    fired.into_iter().chain(set).collect()
}

/// Who had set it.
fn set_before(records: &[Record], at: usize, it: u64) -> Option<Link> {
    let index = last(
        records,
        at,
        |event| matches!(event, Event::TimerSet { timer, .. } if *timer == it),
    )?;
    match records[index].event {
        Event::TimerSet { at, .. } => Some(Link {
            index,
            text: format!("it was set at {}", place::short(at)),
        }),
        _ => None,
    }
}

/// What came from outside of the tasks and of the wheel.
fn first_before(records: &[Record], at: usize, cause: Cause) -> Option<Link> {
    let (index, text) = match cause {
        Cause::Source(it, way) => {
            let ready = last(
                records,
                at,
                |event| matches!(event, Event::Ready { source, direction } if *source == it && *direction == way),
            );
            (ready?, format!("source {it} was {way}"))
        }
        Cause::Job(it) => {
            let ended = last(
                records,
                at,
                |event| matches!(event, Event::JobEnded { job, .. } if *job == it),
            );
            (ended?, format!("job {it} ended"))
        }
        Cause::Outside => {
            let taken = last(records, at, |event| {
                matches!(event, Event::InboxTaken { .. })
            });
            (taken?, "its wake was found in the inbox".to_owned())
        }
        _ => return None,
    };
    Some(Link { index, text })
}

/// The last such event before `at`.
fn last(records: &[Record], at: usize, fits: impl Fn(&Event) -> bool) -> Option<usize> {
    (0..at).rev().find(|&index| fits(&records[index].event))
}
