//! Tasks, as a program uses them.
//!
//! What a task is, and how it lives and ends, is told in `machine/task/mod.rs`. Here are the names
//! that Tokio gives to it, and what stands around it: [`spawn()`], which makes one; [`JoinSet`], many tasks whose results are taken in the
//! order of their ends; [`task_local!`](crate::task_local), values that belong to a task; [`coop`],
//! the budget for those who write futures of their own; [`Builder`], a task with a name.

mod builder;
pub mod coop;
pub mod join_set;
mod spawn;
mod task_local;
mod yield_now;

pub use crate::blocking::{block_in_place, spawn_blocking};
pub use crate::machine::task::{AbortHandle, Id, JoinError, JoinHandle, id, try_id};
// Where a task leaves its waker.
pub use crate::machine::waker_cell::WakerCell;
pub use crate::remote::RemoteJoinHandle;
pub use builder::Builder;
#[doc(no_inline)]
pub use coop::{Unconstrained, consume_budget, unconstrained};
pub use join_set::JoinSet;
pub use spawn::{spawn, spawn_detached, spawn_local};
pub use task_local::{AccessError, LocalKey};
pub use yield_now::yield_now;

/// The futures that have a name, for a struct that keeps one.
pub mod futures {
    pub use super::task_local::TaskLocalFuture;
}
