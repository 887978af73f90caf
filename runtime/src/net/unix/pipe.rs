//! Pipes: bytes one way, between two ends.
//!
//! A pipe is the oldest of them all: what the [`Sender`] writes, the [`Receiver`] reads, in
//! order. It has no name ([`pipe`]), and is then given to a child process, or it is a special
//! file, a *fifo*, which two processes [open](OpenOptions) by its path.
//!
//! How it can go wrong: an end that is opened while the other is not there. A receiver finds the
//! end of the stream then, as if a sender had been there and gone; a sender is refused. And what is
//! opened for a fifo may be another kind of file, which the system calls ready always and which
//! blocks the thread; so the file is looked at first, unless one says
//! [`unchecked`](OpenOptions::unchecked).

mod ends;

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::Location;
use std::path::Path;

use rustix::fs::OFlags;

use crate::machine::context::ask_for_descriptor;
use crate::net::system::ask_for_path;
use crate::trace::Direction;
use ends::checked;

pub use ends::{Receiver, Sender};

/// A new pipe without a name.
///
/// # Errors
///
/// Those of the operating system, such as being out of descriptors.
///
/// # Panics
///
/// If there is no runtime on this thread, or it was built without
/// [`enable_io`](crate::runtime::Builder::enable_io).
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::io::{AsyncReadExt, AsyncWriteExt};
///
/// let (mut sender, mut receiver) = runtime::net::unix::pipe::pipe()?;
/// sender.write_all(b"hello").await?;
/// drop(sender);
/// let mut text = String::new();
/// receiver.read_to_string(&mut text).await?;
/// assert_eq!(text, "hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let at = Location::caller();
    ask_for_descriptor()?;
    let (sender, receiver) = mio::unix::pipe::new()?;
    Ok((
        Sender::register(sender, at)?,
        Receiver::register(receiver, at)?,
    ))
}

/// How a fifo is opened.
///
/// ```no_run
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::net::unix::pipe;
///
/// let receiver = pipe::OpenOptions::new().open_receiver("path/to/a/fifo")?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    read_write: bool,
    unchecked: bool,
}

impl OpenOptions {
    /// Opens one direction, and checks that it is a fifo.
    pub fn new() -> OpenOptions {
        OpenOptions::default()
    }

    /// Opens the fifo for both directions, though only one is used (Linux only). A sender is then
    /// not refused, and a receiver does not find the end while no other process writes: the other end is
    /// this one.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub fn read_write(&mut self, value: bool) -> &mut OpenOptions {
        self.read_write = value;
        self
    }

    /// Does not look whether it is a fifo. What is not may block the thread.
    pub fn unchecked(&mut self, value: bool) -> &mut OpenOptions {
        self.unchecked = value;
        self
    }

    /// Opens the end that reads.
    ///
    /// # Errors
    ///
    /// If it is not a pipe, or not open for this direction; else those of the operating system.
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::net::unix::pipe;
    ///
    /// let error = pipe::OpenOptions::new().open_receiver("no/such/fifo").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn open_receiver<P: AsRef<Path>>(&self, path: P) -> io::Result<Receiver> {
        let file = self.open(path.as_ref(), Direction::Read)?;
        Receiver::register(file.into(), Location::caller())
    }

    /// Opens the end that writes.
    ///
    /// # Errors
    ///
    /// As for [`open_receiver`](OpenOptions::open_receiver); also if it is not open to read anywhere
    /// (`ENXIO`).
    ///
    /// # Panics
    ///
    /// If there is no runtime on this thread, or it was built without
    /// [`enable_io`](crate::runtime::Builder::enable_io).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::net::unix::pipe;
    ///
    /// let error = pipe::OpenOptions::new().open_sender("no/such/fifo").unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn open_sender<P: AsRef<Path>>(&self, path: P) -> io::Result<Sender> {
        let file = self.open(path.as_ref(), Direction::Write)?;
        Sender::register(file.into(), Location::caller())
    }

    fn open(&self, path: &Path, direction: Direction) -> io::Result<OwnedFd> {
        let mut options = std::fs::OpenOptions::new();
        options
            .read(self.read_write || direction == Direction::Read)
            .write(self.read_write || direction == Direction::Write)
            .custom_flags(OFlags::NONBLOCK.bits() as i32);
        ask_for_path()?;
        ask_for_descriptor()?;
        let fd = OwnedFd::from(options.open(path)?);
        match self.unchecked {
            true => Ok(fd),
            false => checked(fd, direction),
        }
    }
}
