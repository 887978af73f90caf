//! The sides: who does the work.
//!
//! A side supplies the names that the shared work is written in (`rt`, `Runtime`, `build`) and
//! then includes the files of `work/` *as modules of its own*, so that the same text is compiled
//! once for every side. That is why clippy's `duplicate_mod` is allowed here: including the same
//! file more than once is the whole idea.
#![allow(clippy::duplicate_mod)]

pub(crate) mod floor;
pub(crate) mod tokio;
pub(crate) mod treadle;
