//! Looking at what a TCP connection has to read, without taking it.

use std::future::Future;
use std::io;
use std::task::{Context, Poll};

use super::TcpStream;
use crate::net::lined::lined;
use crate::trace::Direction;

impl TcpStream {
    /// Waits for data and copies it without taking it: the next read finds it again. 0 is the
    /// end of the stream (or of `buffer`).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// Those of the operating system.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let mut stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// # peer.write_all(b"x").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(stream.peek(&mut buffer).await?, 1);
    /// assert_eq!(stream.read(&mut buffer).await?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn peek(&self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> {
        let peek = |stream: &mio::net::TcpStream| stream.peek(buffer);
        lined(self.registration.perform(Direction::Read, peek))
    }

    /// As [`peek`](TcpStream::peek), for those who write `poll` by hand; only the last caller is
    /// woken.
    ///
    /// # Errors
    ///
    /// As for `peek`.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::AsyncWriteExt, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// peer.write_all(b"x").await?;
    /// let mut buffer = [0; 16];
    /// assert_eq!(std::future::poll_fn(|cx| stream.poll_peek(cx, &mut buffer)).await?, 1);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn poll_peek(&self, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        let peek = |stream: &mio::net::TcpStream| stream.peek(buffer);
        self.registration.poll_io(Direction::Read, cx, peek)
    }
}
