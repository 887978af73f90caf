//! The machine: what happens when a program writes `.await`.
//!
//! Everything that spawns, polls, wakes, parks and fires is in this room, and the room has an end: it
//! imports nothing of the crate but `trace`, to which it says what it does, and `base`, the tools that it
//! is made with. These two import nothing. All else in the crate is a library that is built on the machine.
//! Read it in this order:
//!
//! | | file | what it is |
//! |---|---|---|
//! | 1 | `run_queue` | who is ready, and in which order; where a task waits |
//! | 2 | `inbox` | how other threads reach this one |
//! | 3 | `task/` | a task: what a waker holds (`header`), the `waker`, the future (`spawned`), its result (`join_cell`) and the handle (`join`) |
//! | 4 | `executor`, `executor/` | spawn; poll one task; the future of `block_on` (`root`) |
//! | 5 | `wait_list`, `waker_cell` | who waits for something, in order; how a waker is left |
//! | 6 | `timers`, `timers/` | the timers; the hierarchical `wheel` that they hang in; deadlines that no tick can express (`beyond`) |
//! | 7 | `reactor/` | what the operating system says is ready: sources, and one program's registration |
//! | 8 | `driver` | parking: until the next deadline, an event, or a wake from another thread |
//! | 9 | `turn`, `turn/` | **the loop**, and all parts of one runtime (`Machine`); how long it polls before it looks at the driver (`round`) |
//! | 10 | `context` | which runtime this thread is in: where `spawn`, `sleep` and sockets find it |
//!
//! Three files more stand beside it: `coop` is the budget of a poll, `jobs` are those in flight on the blocking pool,
//! and `inspect` with its folder is what an observer asks: the gate at which a debugger holds the loop, and
//! the snapshot of the machine. Three files of the reactor are compiled for tests only, with the crate feature `sim`
//! (`odd`, `told`, `registration/odd`): a reader of the machine passes them by.

pub(crate) mod context;
pub(crate) mod coop;
pub(crate) mod driver;
pub(crate) mod executor;
pub(crate) mod inbox;
pub(crate) mod inspect;
pub(crate) mod jobs;
pub(crate) mod reactor;
pub(crate) mod run_queue;
pub(crate) mod task;
pub(crate) mod timers;
pub(crate) mod turn;
pub(crate) mod wait_list;
pub(crate) mod waker_cell;
