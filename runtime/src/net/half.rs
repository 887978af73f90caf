//! The two directions of a stream, apart: for [`TcpStream`](super::TcpStream) and
//! `UnixStream` alike.
//!
//! A stream reads and writes through a shared reference inside; only the I/O traits ask for
//! a unique one. So its halves are two holds of it, each with the methods of one direction.
//! How it is held makes the difference: a **borrowed** half has a reference, and splitting costs
//! nothing. An **owned** half has a counted pointer, so that each may go to a task of its own;
//! the stream is closed when both are gone. There is one type for both, and the names that
//! programs use, such as [`tcp::ReadHalf`](super::tcp::ReadHalf), are short for it.
//!
//! How it can go wrong: a peer reads the end of the stream when the writing direction is ended,
//! and a half that is merely kept somewhere ends nothing. So dropping an owned write half ends
//! the direction at once, while the read half may still read. A borrowed one does nothing when
//! it is dropped: its stream is still there.

pub mod owned;
pub(super) mod split;

use std::fmt;
use std::io::{self, Read, Write};
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::bytes::{poll_reads, poll_writes, reads, writes};
use super::readiness::{ready, waits};
use crate::machine::reactor::Registration;

/// What a half needs of its stream. Sealed: the streams of this crate have it.
#[allow(private_interfaces, reason = "sealed; only this crate calls these")]
pub trait Stream: fmt::Debug {
    /// An end's address.
    type Addr;
    #[doc(hidden)]
    type Io: mio::event::Source;
    #[doc(hidden)]
    fn registration(&self) -> &Registration<Self::Io>;
    #[doc(hidden)]
    fn near_addr(&self) -> io::Result<Self::Addr>;
    #[doc(hidden)]
    fn far_addr(&self) -> io::Result<Self::Addr>;
    #[doc(hidden)]
    fn end_writing(&self) -> io::Result<()>;
}

/// What the operating system calls the stream that `H` holds.
type Io<H> = <<H as Deref>::Target as Stream>::Io;

/// The reading direction of a stream, by way of `H`.
///
/// Reading is done with the methods of [`AsyncReadExt`](crate::io::AsyncReadExt). Dropping it
/// does nothing to the stream.
#[derive(Debug)]
pub struct Reader<H>(pub(super) H);

/// The writing direction of a stream, by way of `H`.
///
/// Writing is done with the methods of [`AsyncWriteExt`](crate::io::AsyncWriteExt). Closing it
/// ([`shutdown`](crate::io::AsyncWriteExt::shutdown)) ends that direction only.
#[derive(Debug)]
pub struct Writer<H>(pub(super) H);

impl<H: Deref<Target: Stream>> Reader<H> {
    waits! { [0.registration()] readable: Read,
        "a read would not block, or would find the end", try_read;
    }
}

impl<H: Deref<Target: Stream>> Writer<H> {
    waits! { [0.registration()] writable: Write,
        "a write would not block, or would fail", try_write;
    }
}

impl<H: Deref<Target: Stream>> Reader<H>
where
    for<'a> &'a Io<H>: Read,
{
    reads! { [0.registration()]
        /// let (stream, peer) = runtime::net::UnixStream::pair()?;
        /// let (near, _write) = stream.into_split();
        /// let (_read, far) = peer.into_split();
    }
}

impl<H: Deref<Target: Stream>> Writer<H>
where
    for<'a> &'a Io<H>: Write,
{
    writes! { [0.registration()]
        /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
        /// let (_read, near) = stream.into_split();
    }
}

impl<H: Deref<Target: Stream>> AsyncRead for Reader<H>
where
    for<'a> &'a Io<H>: Read,
{
    poll_reads!(0.registration());
}

impl<H: Deref<Target: Stream>> AsyncWrite for Writer<H>
where
    for<'a> &'a Io<H>: Write,
{
    poll_writes!(0.registration());

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.end_writing())
    }
}

/// What a half knows of its stream, whichever direction it has.
macro_rules! either {
    ($Half:ident: $(#[$near:meta])*) => {
        impl<H: Deref<Target: Stream>> $Half<H> {
            ready! { [0.registration()]
                /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
                $(#[$near])*
            }

            /// The address of this end.
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            pub fn local_addr(&self) -> io::Result<<H::Target as Stream>::Addr> {
                self.0.near_addr()
            }

            /// The address of the other end.
            ///
            /// # Errors
            ///
            /// Those of the operating system; the connection may be gone.
            pub fn peer_addr(&self) -> io::Result<<H::Target as Stream>::Addr> {
                self.0.far_addr()
            }
        }

        impl<H: Deref> AsRef<H::Target> for $Half<H> {
            fn as_ref(&self) -> &H::Target {
                &self.0
            }
        }
    };
}

either! { Reader:
    /// let (near, _write) = stream.into_split();
}

either! { Writer:
    /// let (_read, near) = stream.into_split();
}
