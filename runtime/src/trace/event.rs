//! The events, as plain data.
//!
//! Ids are numbers, not handles: an event outlives what it speaks of. A task has the number it got when it was
//! spawned (1, 2, 3, ... in each runtime), a source the one it got when it was registered. Timers lie in a
//! slab whose places are used again; they are numbered while observed, as they are first spoken of.
//!
//! The list is complete enough to rebuild the machine's state from it. What follows from other facts is not
//! recorded: in which slot of the wheel a timer lies follows from its deadline and the time.

use std::sync::Arc;
use std::time::Duration;

use super::{Cause, Direction, End, Interests, Mark, Place, Scope, Shared, SourceKind, Wait};

/// One thing that happened in a runtime. Times are its clock's, counted from the moment it was built.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Event {
    /// A task was created and put on the run queue. `block_on` makes one for its future.
    Spawned {
        /// The new task.
        task: u64,
        /// Its name, if it was given one.
        name: Option<Arc<str>>,
        /// The line of the program that spawned it.
        at: Place,
    },
    /// A task was put on the run queue.
    Woken {
        /// The task that will be polled.
        task: u64,
        /// Who woke it.
        by: Cause,
    },
    /// A task has its turn: the executor begins to poll it, or drops it ([`Aborted`](Event::Aborted) follows).
    PollStart {
        /// The task that runs from here on.
        task: u64,
    },
    /// The task that runs has left its waker somewhere: what it waits for. A `select!` or a
    /// `join!` waits for several things in one poll. The next poll begins without any.
    Waiting {
        /// What has the waker.
        on: Wait,
        /// The line of the program that made the wait, where it is known.
        at: Option<Place>,
    },
    /// The task gave the thread back.
    PollEnd {
        /// The task that ran.
        task: u64,
        /// Whether it is at its end, in whatever way ([`Ended`](Event::Ended)); if not, it waits.
        ready: bool,
        /// How many units of its budget it spent.
        spent: u8,
    },
    /// A task waits, no waker of it is left, and it is not queued: it can never be woken. For a recording this
    /// is asked after each of the task's polls, and before the thread parks. (A channel's receiver that is
    /// still there may hold a waker from its last wait; such a task is not found.)
    Stranded {
        /// The task that will not run again.
        task: u64,
    },
    /// A warning: a poll held the thread for longer than [this](crate::runtime::Builder::warn_long_poll).
    LongPoll {
        /// The task that was polled.
        task: u64,
        /// For how long.
        took: Duration,
        /// In what part of that, in percent, the thread had a core; else a call blocked it. `None`: not known.
        cpu: Option<u8>,
        /// The line that spawned the task.
        at: Place,
    },
    /// A warning: one line makes timers that are dropped before they fire, again and again,
    /// [so many](crate::runtime::Builder::warn_timers_dropped) of them in a row.
    TimersDropped {
        /// The line that makes them.
        at: Place,
        /// How many.
        times: u32,
    },
    /// A task came to its end; its future is dropped and its result is with the handle.
    Ended {
        /// The task that is no more.
        task: u64,
        /// How.
        how: End,
    },
    /// A task is to be aborted: it was asked for.
    AbortRequested {
        /// The task that will be dropped instead of polled.
        task: u64,
    },
    /// A task that was to be aborted has its turn, and its future is dropped now: instead of
    /// being polled; or, if the request came from its own poll, because that ended in `Pending`.
    Aborted {
        /// The task whose future is dropped.
        task: u64,
    },
    /// A task wanted to go on but had spent its budget: it is sent to the back of the queue.
    BudgetSpent {
        /// The task that must wait for its next turn.
        task: u64,
    },
    /// The owner emptied the inbox.
    InboxTaken {
        /// How many wakes lay in it.
        wakes: usize,
        /// How many futures to be spawned lay in it.
        spawns: usize,
        /// How many results of jobs were announced in it.
        jobs: usize,
    },
    /// A job was given to the blocking pool. Its number is from the same row as those of tasks.
    JobQueued {
        /// The new job.
        job: u64,
        /// The line of the program that gave it.
        at: Place,
    },
    /// A job is completed: its handle has its result, or will never have one.
    JobEnded {
        /// The job that is no more.
        job: u64,
        /// How it ended. Cancelled: it never began, or is still running and its result is not wanted.
        how: End,
    },
    /// Nothing to do: the thread goes to sleep in the operating system.
    Parked {
        /// When it must be back at the latest; `None`: only an event or a wake ends it.
        until: Option<Duration>,
    },
    /// The thread is back.
    Unparked,
    /// Another thread has held this one at the [gate](crate::runtime::Gate), between two steps, up to now.
    Held {
        /// For how long.
        took: Duration,
    },
    /// The reactor asked the operating system what is ready.
    Turned {
        /// How many events it was told.
        events: usize,
        /// Whether one is the inbox's: another thread has written to this one's eventfd.
        inbox: bool,
    },
    /// The clock stands still from now on.
    ClockPaused,
    /// The clock runs again.
    ClockResumed,
    /// A paused clock was moved.
    ClockAdvanced {
        /// The new time.
        to: Duration,
    },
    /// The wheel moved on: everything up to this millisecond fires now.
    WheelAdvanced {
        /// The millisecond that the wheel has come to.
        to: u64,
    },
    /// The wheel has come to a slot above the lowest level: its timers go to slots of lower levels.
    Cascaded {
        /// The level, from 1; 6 stands for the timers that are too far away for any slot.
        level: u32,
        /// The slot, from 0.
        slot: u32,
        /// How many timers were in it.
        timers: usize,
    },
    /// A timer was put into the wheel.
    TimerSet {
        /// The timer's number.
        timer: u64,
        /// The millisecond in which it fires.
        tick: u64,
        /// The line of the program that made it.
        at: Place,
    },
    /// A timer in the wheel was given another deadline.
    TimerReset {
        /// The timer's number.
        timer: u64,
        /// The millisecond in which it fires now.
        tick: u64,
    },
    /// A timer's time has come.
    TimerFired {
        /// The timer's number.
        timer: u64,
    },
    /// A timer was taken out of the wheel before its time: no task waits for it any more.
    TimerDropped {
        /// The timer's number.
        timer: u64,
    },
    /// A socket or pipe was given to the reactor.
    SourceRegistered {
        /// The source's number.
        source: u64,
        /// What it is.
        kind: SourceKind,
        /// What it was registered for.
        interest: Interests,
        /// The line of the program that made it.
        at: Place,
    },
    /// A source was taken away from the reactor.
    SourceDropped {
        /// The source's number.
        source: u64,
    },
    /// The operating system says that a direction of a source is ready. (Or the runtime takes
    /// it as ready without being told: a stream that has just been connected can be written.)
    Ready {
        /// The source's number.
        source: u64,
        /// What can be done with it now.
        direction: Direction,
    },
    /// An operation found nothing more: the direction is no longer taken as ready.
    ReadinessCleared {
        /// The source's number.
        source: u64,
        /// What can no longer be done.
        direction: Direction,
    },
    /// The running task waits for a direction of a source.
    WaiterAdded {
        /// The source's number.
        source: u64,
        /// What it waits for.
        direction: Direction,
    },
    /// An operation on a source succeeded: a read, a write, an accept, a connect.
    IoDone {
        /// The source's number.
        source: u64,
        /// Reading and accepting, or writing and connecting.
        direction: Direction,
        /// How many bytes it moved, a connect none; `None`: it is no operation of a stream, or the program's own.
        bytes: Option<usize>,
    },
    /// An operation on a source found nothing to do: the operating system said "would block".
    /// [`ReadinessCleared`](Event::ReadinessCleared) follows, unless the source has become ready again in the
    /// meantime. (Without this event before it, that one means that a transfer was short.)
    WouldBlock {
        /// The source's number.
        source: u64,
        /// What it wanted to do.
        direction: Direction,
    },
    /// An operation on a source failed: the connection is broken or was refused, descriptors are short. (An operation
    /// that a signal has interrupted fails as well; the runtime makes it once more.)
    IoFailed {
        /// The source's number.
        source: u64,
        /// Reading and accepting, or writing and connecting.
        direction: Direction,
        /// What the operating system said.
        error: Arc<str>,
    },
    /// The running task has a lock, permits of a semaphore, or a place in an `mpsc` channel: they are its own
    /// from here on.
    Taken {
        /// The kind of thing.
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many permits: 1 for a mutex, all for a lock to write.
        count: usize,
        /// The line of the program that took it.
        at: Place,
    },
    /// What was given back goes to the task at the front of the line. No other task can take it in
    /// between. [`Woken`](Event::Woken) says which task it is. [`Taken`](Event::Taken) follows in its next
    /// poll; or [`Sent`](Event::Sent), if it was a place in a channel. (A `Notify` hands over a call, and
    /// nothing follows.)
    HandedOver {
        /// The kind of thing.
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many permits.
        count: usize,
    },
    /// A lock, permits or a place were given back.
    GivenBack {
        /// The kind of thing.
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many permits.
        count: usize,
    },
    /// A holder destroys its permits: they never come back.
    Forgotten {
        /// The kind of thing.
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many permits.
        count: usize,
    },
    /// A task gives up its wait for a lock, for permits or for a place, and leaves the line.
    LineLeft {
        /// The kind of thing.
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// Whether it was its turn already. What it was given goes to the next in line.
        granted: bool,
    },
    /// A message was put into a channel. A watch channel got a new value. A `Notify` was called while no
    /// task waited, and keeps the call.
    Sent {
        /// The kind of channel; of an `mpsc` channel [`MpscMessage`](Shared::MpscMessage).
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many messages are in it now. (In a watch channel there is always one, its value.)
        length: usize,
        /// How many it may hold; `None`: it has no bound.
        bound: Option<usize>,
        /// Whether it takes a place that its sender had [reserved](crate::sync::mpsc::Sender::reserve).
        reserved: bool,
    },
    /// Messages were taken out; the new value of a watch channel was seen; a `Notify`'s kept call was used.
    Received {
        /// The kind of channel; of an `mpsc` channel [`MpscMessage`](Shared::MpscMessage).
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many messages are in it now.
        length: usize,
    },
    /// A receiver is gone. The messages that only it could have taken are dropped.
    ReceiverGone {
        /// The kind of channel; of an `mpsc` channel [`MpscMessage`](Shared::MpscMessage).
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
        /// How many messages are lost.
        lost: usize,
    },
    /// The last sender of a channel is gone, while its receiver is there: what is in the channel can be taken, and
    /// nothing more comes.
    SendersGone {
        /// The kind of channel; of an `mpsc` channel [`MpscMessage`](Shared::MpscMessage).
        shared: Shared,
        /// Its number among all things that tasks share.
        number: u64,
    },
    /// The program says, at the record's place, how far a piece of its work is; see [`mark`](super::mark()).
    Mark {
        /// What kind of work it is.
        scope: Scope,
        /// Which one of that kind.
        id: u64,
        /// Whether it begins, goes on or ends.
        what: Mark,
        /// What the program says of that.
        text: Arc<str>,
    },
    /// A wait was given up before the source was ready.
    WaiterRemoved {
        /// The source's number.
        source: u64,
        /// What it waited for.
        direction: Direction,
    },
}
