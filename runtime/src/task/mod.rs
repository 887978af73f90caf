//! A task: a future that was spawned, and what the machine knows about it.
//!
//! ```text
//!              spawn                 poll begins
//!                │                  (Executor::poll)
//!                ▼                        │
//!            ┌────────┐  its turn   ┌─────▼─────┐  Ready, panic,   ┌───────┐
//!            │ queued ├────────────►│  running  ├─────────────────►│ ended │
//!            └────▲───┘             └─────┬─────┘  abort           └───▲───┘
//!                 │                       │ Pending                    │
//!                 │      wake       ┌─────▼─────┐                      │
//!                 └─────────────────┤  waiting  │   shutdown           │
//!                   (task/waker.rs) └─────┬─────┘                      │
//!                                         └────────────────────────────┘
//! ```
//!
//! A task is made of three things that live in three places, because they have three
//! owners:
//!
//! * the **future**, boxed, in the executor's slab: only the executor polls and drops it;
//! * the **header**, counted, wherever a waker is: it says which task to queue;
//! * the **join state**, counted, with the future and with the [`JoinHandle`]: the result
//!   goes in on one side and comes out on the other.
//!
//! The future is wrapped (`Spawned`) so that whatever happens to it, exactly one result
//! arrives in the join state: its value, its panic, or the news that it was cancelled.
//!
//! Around this stand: [`JoinSet`], many tasks whose results are taken in the order of their
//! ends; [`task_local!`](crate::task_local), values that belong to a task; [`coop`], the budget
//! for those who write futures of their own.
//!
//! A header outlives its task only if somebody still holds a waker. If nobody does, the
//! executor uses it again for the next task: `Header::reuse`.

pub mod coop;
mod error;
mod header;
mod id;
mod job_result;
mod join;
pub mod join_set;
mod parcel;
mod remote;
mod spawned;
mod task_local;
mod waker;
mod yield_now;

#[doc(no_inline)]
pub use coop::{Unconstrained, consume_budget, unconstrained};
pub(crate) use error::Failure;
pub use error::JoinError;
pub(crate) use header::{Header, Message, RemoteSpawn};
pub use id::{Id, id, try_id};
pub(crate) use job_result::{Ended, JobOutcome, JobResult};
pub(crate) use join::JoinState;
pub use join::{AbortHandle, JoinHandle};
pub use join_set::JoinSet;
pub use remote::RemoteJoinHandle;
pub(crate) use remote::{RemoteOutcome, remote, remote_outcome, remote_with};
pub(crate) use spawned::{Outcome, Spawned, TaskFuture};
pub use task_local::{AccessError, LocalKey};
pub(crate) use waker::is_task;
pub use yield_now::yield_now;

// What makes tasks stands above them, with the context that it finds the runtime by.
pub use crate::blocking::{block_in_place, spawn_blocking};
pub use crate::context::{spawn, spawn_local};
pub use crate::spawner::Builder;
// Where a task leaves its waker.
pub use crate::waker_cell::WakerCell;

/// The futures that have a name because somebody may want to keep one in a struct.
pub mod futures {
    pub use super::task_local::TaskLocalFuture;
}
