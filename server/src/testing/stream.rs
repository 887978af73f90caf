//! One end of a connection in memory.
//!
//! It reads and writes a [`DuplexStream`], and adds the faults of the test's plan.
//!
//! With a paused clock the time does not move while bytes are under way: what is written wakes its
//! reader, and the clock moves only when no task is ready. Bytes that are held back wait for a
//! timer, and that is their way to move the clock.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use runtime::io::DuplexStream;

use super::faults::Faults;
use super::half::Half;
use super::transcript::{Act, Ending, Side};
use super::wire::{Way, Wire, broken};

/// One end of a connection in memory: the client's, from
/// [`TestServer::connect`](super::TestServer::connect), or the server's, from a
/// [`TestListener`](super::TestListener).
///
/// A test that has it says exactly what it wants to say, byte by byte, and sees what comes back.
/// Dropping it closes the connection.
///
/// ```
/// # #[runtime::main(start_paused = true)] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
/// use server::Router;
/// use server::testing::TestServer;
///
/// let server = TestServer::new(Router::new());
/// let mut stream = server.connect()?;
/// stream.write_all(b"GET / HTTP/0.5\r\n\r\n").await?;
///
/// let mut answer = String::new();
/// stream.read_to_string(&mut answer).await?;
/// assert!(answer.starts_with("HTTP/1.1 505 "));
/// # Ok(())
/// # }
/// ```
pub struct TestStream {
    io: DuplexStream,
    wire: Rc<Wire>,
    number: usize,
    side: Side,
    reading: Half,
    writing: Half,
    is_closed: bool,
}

impl TestStream {
    pub(super) fn new(
        io: DuplexStream,
        wire: Rc<Wire>,
        number: usize,
        side: Side,
        faults: Option<&Faults>,
    ) -> Self {
        TestStream {
            io,
            wire,
            number,
            side,
            reading: Half::new(faults, number, side, 0),
            writing: Half::new(faults, number, side, 1),
            is_closed: false,
        }
    }

    /// The number of the connection; the first one has 1.
    #[must_use]
    pub fn number(&self) -> usize {
        self.number
    }

    /// Resets the connection: the next read or write of either end fails.
    ///
    /// ```
    /// # #[runtime::main(start_paused = true)] async fn main() {
    /// use runtime::io::{AsyncReadExt, ErrorKind};
    /// use server::Router;
    /// use server::testing::TestServer;
    ///
    /// let server = TestServer::new(Router::new());
    /// let mut stream = server.connect().unwrap();
    /// stream.reset();
    /// let error = stream.read(&mut [0; 8]).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    /// # }
    /// ```
    pub fn reset(&self) {
        self.wire.break_off(self.side, Ending::Reset);
    }

    /// Leaves the waker for the moment when the connection breaks off; ready if it has.
    fn wait(&self, way: Way, cx: &Context<'_>) -> Poll<()> {
        self.wire.wait(self.side, way, cx)
    }
}

impl AsyncRead for TestStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        loop {
            let ended = this.wire.ended();
            if let Some(Ending::Reset) = ended {
                return Poll::Ready(Err(broken(Ending::Reset)));
            }
            if this.reading.poll_stall(cx).is_pending() {
                if ended.is_none() && this.wait(Way::Read, cx).is_ready() {
                    continue;
                }
                return Poll::Pending;
            }
            if this.reading.has_held() {
                return Poll::Ready(Ok(this.reading.deliver(buf)));
            }
            let size = this.reading.piece(buf.len());
            match Pin::new(&mut this.io).poll_read(cx, &mut buf[..size])? {
                Poll::Ready(count) if count > 0 && this.reading.draw_stall() => {
                    this.reading.hold(&buf[..count]);
                }
                Poll::Ready(count) => {
                    if count > 0 {
                        this.reading.done();
                    }
                    return Poll::Ready(Ok(count));
                }
                Poll::Pending if ended.is_some() => return Poll::Ready(Ok(0)),
                Poll::Pending => ready!(this.wait(Way::Read, cx)),
            }
        }
    }
}

impl AsyncWrite for TestStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        loop {
            if let Some(ending) = this.wire.ended() {
                return Poll::Ready(Err(broken(ending)));
            }
            if !buf.is_empty() {
                this.writing.draw_stall();
            }
            if this.writing.poll_stall(cx).is_pending() {
                ready!(this.wait(Way::Write, cx));
                continue;
            }
            let size = this.writing.piece(buf.len());
            let size = this.wire.room(this.side, size);
            match Pin::new(&mut this.io).poll_write(cx, &buf[..size])? {
                Poll::Ready(count) => {
                    if count > 0 {
                        this.writing.done();
                        this.wire.sent(this.side, &buf[..count]);
                    }
                    return Poll::Ready(Ok(count));
                }
                Poll::Pending => ready!(this.wait(Way::Write, cx)),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_closed {
            self.is_closed = true;
            self.wire.note(self.side, Act::Closed);
        }
        Pin::new(&mut self.io).poll_close(cx)
    }
}

impl Drop for TestStream {
    fn drop(&mut self) {
        if !self.is_closed {
            self.wire.note(self.side, Act::Closed);
        }
        self.wire.leave(self.side);
    }
}

impl fmt::Debug for TestStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestStream")
            .field("number", &self.number)
            .field("side", &self.side)
            .field("io", &self.io)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Wake, Waker};

    use runtime::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
    use runtime::time::{Duration, Instant, timeout};

    use super::*;

    fn pair(room: usize) -> (Rc<Wire>, TestStream, TestStream) {
        let wire = Rc::new(Wire::new(Instant::now(), None));
        let (near, far) = duplex(room);
        let end = |io, side| TestStream::new(io, wire.clone(), 1, side, None);
        let ends = (end(near, Side::Client), end(far, Side::Server));
        (wire.clone(), ends.0, ends.1)
    }

    #[runtime::test(start_paused = true)]
    async fn breaking_off_wakes_a_reader_and_a_writer_of_each_end() {
        for ending in [Ending::Cut, Ending::Reset] {
            for number in 0..2 {
                let (wire, near, far) = pair(4);
                let (mut this, other) = if number == 0 {
                    (near, far)
                } else {
                    (far, near)
                };
                this.write_all(b"full").await.unwrap();
                let (mut reader, mut writer) = split(this);
                let reading = runtime::spawn(async move { reader.read(&mut [0; 4]).await });
                let writing = runtime::spawn(async move { writer.write(b"more").await });
                runtime::task::yield_now().await;
                wire.break_off(Side::Server, ending);
                let both = async { (reading.await.unwrap(), writing.await.unwrap()) };
                let both = timeout(Duration::from_secs(1), both).await;
                let (read, written) = both.expect("both are woken");
                assert_eq!(read.is_ok(), ending == Ending::Cut, "{read:?}");
                assert_eq!(written.unwrap_err().kind(), broken(ending).kind());
                drop(other);
            }
        }
    }

    #[runtime::test]
    async fn a_cut_lets_both_ends_read_what_was_written_and_a_reset_does_not() {
        let (wire, mut near, mut far) = pair(16);
        far.write_all(b"last").await.unwrap();
        wire.break_off(Side::Server, Ending::Cut);
        let mut text = String::new();
        near.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "last");
        let error = near.write(b"x").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);

        let (wire, mut near, mut far) = pair(16);
        far.write_all(b"last").await.unwrap();
        wire.break_off(Side::Server, Ending::Reset);
        for end in [&mut near, &mut far] {
            let error = end.read(&mut [0; 4]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        }
    }

    struct Counted;

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {}
    }

    #[runtime::test]
    async fn an_end_that_is_dropped_leaves_no_waker() {
        let (_wire, mut near, _far) = pair(16);
        let counted = Arc::new(Counted);
        let waker = Waker::from(counted.clone());
        let mut cx = Context::from_waker(&waker);
        assert!(
            Pin::new(&mut near)
                .poll_read(&mut cx, &mut [0; 4])
                .is_pending()
        );
        assert!(Arc::strong_count(&counted) > 2);
        drop(near);
        assert_eq!(Arc::strong_count(&counted), 2);
    }
}
