//! HTTP on Treadle's side: its place is kept here until the server's engine is there.

use crate::kit::work::Ports;
use std::io;

/// Serves HTTP on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// Always, for now.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    drop(ready);
    Err(io::ErrorKind::Unsupported.into())
}
