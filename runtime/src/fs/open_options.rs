//! How a file is to be opened: to read or to write, and what to do if it is there or is missing.
//!
//! They are the standard library's options; only `open` is different, because it goes to the pool.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::path::Path;

use super::File;
use super::on_pool::on_pool;
use super::system;

/// Says how a file is to be opened, and opens it. With nothing said, nothing is allowed.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::fs::OpenOptions;
/// use runtime::io::AsyncWriteExt;
///
/// let dir = tempfile::tempdir()?;
/// for line in ["one\n", "two\n"] {
///     let mut log = OpenOptions::new().create(true).append(true).open(dir.path().join("log")).await?;
///     log.write_all(line.as_bytes()).await?;
///     log.flush().await?;
/// }
/// assert_eq!(runtime::fs::read_to_string(dir.path().join("log")).await?, "one\ntwo\n");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions(system::OpenOptions);

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions::new()
    }
}

impl From<std::fs::OpenOptions> for OpenOptions {
    fn from(options: std::fs::OpenOptions) -> OpenOptions {
        OpenOptions(system::options_from_std(options))
    }
}

impl OpenOptions {
    /// Options that allow nothing.
    #[must_use]
    pub fn new() -> OpenOptions {
        OpenOptions(system::OpenOptions::new())
    }

    /// Whether it may be read.
    pub fn read(&mut self, read: bool) -> &mut OpenOptions {
        self.0.read(read);
        self
    }

    /// Whether it may be written. What is there stays, and is written over.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// runtime::fs::write(dir.path().join("file"), "hello").await?;
    /// let file = runtime::fs::OpenOptions::new().write(true).open(dir.path().join("file")).await?;
    /// assert_eq!(file.metadata().await?.len(), 5);
    /// # Ok(()) }
    /// ```
    pub fn write(&mut self, write: bool) -> &mut OpenOptions {
        self.0.write(write);
        self
    }

    /// Whether it may be written at its end, wherever that is by then, and nowhere else.
    pub fn append(&mut self, append: bool) -> &mut OpenOptions {
        self.0.append(append);
        self
    }

    /// Whether what is there is thrown away. Needs [`write`](OpenOptions::write).
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// runtime::fs::write(dir.path().join("file"), "hello").await?;
    /// let mut options = runtime::fs::OpenOptions::new();
    /// let file = options.write(true).truncate(true).open(dir.path().join("file")).await?;
    /// assert_eq!(file.metadata().await?.len(), 0);
    /// # Ok(()) }
    /// ```
    pub fn truncate(&mut self, truncate: bool) -> &mut OpenOptions {
        self.0.truncate(truncate);
        self
    }

    /// Whether it is made if it is not there. Needs [`write`](OpenOptions::write) or
    /// [`append`](OpenOptions::append).
    pub fn create(&mut self, create: bool) -> &mut OpenOptions {
        self.0.create(create);
        self
    }

    /// Whether it must be made now: if there is something of that name already, opening fails, with no
    /// moment in between in which another could make it.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// runtime::fs::write(dir.path().join("file"), "hello").await?;
    /// let mut options = runtime::fs::OpenOptions::new();
    /// let error = options.write(true).create_new(true).open(dir.path().join("file")).await.unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    /// # Ok(()) }
    /// ```
    pub fn create_new(&mut self, create_new: bool) -> &mut OpenOptions {
        self.0.create_new(create_new);
        self
    }

    /// Who may do what with a file that is made, as `chmod` numbers it. `0o666`, less what the process
    /// masks, unless set. Unix only.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use std::os::unix::fs::PermissionsExt;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let mut options = runtime::fs::OpenOptions::new();
    /// let file = options.write(true).create(true).mode(0o600).open(dir.path().join("file")).await?;
    /// assert_eq!(file.metadata().await?.permissions().mode() & 0o777, 0o600);
    /// # Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn mode(&mut self, mode: u32) -> &mut OpenOptions {
        std::os::unix::fs::OpenOptionsExt::mode(&mut self.0, mode);
        self
    }

    /// Flags of the system call `open` that have no method here. Unix only.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let mut options = runtime::fs::OpenOptions::new();
    /// let file = options.write(true).create(true).custom_flags(0).open(dir.path().join("file")).await?;
    /// # Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn custom_flags(&mut self, custom_flags: i32) -> &mut OpenOptions {
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut self.0, custom_flags);
        self
    }

    /// Opens a file so.
    ///
    /// # Errors
    ///
    /// If there is no such file and it is not to be made, if one may not do with it what was asked for, if the
    /// options contradict one another, and whatever else the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not keep the file from being made.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let missing = runtime::fs::OpenOptions::new().read(true).open(dir.path().join("file")).await;
    /// assert_eq!(missing.unwrap_err().kind(), std::io::ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn open<P: AsRef<Path>>(&self, path: P) -> impl Future<Output = io::Result<File>> + use<P> {
        let at = Location::caller();
        let (options, owned) = (self.0.clone(), path.as_ref().to_owned());
        async move {
            let opened = on_pool(at, path, move || options.open(owned)).await?;
            Ok(File::from_system(opened))
        }
    }
}
