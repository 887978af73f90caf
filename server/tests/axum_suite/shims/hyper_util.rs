//! `hyper_util::rt::TokioIo`, over the streams of this runtime, which speak `futures-io`: so
//! hyper's client runs here.

#![forbid(unsafe_code)]

/// Bridges between runtimes.
pub mod rt {
    use futures_io::{AsyncRead, AsyncWrite};
    use hyper::rt::{Read, ReadBufCursor, Write};
    use std::io;
    use std::pin::Pin;
    use std::task::{Context, Poll, ready};

    /// Imported by a test of HTTP/2, which is excluded.
    #[derive(Debug)]
    pub struct TokioExecutor;

    pin_project_lite::pin_project! {
        /// A stream of ours, for hyper.
        #[derive(Debug)]
        pub struct TokioIo<T> {
            #[pin]
            stream: T,
        }
    }

    impl<T> TokioIo<T> {
        /// Wraps `stream`.
        pub fn new(stream: T) -> TokioIo<T> {
            TokioIo { stream }
        }
    }

    impl<T: AsyncRead> Read for TokioIo<T> {
        fn poll_read(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            mut cursor: ReadBufCursor<'_>,
        ) -> Poll<io::Result<()>> {
            // hyper's buffer is not initialised, and may not be without `unsafe`.
            let mut bytes = [0; 4096];
            let most = bytes.len().min(cursor.remaining());
            let count = ready!(self.project().stream.poll_read(cx, &mut bytes[..most]))?;
            cursor.put_slice(&bytes[..count]);
            Poll::Ready(Ok(()))
        }
    }

    impl<T: AsyncWrite> Write for TokioIo<T> {
        fn poll_write(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.project().stream.poll_write(cx, bytes)
        }

        fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.project().stream.poll_flush(cx)
        }

        fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.project().stream.poll_close(cx)
        }
    }
}
