//! The procedural macros of the crate `runtime`.
