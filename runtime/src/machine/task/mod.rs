//! A task: a future that was spawned, and what the machine knows about it.
//!
//! ```text
//!        │ 1 spawn
//!        ▼
//!    ┌────────┐  2 its turn   ┌─────────┐  6 Ready, panic, abort  ┌───────┐
//!    │ queued ├──────────────►│ running ├────────────────────────►│ ended │
//!    └─▲────▲─┘               └──┬───┬──┘                         └───▲───┘
//!      │    └────────────────────┘   │                                │
//!      │     3 Pending, but woken    4 Pending                        │
//!      │       during the poll       │                                │
//!      │      5 wake             ┌───▼─────┐          7 shutdown      │
//!      └─────────────────────────┤ waiting ├──────────────────────────┘
//!                                └─────────┘
//! ```
//!
//! A task that is queued is on the run queue, a running one is with the executor, and a waiting one lies in its
//! slot (`run_queue.rs`).
//!
//! | | transition | function | file |
//! |---|---|---|---|
//! | 1 | spawn | `Executor::start`: the header is made and the future wrapped; `RunQueue::push` | `executor.rs`, `run_queue.rs` |
//! | 2 | its turn | `Executor::poll_next` takes the task off the queue, `Spawned::run` polls | `executor.rs`, `task/spawned.rs` |
//! | 3 | Pending, but woken during the poll | `Running::wake` notes the wake; after the poll `RunQueue::push` | `task/header.rs`, `executor.rs`, `run_queue.rs` |
//! | 4 | Pending | `Header::poll_ends` says that the task waits; `RunQueue::put_back` | `task/header.rs`, `executor.rs`, `run_queue.rs` |
//! | 5 | wake | `wake_by_ref`: on this thread `RunQueue::wake`, from another the inbox and `Executor::receive` | `task/waker.rs`, `run_queue.rs`, `executor.rs` |
//! | 6 | Ready, panic, abort | `Spawned::finish` drops the future and delivers the result, `JoinCell::end` wakes the joiner, `Executor::ended` frees the slot | `task/spawned.rs`, `task/join_cell.rs`, `executor.rs` |
//! | 7 | shutdown | `Executor::shut_down`, also of tasks that are queued | `executor.rs` |
//!
//! An abort begins outside of the task: `JoinCell::abort` raises a flag and calls `RunQueue::wake_to_abort`, which is
//! a wake (5). At the task's turn (2) `Spawned::run` sees the flag, and does not poll the future (6).
//!
//! A task is made of three things, because they have three owners:
//!
//! * the **future**, in a box that is moved from place to place: only the executor polls and drops it;
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
mod spawned;
mod waker;

pub(crate) use error::Failure;
pub use error::JoinError;
#[cfg(feature = "sim")]
pub(crate) use error::panic_text;
pub(crate) use header::{
    Header, Key, Message, Parcel, Polled, RemoteSpawn, Runnable, Running, SpareHeaders, Task,
};
pub use id::{Id, id, try_id};
pub(crate) use id::{Names, enter_job};
pub use join::{AbortHandle, JoinHandle};
pub(crate) use join_cell::JoinCell;
pub(crate) use spawned::{Detached, Outcome, Spawned};
