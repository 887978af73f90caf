//! The locks, flags and threads that the inbox, the pool and the join cell of a remote task are made of.
//!
//! They are the standard library's. They stand here under their own names so that the
//! tests `loom_inbox`, `loom_pool` and `loom_remote` can compile these files with loom's versions in their place, which
//! try every order in which threads can run instead of the one that happened today.

pub(crate) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
pub(crate) use std::thread;
