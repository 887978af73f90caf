//! A large file on its way to the browser, piece by piece.
//!
//! A thread of the pool writes the file into a channel with room for one piece. The next piece is taken out only
//! when the connection has room for it. So a client that reads slowly makes the writer wait, and never more
//! than a few pieces are in memory. The thread that serves is not touched by any of it.
//!
//! How it can go wrong: the writer fails in the middle, or panics. Then the end is missing, and the body breaks
//! off: a file that was cut does not look whole. A client that goes away: its body is dropped, the channel
//! with it, and the writer's next piece is an error that ends it.

use std::io::{self, BufWriter, Write};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use runtime::sync::OwnedSemaphorePermit;
use runtime::task::{JoinHandle, spawn_blocking};
use server::Body;

/// The size of a piece, in bytes.
const PIECE: usize = 1 << 16;

/// What goes through the channel. An empty piece is the end.
type Piece = io::Result<Bytes>;

/// The body that `write` writes. The permit is given back at its end.
pub(super) fn body(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
    permit: OwnedSemaphorePermit,
) -> Body {
    let (sender, receiver) = sync_channel(1);
    drop(spawn_blocking(move || write_all(write, &sender)));
    let channel = Arc::new(Mutex::new(receiver));
    Body::from_stream(Pieces {
        next: Some(take(&channel)),
        channel,
        _permit: permit,
    })
}

fn write_all(write: impl FnOnce(&mut dyn Write) -> io::Result<()>, sender: &SyncSender<Piece>) {
    let mut out = BufWriter::with_capacity(PIECE, Sends(sender));
    let written = write(&mut out).and_then(|()| out.flush());
    // If the client has gone, there is no receiver.
    drop(out.into_parts());
    let _ = sender.send(written.map(|()| Bytes::new()));
}

/// What is written becomes a piece of the channel.
struct Sends<'a>(&'a SyncSender<Piece>);

impl Write for Sends<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        let sent = self.0.send(Ok(Bytes::copy_from_slice(bytes)));
        sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits for a piece on a thread of the pool, as long as the writer needs for it. (What such a job gives back may
/// lie about for a while after the body is gone. So it is only the piece: the writer waits for the channel.)
fn take(channel: &Arc<Mutex<Receiver<Piece>>>) -> JoinHandle<Option<Piece>> {
    let channel = Arc::clone(channel);
    spawn_blocking(move || {
        let channel = channel.lock().unwrap_or_else(PoisonError::into_inner);
        channel.recv().ok()
    })
}

/// The pieces as a stream.
struct Pieces {
    channel: Arc<Mutex<Receiver<Piece>>>,
    /// `None`: it has ended.
    next: Option<JoinHandle<Option<Piece>>>,
    _permit: OwnedSemaphorePermit,
}

impl Stream for Pieces {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        let Some(next) = &mut self.next else {
            return Poll::Ready(None);
        };
        let taken = ready!(Pin::new(next).poll(cx));
        let piece = taken.map_err(io::Error::other).and_then(|piece| {
            piece.unwrap_or_else(|| Err(io::Error::other("the writer has ended without an end")))
        });
        let goes_on = piece.as_ref().is_ok_and(|piece| !piece.is_empty());
        self.next = goes_on.then(|| take(&self.channel));
        let is_end = piece.as_ref().is_ok_and(Bytes::is_empty);
        Poll::Ready((!is_end).then_some(piece))
    }
}

#[cfg(test)]
mod tests;
