//! What the stages of the lab stand on, and what examines them.
//!
//! A stage is a file in `stages/`. It has holes, and a learner fills them. Its check is a file in `checks/`: a
//! list of cases, each of which uses what the stage has made. `build.rs` puts the check beside the stage,
//! beside the solution, and beside each wrong solution in `wrong/`, so that all are examined alike.
//!
//! The stages use three things of the lab where a program would use the standard library or mio: [`thread`],
//! [`clock`] and [`kernel`]. They do the same. But in a check they obey the lab: the clock stands still until
//! the thread sleeps, and a thread that nothing can wake is found out at once.
#![forbid(unsafe_code)]

// So that a solution reads as a learner's file does, letter by letter.
extern crate self as lab;

pub mod account;
pub mod clock;
pub mod examiner;
mod files;
pub mod kernel;
#[path = "../../../tests/support/output.rs"]
mod output;
pub mod printed;
pub mod probe;
pub mod sockets;
#[path = "../solutions/mod.rs"]
pub mod solutions;
pub mod thread;
#[path = "../../support/told.rs"]
pub mod told;
pub mod wakers;

pub use files::{FILES, STAGES};

// Not compiled here: `build.rs` puts each check beside the work that it examines. It stands here for
// `cargo fmt`, which finds its files by their `mod`.
#[cfg(any())]
#[path = "../checks/mod.rs"]
mod checks;
