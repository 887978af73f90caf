//! The state of the machine at one moment, as plain data.
//!
//! An event says what changed; a **snapshot** says what is. It can be had in two ways, and
//! that they agree is what makes both worth believing:
//!
//! * [`Runtime::snapshot`](crate::runtime::Runtime::snapshot) looks into the living machine:
//!   the queue, the slab, the wheel, the sources.
//! * [`Recording::state_at`](crate::trace::Recording::state_at) looks at nothing but events, and adds
//!   them up. So a reader can go back to any moment of a program that has long ended.
//!
//! What the machine does not keep (why a task waits, who holds a lock) is in both from events only.
//!
//! Tasks, timers and sources have the numbers that events call them by.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::machine::timers::wheel::Place as Slot;
use crate::trace::{Cause, Interests, Place, Scope, Shared, SourceKind, WaitView};

/// The machine at one moment.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// let task = runtime.spawn(async {});
/// let snapshot = runtime.snapshot();
/// assert_eq!(snapshot.queue.len(), 1);
/// assert_eq!(snapshot.tasks[&snapshot.queue[0]].polls, 0);
/// # drop(task);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Snapshot {
    /// The runtime's clock, counted from the moment it was built.
    pub time: Duration,
    /// Whether the clock stands still until a test moves it.
    pub paused: bool,
    /// Whether the runtime was observed: only then is all known of what tasks wait for.
    #[cfg_attr(feature = "serde", serde(default))]
    pub observed: bool,
    /// What the thread is doing.
    pub doing: Doing,
    /// The run queue, the next one first. A task that was aborted while queued may stand in it
    /// twice, and one that has ended once; the loop passes over these.
    pub queue: VecDeque<u64>,
    /// What other threads have left and the loop has not taken yet. Only
    /// [`Runtime::snapshot`](crate::runtime::Runtime::snapshot) sees it: another thread leaves its
    /// message without an event, since events are the owner's. So a state that was rebuilt from
    /// events ([`Snapshot::apply`], [`replay`](crate::trace::replay())) does not know what has come since the
    /// recording began. In all else the two are equal.
    pub inbox: InboxView,
    /// How much of its budget the last poll left; of 128 units.
    pub budget: u8,
    /// Every task that has not ended, by its number.
    pub tasks: BTreeMap<u64, TaskView>,
    /// The timer wheel.
    pub wheel: WheelView,
    /// Every source of the reactor, by its number.
    pub sources: BTreeMap<u64, SourceView>,
    /// Every lock, semaphore and cell that is held, every channel in which messages lie or places are
    /// reserved, and every `Notify` that keeps a call, by its number. Known only of what was taken and sent while the runtime was observed.
    #[cfg_attr(feature = "serde", serde(default))]
    pub shared: BTreeMap<u64, SharedView>,
    /// What each task works on, as far as the program [says so](crate::trace::mark()), the oldest first. Known
    /// only while events are kept.
    #[cfg_attr(feature = "serde", serde(default))]
    pub stretches: BTreeMap<u64, Vec<StretchView>>,
}

/// What is observed and the machine does not know: it is added to a snapshot of the machine.
pub(crate) trait Complete {
    /// Adds it.
    fn complete(&self, snapshot: &mut Snapshot);
}

/// What the thread is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Doing {
    /// It is between two steps, or in one that polls no task.
    #[default]
    Bookkeeping,
    /// It polls a task.
    Polling {
        /// Which.
        task: u64,
        /// Since when.
        since: Duration,
        /// Whether the task has been woken meanwhile, and will be polled again.
        woken: bool,
    },
    /// It sleeps in the operating system, or has just woken there and wakes those who wait for what
    /// became ready.
    Parked {
        /// Until then at the latest.
        until: Option<Duration>,
    },
}

/// What lies in the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct InboxView {
    /// Messages: wakes, and futures to be spawned.
    pub messages: usize,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TaskView {
    /// Its name, if it was given one.
    pub name: Option<Arc<str>>,
    /// The line of the program that spawned it.
    pub at: Place,
    /// The task that spawned it, if it was one and that was observed. It may have ended.
    #[cfg_attr(feature = "serde", serde(default))]
    pub parent: Option<u64>,
    /// When it was spawned: exactly during a recording; while the runtime is observed, at the time
    /// that the loop last looked at the clock; and else to the second.
    pub since: Duration,
    /// Where it stands in its life.
    pub state: TaskState,
    /// How often it was polled, modulo 2³².
    pub polls: u64,
    /// How long its polls took, as far as they were observed.
    pub spent: Duration,
    /// What it waits for since its last poll. Known only while the runtime is observed.
    pub waits: Vec<WaitView>,
    /// Who woke it last, if that was observed.
    pub woken_by: Option<Cause>,
}

impl TaskView {
    /// A task that was just spawned.
    pub(crate) fn new(at: Place) -> TaskView {
        TaskView {
            name: None,
            at,
            parent: None,
            since: Duration::ZERO,
            state: TaskState::Waiting,
            polls: 0,
            spent: Duration::ZERO,
            waits: Vec::new(),
            woken_by: None,
        }
    }
}

/// Where a task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum TaskState {
    /// On the run queue.
    Queued,
    /// In its poll.
    Running,
    /// It has left its waker somewhere.
    Waiting,
    /// No waker of it is left and it is not queued: it can never be woken again. During a
    /// recording, a task is so from the event [`Stranded`](crate::trace::Event::Stranded) on: after its own
    /// poll, or before the thread parks.
    Stranded,
}

/// The timer wheel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WheelView {
    /// The millisecond up to which everything has been fired.
    pub elapsed: u64,
    /// Every timer that has not fired, by its number.
    pub timers: BTreeMap<u64, TimerView>,
}

impl WheelView {
    /// Where a timer hangs now: its level, 0 to 5 (or 6, the ring of those far away), and the
    /// slot of that level, 0 to 63. The place follows from the tick and from `elapsed`, and is
    /// nowhere stored.
    ///
    /// ```
    /// # use runtime::runtime::{Builder, Step};
    /// # use std::time::Duration;
    /// let runtime = Builder::new_current_thread().enable_all().start_paused(true).build()?;
    /// let task = runtime.spawn(async { runtime::time::sleep(Duration::from_millis(70)).await });
    /// while !matches!(runtime.step(), Step::WouldPark { .. }) {}
    /// let wheel = runtime.snapshot().wheel;
    /// let timer = wheel.timers.values().next().unwrap();
    /// assert_eq!(wheel.place_of(timer.tick), (1, 1)); // 70 is (1, 6) in base 64
    /// # drop(task);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn place_of(&self, tick: u64) -> (u32, u32) {
        let Slot { level, slot } = Slot::of(tick, self.elapsed);
        (level, slot)
    }
}

/// A timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct TimerView {
    /// The millisecond in which it fires.
    pub tick: u64,
    /// The line of the program that made it, if that was observed.
    pub at: Option<Place>,
}

/// A source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SourceView {
    /// What it is.
    pub kind: SourceKind,
    /// The line of the program that made it.
    pub at: Place,
    /// What it was registered for.
    pub interest: Interests,
    /// Reading and accepting.
    pub read: SideView,
    /// Writing and connecting.
    pub write: SideView,
}

impl SourceView {
    /// A source that was just registered.
    pub(crate) fn new(kind: SourceKind, at: Place, interest: Interests) -> SourceView {
        SourceView {
            kind,
            at,
            interest,
            read: SideView::default(),
            write: SideView::default(),
        }
    }
}

/// One direction of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SideView {
    /// Whether it is remembered as ready.
    pub ready: bool,
    /// How many wait for it.
    pub waiters: usize,
}

/// A lock, a semaphore or a channel, while it is held or messages lie in it; a `Notify` that keeps a call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct SharedView {
    /// What it is; of an `mpsc` channel always [`MpscMessage`](Shared::MpscMessage).
    pub kind: Shared,
    /// Who holds it, permits of it, or places that are reserved in it, the oldest first.
    pub holders: Vec<Holder>,
    /// How many messages lie in it, if it is a channel; 1 of a `Notify`.
    pub length: usize,
    /// How many messages it may hold; `None`: it has no bound, or is no channel.
    pub bound: Option<usize>,
}

impl SharedView {
    /// Of a thing of which nothing is known yet.
    pub(crate) fn new(kind: Shared) -> SharedView {
        SharedView {
            kind,
            holders: Vec::new(),
            length: 0,
            bound: None,
        }
    }
}

/// Who holds a lock, or permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Holder {
    /// The task that took it; `None`: it was taken outside of any task.
    pub task: Option<u64>,
    /// How many permits: 1 for a mutex or a place, all for a lock to write.
    pub count: usize,
    /// The line of the program that took it.
    pub at: Place,
}

/// A piece of work that has [begun](crate::trace::Mark::Begin) and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct StretchView {
    /// What kind of work it is.
    pub scope: Scope,
    /// Which one of that kind.
    pub id: u64,
    /// What the program said when it began.
    pub text: Arc<str>,
    /// What it said last.
    pub last: Arc<str>,
    /// When it began, by the runtime's clock.
    pub since: Duration,
    /// The line of the program that began it.
    pub at: Place,
}
