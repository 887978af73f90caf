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
//! * the **join cell**, counted, with the future and with the [`JoinHandle`]: the result
//!   goes in on one side and comes out on the other.
//!
//! The future is wrapped (`Spawned`) so that whatever happens to it, exactly one result
//! arrives in the join cell: its value, its panic, or the news that it was cancelled.
//!
//! A header outlives its task only if somebody still holds a waker. If nobody does, the
//! executor uses it again for the next task: `Header::reuse`.

mod error;
mod header;
mod id;
mod join;
mod parcel;
mod remote;
mod spawned;
mod waker;

pub(crate) use error::Failure;
pub use error::JoinError;
pub(crate) use header::{Header, Message, RemoteSpawn};
pub use id::{Id, id, try_id};
pub(crate) use join::JoinCell;
pub use join::{AbortHandle, JoinHandle};
pub use remote::RemoteJoinHandle;
pub(crate) use remote::{RemoteOutcome, remote, remote_outcome, remote_with};
pub(crate) use spawned::{Outcome, Spawned, TaskFuture};
pub(crate) use waker::is_task;
