//! The two directions of a stream, apart: for [`TcpStream`](super::TcpStream) and
//! `UnixStream` alike.
//!
//! A stream reads and writes through a shared reference inside; only the I/O traits ask for
//! a unique one. So its halves are two holds of it, each with the methods of one direction.
//! What holds it makes the difference: a **borrowed** half has a reference, and splitting costs
//! nothing. An **owned** half has a counted pointer, so that each may go to a task of its own;
//! the stream is closed when both are gone. There is one type for both, and the names that
//! programs use, such as [`tcp::ReadHalf`](super::tcp::ReadHalf), are short for it.
//!
//! How it can go wrong: a peer reads the end of the stream when the writing direction is ended,
//! and a half that is merely kept somewhere ends nothing. So dropping an owned write half says
//! goodbye at once, as long as the read half may still read. A borrowed one does nothing when
//! it is dropped: its stream is still there.

pub mod owned;
mod transfer;

use std::fmt;
use std::future::Future;
use std::io;
use std::ops::Deref;

use crate::net::lined::lined;
use crate::reactor::{Interest, Ready, Registration};

/// What a half needs of its stream. Sealed: the streams of this crate have it.
#[allow(private_interfaces, reason = "sealed; nobody else calls these")]
pub trait Stream: fmt::Debug {
    /// An end's address.
    type Addr;
    #[doc(hidden)]
    type Io: mio::event::Source;
    #[doc(hidden)]
    fn registration(&self) -> &Registration<Self::Io>;
    #[doc(hidden)]
    fn addr_of(&self, end: End) -> io::Result<Self::Addr>;
    #[doc(hidden)]
    fn shut_down_write(&self) -> io::Result<()>;
}

/// One of the two ends of a stream.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub enum End {
    Local,
    Peer,
}

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

/// The two directions, borrowed.
pub(super) fn split<T>(stream: &T) -> (Reader<&T>, Writer<&T>) {
    (Reader(stream), Writer(stream))
}

impl<H: Deref<Target: Stream>> Reader<H> {
    /// Waits until a read would not block, or would find the end.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # use runtime::{io::AsyncWriteExt, net::{TcpListener, TcpStream}};
    /// # let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = TcpStream::connect(listener.local_addr()?).await?;
    /// # let (mut peer, _) = listener.accept().await?;
    /// let (read, _write) = stream.into_split();
    /// peer.write_all(b"x").await?;
    /// read.readable().await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn readable(&self) -> impl Future<Output = io::Result<()>> {
        let readiness = self.0.registration().readiness(Interest::READABLE);
        lined(async { readiness.await.map(drop) })
    }
}

impl<H: Deref<Target: Stream>> Writer<H> {
    /// Waits until a write would not block, or would fail.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// If the runtime has been shut down.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (_read, write) = stream.into_split();
    /// write.writable().await?;
    /// assert_eq!(write.try_write(b"hi")?, 2);
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn writable(&self) -> impl Future<Output = io::Result<()>> {
        let readiness = self.0.registration().readiness(Interest::WRITABLE);
        lined(async { readiness.await.map(drop) })
    }
}

/// What a half knows of its stream, whichever direction it has.
macro_rules! either {
    ($Half:ident: $(#[$split:meta])*) => {
        impl<H: Deref<Target: Stream>> $Half<H> {
            /// Waits until one of the wanted directions is ready, and says which are. A half may
            /// ask after the other direction, too.
            ///
            /// # Cancel safety
            ///
            /// Cancel safe.
            ///
            /// # Errors
            ///
            /// If the runtime has been shut down.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
            /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
            $(#[$split])*
            /// assert!(half.ready(runtime::io::Interest::WRITABLE).await?.is_writable());
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            #[track_caller]
            pub fn ready(&self, interest: Interest) -> impl Future<Output = io::Result<Ready>> {
                lined(self.0.registration().readiness(interest))
            }

            /// The address of this end.
            ///
            /// # Errors
            ///
            /// Those of the operating system.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
            /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
            /// let near = stream.local_addr()?;
            $(#[$split])*
            /// assert_eq!(half.local_addr()?, near);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn local_addr(&self) -> io::Result<<H::Target as Stream>::Addr> {
                self.0.addr_of(End::Local)
            }

            /// The address of the other end.
            ///
            /// # Errors
            ///
            /// Those of the operating system; the connection may be gone.
            ///
            /// ```
            /// # runtime::runtime::Runtime::new()?.block_on(async {
            /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
            /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
            $(#[$split])*
            /// assert_eq!(half.peer_addr()?, listener.local_addr()?);
            /// # Ok::<(), std::io::Error>(())
            /// # })?;
            /// # Ok::<(), std::io::Error>(())
            /// ```
            pub fn peer_addr(&self) -> io::Result<<H::Target as Stream>::Addr> {
                self.0.addr_of(End::Peer)
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
    /// let (half, _other) = stream.into_split();
}

either! { Writer:
    /// let (_other, half) = stream.into_split();
}
