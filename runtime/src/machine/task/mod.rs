//! A task: a future that was spawned, and what the machine knows about it.
//!
//! ```text
//!        │ 1 spawn
//!        ▼
//!    ┌────────┐  2 its turn   ┌─────────┐  4 Ready, panic, abort  ┌───────┐
//!    │ queued ├──────────────►│ running ├────────────────────────►│ ended │
//!    └────▲───┘               └──┬───▲──┘                         └───▲───┘
//!         │                      │   │                                │
//!         │               3 Pending  2 (woken during its poll:        │
//!         │                      │      it is queued at once)         │
//!         │       5 wake     ┌───▼─────┐          6 shutdown          │
//!         └──────────────────┤ waiting ├──────────────────────────────┘
//!                            └─────────┘
//! ```
//!
//! | | transition | function | file |
//! |---|---|---|---|
//! | 1 | spawn | `Executor::spawn`: header, join cell and future are made, the key is queued | `executor.rs` |
//! | 2 | its turn | `Executor::poll_next` takes the key, `Executor::take` the task out of the slab | `executor/polling.rs` |
//! | 3 | Pending | `Executor::put_back` | `executor/polling.rs` |
//! | 4 | Ready, panic, abort | `Spawned::poll` and `Spawned::finish` deliver the result, `Executor::ended` frees the slot | `task/spawned.rs`, `executor/polling.rs` |
//! | 5 | wake | `wake_by_ref`: on this thread `RunQueue::push`, from another the inbox and `Executor::receive` | `task/waker.rs` |
//! | 6 | shutdown | `Executor::shut_down` | `executor.rs` |
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
//! A header outlives its task only while a waker of it exists. If there is none, the executor uses
//! the header again for the next task: `Header::reuse`.

mod error;
mod header;
mod id;
mod join;
mod join_cell;
mod parcel;
mod remote;
mod spawned;
mod waker;

pub(crate) use error::Failure;
pub use error::JoinError;
pub(crate) use header::{Header, Message, RemoteSpawn};
pub use id::{Id, id, try_id};
pub use join::{AbortHandle, JoinHandle};
pub(crate) use join_cell::JoinCell;
pub use remote::RemoteJoinHandle;
pub(crate) use remote::{RemoteOutcome, remote, remote_outcome, remote_with};
pub(crate) use spawned::{Detached, Outcome, Spawned, TaskFuture};
pub(crate) use waker::is_task;
