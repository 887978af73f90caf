//! A signpost for readers that were written for Tokio.
//!
//! Tokio's `AsyncRead` is given a `ReadBuf`. The trait here is `futures-io`'s, and is given a slice.
//! A program that implements the one and meets the other names `ReadBuf`; so the name is here, and
//! what the compiler says of it is what to write.

use std::marker::PhantomData;

/// It does not exist here; its name does, so that the compiler can say what to write instead.
///
/// A reader fills a slice, and returns how many bytes that were:
///
/// ```
/// use runtime::io::AsyncRead;
/// use std::pin::Pin;
/// use std::task::{Context, Poll};
///
/// struct Zeros;
///
/// impl AsyncRead for Zeros {
///     fn poll_read(
///         self: Pin<&mut Self>,
///         _: &mut Context<'_>,
///         buf: &mut [u8], // in Tokio: `&mut ReadBuf<'_>`
///     ) -> Poll<std::io::Result<usize>> { // in Tokio: `Result<()>`
///         buf.fill(0);
///         Poll::Ready(Ok(buf.len()))
///     }
/// }
/// ```
#[deprecated(
    note = "the traits here are those of `futures-io`: `poll_read` takes `&mut [u8]` in place of \
            `&mut ReadBuf<'_>` and returns how many bytes it has written there; `poll_shutdown` is \
            called `poll_close`; a reader that only knows Tokio's traits is wrapped by \
            `tokio_util::compat`"
)]
#[derive(Debug)]
pub struct ReadBuf<'a> {
    _slice: PhantomData<&'a mut [u8]>,
}
