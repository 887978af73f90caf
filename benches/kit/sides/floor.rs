//! The floor as a side: the hand-written executor and the bare mio loops of `floor/`.

pub(crate) use crate::kit::floor as rt;
pub(crate) use crate::kit::floor::executor::{Runtime, build};

#[path = "../work/executor.rs"]
pub(crate) mod executor;
#[path = "../work/memory.rs"]
pub(crate) mod memory;
#[path = "../work/timers.rs"]
pub(crate) mod timers;
#[path = "../work/wake.rs"]
pub(crate) mod wake;

/// Servers: see `floor/server.rs` for what they do not do.
pub(crate) use crate::kit::floor::echo;
pub(crate) use crate::kit::floor::http;
