//! The two directions of a stream, each for a task of its own.
//!
//! Both halves count one stream, which is closed when both are gone. Dropping the write half
//! says goodbye to the peer at once, as long as the read half may still read.

use std::fmt;
use std::future::Future;
use std::io::{self, IoSlice, IoSliceMut};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::TcpStream;
use super::split::{reads, shared_methods, writes};

/// The reading direction of a [`TcpStream`]; made by [`TcpStream::into_split`].
#[derive(Debug)]
pub struct OwnedReadHalf(Rc<TcpStream>);

/// The writing direction of a [`TcpStream`]; made by [`TcpStream::into_split`].
///
/// Dropping it ends that direction: the peer reads the end of the stream. To drop it without,
/// [`forget`](OwnedWriteHalf::forget) it.
#[derive(Debug)]
pub struct OwnedWriteHalf(Rc<TcpStream>, EndOnDrop);

/// Whether dropping the write half ends the direction.
#[derive(Debug)]
struct EndOnDrop(bool);

impl TcpStream {
    /// The two directions, each of which may go to another task.
    ///
    /// Dropping the write half ends that direction: the peer reads the end of the stream.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (read, write) = stream.into_split();
    /// let stream = read.reunite(write).unwrap();
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
        let stream = Rc::new(self);
        let read = OwnedReadHalf(Rc::clone(&stream));
        (read, OwnedWriteHalf(stream, EndOnDrop(true)))
    }
}

impl OwnedReadHalf {
    /// The whole stream again, if `write` is its other half.
    ///
    /// # Errors
    ///
    /// Both halves, if they are not of one stream.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (read, write) = stream.into_split();
    /// assert!(read.reunite(write).is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reunite(self, mut write: OwnedWriteHalf) -> Result<TcpStream, ReuniteError> {
        if !Rc::ptr_eq(&self.0, &write.0) {
            return Err(ReuniteError(self, write));
        }
        write.1 = EndOnDrop(false);
        drop(write);
        match Rc::try_unwrap(self.0) {
            Ok(stream) => Ok(stream),
            Err(_) => unreachable!("a stream has two halves, and both are here"),
        }
    }
}

impl OwnedWriteHalf {
    /// The whole stream again, if `read` is its other half.
    ///
    /// # Errors
    ///
    /// Both halves, if they are not of one stream.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (read, write) = stream.into_split();
    /// assert!(write.reunite(read).is_ok());
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn reunite(self, read: OwnedReadHalf) -> Result<TcpStream, ReuniteError> {
        read.reunite(self)
    }

    /// Drops the half without ending the direction; that happens with the read half.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let listener = runtime::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let stream = runtime::net::TcpStream::connect(listener.local_addr()?).await?;
    /// let (read, write) = stream.into_split();
    /// write.forget();
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn forget(mut self) {
        self.1 = EndOnDrop(false);
    }
}

impl Drop for OwnedWriteHalf {
    fn drop(&mut self) {
        if self.1.0 {
            // A peer that is gone has seen the end already.
            drop(self.0.shut_down_write());
        }
    }
}

shared_methods!(OwnedReadHalf, OwnedWriteHalf);
reads!(OwnedReadHalf);
writes!(OwnedWriteHalf);

/// Two halves were not of one stream; it gives them back.
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # use runtime::net::{TcpListener, TcpStream};
/// # let listener = TcpListener::bind("127.0.0.1:0").await?;
/// # let one = TcpStream::connect(listener.local_addr()?).await?;
/// # let other = TcpStream::connect(listener.local_addr()?).await?;
/// let (read, _one) = one.into_split();
/// let (_other, write) = other.into_split();
/// let error = read.reunite(write).unwrap_err();
/// let (read, write) = (error.0, error.1);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct ReuniteError(pub OwnedReadHalf, pub OwnedWriteHalf);

impl fmt::Display for ReuniteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves are not of one stream")
    }
}

impl std::error::Error for ReuniteError {}
