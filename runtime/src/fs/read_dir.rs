//! What is in a directory.
//!
//! The system hands out the entries one by one. An operation on the pool for each would cost more than
//! the reading. So an operation fetches up to 32 entries, and the next 31 calls find theirs here.
//!
//! How it can go wrong: *a call is dropped while an operation is under way.* The operation goes on, and
//! its entries are kept here: the next call has them.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fmt;
use std::fs::{FileType, Metadata};
use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::on_pool::{on_pool, said_at};
use super::system;
use crate::blocking::ByTurns;
use crate::machine::context;
use crate::machine::task::JoinHandle;
use crate::trace;

/// How many entries one operation brings.
const DOZEN: usize = 32;

/// Opens a directory, to see what is in it. The entries have no order, and `.` and `..` are not among
/// them.
///
/// # Errors
///
/// If there is no such directory, if it may not be read, and whatever else the system reports.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("file"), "hello").await?;
/// let mut entries = runtime::fs::read_dir(dir.path()).await?;
/// while let Some(entry) = entries.next_entry().await? {
///     assert_eq!(entry.file_name(), "file");
/// }
/// # Ok(()) }
/// ```
#[track_caller]
pub fn read_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<ReadDir>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    let open = move || {
        let mut batch = Batch {
            entries: VecDeque::with_capacity(DOZEN),
            rest: Some(system::read_dir(owned)?),
        };
        batch.fetch();
        Ok(batch)
    };
    async move {
        Ok(ReadDir {
            batch: ByTurns::new(on_pool(at, path, open).await?),
            operation: None,
        })
    }
}

/// The entries of a directory: made by [`read_dir`].
#[derive(Debug)]
#[must_use = "entries are read by calling `next_entry`"]
pub struct ReadDir {
    batch: ByTurns<Batch>,
    /// The operation that is under way, to fetch more.
    operation: Option<JoinHandle<()>>,
}

/// The entries that have been fetched, and where the others are; `None`: there are no others.
#[derive(Debug)]
struct Batch {
    entries: VecDeque<io::Result<DirEntry>>,
    rest: Option<system::ReadDir>,
}

impl Batch {
    /// On a thread of the pool: fetches a dozen. An error is an entry, and the last.
    fn fetch(&mut self) {
        while self.entries.len() < DOZEN {
            let Some(next) = self.rest.as_mut().and_then(Iterator::next) else {
                self.rest = None;
                return;
            };
            if next.is_err() {
                self.rest = None;
            }
            self.entries.push_back(next.map(DirEntry::new));
        }
    }
}

impl ReadDir {
    /// The next entry; `None` when there are no more.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: an entry that is not returned is returned next time.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// runtime::fs::write(dir.path().join("file"), "hello").await?;
    /// let mut entries = runtime::fs::read_dir(dir.path()).await?;
    /// assert_eq!(entries.next_entry().await?.unwrap().path(), dir.path().join("file"));
    /// assert!(entries.next_entry().await?.is_none());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn next_entry(&mut self) -> impl Future<Output = io::Result<Option<DirEntry>>> {
        let at = Location::caller();
        said_at(at, poll_fn(|cx| self.poll_next_entry(cx)))
    }

    /// As [`next_entry`](ReadDir::next_entry), for a future written by hand. Only the waker of the
    /// last call is woken.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let mut entries = runtime::fs::read_dir(dir.path()).await?;
    /// let next = std::future::poll_fn(|cx| entries.poll_next_entry(cx)).await?;
    /// assert!(next.is_none());
    /// # Ok(()) }
    /// ```
    pub fn poll_next_entry(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<DirEntry>>> {
        loop {
            if let Some(operation) = &mut self.operation {
                let ended = ready!(Pin::new(operation).poll(cx));
                self.operation = None;
                ended?;
            }
            self.batch.is_idle()?;
            let mut batch = self.batch.lock();
            if let Some(entry) = batch.entries.pop_front() {
                return Poll::Ready(entry.map(Some));
            }
            if batch.rest.is_none() {
                return Poll::Ready(Ok(None));
            }
            drop(batch);
            let at = trace::line().unwrap_or(Location::caller()).into();
            let machine = context::machine();
            let given = system::with_pool(&machine, |pool| {
                self.batch.give(&machine, pool, Batch::fetch, at)
            });
            self.operation = Some(given?);
        }
    }
}

/// Something that a directory has a name for: made by [`ReadDir::next_entry`].
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use std::os::unix::fs::MetadataExt;
///
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("file"), "hello").await?;
/// let entry = runtime::fs::read_dir(dir.path()).await?.next_entry().await?.unwrap();
/// assert_eq!((entry.path(), entry.file_name()), (dir.path().join("file"), "file".into()));
/// assert!(entry.file_type().await?.is_file());
/// let metadata = entry.metadata().await?;
/// assert_eq!((metadata.len(), metadata.ino()), (5, entry.ino()));
/// # Ok(()) }
/// ```
pub struct DirEntry {
    std: Arc<system::DirEntry>,
    /// Many systems tell it with the name; where not, it has to be asked for.
    file_type: Option<FileType>,
}

impl DirEntry {
    fn new(std: system::DirEntry) -> DirEntry {
        // Where the kind came with the name this makes no call. Elsewhere it makes one; but this
        // is a thread of the pool.
        let file_type = std.file_type().ok();
        DirEntry {
            std: Arc::new(std),
            file_type,
        }
    }

    /// The path: that of the directory, as it was given to [`read_dir`], and the name.
    pub fn path(&self) -> PathBuf {
        self.std.path()
    }

    /// The name alone.
    pub fn file_name(&self) -> OsString {
        self.std.file_name()
    }

    /// What the system knows of it. For a link, of the link itself.
    ///
    /// # Errors
    ///
    /// Whatever the system reports; if it has been removed since, say.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    #[track_caller]
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> + use<> {
        let std = Arc::clone(&self.std);
        on_pool(Location::caller(), (), move || std.metadata())
    }

    /// Whether it is a file, a directory or a link.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    #[track_caller]
    pub fn file_type(&self) -> impl Future<Output = io::Result<FileType>> + use<> {
        let at = Location::caller();
        let (known, std) = (self.file_type, Arc::clone(&self.std));
        async move {
            match known {
                Some(file_type) => Ok(file_type),
                None => on_pool(at, (), move || std.file_type()).await,
            }
        }
    }

    /// The number by which its file system knows it. Unix only.
    #[cfg(unix)]
    pub fn ino(&self) -> u64 {
        std::os::unix::fs::DirEntryExt::ino(&*self.std)
    }
}

impl fmt::Debug for DirEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.std.fmt(f)
    }
}
