//! Halves that own their stream together, and how they become one again.
//!
//! Both count one stream. The write half holds it in its own way, [`Ending`]: letting go ends
//! the writing direction, so that a task that has written everything has only to return. Two
//! ways lead around that: [`forget`](Writer::forget) lets go in silence, and
//! [`reunite`](Reader::reunite) gives the whole stream back, if the halves are of one.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use super::{Reader, Stream, Writer};

/// How an owned write half holds its stream: when it lets go, the writing direction ends.
#[derive(Debug)]
pub struct Ending<T: Stream> {
    stream: Rc<T>,
    end: Cell<bool>,
}

/// The two directions, each of which may go to another task.
pub(in crate::net) fn into_split<T: Stream>(stream: T) -> (Reader<Rc<T>>, Writer<Ending<T>>) {
    let stream = Rc::new(stream);
    let ending = Ending {
        stream: Rc::clone(&stream),
        end: Cell::new(true),
    };
    (Reader(stream), Writer(ending))
}

impl<T: Stream> Reader<Rc<T>> {
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
    pub fn reunite(self, write: Writer<Ending<T>>) -> Result<T, ReuniteError<T>> {
        if !Rc::ptr_eq(&self.0, &write.0.stream) {
            return Err(ReuniteError(self, write));
        }
        write.forget();
        match Rc::try_unwrap(self.0) {
            Ok(stream) => Ok(stream),
            Err(_) => unreachable!("a stream has two halves, and both are here"),
        }
    }
}

impl<T: Stream> Writer<Ending<T>> {
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
    pub fn reunite(self, read: Reader<Rc<T>>) -> Result<T, ReuniteError<T>> {
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
    pub fn forget(self) {
        self.0.end.set(false);
    }
}

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
pub struct ReuniteError<T: Stream>(pub Reader<Rc<T>>, pub Writer<Ending<T>>);

impl<T: Stream> fmt::Display for ReuniteError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the two halves are not of one stream")
    }
}

impl<T: Stream> std::error::Error for ReuniteError<T> {}

impl<T: Stream> Deref for Ending<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.stream
    }
}

impl<T: Stream> Drop for Ending<T> {
    fn drop(&mut self) {
        if self.end.get() {
            // A peer that is gone has seen the end already.
            drop(self.stream.shut_down_write());
        }
    }
}
