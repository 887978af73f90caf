//! A file in one go: read all, write all, copy all.
//!
//! Opening, reading or writing everything, and closing are one operation on the pool together.

use std::future::Future;
use std::io;
use std::panic::Location;
use std::path::Path;

use super::on_pool::on_pool;
use super::system;

/// Reads a file whole.
///
/// # Errors
///
/// If there is no such file, if it may not be read, and whatever else the system reports.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
#[track_caller]
pub fn read(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Vec<u8>>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::read(owned))
}

/// Reads a file whole, as text.
///
/// # Errors
///
/// As [`read`]; and of kind `InvalidData` if it is not UTF-8.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("greeting");
/// runtime::fs::write(&path, "hello").await?;
/// assert_eq!(runtime::fs::read_to_string(&path).await?, "hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn read_to_string(path: impl AsRef<Path>) -> impl Future<Output = io::Result<String>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::read_to_string(owned))
}

/// Makes a file of `contents`; one that was there is replaced. The contents are copied.
///
/// # Errors
///
/// If the file may not be made or written, and whatever else the system reports; then it may have been
/// written in part.
///
/// # Cancel safety
///
/// Dropping the future does not keep the file from being written.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("greeting");
/// runtime::fs::write(&path, "hello").await?;
/// assert_eq!(runtime::fs::read(&path).await?, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn write(
    path: impl AsRef<Path>,
    contents: impl AsRef<[u8]>,
) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    let contents = contents.as_ref().to_owned();
    on_pool(at, path, move || system::write(owned, contents))
}

/// Copies a file's contents and permissions to another, which is replaced if it was there; returns how
/// many bytes that was.
///
/// # Errors
///
/// If `from` is no file, if one may not be read or the other not written, and whatever else the system
/// reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// let (from, to) = (dir.path().join("from"), dir.path().join("to"));
/// runtime::fs::write(&from, "hello").await?;
/// assert_eq!(runtime::fs::copy(&from, &to).await?, 5);
/// assert_eq!(runtime::fs::read(&to).await?, b"hello");
/// # Ok(()) }
/// ```
#[track_caller]
pub fn copy(from: impl AsRef<Path>, to: impl AsRef<Path>) -> impl Future<Output = io::Result<u64>> {
    let at = Location::caller();
    let (source, target) = (from.as_ref().to_owned(), to.as_ref().to_owned());
    on_pool(at, (from, to), move || system::copy(source, target))
}
