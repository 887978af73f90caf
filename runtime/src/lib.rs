//! Skeleton.
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod clock;
mod context;
mod driver;
mod executor;
mod inbox;
pub mod net;
mod queue;
mod reactor;
pub mod runtime;
mod shim;
#[cfg(unix)]
pub mod signal;
#[cfg(unix)]
pub mod task;
pub mod trace;
mod wait_list;
pub use context::spawn;

mod coop;
pub mod io;
#[doc(hidden)]
pub mod macros;
mod rng;
pub mod time;

#[cfg(feature = "macros")]
pub use macros::{main, test};
