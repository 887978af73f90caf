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

mod by_number;
#[cfg(feature = "serde")]
mod chrome;
mod dump;
mod event;
#[cfg(feature = "serde")]
mod file;
mod numbers;
mod observer;
mod place;
mod present;
mod recorder;
mod recording;
mod replay;
mod ring;
#[cfg(feature = "serde")]
mod sink;
mod snapshot;
mod source_kind;
mod wait;
mod waiting;

pub use dump::Dump;
pub use event::{Cause, End, Event, Interests, Record};
pub use observer::Trace;
pub use place::Place;
pub(crate) use present::{Present, Thresholds};
pub(crate) use recorder::Recorder;
pub use recording::{Recording, replay};
pub use snapshot::{
    Doing, InboxView, SideView, Snapshot, SourceView, TaskState, TaskView, TimerView, WaitView,
    WheelView,
};
pub use source_kind::SourceKind;
pub use wait::{Direction, Shared, Wait};
pub(crate) use waiting::{
    Number, line, line_or, swap, tell_of_polled, waiting, waiting_polled, with_line,
};

/// Emits an event to a [`Recorder`], if the runtime is observed.
///
/// The event's expression is evaluated only then. Without the feature the condition is a
/// constant `false`: all of it is type-checked, and none of it is left in the program.
///
/// Its second form calls a method that emits. On the paths where instructions count, that
/// method stands apart and is cold, so that what a program always does is not arranged
/// around what it hardly ever does.
macro_rules! emit {
    ($recorder:expr => $report:expr) => {
        if cfg!(feature = "trace") && $recorder.is_on() {
            $report;
        }
    };
    ($recorder:expr, $event:expr) => {
        if cfg!(feature = "trace") && $recorder.is_on() {
            $recorder.record($event, $crate::trace::Place::here(file!(), line!()));
        }
    };
}
pub(crate) use emit;
