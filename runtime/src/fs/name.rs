//! The names of a file: they can be changed and removed, and a file can have several.
//!
//! A directory has names; each name leads to a file, or, as a symbolic link, to another name. To
//! remove a name does not end the file while it is open or has another name.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::path::{Path, PathBuf};

use super::on_pool::on_pool;
use super::system;

/// Gives a file or a directory another name. What had the new name is replaced.
///
/// # Errors
///
/// If there is nothing of the old name, if the names are on two file systems, and whatever else the
/// system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("old"), "hello").await?;
/// runtime::fs::rename(dir.path().join("old"), dir.path().join("new")).await?;
/// assert_eq!(runtime::fs::read(dir.path().join("new")).await?, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn rename(
    from: impl AsRef<Path>,
    to: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    with_two_paths(from, to, system::rename)
}

/// Removes a file. On Unix a program that has it open can go on with it.
///
/// # Errors
///
/// If there is no file of that name, if it may not be removed, and whatever else the system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("file"), "hello").await?;
/// runtime::fs::remove_file(dir.path().join("file")).await?;
/// assert!(!runtime::fs::try_exists(dir.path().join("file")).await?);
/// # Ok(()) }
/// ```
#[track_caller]
pub fn remove_file(path: impl AsRef<Path>) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::remove_file(owned))
}

/// Gives a file a second name, `link`, on the same file system.
///
/// # Errors
///
/// If there is something of that name already, and whatever else the system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("one"), "hello").await?;
/// runtime::fs::hard_link(dir.path().join("one"), dir.path().join("two")).await?;
/// runtime::fs::remove_file(dir.path().join("one")).await?;
/// assert_eq!(runtime::fs::read(dir.path().join("two")).await?, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn hard_link(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    with_two_paths(original, link, system::hard_link)
}

/// Makes `link`, which leads to `original`, whether that is there or not. Unix only.
///
/// # Errors
///
/// If there is something of that name already, and whatever else the system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("one"), "hello").await?;
/// runtime::fs::symlink("one", dir.path().join("link")).await?;
/// assert_eq!(runtime::fs::read(dir.path().join("link")).await?, b"hello");
/// # Ok(()) }
/// ```
#[cfg(unix)]
#[track_caller]
pub fn symlink(
    original: impl AsRef<Path>,
    link: impl AsRef<Path>,
) -> impl Future<Output = io::Result<()>> {
    with_two_paths(original, link, system::symlink)
}

/// Where a link leads, as it says itself.
///
/// # Errors
///
/// If there is no link of that name, and whatever else the system reports.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::symlink("one", dir.path().join("link")).await?;
/// assert_eq!(runtime::fs::read_link(dir.path().join("link")).await?.to_str(), Some("one"));
/// # Ok(()) }
/// ```
#[track_caller]
pub fn read_link(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::read_link(owned))
}

/// The one full name of a file or directory: from the root, without `.`, `..` and links.
///
/// # Errors
///
/// If there is nothing of that name, and whatever else the system reports.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let full = runtime::fs::canonicalize(dir.path().join("./new/..")).await;
/// assert!(full.is_err(), "there is no `new`");
/// runtime::fs::create_dir(dir.path().join("new")).await?;
/// let full = runtime::fs::canonicalize(dir.path().join("./new/..")).await?;
/// assert_eq!(full, runtime::fs::canonicalize(dir.path()).await?);
/// # Ok(()) }
/// ```
#[track_caller]
pub fn canonicalize(path: impl AsRef<Path>) -> impl Future<Output = io::Result<PathBuf>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::canonicalize(owned))
}

/// Makes one call on the pool, of a function that takes two paths.
#[track_caller]
fn with_two_paths(
    first: impl AsRef<Path>,
    second: impl AsRef<Path>,
    call: fn(PathBuf, PathBuf) -> io::Result<()>,
) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = (first.as_ref().to_owned(), second.as_ref().to_owned());
    on_pool(at, (first, second), move || call(owned.0, owned.1))
}
