//! Accepting connections, of TCP and of Unix sockets alike.
//!
//! The operating system completes connections by itself and queues them; `accept` takes one out.
//! A connection that the program does not accept waits in the queue, up to the backlog: 128 after
//! `bind`, as in the standard library, or what `listen` of a `TcpSocket` or a `UnixSocket` was
//! given. When the queue is full, Linux keeps a new TCP client waiting; other systems refuse it.
//! A new Unix client is told "would block".

/// A listener, its streams, and their addresses. Its own `accepted` makes the stream. The example
/// has a `listener`, and a `client` that has connected.
macro_rules! accepts {
    ($Listener:ident => $Stream:ident, $Addr:ty; $(#[$listener_and_client:meta])*) => {
        impl $Listener {
            /// Waits for a connection, and takes it; returns also the client's address. Any number
            /// of tasks may wait at once.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe: a connection that was not returned stays in the queue.
            ///
            /// # Errors
            ///
            /// Those of the operating system. Some concern one connection only (it was aborted
            /// before it could be accepted), some pass (the process is out of descriptors). A
            /// server goes on.
            ///
            ///  ```
            /// # #[runtime::main] async fn main() -> std::io::Result<()> {
            $(#[$listener_and_client])*
            /// let (stream, addr) = listener.accept().await?;
            /// assert_eq!(format!("{addr:?}"), format!("{:?}", client.local_addr()?));
            /// # Ok(()) }
            /// ```
            #[track_caller]
            pub fn accept(&self) -> impl Future<Output = std::io::Result<($Stream, $Addr)>> {
                let at = std::panic::Location::caller();
                $crate::net::socket::with_caller(async move {
                    let want = $crate::trace::Direction::Read;
                    let accept = |listener: &$crate::net::system::$Listener| listener.accept();
                    let (stream, addr) = self.registration.perform(want, accept).await?;
                    Ok((self.accepted(stream, at)?, addr.into()))
                })
            }

            #[doc = concat!("As [`accept`](", stringify!($Listener), "::accept), for a `poll`")]
            /// that is written by hand. Only the last caller is woken.
            ///
            /// # Errors
            ///
            /// As for `accept`.
            #[track_caller]
            pub fn poll_accept(
                &self,
                cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<($Stream, $Addr)>> {
                let at = std::panic::Location::caller();
                let want = $crate::trace::Direction::Read;
                let accepted = self.registration.poll_io(want, cx, |listener| listener.accept());
                let (stream, addr) = std::task::ready!(accepted)?;
                let stream = self.accepted(stream, at)?;
                std::task::Poll::Ready(Ok((stream, addr.into())))
            }
        }
    };
}
pub(super) use accepts;
