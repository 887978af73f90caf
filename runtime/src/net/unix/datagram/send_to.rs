//! Sending a datagram to the socket under a path.

use std::future::Future;
use std::io;
use std::path::Path;
use std::task::{Context, Poll};

use super::UnixDatagram;
use crate::net::lined::lined;
use crate::trace::Direction;

impl UnixDatagram {
    /// Sends a datagram to the socket under a path; returns its length.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: dropped before it is ready, it has sent nothing.
    ///
    /// # Errors
    ///
    /// If nothing is there, or the datagram is too long; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-send-to-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// assert_eq!(near.send_to(b"hi", &path).await?, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn send_to<P: AsRef<Path>>(
        &self,
        data: &[u8],
        target: P,
    ) -> impl Future<Output = io::Result<usize>> {
        let send = move |socket: &mio::net::UnixDatagram| socket.send_to(data, target.as_ref());
        lined(self.registration.perform(Direction::Write, send))
    }

    /// As [`send_to`](UnixDatagram::send_to), for those who write `poll` by hand.
    ///
    /// # Errors
    ///
    /// As for `send_to`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-poll-send-to-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// assert_eq!(std::future::poll_fn(|cx| near.poll_send_to(cx, b"hi", &path)).await?, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_send_to<P: AsRef<Path>>(
        &self,
        cx: &mut Context<'_>,
        data: &[u8],
        target: P,
    ) -> Poll<io::Result<usize>> {
        let send = |socket: &mio::net::UnixDatagram| socket.send_to(data, target.as_ref());
        self.registration.poll_io(Direction::Write, cx, send)
    }

    /// As [`send_to`](UnixDatagram::send_to), without waiting.
    ///
    /// # Errors
    ///
    /// `WouldBlock` if there is no room; else those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let path = std::env::temp_dir().join(format!("treadle-doc-dgram-try-send-to-{}", std::process::id()));
    /// # let _ = std::fs::remove_file(&path);
    /// # let far = runtime::net::UnixDatagram::bind(&path)?;
    /// let near = runtime::net::UnixDatagram::unbound()?;
    /// assert_eq!(near.try_send_to(b"hi", &path)?, 2);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn try_send_to<P: AsRef<Path>>(&self, data: &[u8], target: P) -> io::Result<usize> {
        let send = |socket: &mio::net::UnixDatagram| socket.send_to(data, target.as_ref());
        self.registration.try_io(Direction::Write, send)
    }
}
