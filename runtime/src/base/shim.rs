//! The lock and the flag that the inbox is made of.
//!
//! They are the standard library's. They stand here under their own names so that the
//! test `loom_inbox` can compile `inbox.rs` with loom's versions in their place, which
//! try every order in which threads can run instead of the one that happened today.

pub(crate) use std::sync::atomic::{AtomicBool, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard};
