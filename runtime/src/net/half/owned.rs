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
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
    /// let (read, write) = stream.into_split();
    /// assert!(read.reunite(write).is_ok());
    /// # Ok(()) }
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
    pub fn reunite(self, read: Reader<Rc<T>>) -> Result<T, ReuniteError<T>> {
        read.reunite(self)
    }

    /// Drops the half without ending the direction; that happens with the read half.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let (stream, _peer) = runtime::net::UnixStream::pair()?;
    /// let (read, write) = stream.into_split();
    /// write.forget();
    /// # Ok(()) }
    /// ```
    pub fn forget(self) {
        self.0.end.set(false);
    }
}

/// Two halves were not of one stream; it gives them back.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let (one, other) = runtime::net::UnixStream::pair()?;
/// let (read, _one) = one.into_split();
/// let (_other, write) = other.into_split();
/// let error = read.reunite(write).unwrap_err();
/// let (read, write) = (error.0, error.1);
/// # Ok(()) }
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
            drop(self.stream.end_writing());
        }
    }
}
