//! From one stream into another, until the first has ended.
//!
//! [`copy`] is what a proxy or an echo server is made of. Between the two streams stands
//! one buffer of fixed size, and that is the back-pressure: while the writer does not
//! accept, the reader is asked once more at most, and the peer that sends is made to wait. Nothing
//! grows.
//!
//! How it can go wrong:
//!
//! - *A question stays in a buffer while both sides wait for it.* When the reader has
//!   nothing at the moment, what the writer may be holding back (a `BufWriter`) is flushed
//!   before waiting: perhaps the reader is silent because its peer waits for just that.
//! - *The peer that sends breaks off while the writer accepts nothing.* One read goes ahead of the writes, as far
//!   as the buffer has room, and its error ends the copy. After that the reader is asked again only when the
//!   writer has accepted something.
//! - *Two streams that are always ready never let go of the thread.* Each round spends a
//!   unit of the task's budget.

mod bidirectional;
mod transfer;

use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncBufRead, AsyncRead, AsyncWrite};

pub use bidirectional::{copy_bidirectional, copy_bidirectional_with_sizes};
use transfer::{Sent, Transfer};

use super::{DEFAULT_BUF_SIZE, interrupted};
use crate::machine::coop;
use crate::trace::with_line;

/// Copies everything that `reader` has until its end into `writer`, flushes, and returns
/// how many bytes it was.
///
/// The buffer in between holds 8 KiB.
///
/// # Errors
///
/// The first error of either side, except `Interrupted`, which is tried again;
/// [`WriteZero`](io::ErrorKind::WriteZero) if the writer takes no more. What was read and
/// not yet written is lost.
///
/// # Cancel safety
///
/// Not cancel safe: what was read and not yet written is lost with the future.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{self, AsyncWriteExt};
///
/// let (mut client, mut server) = io::duplex(64);
/// client.write_all(b"hello").await?;
/// client.shutdown().await?;
///
/// let mut heard = Vec::new();
/// assert_eq!(io::copy(&mut server, &mut heard).await?, 5);
/// assert_eq!(heard, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy<'a, R, W>(
    reader: &'a mut R,
    writer: &'a mut W,
) -> impl Future<Output = io::Result<u64>> + use<'a, R, W>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let at = Location::caller();
    let mut transfer = Transfer::new(DEFAULT_BUF_SIZE);
    poll_fn(move |cx| with_line(at, || transfer.poll(cx, reader, writer)))
}

/// Copies everything that `reader` has until its end into `writer`, straight out of the
/// reader's own buffer, flushes, and returns how many bytes it was.
///
/// # Errors
///
/// As [`copy`]. What was read and not yet written is still in the reader.
///
/// # Cancel safety
///
/// If the future is dropped before it is ready, what was read and not yet written is
/// still in the reader; the count is lost.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io;
///
/// let mut source: &[u8] = b"hello";
/// let mut target = Vec::new();
/// assert_eq!(io::copy_buf(&mut source, &mut target).await?, 5);
/// assert_eq!(target, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy_buf<'a, R, W>(
    reader: &'a mut R,
    writer: &'a mut W,
) -> impl Future<Output = io::Result<u64>> + use<'a, R, W>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let at = Location::caller();
    let mut sent = Sent::default();
    poll_fn(move |cx| with_line(at, || poll_copy_buf(cx, reader, writer, &mut sent)))
}

/// The loop of [`copy_buf`].
fn poll_copy_buf<R, W>(
    cx: &mut Context<'_>,
    reader: &mut R,
    writer: &mut W,
    sent: &mut Sent,
) -> Poll<io::Result<u64>>
where
    R: AsyncBufRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    loop {
        let unit = ready!(coop::poll_proceed(cx));
        let Poll::Ready(result) = Pin::new(&mut *reader).poll_fill_buf(cx) else {
            return sent.poll_idle(cx, writer);
        };
        if interrupted(&result) {
            continue;
        }
        let available = result?;
        if available.is_empty() {
            return sent.poll_finish(cx, writer);
        }
        let n = ready!(sent.poll_write(cx, writer, available))?;
        Pin::new(&mut *reader).consume(n);
        unit.made_progress();
    }
}
