//! An open file.
//!
//! A [`File`] is [blocking I/O](crate::blocking) between the task and the disk: reads and writes are
//! operations of one buffer, one at a time. Methods with `&mut self` have it for themselves.
//! Methods with `&self` exist so that tasks may share a file; they take turns at a lock.
//!
//! A write is done when its bytes are in the buffer. From then on they are on their way to the
//! file, and arrive whatever happens to the `File` or to the runtime.
//!
//! How it can go wrong:
//!
//! - *A program opens the file by its name after a write*, and the bytes have not arrived. Call
//!   `flush` first: it waits for them, and reports the error of a write that failed.
//! - *The machine loses power.* After a `flush` the system's memory has the bytes, not the disk.
//!   [`File::sync_all`] waits for the disk.

mod disk;
mod open;
mod shared;
mod stream;

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::Location;
use std::sync::Arc;

use super::on_pool::said_at;
use super::system;
use crate::blocking::BlockingIo;
use crate::sync::Mutex;
use disk::OnDisk;

/// An open file: [`AsyncRead`](crate::io::AsyncRead), [`AsyncWrite`](crate::io::AsyncWrite) and
/// [`AsyncSeek`](crate::io::AsyncSeek), with the methods
/// of [`AsyncReadExt`](crate::io::AsyncReadExt) and its kin.
///
/// A write returns when its bytes are in a buffer; the file has them when `flush` has returned. Dropping
/// a `File` closes it, once the thread that still writes is done: nothing is lost, but an error is not
/// reported, and other readers of the file may not see the bytes yet. So the last thing to do with a file
/// that was written is `flush`.
///
/// Each read and each write goes to the blocking pool and back. Many small ones are made few by
/// [`BufReader`](crate::io::BufReader) and [`BufWriter`](crate::io::BufWriter).
///
/// # Panics
///
/// Reading, writing and everything else that goes to the disk panics if there is no runtime on this
/// thread.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::fs::File;
/// use runtime::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};
///
/// let dir = tempfile::tempdir()?;
/// let mut file = File::options().read(true).write(true).create(true).open(dir.path().join("file")).await?;
/// file.write_all(b"hello, world").await?;
/// file.seek(SeekFrom::Start(7)).await?;
/// let mut rest = String::new();
/// file.read_to_string(&mut rest).await?;
/// assert_eq!(rest, "world");
/// file.flush().await?;
/// # Ok(()) }
/// ```
pub struct File {
    disk: OnDisk,
    io: Mutex<BlockingIo<OnDisk>>,
    /// The limit of `io`, for methods that cannot have `io`.
    largest: usize,
}

impl File {
    /// A file that was opened by the standard library.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let file = std::fs::File::create(dir.path().join("file"))?;
    /// let file = runtime::fs::File::from_std(file);
    /// # Ok(()) }
    /// ```
    pub fn from_std(std: std::fs::File) -> File {
        File::from_system(system::from_std(std))
    }

    /// A file of the system, or of a simulated disk.
    pub(super) fn from_system(file: system::File) -> File {
        let disk = OnDisk(Arc::new(file));
        let io = BlockingIo::new(disk.clone());
        let largest = io.largest();
        File {
            disk,
            io: Mutex::new(io),
            largest,
        }
    }

    /// The standard library's file, when everything that is under way has been done. Errors of it are lost:
    /// `flush` before, to hear of them.
    ///
    /// # Panics
    ///
    /// If an operation that was given up half-way ([`metadata`](File::metadata), say) is still running, and the
    /// process may open no more files. If the file is on the disk of a simulated host (crate feature `sim`): the
    /// standard library has no such files. [`try_into_std`](File::try_into_std) gives it back.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the file.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use std::io::Write;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// let mut std = file.into_std().await;
    /// std.write_all(b"hello")?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn into_std(mut self) -> impl Future<Output = std::fs::File> {
        let at = Location::caller();
        async move {
            let io = self.io.get_mut();
            drop(said_at(at, poll_fn(|cx| io.poll_empty(cx))).await);
            drop(self.io);
            let file = Arc::try_unwrap(self.disk.0);
            system::into_std(file.unwrap_or_else(|shared| match shared.try_clone() {
                Ok(file) => file,
                Err(error) => panic!("the file is in use, and cannot be opened twice: {error}"),
            }))
        }
    }

    /// The standard library's file, if nothing is under way.
    ///
    /// # Errors
    ///
    /// If something is, or the file is on the disk of a simulated host: then the file comes back.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// let std = file.try_into_std().expect("nothing has been done with it");
    /// # Ok(()) }
    /// ```
    #[allow(
        clippy::result_large_err,
        reason = "the file itself comes back, as in Tokio"
    )]
    pub fn try_into_std(mut self) -> Result<std::fs::File, File> {
        // Ours, and that of `io`; any other belongs to a thread at work.
        let alone = Arc::strong_count(&self.disk.0) == 2;
        let has_std = system::is_stds(&self.disk.0);
        if !alone || !has_std || !self.io.get_mut().is_idle() {
            return Err(self);
        }
        drop(self.io);
        match Arc::try_unwrap(self.disk.0) {
            Ok(file) => Ok(system::into_std(file)),
            Err(_) => unreachable!("no other thread makes a clone of it"),
        }
    }

    /// How many bytes one read or write may carry at most: 2 MiB unless set. The buffer grows to what is
    /// asked for, and no further than this.
    ///
    /// # Panics
    ///
    /// If it is zero.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let mut file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// file.set_max_buf_size(4096);
    /// assert_eq!(file.max_buf_size(), 4096);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_max_buf_size(&mut self, max_buf_size: usize) {
        assert!(max_buf_size > 0, "`max_buf_size` must be greater than 0");
        self.largest = max_buf_size;
        self.io.get_mut().set_largest(max_buf_size);
    }

    /// See [`set_max_buf_size`](File::set_max_buf_size).
    pub fn max_buf_size(&self) -> usize {
        self.largest
    }
}

impl From<std::fs::File> for File {
    fn from(std: std::fs::File) -> File {
        File::from_std(std)
    }
}

#[cfg(unix)]
impl From<std::os::fd::OwnedFd> for File {
    fn from(fd: std::os::fd::OwnedFd) -> File {
        File::from_std(std::fs::File::from(fd))
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for File {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.disk.0.as_fd()
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for File {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.disk.0.as_raw_fd()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File")
            .field("std", &self.disk.0)
            .finish_non_exhaustive()
    }
}
