//! Skeleton.
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod coop;
pub mod io;
mod rng;
mod time;
