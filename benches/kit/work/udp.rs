//! The UDP echo server's work: whatever comes in goes back to whom it came from.
//!
//! One socket, one loop, no task a client. A datagram costs two system calls with an address each,
//! and nothing is accepted or closed, so this row shows the way into the kernel and back at its
//! barest.
//!
//! How one fools oneself: datagrams that are lost (the load has one under way for each client, far
//! fewer than the socket's buffer holds), and a loop that finds a datagram at every look and so
//! never sleeps: with few clients it sleeps as often as the client lets it.

use super::rt::net::UdpSocket;
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
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let control = serve::control().await?;
        ready(Ports {
            service: socket.local_addr()?,
            control: control.local_addr()?,
        });
        serve::answer(control);
        let mut buffer = [0_u8; 1024];
        loop {
            let (n, client) = socket.recv_from(&mut buffer).await?;
            socket.send_to(&buffer[..n], client).await?;
        }
    })
}
