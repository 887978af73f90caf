//! What the machine says about itself.
//!
//! Everything that happens in the runtime is an **event**: a task was spawned, was woken
//! (by whom), was polled; a timer was set, fired, dropped; the thread parked. An event is
//! plain data and can be kept, compared, sent to another thread. Each is stamped, in a
//! [`Record`], with a sequence number, the clock's time, the task that was running and the
//! place in *this crate's* source that emitted it, so that a reader can go and look.
//!
//! Nothing is recorded until a program asks:
//!
//! ```
//! use runtime::runtime::Builder;
//! use runtime::trace::Event;
//!
//! let runtime = Builder::new_current_thread().enable_all().build()?;
//! runtime.trace().start(1024);
//! runtime.block_on(async { runtime::task::yield_now().await });
//! let records = runtime.trace().take();
//! assert!(records.iter().any(|record| matches!(record.event, Event::Woken { .. })));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! In the machine, an event is emitted by one macro, `emit!`. Without the crate feature
//! `trace` it compiles to nothing; with it, to one test of a flag while the runtime is not observed.
//!
//! Events are emitted on the runtime's own thread only. A wake from another thread becomes
//! an event when the owner takes it out of the inbox.

mod cause;
mod event;
mod mark;
mod passing;
mod place;
mod polled;
mod record;
mod switch;
mod wait;
mod wait_view;
mod waiting;

pub use cause::{Cause, End, Interests, Mark};
pub use event::Event;
pub use mark::mark;
pub(crate) use passing::Holds;
pub(crate) use place::Line;
pub use place::{Place, Scope};
pub use polled::{Polled, polled};
pub use record::Record;
pub use switch::is_observed;
pub(crate) use switch::{Observer, Switch, swap};
pub use wait::{Direction, Shared, SourceKind, Wait};
pub use wait_view::WaitView;
pub(crate) use waiting::{
    Number, emit_of_polled, line, line_or, waiting, waiting_polled, with_line,
};

// Users find here, too, what is made of events. This room itself uses none of it.
pub use crate::glass::{
    Arrival, Block, Counts, Deed, Dump, Fed, Feed, Film, Lane, Recording, Run, Trace,
    assert_no_deadlock, assert_nothing_left, assert_nothing_stranded, recording_path, replay,
    source_hash,
};
pub use crate::machine::inspect::snapshot::{
    Doing, Holder, InboxView, SharedView, SideView, Snapshot, SourceView, StretchView, TaskState,
    TaskView, TimerView, WheelView,
};

/// Emits an event to a [`Switch`], if the runtime is observed.
///
/// It stands on the line after the one that does the deed, and **the line above it is the event's
/// place**: a reader who goes there sees the deed.
///
/// The event's expression is evaluated only while the runtime is observed. Without the feature the
/// condition is a constant `false`: all of it is type-checked, and none of it is left in the program.
///
/// Its second form calls a method that emits, and that has the place from its caller:
/// [`Place::above_caller`]. On the paths where instructions count, that method stands apart and is cold,
/// so that what a program always does is not arranged around what it hardly ever does. A condition before
/// it (`emit!(is_new, switch => ...)`) keeps the macro on the line after the deed.
macro_rules! emit {
    ($switch:expr => $report:expr) => {
        if cfg!(feature = "trace") && $switch.is_on() {
            $report;
        }
    };
    ($if:expr, $switch:expr => $report:expr) => {
        if $if && cfg!(feature = "trace") && $switch.is_on() {
            $report;
        }
    };
    ($switch:expr, $event:expr) => {
        if cfg!(feature = "trace") && $switch.is_on() {
            let place = $crate::trace::Place::here(file!(), line!());
            $switch.record($event, place.above());
        }
    };
}
pub(crate) use emit;

/// As [`emit!`], of a deed that must be told before it is done: it stands on the line below.
macro_rules! emit_next {
    ($switch:expr, $event:expr) => {
        if cfg!(feature = "trace") && $switch.is_on() {
            let place = $crate::trace::Place::here(file!(), line!());
            $switch.record($event, place.below());
        }
    };
}
pub(crate) use emit_next;
