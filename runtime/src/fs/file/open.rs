//! Opening a file: the three usual ways, and the options for every other.

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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-45-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// let missing = runtime::fs::File::open(dir.join("file")).await;
    /// assert_eq!(missing.unwrap_err().kind(), std::io::ErrorKind::NotFound);
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-46-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let mut file = runtime::fs::File::create(dir.join("file")).await?;
    /// file.write_all(b"hello").await?;
    /// file.flush().await?;
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
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
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-47-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// runtime::fs::File::create_new(dir.join("file")).await?;
    /// let again = runtime::fs::File::create_new(dir.join("file")).await;
    /// assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
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
    ///
    /// ```
    /// # runtime::runtime::Runtime::new()?.block_on(async {
    /// # let dir = std::env::temp_dir().join(format!("treadle-doc-fs-48-{}", std::process::id()));
    /// # runtime::fs::create_dir_all(&dir).await?;
    /// let mut options = runtime::fs::File::options();
    /// let file = options.append(true).create(true).open(dir.join("log")).await?;
    /// # runtime::fs::remove_dir_all(&dir).await?;
    /// # Ok::<(), std::io::Error>(())
    /// # })?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn options() -> OpenOptions {
        OpenOptions::new()
    }
}
