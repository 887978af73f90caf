//! The kit that all bench targets share.
//!
//! | part | what it is |
//! |---|---|
//! | `work/` | what is measured, each piece written once |
//! | `sides/` | who does it: Treadle, Tokio, the floor; each compiles the files of `work/` for itself |
//! | `floor/` | the hand-written executor and the bare mio loops |
//! | `clock`, `machine` | CPU clocks; cores, descriptors, idle states |
//! | `single`, `talk` | how criterion runs the work |
//! | `wishes` | what a command line asks for, where criterion does not read it |
//!
//! A target uses a part of it, hence the allowance for what it leaves lying.
#![allow(dead_code, unused_imports)]

pub(crate) mod clock;
pub(crate) mod floor;
pub(crate) mod machine;
pub(crate) mod sides;
pub(crate) mod single;
pub(crate) mod talk;
pub(crate) mod wishes;
pub(crate) mod work;
