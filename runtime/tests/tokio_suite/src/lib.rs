//! Another crate's tests, made ready to run here: what the suites of Tokio and of axum share.
//!
//! [`items`] finds what can be cut out of a source, [`cut`] cuts out of it what a [`table`] of
//! exclusions names, and [`lists`] tells the scripts which tests are left. The rest is Tokio's
//! alone: `rename` and `reading` change what is written otherwise on this runtime.

#![forbid(unsafe_code)]

pub mod cut;
pub mod items;
pub mod lists;
mod reading;
pub mod rename;
pub mod table;
