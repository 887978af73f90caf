//! Making and removing directories.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::path::Path;

use super::on_pool::on_pool;

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
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-5-{}", std::process::id()));
/// # runtime::fs::create_dir_all(&dir).await?;
/// runtime::fs::create_dir(dir.join("new")).await?;
/// assert!(runtime::fs::metadata(dir.join("new")).await?.is_dir());
/// # runtime::fs::remove_dir_all(&dir).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn create_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || std::fs::create_dir(owned))
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
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-6-{}", std::process::id()));
/// # runtime::fs::create_dir_all(&dir).await?;
/// runtime::fs::create_dir_all(dir.join("one/in/another")).await?;
/// runtime::fs::create_dir_all(dir.join("one/in/another")).await?;
/// # runtime::fs::remove_dir_all(&dir).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn create_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || std::fs::create_dir_all(owned))
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
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-7-{}", std::process::id()));
/// # runtime::fs::create_dir_all(&dir).await?;
/// runtime::fs::create_dir(dir.join("new")).await?;
/// runtime::fs::remove_dir(dir.join("new")).await?;
/// assert!(!runtime::fs::try_exists(dir.join("new")).await?);
/// # runtime::fs::remove_dir_all(&dir).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn remove_dir(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || std::fs::remove_dir(owned))
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
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-8-{}", std::process::id()));
/// # runtime::fs::create_dir_all(&dir).await?;
/// runtime::fs::create_dir_all(dir.join("one/in/another")).await?;
/// runtime::fs::remove_dir_all(dir.join("one")).await?;
/// assert!(!runtime::fs::try_exists(dir.join("one")).await?);
/// # runtime::fs::remove_dir_all(&dir).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[track_caller]
pub fn remove_dir_all(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || std::fs::remove_dir_all(owned))
}

/// Says how directories are to be made, and makes them. One that is there already is an error, unless it is
/// [`recursive`](DirBuilder::recursive).
///
/// ```
/// # runtime::runtime::Runtime::new()?.block_on(async {
/// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-9-{}", std::process::id()));
/// # runtime::fs::create_dir_all(&dir).await?;
/// use runtime::fs::DirBuilder;
///
/// DirBuilder::new().recursive(true).create(dir.join("one/in/another")).await?;
/// assert!(DirBuilder::new().create(dir.join("one")).await.is_err());
/// # runtime::fs::remove_dir_all(&dir).await?;
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct DirBuilder {
    recursive: bool,
    #[cfg(unix)]
    mode: Option<u32>,
}

impl DirBuilder {
    /// Makes one directory, as [`create_dir`] does.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-10-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// runtime::fs::DirBuilder::new().create(dir.join("new")).await?;
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn new() -> DirBuilder {
        DirBuilder::default()
    }

    /// Whether those above that are missing are made too, as [`create_dir_all`] does.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-11-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// runtime::fs::DirBuilder::new().recursive(true).create(dir.join("one/in/another")).await?;
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn recursive(&mut self, recursive: bool) -> &mut DirBuilder {
        self.recursive = recursive;
        self
    }

    /// Who may do what with it, as `chmod` numbers it. Unix only.
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-12-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// use std::os::unix::fs::PermissionsExt;
    ///
    /// runtime::fs::DirBuilder::new().mode(0o700).create(dir.join("new")).await?;
    /// let metadata = runtime::fs::metadata(dir.join("new")).await?;
    /// assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
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
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-13-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// runtime::fs::DirBuilder::new().create(dir.join("new")).await?;
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn create<P: AsRef<Path>>(&self, path: P) -> impl Future<Output = io::Result<()>> + use<P> {
        let at = Location::caller();
        let owned = path.as_ref().to_owned();
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(self.recursive);
        #[cfg(unix)]
        if let Some(mode) = self.mode {
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, mode);
        }
        on_pool(at, path, move || builder.create(owned))
    }
}
