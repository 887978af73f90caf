//! Skeleton.
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod coop;
mod rng;
mod time;
