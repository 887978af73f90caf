//! Bytes to and from the socket, as far as one turn may go.
//!
//! Everything that a connection reads or writes passes here. One client with a fast link and
//! much to say could keep the thread to itself, as there is always another byte to move. So
//! each read and each write costs a unit of the turn's *fuel*; without fuel the others have
//! their turn first.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};
use http::{Request, Response};

use super::connection::Turn;
use crate::body::Body;

impl<I, S, F> Turn<'_, '_, I, S, F>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Fn(Request<Body>) -> F,
    F: Future<Output = Response<Body>>,
{
    /// Writes everything that waits to leave.
    pub(crate) fn flush(&mut self) -> Poll<io::Result<()>> {
        while !self.work.output.is_empty() {
            ready!(self.burn());
            let sent = ready!(self.work.output.poll_write(self.io, self.cx))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent(sent);
        }
        Pin::new(&mut *self.io).poll_flush(self.cx)
    }

    /// Writes if so much waits to leave that there should not be more.
    #[inline]
    pub(crate) fn make_room(&mut self) -> Poll<io::Result<()>> {
        if self.work.output.is_full() {
            self.flush()
        } else {
            Poll::Ready(Ok(()))
        }
    }

    /// Reads once.
    pub(crate) fn fill(&mut self) -> Poll<io::Result<usize>> {
        ready!(self.burn());
        self.work
            .input
            .poll_fill(self.io, &mut self.desk.read, self.cx)
    }

    /// Spends fuel; without any, the others have their turn first.
    fn burn(&mut self) -> Poll<()> {
        if self.fuel == 0 {
            self.cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.fuel -= 1;
        Poll::Ready(())
    }
}
