//! What tasks share, as events tell of it: who holds a lock, how much lies in a channel.
//!
//! The machine does not keep this. A mutex knows that it is locked, and not by which task. So there is
//! one account of it, made from the events, and both use it: the live stats while the runtime is
//! observed, and a recording that is read.
//!
//! A thing is in the account only while there is something to say of it: while it is held, or messages
//! lie in it. So the account of a program that makes mutex after mutex does not grow.
//!
//! How it can be wrong:
//!
//! - *A guard is dropped outside of the runtime.* Events are the runtime's own, so none tells of that, and
//!   the holder stays for as long as the runtime is observed.
//! - *A guard is moved to another task and dropped there.* The event tells who gave back, not who had
//!   taken. If that task holds nothing of the thing, the oldest holder is taken off. A mutex has one
//!   holder, so there it is always right.

use std::collections::BTreeMap;

use crate::machine::inspect::snapshot::{Holder, SharedView, Snapshot, TaskState, TaskView};
use crate::trace::{Event, Shared, Wait};

/// The things, by their numbers.
pub(super) type Things = BTreeMap<u64, SharedView>;

/// Adds an event, in the poll of the task `by`, to the account.
pub(super) fn apply(things: &mut Things, event: &Event, by: Option<u64>) {
    match *event {
        Event::Taken {
            shared,
            number,
            count,
            at,
        } => {
            let kind = match shared {
                Shared::MpscPlace => Shared::MpscMessage,
                kind => kind,
            };
            let view = things.entry(number).or_insert(SharedView::new(kind));
            let task = by;
            view.holders.push(Holder { task, count, at });
        }
        Event::GivenBack { number, count, .. } | Event::Forgotten { number, count, .. } => {
            if let Some(view) = things.get_mut(&number) {
                take_off(&mut view.holders, by, count);
                drop_if_idle(things, number);
            }
        }
        // The value of a watch channel is always there.
        Event::Sent {
            shared: Shared::Watch,
            ..
        } => {}
        Event::Sent {
            shared,
            number,
            length,
            bound,
            reserved,
        } => {
            let view = things.entry(number).or_insert(SharedView::new(shared));
            (view.length, view.bound) = (length, bound);
            take_off(&mut view.holders, by, reserved.into());
        }
        Event::Received { number, length, .. } => {
            if let Some(view) = things.get_mut(&number) {
                view.length = length;
                drop_if_idle(things, number);
            }
        }
        Event::ReceiverGone {
            shared: Shared::Broadcast,
            number,
            lost,
        } => {
            if let Some(view) = things.get_mut(&number) {
                view.length = view.length.saturating_sub(lost);
                drop_if_idle(things, number);
            }
        }
        Event::ReceiverGone { number, .. } => drop(things.remove(&number)),
        _ => {}
    }
}

/// Takes `count` off the holder that gave them back, and the rest off the oldest.
fn take_off(holders: &mut Vec<Holder>, by: Option<u64>, mut count: usize) {
    while count > 0 && !holders.is_empty() {
        let own = holders.iter().position(|holder| holder.task == by);
        let holder = &mut holders[own.unwrap_or(0)];
        let part = holder.count.min(count);
        holder.count -= part;
        count -= part;
        holders.retain(|holder| holder.count > 0);
    }
}

fn drop_if_idle(things: &mut Things, number: u64) {
    let view = things.get(&number);
    if view.is_some_and(|view| view.holders.is_empty() && view.length == 0) {
        things.remove(&number);
    }
}

impl Snapshot {
    /// The tasks that wait for a thing that tasks share, by its number. Known only while the runtime
    /// is observed.
    ///
    /// ```
    /// use runtime::{runtime::Runtime, sync::Mutex, task::yield_now};
    /// use std::rc::Rc;
    ///
    /// let runtime = Runtime::new()?;
    /// runtime.trace().observe();
    /// runtime.block_on(async {
    ///     let mutex = Rc::new(Mutex::new(()));
    ///     let _guard = mutex.lock().await;
    ///     let other = Rc::clone(&mutex);
    ///     runtime::spawn(async move { drop(other.lock().await) });
    ///     yield_now().await;
    ///     let snapshot = runtime.snapshot();
    ///     let (number, view) = snapshot.shared.first_key_value().unwrap();
    ///     assert_eq!((view.holders.len(), snapshot.waiters(*number).count()), (1, 1));
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn waiters(&self, number: u64) -> impl Iterator<Item = u64> + '_ {
        let waits = move |view: &TaskView| {
            let mut on = view.waits.iter().map(|wait| wait.on);
            view.state != TaskState::Running
                && on.any(|on| matches!(on, Wait::Shared(_, it) if it == number))
        };
        let tasks = self.tasks.iter().filter(move |(_, view)| waits(view));
        tasks.map(|(task, _)| *task)
    }

    /// Who holds what a task waits for, the oldest first. Empty: it is none that is held, or not known
    /// to be. (Of a channel, the tasks that have reserved its places, if no message is known to take one.)
    /// Known only of what was taken while the runtime was observed.
    ///
    /// ```
    /// use runtime::{runtime::Runtime, sync::Mutex, trace::{Shared, Wait}};
    ///
    /// let runtime = Runtime::new()?;
    /// runtime.trace().observe();
    /// runtime.block_on(async {
    ///     let mutex = Mutex::new(());
    ///     let _guard = mutex.lock().await;
    ///     let snapshot = runtime.snapshot();
    ///     let number = *snapshot.shared.first_key_value().unwrap().0;
    ///     let holders = snapshot.holders(Wait::Shared(Shared::Mutex, number));
    ///     assert_eq!(holders[0].task, Some(1));
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn holders(&self, on: Wait) -> &[Holder] {
        let view = match on {
            Wait::Shared(Shared::MpscMessage | Shared::MpscEnd, _) => None,
            Wait::Shared(Shared::MpscPlace, number) => {
                let view = self.shared.get(&number);
                view.filter(|view| view.length == 0)
            }
            Wait::Shared(_, number) => self.shared.get(&number),
            _ => None,
        };
        view.map_or(&[], |view| &view.holders)
    }
}
