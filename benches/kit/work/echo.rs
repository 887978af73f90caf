//! The echo server's work: whatever a client sends goes back to it.
//!
//! The smallest server there is: accept, one task a connection, read, write. With 64 bytes a
//! message all of the cost is in the kernel and in the runtime's way into it, so this is the row
//! that shows what the reactor costs.
//!
//! How one fools oneself: Nagle's algorithm left on for one side, a buffer so small that a message
//! is read in two calls, or requests per second instead of CPU per request (the client is the
//! bottleneck long before the server is).

use super::rt::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use super::rt::spawn;
use super::{build, serve};
use crate::kit::work::Ports;
use std::io;

/// Serves echo on this thread for ever; `ready` gets the two ports once they listen.
///
/// # Errors
///
/// If a port cannot be had.
pub(crate) fn serve(ready: impl FnOnce(Ports)) -> io::Result<()> {
    build().block_on(async move {
        let listener = serve::open(ready).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // A client that goes away in the middle is none of our business.
            drop(spawn(echo(stream)));
        }
    })
}

/// Sends back what comes in, until the client has said everything.
pub(super) async fn echo<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> io::Result<()> {
    let mut buffer = [0_u8; 1024];
    loop {
        let n = stream.read(&mut buffer).await?;
        if n == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..n]).await?;
    }
}
