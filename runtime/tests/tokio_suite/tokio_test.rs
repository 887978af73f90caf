//! `tokio_test`, with streams that speak the traits of `futures-io`.
//!
//! The tests of Tokio use a helper crate. Nearly all of it belongs to no runtime and is passed
//! on as it is. Its scripted stream (`tokio_test::io`) implements Tokio's traits, and so is
//! wrapped by `tokio_util::compat`, as any program would do that has such a stream. And readers
//! that a test implements itself are adapted here: see `tokio_suite/src/reading.rs`.

#![forbid(unsafe_code)]

pub use tokio_test::*;

/// The scripted stream, wrapped.
pub mod io {
    use tokio_test::io as original;
    pub use tokio_test::io::Handle;
    use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

    /// What a script makes.
    pub type Mock = Compat<original::Mock>;

    /// A script of what a stream will do.
    #[derive(Debug, Default)]
    pub struct Builder(original::Builder);

    impl Builder {
        /// An empty script.
        pub fn new() -> Builder {
            Builder::default()
        }

        /// Next, a read yields `bytes`.
        pub fn read(&mut self, bytes: &[u8]) -> &mut Builder {
            self.0.read(bytes);
            self
        }

        /// Next, a read fails.
        pub fn read_error(&mut self, error: std::io::Error) -> &mut Builder {
            self.0.read_error(error);
            self
        }

        /// Next, `bytes` have to be written.
        pub fn write(&mut self, bytes: &[u8]) -> &mut Builder {
            self.0.write(bytes);
            self
        }

        /// Next, a write fails.
        pub fn write_error(&mut self, error: std::io::Error) -> &mut Builder {
            self.0.write_error(error);
            self
        }

        /// The stream.
        pub fn build(&mut self) -> Mock {
            self.0.build().compat()
        }
    }
}

/// Readers that were written for Tokio's trait.
pub mod reading {
    use std::io;
    use std::pin::Pin;
    use std::task::{ready, Context, Poll};
    pub use tokio::io::ReadBuf;

    /// Tokio's `AsyncRead`, to be implemented by types of the tests.
    pub trait Reads {
        /// Fills some of `buf`.
        fn poll_read(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>>;
    }

    /// What `futures-io` asks of such a reader.
    pub fn poll_read<R: Reads + ?Sized>(
        reader: Pin<&mut R>,
        cx: &mut Context<'_>,
        slice: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buf = ReadBuf::new(slice);
        ready!(reader.poll_read(cx, &mut buf))?;
        Poll::Ready(Ok(buf.filled().len()))
    }
}
