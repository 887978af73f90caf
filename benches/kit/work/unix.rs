//! The echo server's work on Unix stream sockets: as `echo.rs`, without a network.
//!
//! Reads and writes cost a fraction of TCP's here, so the runtime's share of a round trip is
//! larger, and a difference shows sooner.

use super::echo::echo;
use super::rt::net::UnixListener;
use super::rt::spawn;
use super::{build, serve};
use crate::kit::work::{Ports, socket_path};
use std::io;

/// Serves echo on this thread for ever; `ready` gets the control port, from which the socket's
/// path follows, once both listen.
///
/// # Errors
///
/// If the port or the path cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let control = serve::control().await?;
        let port = control.local_addr()?;
        let path = socket_path(port);
        // One that was killed has left its own.
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path)?;
        ready(Ports {
            service: port,
            control: port,
        });
        serve::answer(control);
        loop {
            let (stream, _) = listener.accept().await?;
            // A client that goes away in the middle is none of our business.
            drop(spawn(echo(stream)));
        }
    })
}
