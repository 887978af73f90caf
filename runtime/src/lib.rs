//! A single-threaded async runtime, written from scratch to be read and stepped through.
//!
//! ```
//! use runtime::time::{Duration, sleep};
//!
//! #[runtime::main]
//! async fn main() {
//!     let task = runtime::spawn(async {
//!         sleep(Duration::from_millis(10)).await;
//!         "hello"
//!     });
//!     println!("{}", task.await.unwrap());
//! }
//! ```
//!
//! Names, signatures and behaviour are Tokio's, wherever Tokio has the thing. Everything
//! runs on one thread and nothing need be `Send`; what differs is listed in
//! `runtime/DIFFERENCES.md`. There is no unsafe code.
//!
//! # The house
//!
//! The rooms, in the order in which to read them. Lower floors know nothing of higher ones;
//! a test holds them to that.
//!
//! | floor | room | what it is |
//! |---|---|---|
//! | 0 | [`trace`] | what the machine says about itself: events, why tasks wait, snapshots, recordings |
//! | 0 | `clock`, `rng` | the one source of time, and of chance |
//! | 0 | `coop` | the budget that stops one task from starving the rest |
//! | 0 | `foreign` | calls what is not ours, so that its panic goes no further |
//! | 0 | `boxed` | puts a large future into a box before it is passed on |
//! | 0 | `room` | when the memory of a burst is given back |
//! | 0 | `round` | how long the loop polls before it looks at the driver |
//! | 0 | `stays` | what the compiler says of a value that must stay on its thread |
//! | 1 | `queue` | the run queue: who is polled next |
//! | 1 | `inbox`, `shim` | how other threads reach this one |
//! | 1 | `waker_cell` | how a waker is left: cloned, the condition looked at again, stored |
//! | 1 | `wait_list` | who waits for something, in order |
//! | 1 | [`task`] | a spawned future: its life, its waker, its end |
//! | 1 | `time/wheel` | the hierarchical timer wheel |
//! | 1 | `reactor` | learns from the operating system what has become ready |
//! | 1 | [`sync`] | locks and channels, on one wait list |
//! | 2 | `executor` | owns the tasks, polls the ones that are ready |
//! | 2 | `driver` | what the thread parks on |
//! | 3 | `blocking` | threads for work that blocks, and the way home of what it brings |
//! | 3 | `context`, `spawner` | which runtime this thread is in, and what finds it there |
//! | 3 | [`time`] | sleep, timeout, interval |
//! | 3 | `macros` | [`join!`], [`try_join!`], [`select!`] |
//! | 4 | [`runtime`](mod@runtime) | the loop |
//! | 4 | [`io`], [`net`], [`fs`], [`signal`] | what programs touch: streams, sockets, files on the pool, signals |
//! | 4 | [`stream`] | receivers, intervals, listeners as streams |
//! | 4 | `unwind` | which types are whole after a panic that was caught |
//!
//! A wait, from end to end: a future answers `Pending` and leaves its waker with the
//! [wheel](time) or with a [source](net). The executor puts the task back into its slab. When
//! the run queue is empty the driver parks, in one system call that ends at the next
//! deadline or with the next event. What has come is woken: its key goes on the run queue.
//! The executor takes the task out and polls it.

#![forbid(unsafe_code)]

mod blocking;
pub mod fs;
pub mod io;
mod machine;
#[doc(hidden)]
pub mod macros;
pub mod net;
pub mod runtime;
#[cfg(unix)]
pub mod signal;
pub mod stream;
pub mod sync;
pub mod task;
pub mod time;
pub mod trace;
mod unwind;

pub use machine::spawn::spawn;
#[cfg(feature = "macros")]
pub use macros::{main, test};
pub use runtime::Runtime;

/// What differs from Tokio. Every piece of code on that page is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../DIFFERENCES.md")]
mod differences {}
