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
//! A room is a folder or a file. One of them, `machine`, holds all that happens at `.await`, and imports
//! nothing of the crate but `trace` and `base`. The others are a library around it.
//!
//! | room | what it is |
//! |---|---|
//! | [`trace`] | what the machine says about itself: events, why tasks wait, and the switch |
//! | `base` | tools that know nothing of tasks: time, chance, memory, panics, threads |
//! | `machine` | **the machine**: spawn, poll, wake, park, timer, socket, and the loop; its heading has the reading order |
//! | `glass` | what is made of events: recordings, replay, live stats, dumps, files (users find it in [`trace`]) |
//! | `remote` | a task that another thread hands in, and its handle |
//! | `blocking` | threads for work that blocks, and how its results come back |
//! | [`task`] | what programs use of tasks, and what stands around it: sets, locals, names |
//! | [`sync`] | locks and channels, on the machine's wait list |
//! | [`time`] | sleep, timeout, interval |
//! | `macros` | [`join!`], [`try_join!`], [`select!`] |
//! | [`runtime`](mod@runtime) | the public face: built, run, stepped, entered, dropped |
//! | [`io`], [`net`], [`fs`], [`signal`] | what programs touch: streams, sockets, files on the pool, signals |
//! | [`stream`] | receivers, intervals, listeners as streams |
//! | `sim` | several hosts on one clock and one seed, with a network and disks in memory (crate feature `sim`) |
//! | `unwind` | which types may still be used after a panic that was caught (`UnwindSafe`) |
//!
//! A room knows only rooms that stand below it, and a file only files: a test holds them to that
//! (`runtime/tests/floors/rooms.txt` and `runtime.txt` beside it have the order), and draws this:
//!
//! ```text
//! ┌─────────────────────────────────────────┐
//! │ stream                                  │
//! ├─────────────────────────────────────────┤
//! │ time   unwind   sim                     │
//! ├─────────────────────────────────────────┤
//! │ task   io   net   fs   runtime          │
//! ├─────────────────────────────────────────┤
//! │ blocking                                │
//! ├─────────────────────────────────────────┤
//! │ glass   sync   remote   macros   signal │
//! ├─────────────────────────────────────────┤
//! │ machine                                 │
//! ├─────────────────────────────────────────┤
//! │ base   trace                            │
//! └─────────────────────────────────────────┘
//! ```
//!
//! A wait, from end to end: a future answers `Pending` and leaves its waker with the
//! wheel (`machine/timers/wheel.rs`) or with a source (`machine/reactor/side.rs`). The executor puts the
//! task into its slot. When the run queue is empty the driver parks, in one system call that
//! ends at the next deadline or with the next event. The task that waited for it is woken: it
//! goes from its slot to the back of the run queue. The executor takes it from the front and
//! polls it.

#![forbid(unsafe_code)]

mod base;
mod blocking;
pub mod fs;
mod glass;
pub mod io;
mod machine;
#[doc(hidden)]
pub mod macros;
pub mod net;
mod remote;
pub mod runtime;
#[cfg(unix)]
pub mod signal;
#[cfg(feature = "sim")]
pub mod sim;
pub mod stream;
pub mod sync;
pub mod task;
pub mod time;
pub mod trace;
mod unwind;

#[cfg(feature = "macros")]
pub use macros::{main, test};
pub use runtime::Runtime;
#[cfg(all(feature = "sim", feature = "macros"))]
pub use sim::sim_test;
pub use task::spawn;

/// What differs from Tokio. Every piece of code on that page is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../DIFFERENCES.md")]
mod differences {}

/// The page of the package, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
