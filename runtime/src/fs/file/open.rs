//! Opening a file: the three usual ways, and the options for every other way.

use std::future::Future;
use std::io;
use std::path::Path;

use super::File;
use crate::fs::OpenOptions;

impl File {
    /// Opens a file to read it.
    ///
    /// # Errors
    ///
    /// If there is no such file, if it may not be read, and whatever else the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let missing = runtime::fs::File::open(dir.path().join("file")).await;
    /// assert_eq!(missing.unwrap_err().kind(), std::io::ErrorKind::NotFound);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        OpenOptions::new().read(true).open(path)
    }

    /// Opens a file to write it. It is made if it is not there, and emptied if it is.
    ///
    /// # Errors
    ///
    /// If it may not be made or written, and whatever else the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not keep the file from being made.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let mut file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// file.write_all(b"hello").await?;
    /// file.flush().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn create(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
    }

    /// Makes a file, to read and write it. There must be nothing of that name.
    ///
    /// # Errors
    ///
    /// If there is, of kind `AlreadyExists`; if it may not be made, and whatever else the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not keep the file from being made.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// runtime::fs::File::create_new(dir.path().join("file")).await?;
    /// let again = runtime::fs::File::create_new(dir.path().join("file")).await;
    /// assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn create_new(path: impl AsRef<Path>) -> impl Future<Output = io::Result<File>> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
    }

    /// [`OpenOptions`], which say how a file is to be opened.
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }
}
