//! Bytes to and from the socket, as far as one turn may go.
//!
//! Everything that a connection reads or writes passes here. One client with a fast link and
//! much to say could keep the thread to itself, as there is always another byte to move. So
//! each read and each write is paid from the turn's [budget](super::budget); when that is spent
//! the others have their turn first.

use std::io;
use std::pin::Pin;
use std::task::{Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::connection::Turn;
use super::scratch::READ_SIZE;
use super::state::Work;
use crate::mark::Mark;
use crate::service::Service;

/// Bytes that are read at once while a head is awaited. It is not the bytes that take the time
/// but what is in them: 64 KiB are two thousand requests.
const HEAD_READ: usize = 8 * 1024;

impl<I, S, M> Turn<'_, '_, I, S, M>
where
    I: AsyncRead + AsyncWrite + Unpin,
    S: Service,
    M: Mark,
{
    /// Writes everything that waits to leave.
    pub(super) fn flush(&mut self) -> Poll<io::Result<()>> {
        let flushed = self.flush_buffer();
        match flushed {
            Poll::Ready(Ok(())) => self.work.end_unsent(),
            _ => self.work.tell_unsent(),
        }
        flushed
    }

    fn flush_buffer(&mut self) -> Poll<io::Result<()>> {
        while !self.work.write_buf.is_empty() {
            let sent = ready!(self.work.write_buf.poll_write(self.io, self.cx))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent(sent);
            self.budget.transfer(sent);
            if !self.work.write_buf.is_empty() {
                ready!(self.budget.poll());
            }
        }
        Pin::new(&mut *self.io).poll_flush(self.cx)
    }

    /// Writes if so much waits to leave that there should not be more.
    #[inline]
    pub(super) fn make_room(&mut self) -> Poll<io::Result<()>> {
        if self.work.write_buf.is_full() {
            ready!(self.flush())?;
            // If this was enough for a turn, it ends now: nothing has to be put aside.
            ready!(self.budget.poll());
        }
        Poll::Ready(Ok(()))
    }

    /// Reads once.
    pub(super) fn fill(&mut self) -> Poll<io::Result<usize>> {
        self.fill_up_to(READ_SIZE)
    }

    /// Reads once, while nothing is wanted: no more than makes a buffer full of what waits.
    pub(super) fn fill_ahead(&mut self) -> Poll<io::Result<usize>> {
        self.fill_up_to(READ_SIZE - self.work.read_buf.len())
    }

    /// Reads once, while a head is awaited.
    pub(super) fn fill_for_head(&mut self) -> Poll<io::Result<usize>> {
        self.fill_up_to(HEAD_READ)
    }

    fn fill_up_to(&mut self, most: usize) -> Poll<io::Result<usize>> {
        ready!(self.budget.poll());
        let Work { read_buf, .. } = self.work;
        let read = ready!(read_buf.poll_fill(self.io, &mut self.scratch.read, most, self.cx))?;
        self.budget.transfer(read);
        Poll::Ready(Ok(read))
    }
}
