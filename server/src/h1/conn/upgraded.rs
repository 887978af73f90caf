//! A connection that speaks HTTP no more.
//!
//! What the client sent behind its request comes out first; then the stream is read. The server
//! still counts it as a connection: a server that stops tells it, waits for its end, and cuts it
//! off when patience ends.
//!
//! How it can go wrong: its owner waits for something else and does not look when it is cut off.
//! So a server that cuts waits no longer for connections of this kind.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use futures_io::{AsyncRead, AsyncWrite};

use super::tracker::{Registration, State, Tracker};

/// What has a tracker.
pub(super) trait Tracked {
    fn tracker(&self) -> &Tracker;
}

/// A stream without its type.
trait Stream: AsyncRead + AsyncWrite + Unpin {
    fn into_any(self: Box<Self>) -> Box<dyn Any>;

    fn as_any(&self) -> &dyn Any;
}

impl<I: AsyncRead + AsyncWrite + Unpin + 'static> Stream for I {
    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A connection that has left HTTP: a stream of bytes in both directions. From
/// [`OnUpgrade`](super::upgrade::OnUpgrade). Its example is [`on`](super::upgrade::on)'s.
///
/// Reading and writing fail with [`io::ErrorKind::ConnectionAborted`] once the server has been
/// stopped and does not wait any longer. Reading and writing at the same time, from two tasks, is
/// fine (`runtime::io::split`).
pub struct Upgraded {
    io: Box<dyn Stream>,
    /// What the peer sent behind its last message.
    read: Bytes,
    /// `None`: no server counts it.
    pass: Option<Pass>,
}

impl Upgraded {
    pub(super) fn new<I>(io: I, read: Bytes, tracker: Rc<dyn Tracked>) -> Self
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        Upgraded {
            io: Box::new(io),
            read,
            pass: Some(Pass::new(tracker)),
        }
    }

    /// A connection that was made, and not accepted: it belongs to no server.
    pub(in crate::h1) fn outgoing<I>(io: I, read: Bytes) -> Self
    where
        I: AsyncRead + AsyncWrite + Unpin + 'static,
    {
        Upgraded {
            io: Box::new(io),
            read,
            pass: None,
        }
    }

    /// An error if the server has cut it off.
    fn check(&mut self, waits: Waits, cx: &Context<'_>) -> io::Result<()> {
        self.pass
            .as_mut()
            .map_or(Ok(()), |pass| pass.check(waits, cx))
    }

    /// The stream that the server accepted, and the bytes that were read from it and belong to
    /// the new protocol. The server does not count it any more.
    ///
    /// # Errors
    ///
    /// The connection itself, if its stream is of another type.
    ///
    /// ```no_run
    /// use runtime::net::TcpStream;
    /// use server::upgrade::Upgraded;
    ///
    /// fn socket(upgraded: Upgraded) -> Option<TcpStream> {
    ///     let parts = upgraded.downcast::<TcpStream>().ok()?;
    ///     parts.read_buf.is_empty().then_some(parts.io)
    /// }
    /// ```
    pub fn downcast<I: 'static>(self) -> Result<Parts<I>, Self> {
        if !(*self.io).as_any().is::<I>() {
            return Err(self);
        }
        let Upgraded { io, read, pass } = self;
        drop(pass);
        match io.into_any().downcast() {
            Ok(io) => Ok(Parts {
                io: *io,
                read_buf: read,
            }),
            Err(_) => unreachable!("its type has just been looked at"),
        }
    }

    /// Waits until the server is told to stop; for ever, if this end is the client. A protocol that has a word for it says goodbye
    /// then; the server waits for that until its deadline.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// ```no_run
    /// use server::upgrade::Upgraded;
    ///
    /// async fn goodbye(mut stream: Upgraded) -> std::io::Result<()> {
    ///     use runtime::io::AsyncWriteExt;
    ///     stream.draining().await;
    ///     stream.write_all(b"bye\n").await?;
    ///     stream.shutdown().await
    /// }
    /// ```
    pub async fn draining(&mut self) {
        poll_fn(|cx| self.poll_draining(cx)).await;
    }

    /// Whether the server has been told to stop.
    pub(crate) fn is_draining(&self) -> bool {
        let pass = self.pass.as_ref();
        pass.is_some_and(|pass| pass.tracker.tracker().state() >= State::Draining)
    }

    /// What [`draining`](Self::draining) awaits. `Pending`: the waker of `cx` is left, in the
    /// place of an earlier one. Its example is [`draining`](Self::draining)'s.
    pub fn poll_draining(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(pass) = &mut self.pass else {
            return Poll::Pending;
        };
        match pass.look(Waits::Drain, cx) >= State::Draining {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    }
}

/// What an upgraded connection is made of; from [`Upgraded::downcast`].
/// Its example is [`Upgraded::downcast`]'s.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parts<I> {
    /// The stream.
    pub io: I,
    /// Bytes that have been read from the stream already.
    pub read_buf: Bytes,
}

impl AsyncRead for Upgraded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.check(Waits::Read, cx)?;
        if self.read.is_empty() {
            return Pin::new(&mut self.io).poll_read(cx, buf);
        }
        let count = self.read.len().min(buf.len());
        self.read.copy_to_slice(&mut buf[..count]);
        Poll::Ready(Ok(count))
    }
}

impl AsyncWrite for Upgraded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(Waits::Write, cx)?;
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(Waits::Write, cx)?;
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(Waits::Write, cx)?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(Waits::Write, cx)?;
        Pin::new(&mut self.io).poll_close(cx)
    }
}

impl fmt::Debug for Upgraded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgraded")
            .field("read", &self.read.len())
            .finish_non_exhaustive()
    }
}

/// What the owner of an upgraded connection waits for. Each may be waited for in another task.
#[derive(Clone, Copy)]
enum Waits {
    Read,
    Write,
    Drain,
}

/// Counts as an open connection, and hears of the server's end.
struct Pass {
    tracker: Rc<dyn Tracked>,
    registrations: [Option<Registration>; 3],
}

impl Pass {
    fn new(tracker: Rc<dyn Tracked>) -> Self {
        tracker.tracker().enter_upgraded();
        Pass {
            tracker,
            registrations: [None, None, None],
        }
    }

    /// How far the server is with stopping; the task of `cx` is woken when that changes.
    fn look(&mut self, waits: Waits, cx: &Context<'_>) -> State {
        let tracker = self.tracker.tracker();
        tracker.register(&mut self.registrations[waits as usize], cx);
        tracker.state()
    }

    /// An error if the connection has been cut off.
    fn check(&mut self, waits: Waits, cx: &Context<'_>) -> io::Result<()> {
        match self.look(waits, cx) {
            State::Cut => Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the server was stopped",
            )),
            _ => Ok(()),
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let registrations = std::mem::take(&mut self.registrations);
        self.tracker.tracker().leave_upgraded(registrations);
    }
}
