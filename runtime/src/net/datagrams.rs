//! Sending and receiving datagrams: UDP's, and those between processes of one machine.
//!
//! Each operation has three forms: one that waits, one that is polled by hand, and one that does
//! not wait. Of the second only the last caller in each direction is woken; the first may be called
//! by any number of tasks at once, and each datagram goes to one of them. A datagram is taken
//! whole, or not at all.
//!
//! Both kinds of sockets have these methods, so a macro writes them. To send to an address is not
//! among them: the two kinds do not agree on what an address is.
//!
//! Where Tokio's forms take a `ReadBuf` or a `BufMut`, these take a slice, or copy once: to lend
//! memory that has not been written yet takes unsafe code.

/// A socket, its kind of address, and how the system is asked for a datagram and its sender. The
/// examples have `near` and `far`, connected.
macro_rules! datagrams {
    ($Socket:ident, $Addr:ty, $recv_from:path; $(#[$near_and_far:meta])*) => {
        impl $Socket {
            $crate::net::readiness::ready! { [registration] $(#[$near_and_far])* }

            $crate::net::readiness::own_operations! { $(#[$near_and_far])* }

            $crate::net::readiness::waits! { [registration] readable, poll_recv_ready: Read,
                "a receive would not block", try_recv;
                /// ```
                /// # #[runtime::main] async fn main() -> std::io::Result<()> {
                $(#[$near_and_far])*
                /// let mut buffer = [0; 16];
                /// let error = far.try_recv(&mut buffer).unwrap_err();
                /// assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                ///
                /// near.send(b"hi").await?;
                /// far.readable().await?;
                /// assert_eq!(far.try_recv(&mut buffer)?, 2);
                /// # Ok(()) }
                /// ```
            }

            $crate::net::readiness::waits! { [registration] writable, poll_send_ready: Write,
                "a send would not block", try_send;
                /// ```
                /// # #[runtime::main] async fn main() -> std::io::Result<()> {
                $(#[$near_and_far])*
                /// near.writable().await?;
                /// assert_eq!(near.try_send(b"hi")?, 2);
                /// # Ok(()) }
                /// ```
            }

            $crate::net::readiness::operation! {
                /// Sends a datagram to the address that the socket is connected to; returns its
                /// length. Waits while there is no room for it: in this socket, or, between
                /// processes of one machine, in the receiver's queue.
                ///
                /// # Cancel safety
                ///
                /// Cancel safe: dropped before it is ready, it has sent nothing.
                ///
                /// # Errors
                ///
                /// If the socket is not connected, the receiver is known to be gone, or the
                /// datagram is too long; else those of the operating system. With UDP they may be
                /// about a datagram that was sent before.
                ///
                /// ```
                /// # #[runtime::main] async fn main() -> std::io::Result<()> {
                $(#[$near_and_far])*
                /// assert_eq!(near.send(b"hi").await?, 2);
                ///
                /// let mut buffer = [0; 16];
                /// assert_eq!(far.recv(&mut buffer).await?, 2);
                /// assert_eq!(&buffer[..2], b"hi");
                /// # Ok(()) }
                /// ```
                send / poll_send / try_send (data: &[u8]) -> usize =
                    Write |socket| socket.send(data)
            }

            $crate::net::readiness::operation! {
                /// Waits for a datagram, and copies it into `buffer`; returns its length. What does
                /// not fit is thrown away. The example is that of [`send`](Self::send).
                ///
                /// # Cancel safety
                ///
                /// Cancel safe: a datagram that was not returned stays with the socket.
                ///
                /// # Errors
                ///
                /// Those of the operating system. With UDP they may be about a datagram that was
                /// sent before.
                recv / poll_recv / try_recv (buffer: &mut [u8]) -> usize =
                    Read |socket| socket.recv(buffer)
            }

            $crate::net::readiness::operation! {
                /// As [`recv`](Self::recv), to the end of a growing buffer. It takes what the
                /// buffer has room for, or 64 bytes if a `Vec` is full; give it the room for a
                /// datagram.
                ///
                /// # Cancel safety
                ///
                /// Cancel safe: a datagram that was not returned stays with the socket.
                ///
                /// # Errors
                ///
                /// As for `recv`.
                ///
                /// ```
                /// # #[runtime::main] async fn main() -> std::io::Result<()> {
                $(#[$near_and_far])*
                /// near.send(b"hi").await?;
                /// let mut buffer = Vec::with_capacity(1500);
                /// far.recv_buf(&mut buffer).await?;
                /// assert_eq!(buffer, b"hi");
                /// # Ok(()) }
                /// ```
                recv_buf / try_recv_buf <B: bytes::BufMut> (buffer: &mut B) -> usize =
                    Read |socket| $crate::net::bytes::append(buffer, |space| socket.recv(space))
            }

            $crate::net::readiness::operation! {
                /// Waits for a datagram, and copies it into `buffer`; returns its length, and the
                /// sender's address. What does not fit is thrown away.
                ///
                /// # Cancel safety
                ///
                /// Cancel safe: a datagram that was not returned stays with the socket.
                ///
                /// # Errors
                ///
                /// As for [`recv`](Self::recv).
                ///
                /// ```
                /// # #[runtime::main] async fn main() -> std::io::Result<()> {
                $(#[$near_and_far])*
                /// near.send(b"hi").await?;
                /// let (len, from) = far.recv_from(&mut [0; 16]).await?;
                /// assert_eq!(len, 2);
                /// assert_eq!(format!("{from:?}"), format!("{:?}", near.local_addr()?));
                /// # Ok(()) }
                /// ```
                recv_from / poll_recv_from / try_recv_from
                    (buffer: &mut [u8]) -> (usize, $Addr) =
                    Read |socket| $recv_from(socket, buffer)
            }

            $crate::net::readiness::operation! {
                /// As [`recv_from`](Self::recv_from), to the end of a growing buffer: see
                /// [`recv_buf`](Self::recv_buf).
                ///
                /// # Cancel safety
                ///
                /// Cancel safe: a datagram that was not returned stays with the socket.
                ///
                /// # Errors
                ///
                /// As for `recv_from`.
                recv_buf_from / try_recv_buf_from <B: bytes::BufMut>
                    (buffer: &mut B) -> (usize, $Addr) =
                    Read |socket| {
                        let receive = |space: &mut [u8]| $recv_from(socket, space);
                        $crate::net::bytes::append_with(buffer, receive)
                    }
            }
        }
    };
}
pub(super) use datagrams;
