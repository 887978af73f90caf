//! Looking at the next datagram without taking it.
//!
//! The first bytes of a datagram, or its sender, may decide which task is to have it. The next
//! receive finds it again. What does not fit into the buffer is not lost here, only not seen.
//!
//! How it can go wrong: between looking and taking another task may take. The datagram that is
//! received need not be the one that was seen.

use std::future::Future;
use std::net::SocketAddr;

use super::UdpSocket;
use crate::net::readiness::operation;
use crate::net::system;

impl UdpSocket {
    operation! {
        /// Waits for a datagram, and copies its beginning into `buffer` without taking it; returns
        /// how many bytes that were.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: it takes nothing.
        ///
        /// # Errors
        ///
        /// Those of the operating system.
        ///
        /// ```
        /// # #[runtime::main] async fn main() -> std::io::Result<()> {
        /// # use runtime::net::UdpSocket;
        /// # let near = UdpSocket::bind("127.0.0.1:0").await?;
        /// # let far = UdpSocket::bind("127.0.0.1:0").await?;
        /// near.send_to(b"hi", far.local_addr()?).await?;
        /// let mut buffer = [0; 16];
        /// assert_eq!(far.peek(&mut buffer).await?, 2);
        /// assert_eq!(far.peek_from(&mut buffer).await?, (2, near.local_addr()?));
        /// assert_eq!(far.peek_sender().await?, near.local_addr()?);
        /// assert_eq!(far.recv(&mut buffer).await?, 2);
        /// # Ok(()) }
        /// ```
        peek / poll_peek / try_peek (buffer: &mut [u8]) -> usize =
            Read |socket| socket.peek(buffer)
    }

    operation! {
        /// As [`peek`](UdpSocket::peek), and returns also the sender's address.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: it takes nothing.
        ///
        /// # Errors
        ///
        /// Those of the operating system.
        peek_from / poll_peek_from / try_peek_from (buffer: &mut [u8]) -> (usize, SocketAddr) =
            Read |socket| socket.peek_from(buffer)
    }

    operation! {
        /// Waits for a datagram, and returns its sender's address, without taking it.
        ///
        /// # Cancel safety
        ///
        /// Cancel safe: it takes nothing.
        ///
        /// # Errors
        ///
        /// Those of the operating system.
        peek_sender / poll_peek_sender / try_peek_sender () -> SocketAddr =
            Read |socket| system::peek_sender(socket)
    }
}
