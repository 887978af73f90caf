//! What is made of events: recordings, replay, live stats, dumps, files, and pictures for other tools.
//!
//! The machine emits events through the switch of its room below, [`trace`](crate::trace), and knows
//! nothing of what becomes of them. Here is what becomes of them. The [`Recorder`] is the switch's
//! observer. It notes the events that it gets in the [live stats](live_stats), and during a recording it keeps
//! each event in the ring, writes it to a file or hands it to another thread.
//!
//! Users find all of it under the name `runtime::trace`, beside the events.

mod asserts;
#[cfg(feature = "serde")]
mod chrome;
mod counts;
mod cpu;
#[cfg(feature = "serde")]
mod crossing;
mod dump;
mod feed;
#[cfg(feature = "serde")]
mod file;
mod film;
mod lane;
mod live_stats;
mod numbers;
mod observer;
mod recorder;
mod recording;
mod replay;
mod ring;
mod shared;
mod sources;
mod stretches;
mod variable;

pub use asserts::{assert_no_deadlock, assert_nothing_left, assert_nothing_stranded};
pub use counts::Counts;
pub use dump::Dump;
pub use feed::{Block, Fed, Feed};
pub use film::Film;
pub use lane::{Arrival, Deed, Lane, Run};
pub(crate) use live_stats::Thresholds;
pub use observer::Trace;
pub(crate) use recorder::Recorder;
pub use recording::{Recording, replay};
pub use sources::source_hash;
pub(crate) use variable::begin as begin_by_variable;
pub use variable::recording_path;
