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
    let path = path.as_ref().to_owned();
    on_pool(at, move || std::fs::create_dir(path))
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
    let path = path.as_ref().to_owned();
    on_pool(at, move || std::fs::create_dir_all(path))
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
    let path = path.as_ref().to_owned();
    on_pool(at, move || std::fs::remove_dir(path))
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
    let path = path.as_ref().to_owned();
    on_pool(at, move || std::fs::remove_dir_all(path))
}
