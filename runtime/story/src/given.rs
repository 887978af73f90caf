//! What was handed over to a task that has not taken it yet.
//!
//! Who gives back a lock for which others wait hands it over to the first in line, and wakes that one. Until it
//! runs and takes it, no task holds the lock, and yet no other can take it. The account of who holds what does
//! not know of that; the events do: a hand-over is followed by the wake of the task that gets it.

use std::collections::{BTreeMap, BTreeSet};

use runtime::trace::{Doing, Event, Record, Shared, Snapshot};

/// A thing that was handed over, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What it is, as in [`SharedView::kind`](runtime::trace::SharedView::kind).
    pub kind: Shared,
    /// Who was given it, in no order.
    pub tasks: Vec<u64>,
}

/// A wake that is longer ago is not looked for.
const FARTHEST: usize = 10_000;

/// The locks, permits and places in channels that were handed over to tasks that have not taken them yet, by number:
/// after so many of the events, in the state that they have led to.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = runtime.trace().recording();
/// assert!(story::given(recording.records(), 1, &recording.state_at(1)).is_empty());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn given(records: &[Record], events: usize, state: &Snapshot) -> BTreeMap<u64, Given> {
    let mut all: BTreeMap<u64, Given> = BTreeMap::new();
    let running = match state.doing {
        Doing::Polling { task, .. } => Some(task),
        _ => None,
    };
    let mut woken_tasks: BTreeSet<u64> = state.queue.iter().copied().chain(running).collect();
    // If the last of them is a hand-over, the next event says to whom.
    let next = records.get(events).and_then(woken);
    let next = next.filter(|_| handed_over(records, events).is_some());
    woken_tasks.extend(next);
    let to = events + usize::from(next.is_some());
    let mut taken = BTreeSet::new();
    for index in (events.saturating_sub(FARTHEST)..to).rev() {
        if woken_tasks.is_empty() {
            break;
        }
        let record = &records[index];
        if running.is_some() && record.task == running {
            taken.extend(taken_in(&record.event));
        }
        let Some(task) = woken(record).filter(|task| woken_tasks.remove(task)) else {
            continue;
        };
        let given = handed_over(records, index);
        let is_left = |number: u64| running != Some(task) || !taken.contains(&number);
        if let Some((kind, number)) = given.filter(|(_, number)| is_left(*number)) {
            let none = Given {
                kind,
                tasks: Vec::new(),
            };
            all.entry(number).or_insert(none).tasks.push(task);
        }
    }
    all
}

/// The thing that a task takes, or wants no more.
fn taken_in(event: &Event) -> Option<u64> {
    match *event {
        Event::Taken { number, .. }
        | Event::Sent { number, .. }
        | Event::LineLeft { number, .. } => Some(number),
        _ => None,
    }
}

fn woken(record: &Record) -> Option<u64> {
    match record.event {
        Event::Woken { task, .. } => Some(task),
        _ => None,
    }
}

/// What is handed over by the event before this wake.
fn handed_over(records: &[Record], wake: usize) -> Option<(Shared, u64)> {
    match records[wake.checked_sub(1)?].event {
        Event::HandedOver { shared, number, .. } if is_line(shared) => match shared {
            Shared::MpscPlace => Some((Shared::MpscMessage, number)),
            shared => Some((shared, number)),
        },
        _ => None,
    }
}

/// Whether there is an order among those who wait for it, and one at a time has it.
pub(crate) fn is_line(kind: Shared) -> bool {
    use Shared::{MpscPlace, Mutex, RwLock, Semaphore};
    matches!(kind, Semaphore | Mutex | RwLock | MpscPlace)
}
