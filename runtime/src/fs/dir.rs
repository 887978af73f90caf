//! Making and removing directories: each function is one operation on the pool.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::path::Path;

use super::on_pool::on_pool;
use super::system;

/// Makes a directory in one that is there.
///
/// # Errors
///
/// If the one above is not there, if there is something of that name already, and whatever else the
/// system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::create_dir(dir.path().join("new")).await?;
/// assert!(runtime::fs::metadata(dir.path().join("new")).await?.is_dir());
/// # Ok(()) }
/// ```
#[track_caller]
pub fn create_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::create_dir(owned))
}

/// Makes a directory, and those above it that are missing. It is no error if it is there.
///
/// # Errors
///
/// If something else has one of the names, and whatever else the system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::create_dir_all(dir.path().join("one/in/another")).await?;
/// runtime::fs::create_dir_all(dir.path().join("one/in/another")).await?;
/// # Ok(()) }
/// ```
#[track_caller]
pub fn create_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::create_dir_all(owned))
}

/// Removes a directory that is empty.
///
/// # Errors
///
/// If it is not empty or not there, and whatever else the system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::create_dir(dir.path().join("new")).await?;
/// runtime::fs::remove_dir(dir.path().join("new")).await?;
/// assert!(!runtime::fs::try_exists(dir.path().join("new")).await?);
/// # Ok(()) }
/// ```
#[track_caller]
pub fn remove_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::remove_dir(owned))
}

/// Removes a directory, and everything in it. A link is removed, not what it leads to.
///
/// # Errors
///
/// If it is not there, and whatever else the system reports; then it may be gone in part.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::create_dir_all(dir.path().join("one/in/another")).await?;
/// runtime::fs::remove_dir_all(dir.path().join("one")).await?;
/// assert!(!runtime::fs::try_exists(dir.path().join("one")).await?);
/// # Ok(()) }
/// ```
#[track_caller]
pub fn remove_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::remove_dir_all(owned))
}

/// Says how directories are to be made, and makes them. One that is there already is an error, unless it is
/// [`recursive`](DirBuilder::recursive).
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// use runtime::fs::DirBuilder;
///
/// let dir = tempfile::tempdir()?;
/// DirBuilder::new().recursive(true).create(dir.path().join("one/in/another")).await?;
/// assert!(DirBuilder::new().create(dir.path().join("one")).await.is_err());
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    #[cfg(unix)]
    mode: Option<u32>,
}

impl DirBuilder {
    /// Makes one directory, as [`create_dir`] does.
    #[must_use]
    pub fn new() -> DirBuilder {
        DirBuilder::default()
    }

    /// Whether those above that are missing are made too, as [`create_dir_all`] does.
    pub fn recursive(&mut self, recursive: bool) -> &mut DirBuilder {
        self.recursive = recursive;
        self
    }

    /// Who may do what with it, as `chmod` numbers it. Unix only.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use std::os::unix::fs::PermissionsExt;
    ///
    /// let dir = tempfile::tempdir()?;
    /// runtime::fs::DirBuilder::new().mode(0o700).create(dir.path().join("new")).await?;
    /// let metadata = runtime::fs::metadata(dir.path().join("new")).await?;
    /// assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
    /// # Ok(()) }
    /// ```
    #[cfg(unix)]
    pub fn mode(&mut self, mode: u32) -> &mut DirBuilder {
        self.mode = Some(mode);
        self
    }

    /// Makes it.
    ///
    /// # Errors
    ///
    /// As [`create_dir`] and [`create_dir_all`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo what the system was told: it may happen all the same.
    #[track_caller]
    pub fn create<P: AsRef<Path>>(&self, path: P) -> impl Future<Output = io::Result<()>> + use<P> {
        let at = Location::caller();
        let owned = path.as_ref().to_owned();
        let mut builder = system::DirBuilder::new();
        builder.recursive(self.recursive);
        #[cfg(unix)]
        if let Some(mode) = self.mode {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
        }
        on_pool(at, path, move || builder.create(owned))
    }
}
