//! The machine: what happens when a program writes `.await`.
//!
//! Everything that spawns, polls, wakes, parks and fires is in this room, and the room has an end: it
//! imports nothing of the crate but `trace`, to which it says what it does, and which itself imports
//! nothing. All else in the crate is a library that is built on it. Read it in this order:
//!
//! | file | what it is |
//! |---|---|
//! | `run_queue` | who is ready, and in which order; where a task waits (`ring`: the queue itself) |
//! | `inbox` | how other threads reach this one (`shim`: its lock, which a test replaces) |
//! | `task/` | a task: what a waker holds (`header`), the `waker`, the future (`spawned`), its result (`join_cell`) and the handle (`join`) |
//! | `executor`, `executor/` | spawn; poll one task (`polling`); the future of `block_on` (`root`) |
//! | `wheel`, `timers`, `beyond` | the hierarchical timer wheel; the timers on it; deadlines that no tick can express |
//! | `wait_list`, `waker_cell` | who waits for something, in order; how a waker is left |
//! | `reactor/` | what the operating system says is ready: sources, and one program's registration |
//! | `driver` | parking: until the next deadline, an event, or a wake from another thread |
//! | `turn` | **the loop**, and all parts of one runtime (`Machine`) |
//! | `context`, `spawn` | which runtime this thread is in; how a task is made there |
//!
//! They use `clock`, `instant` and `moment` (the one source of time), `rng` (the one source of chance), `coop` (the budget
//! of a poll), `round` (how long the loop polls before it looks at the driver), `foreign` (calls
//! into code that is not ours), `room` (when the memory of a burst is given back), `boxed` (a large
//! future is put into a box) and `stays` (what the compiler says of a value that must stay). `jobs` are
//! those in flight on the blocking `pool`. A debugger on another thread holds the loop at the `gate`, and
//! looks at the machine by a `snapshot`.

pub(crate) mod beyond;
pub(crate) mod boxed;
pub(crate) mod clock;
pub(crate) mod context;
pub(crate) mod coop;
pub(crate) mod driver;
pub(crate) mod executor;
pub(crate) mod foreign;
pub(crate) mod gate;
pub(crate) mod inbox;
pub(crate) mod instant;
pub(crate) mod jobs;
pub(crate) mod moment;
pub(crate) mod pool;
pub(crate) mod reactor;
pub(crate) mod ring;
pub(crate) mod rng;
pub(crate) mod room;
pub(crate) mod round;
pub(crate) mod run_queue;
pub(crate) mod shim;
pub(crate) mod snapshot;
pub(crate) mod spawn;
pub(crate) mod stays;
pub(crate) mod task;
pub(crate) mod timers;
pub(crate) mod turn;
pub(crate) mod wait_list;
pub(crate) mod waker_cell;
pub(crate) mod wheel;
