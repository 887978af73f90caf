//! The floor of echo: the answer is the input.

use super::server;
use crate::kit::work::Ports;
use std::io;

/// Serves echo on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    server::serve(ready, |input: &[u8], output: &mut Vec<u8>| {
        output.extend_from_slice(input);
        Some(input.len())
    })
}
