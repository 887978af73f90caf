//! Metadata: what the system knows of a file without opening it, and the permissions, which can be
//! changed.

use std::fs::{Metadata, Permissions};
use std::future::Future;
use std::io;
use std::panic::Location;
use std::path::Path;

use super::on_pool::on_pool;
use super::system;

/// What the system knows of a file or directory: its kind, size, times and permissions. For a link, of
/// what it leads to.
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
/// runtime::fs::write(dir.path().join("file"), "hello").await?;
/// let metadata = runtime::fs::metadata(dir.path().join("file")).await?;
/// assert!(metadata.is_file());
/// assert_eq!(metadata.len(), 5);
/// # Ok(()) }
/// ```
#[track_caller]
pub fn metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::metadata(owned))
}

/// As [`metadata`], but for a link of the link itself.
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
/// runtime::fs::symlink("nowhere", dir.path().join("link")).await?;
/// assert!(runtime::fs::metadata(dir.path().join("link")).await.is_err());
/// assert!(runtime::fs::symlink_metadata(dir.path().join("link")).await?.is_symlink());
/// # Ok(()) }
/// ```
#[track_caller]
pub fn symlink_metadata(path: impl AsRef<Path>) -> impl Future<Output = io::Result<Metadata>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::symlink_metadata(owned))
}

/// Says who may do what with a file or directory.
///
/// # Errors
///
/// If there is nothing of that name, if it is not ours to say, and whatever else the system reports.
///
/// # Cancel safety
///
/// Dropping the future does not undo what the system was told: it may happen all the same.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// runtime::fs::write(dir.path().join("file"), "hello").await?;
/// let mut permissions = runtime::fs::metadata(dir.path().join("file")).await?.permissions();
/// permissions.set_readonly(true);
/// runtime::fs::set_permissions(dir.path().join("file"), permissions).await?;
/// assert!(runtime::fs::metadata(dir.path().join("file")).await?.permissions().readonly());
/// # Ok(()) }
/// ```
#[track_caller]
pub fn set_permissions(
    path: impl AsRef<Path>,
    permissions: Permissions,
) -> impl Future<Output = io::Result<()>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || {
        system::set_permissions(owned, permissions)
    })
}

/// Whether there is something of that name; for a link, whether what it leads to is there.
///
/// # Errors
///
/// If it cannot be known, because a directory on the way may not be entered, say.
///
/// # Cancel safety
///
/// Cancel safe: nothing but the answer is lost.
///
/// ```
/// # #[runtime::main] async fn main() -> std::io::Result<()> {
/// let dir = tempfile::tempdir()?;
/// assert!(runtime::fs::try_exists(dir.path()).await?);
/// assert!(!runtime::fs::try_exists(dir.path().join("file")).await?);
/// # Ok(()) }
/// ```
#[track_caller]
pub fn try_exists(path: impl AsRef<Path>) -> impl Future<Output = io::Result<bool>> {
    let at = Location::caller();
    let owned = path.as_ref().to_owned();
    on_pool(at, path, move || system::try_exists(&owned))
}
