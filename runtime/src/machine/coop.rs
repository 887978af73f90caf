//! The budget that stops one task from starving the rest.
//!
//! A task gives the thread back only when its `poll` returns `Pending`. A task whose
//! socket always has another byte, or whose channel always has another message, would
//! never do so: every `.await` finds its answer ready, and no other task would ever run.
//!
//! So each poll starts with a **budget** of 128 units (Tokio's number), and each leaf
//! operation that completes spends one. When nothing is left, leaf operations answer
//! `Pending` although they could go on, and wake the task at once: it goes to the back
//! of the run queue, every other task gets a turn, and its next poll starts with a full
//! budget. The program does not notice; it merely shares.
//!
//! How it can go wrong: an operation that *takes* something (a message, a byte) and then
//! asks for budget would lose what it took. Therefore a leaf asks first, and gives the
//! unit back if it turns out to have nothing: that is what [`RestoreOnPending`] is for.
//!
//! And a `Pending` that the budget made says nothing about the operation, which was not even
//! asked. Code that takes a `Pending` for an answer ("not in time", "not before the
//! cancellation") makes sure first that there was budget to ask with: [`poll_available`].

use std::cell::Cell;
use std::mem;
use std::task::{Context, Poll};

/// Units a task may spend in one poll.
pub(crate) const BUDGET: u8 = 128;
/// The same, as it is counted: what is left may be less than nothing.
const FULL: i32 = BUDGET as i32;

thread_local! {
    /// What is left. It is counted down everywhere, outside of tasks too; what is asked there is
    /// only at its end.
    static LEFT: Cell<i32> = const { Cell::new(FULL) };
    /// Whether the end means anything: while a runtime runs, and not in [`unconstrained`].
    static COUNTS: Cell<bool> = const { Cell::new(false) };
    /// A leaf was refused since this was last asked: see [`take_refused`].
    static REFUSED: Cell<bool> = const { Cell::new(false) };
}

/// Gives the poll that begins now a full budget.
#[inline]
pub(crate) fn refill() {
    LEFT.set(FULL);
}

/// How many units have been spent since the last refill.
pub(crate) fn spent_so_far() -> u8 {
    (FULL - LEFT.get()).clamp(0, FULL) as u8
}

/// The count means something while a runtime runs on this thread. What there was is put aside: on
/// the way out, the task that has stepped another runtime has what it had left, and outside of a
/// task it means nothing again.
pub(crate) fn set_aside() -> SetAside {
    SetAside::with(true)
}

/// The budget as it was; put back when this is dropped.
pub(crate) struct SetAside {
    left: i32,
    counts: bool,
    refused: bool,
}

impl SetAside {
    fn with(counts: bool) -> SetAside {
        SetAside {
            left: LEFT.get(),
            counts: COUNTS.replace(counts),
            refused: REFUSED.get(),
        }
    }
}

impl Drop for SetAside {
    fn drop(&mut self) {
        LEFT.set(self.left);
        COUNTS.set(self.counts);
        REFUSED.set(self.refused);
    }
}

/// Whether the running task may complete another leaf operation in this poll.
#[inline]
pub(crate) fn has_budget() -> bool {
    LEFT.get() > 0 || !COUNTS.get()
}

/// Pending, after waking the task, if it has no budget left: its leaf futures would all answer
/// `Pending` without having been asked.
#[inline]
pub(crate) fn poll_available(cx: &mut Context<'_>) -> Poll<()> {
    match has_budget() {
        true => Poll::Ready(()),
        false => poll_proceed(cx).map(drop),
    }
}

/// Whether a unit that is spent here is missing anywhere.
pub(crate) fn counts() -> bool {
    COUNTS.get()
}

/// Runs `work` to no account: what it does is not the task's own doing. So runs all that the loop
/// does between two polls, in which foreign wakers may be called.
pub(crate) fn unconstrained<R>(work: impl FnOnce() -> R) -> R {
    let _put_back = SetAside::with(false);
    work()
}

/// Spends one unit, or, when none is left, wakes the task and answers `Pending`.
///
/// Call it before the operation, and [`RestoreOnPending::made_progress`] once the
/// operation has completed.
#[inline(always)]
pub(crate) fn poll_proceed(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    match spend() {
        Some(unit) => Poll::Ready(unit),
        None => none_left(cx),
    }
}

/// Spends one unit on an operation that may complete at once; says whether it did. If it did not, or if no
/// unit is left, nothing is spent, and [`poll_proceed`] knows more.
#[inline(always)]
pub(crate) fn try_at_once(operation: impl FnOnce() -> bool) -> bool {
    let Some(unit) = spend() else {
        give_back(RestoreOnPending(()));
        return false;
    };
    let done = operation();
    match done {
        true => unit.made_progress(),
        false => give_back(unit),
    }
    done
}

#[cold]
#[inline(never)]
fn give_back(unit: RestoreOnPending) {
    drop(unit);
}

/// Spends one unit, if one is left. To count down first, and look then, is one instruction.
#[inline(always)]
fn spend() -> Option<RestoreOnPending> {
    let left = LEFT.get().wrapping_sub(1);
    LEFT.set(left);
    (left >= 0).then(|| RestoreOnPending(()))
}

/// Where the count means nothing, it begins again.
#[cold]
#[inline(never)]
fn none_left(cx: &mut Context<'_>) -> Poll<RestoreOnPending> {
    if COUNTS.get() {
        refuse(cx);
        return Poll::Pending;
    }
    LEFT.set(FULL - 1);
    Poll::Ready(RestoreOnPending(()))
}

fn refuse(cx: &mut Context<'_>) {
    LEFT.set(0);
    REFUSED.set(true);
    cx.waker().wake_by_ref();
}

/// Whether a leaf was refused for want of budget since the last call.
pub(crate) fn take_refused() -> bool {
    REFUSED.take()
}

/// A unit that has been spent on trial: dropping it gives the unit back.
#[must_use = "dropping it gives the unit back: call made_progress once the operation completed"]
pub(crate) struct RestoreOnPending(());

impl RestoreOnPending {
    /// The operation completed: the unit is spent for good.
    #[inline(always)]
    pub(crate) fn made_progress(self) {
        mem::forget(self);
    }

    /// Gives back a unit that may have outlived its poll: the budget of another does not grow by it.
    pub(crate) fn come_back_late(self) {
        drop(self);
        LEFT.set(LEFT.get().min(FULL));
    }
}

impl Drop for RestoreOnPending {
    #[inline(always)]
    fn drop(&mut self) {
        LEFT.set(LEFT.get().wrapping_add(1));
    }
}
