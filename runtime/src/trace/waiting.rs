//! Why a task waits: what a leaf future says before it answers `Pending`.
//!
//! "Why is my task not running?" has an answer only if it was written down at the moment
//! when the task went to wait. So each leaf, when it has left its waker somewhere, says here
//! *what* for and *where in the program* that wait was made. A task under `select!` or `join!`
//! hears several leaves in one poll; together they are its reasons, until the next poll.
//!
//! The leaves on the lower floors (locks, channels) know no runtime. They find its switch
//! in a thread-local, which is set while a thread is in a runtime. A flag beside it says
//! whether the runtime is observed, so that an unobserved leaf tests one byte and goes on.
//!
//! The line of the program is carried by the future: the function that made it is
//! `#[track_caller]`. A socket that is read through the trait `AsyncRead` does not know who
//! asked; the future that reads through it says so with [`with_line`], around the poll. A join
//! handle is a future that was not made at the place where it is awaited. Its `poll` is itself
//! `#[track_caller]`: what the compiler writes for an `.await` calls it from the line of that
//! `.await`. (From `&mut handle` or a box it is called by the standard library, whose line is
//! no help: see [`line_or`].)
//!
//! What is *done* to a thing that tasks share (taken, given back, sent) is told from here, too:
//! [`emit_of_polled`].

use std::cell::Cell;
use std::panic::Location;

use super::switch::{is_observed, with_current};
use super::{Event, Place, Shared, Wait};

thread_local! {
    /// The line whose future is being polled, if it said so.
    static LINE: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
}

/// The number of a thing that tasks share. It gets one when an event first speaks of it, so that a thing that is not observed costs a word and no counting. A thing that two runtimes share
/// keeps the number that it got in the first.
#[derive(Debug, Default)]
pub struct Number(Cell<u32>);

impl Number {
    pub(crate) const fn new() -> Number {
        Number(Cell::new(0))
    }

    /// The number. If it has none yet, it gets one now.
    pub(crate) fn tell(&self) -> u64 {
        if self.0.get() == 0 {
            with_current(|switch| self.0.set(switch.observer().next_number()));
        }
        u64::from(self.0.get())
    }
}

/// Says that the task that is being polled waits for a thing that tasks share, if it does. It is called on
/// the line after the one that has left the waker, which is the event's place; `at` is the line
/// of the program that made the wait. `number` [tells](Number::tell) the thing's number; what it
/// borrows for that is free again when the observer hears.
#[inline]
#[track_caller]
pub(crate) fn waiting(
    waits: bool,
    kind: Shared,
    number: impl FnOnce() -> u64,
    at: &'static Location<'static>,
) {
    if waits && is_observed() {
        emit_waiting(Wait::Shared(kind, number()), at, Place::above_caller());
    }
}

/// As [`waiting`], of a thing that is the future itself: its wait is where it was polled, which is
/// the line of the `.await`; or where it was made, if no line of the program polled it.
#[inline]
#[track_caller]
pub(crate) fn waiting_polled(
    waits: bool,
    kind: Shared,
    number: impl FnOnce() -> u64,
    polled_at: &'static Location<'static>,
    made_at: &'static Location<'static>,
) {
    if waits && is_observed() {
        let at = line_or(polled_at).unwrap_or(made_at);
        emit_waiting(Wait::Shared(kind, number()), at, Place::above_caller());
    }
}

#[cold]
#[inline(never)]
fn emit_waiting(on: Wait, at: &'static Location<'static>, place: Place) {
    with_current(|switch| {
        let at = Some(Place::from(line().unwrap_or(at)));
        switch.record(Event::Waiting { on, at }, place);
    });
}

/// Emits an event of the task that is being polled, from a room that knows no switch. `place` is the line
/// that has done it, or is about to.
#[cold]
#[inline(never)]
pub(crate) fn emit_of_polled(place: Place, event: impl FnOnce() -> Event) {
    if is_observed() {
        with_current(|switch| switch.record(event(), place));
    }
}

/// Calls `poll` for a future that the program made at `at`: what it comes to wait for is
/// waited for there. The outermost future wins, because its line is the program's own.
#[inline]
pub(crate) fn with_line<R>(at: &'static Location<'static>, poll: impl FnOnce() -> R) -> R {
    if !is_observed() || LINE.get().is_some() {
        return poll();
    }
    LINE.set(Some(at));
    let _reset = Reset;
    poll()
}

/// Forgets the line again, also when the poll panics.
struct Reset;

impl Drop for Reset {
    fn drop(&mut self) {
        LINE.set(None);
    }
}

/// The line that [`with_line`] was given, inside its poll.
pub(crate) fn line() -> Option<&'static Location<'static>> {
    LINE.get()
}

/// The line that [`with_line`] was given; or else the one that polled, if that is not in the
/// standard library nor in this crate.
#[cold]
pub(crate) fn line_or(polled_at: &'static Location<'static>) -> Option<&'static Location<'static>> {
    line().or_else(|| is_of_a_program(polled_at.file()).then_some(polled_at))
}

/// This crate's files begin as this one does; the standard library's path is `/rustc/`, or is
/// below the sources that came with the compiler.
fn is_of_a_program(file: &str) -> bool {
    let ours = file!()
        .trim_end_matches("waiting.rs")
        .trim_end_matches(['/', '\\']);
    let ours = ours.trim_end_matches("trace");
    let std = file.starts_with("/rustc/") || file.contains("rustlib");
    !std && !file.starts_with(ours)
}
