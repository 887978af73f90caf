//! Numbers about the program, for `GET /metrics`.
//!
//! Each part of the program keeps its own numbers, in plain cells: there is one thread. It registers
//! a function that writes them ([`Metrics::register`]), and the function runs when a scraper asks.

mod machine;
mod registry;
mod requests;
mod text;

pub(crate) use machine::{register_refusals, register_runtime};
pub(crate) use registry::Metrics;
pub(crate) use requests::Requests;
pub(crate) use text::{Kind, Text};

#[cfg(test)]
mod tests;
