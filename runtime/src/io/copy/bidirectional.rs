//! Two streams that talk to each other, with us in the middle.
//!
//! What a proxy does between its client and the server: everything that one says goes to the
//! other, in both directions at once, in one task and without splitting either stream.
//!
//! Each direction ends by itself. When one stream has said everything (a FIN), the other is
//! told so by a shutdown of its writing side, and the answer may still take its time. Only
//! when both directions have ended is the whole done.
//!
//! How it can go wrong:
//!
//! - *One direction that is stuck holds up the other.* So each poll goes on with both.
//! - *One direction fails, and the other goes on for ever.* An error ends the whole at once.

use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_io::{AsyncRead, AsyncWrite};

use super::transfer::Transfer;
use crate::io::DEFAULT_BUF_SIZE;
use crate::trace::with_line;

/// Copies what `a` has to `b` and what `b` has to `a`, until both have ended; returns how
/// many bytes went either way.
///
/// When one stream ends, the other is shut down for writing. Each direction has a buffer of
/// 8 KiB.
///
/// # Errors
///
/// The first error of any side. What was read and not yet written is lost.
///
/// # Cancel safety
///
/// Not cancel safe: what was read and not yet written is lost with the future.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional, duplex};
///
/// let (mut client, mut to_client) = duplex(64);
/// let (mut to_server, mut server) = duplex(64);
/// let proxy = runtime::spawn(async move {
///     copy_bidirectional(&mut to_client, &mut to_server).await
/// });
///
/// client.write_all(b"ping").await?;
/// let mut buf = [0; 4];
/// server.read_exact(&mut buf).await?;
/// server.write_all(b"pong!").await?;
/// drop((client, server));
/// assert_eq!(&buf, b"ping");
/// # let _ = proxy.await;
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy_bidirectional<'a, A, B>(
    a: &'a mut A,
    b: &'a mut B,
) -> impl Future<Output = io::Result<(u64, u64)>> + use<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    copy_bidirectional_with_sizes(a, b, DEFAULT_BUF_SIZE, DEFAULT_BUF_SIZE)
}

/// As [`copy_bidirectional`], with buffers of so many bytes: one for what goes from `a` to
/// `b`, one for the way back.
///
/// # Panics
///
/// If one of them is zero.
///
/// # Examples
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional_with_sizes, duplex};
///
/// let (mut client, mut to_client) = duplex(64);
/// let (mut to_server, mut server) = duplex(64);
/// client.write_all(b"ping").await?;
/// client.shutdown().await?;
/// server.shutdown().await?;
/// let counts = copy_bidirectional_with_sizes(&mut to_client, &mut to_server, 16, 1024).await?;
/// assert_eq!(counts, (4, 0));
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy_bidirectional_with_sizes<'a, A, B>(
    a: &'a mut A,
    b: &'a mut B,
    a_to_b_buf_size: usize,
    b_to_a_buf_size: usize,
) -> impl Future<Output = io::Result<(u64, u64)>> + use<'a, A, B>
where
    A: AsyncRead + AsyncWrite + Unpin + ?Sized,
    B: AsyncRead + AsyncWrite + Unpin + ?Sized,
{
    let at = Location::caller();
    let mut there = Way::new(a_to_b_buf_size, "a_to_b_buf_size");
    let mut back = Way::new(b_to_a_buf_size, "b_to_a_buf_size");
    poll_fn(move |cx| {
        with_line(at, || {
            let there = there.poll(cx, a, b)?;
            let back = back.poll(cx, b, a)?;
            Poll::Ready(Ok((ready!(there), ready!(back))))
        })
    })
}

/// One of the two directions.
enum Way {
    Copying(Transfer),
    /// Everything has been written; the writer is being told so.
    ShuttingDown(u64),
    Done(u64),
}

impl Way {
    #[track_caller]
    fn new(size: usize, name: &str) -> Way {
        assert!(
            size > 0,
            "`{name}` is 0: a buffer of no bytes carries nothing, it must be at least 1"
        );
        Way::Copying(Transfer::new(size))
    }

    /// Goes on; when it is done, says again and again how many bytes it was.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        reader: &mut (impl AsyncRead + Unpin + ?Sized),
        writer: &mut (impl AsyncWrite + Unpin + ?Sized),
    ) -> Poll<io::Result<u64>> {
        if let Way::Copying(transfer) = self {
            *self = Way::ShuttingDown(ready!(transfer.poll(cx, reader, writer))?);
        }
        if let Way::ShuttingDown(bytes) = *self {
            ready!(Pin::new(writer).poll_close(cx))?;
            *self = Way::Done(bytes);
        }
        match *self {
            Way::Done(bytes) => Poll::Ready(Ok(bytes)),
            _ => Poll::Pending,
        }
    }
}
