//! Tools that the machine is made with, and that know nothing of it.
//!
//! No file here knows of tasks, of the loop, or of any other room. Each is a tool for one thing, and a
//! reader of the machine can take its name for what it does.
//!
//! | of | file | what it is |
//! |---|---|---|
//! | time | `clock` | the one source of time, which a test may stop |
//! | | `moment` | a deadline, in twelve bytes |
//! | | `instant` | a moment as programs see it |
//! | chance | `rng` | the one source of chance |
//! | | `chance` | that of a simulation |
//! | | `odd` | what an odd system chooses |
//! | errors | `os_error` | with the numbers of the operating system |
//! | memory | `ring` | a queue that costs little at both ends |
//! | | `room` | when the memory of a burst is given back |
//! | | `boxed` | a large future is put into a box |
//! | simulation | `present` | which host the thread runs at present |
//! | | `wall` | a host's time of day |
//! | | `simulated` | whether the thread runs a host at all |
//! | panics | `foreign` | calls into code that is not ours |
//! | threads | `pool` | threads for work that blocks |
//! | | `shim` | the locks, flags and threads of what threads share, which a test replaces |
//! | | `stays` | what the compiler says of a value that must stay on its thread |

pub(crate) mod boxed;
#[cfg(feature = "sim")]
pub(crate) mod chance;
pub(crate) mod clock;
pub(crate) mod foreign;
pub(crate) mod instant;
pub(crate) mod moment;
#[cfg(feature = "sim")]
pub(crate) mod odd;
#[cfg(feature = "sim")]
pub(crate) mod os_error;
pub(crate) mod pool;
#[cfg(feature = "sim")]
pub(crate) mod present;
pub(crate) mod ring;
pub(crate) mod rng;
pub(crate) mod room;
pub(crate) mod shim;
pub(crate) mod simulated;
pub(crate) mod stays;
#[cfg(feature = "sim")]
pub(crate) mod wall;

// Beside the pool, not in it: the test `loom_pool` compiles that file with other locks.
#[cfg(test)]
#[path = "pool/tests.rs"]
mod pool_tests;
