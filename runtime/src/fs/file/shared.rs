//! What is done with a file beside reading and writing, through `&self`.
//!
//! Several tasks may share a file. Each of these calls must wait for the writes before it: what was
//! written must be in the file before the file is cut, or its size asked for. So each call takes the
//! lock, waits for the operation that is under way, and makes its own.
//!
//! How it can go wrong: *a call is dropped half-way.* It lets go of the lock, but its operation goes on.
//! So the next call waits for that operation to end.

use std::fs::{FileTimes, Metadata, Permissions};
use std::future::{Future, poll_fn};
use std::io;
use std::panic::Location;
use std::time::SystemTime;

use super::File;
use super::disk::OnDisk;
use crate::fs::on_pool::{on_pool, said_at};

impl File {
    /// Waits until the disk has what was written, and what is known of the file.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// use runtime::io::AsyncWriteExt;
    ///
    /// let dir = tempfile::tempdir()?;
    /// let mut file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// file.write_all(b"hello").await?;
    /// file.sync_all().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn sync_all(&self) -> impl Future<Output = io::Result<()>> {
        self.perform(Location::caller(), false, move |OnDisk(std)| std.sync_all())
    }

    /// As [`sync_all`](File::sync_all), without what is known of the file, as far as it can be read without.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    #[track_caller]
    pub fn sync_data(&self) -> impl Future<Output = io::Result<()>> {
        self.perform(Location::caller(), false, move |OnDisk(std)| {
            std.sync_data()
        })
    }

    /// Makes the file `size` bytes long: what is beyond is cut off, what is missing is zeros. The position
    /// stays where it is.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo what the system was told: it may happen all the same.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// file.set_len(10).await?;
    /// assert_eq!(file.metadata().await?.len(), 10);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_len(&self, size: u64) -> impl Future<Output = io::Result<()>> {
        self.perform(Location::caller(), true, move |OnDisk(std)| {
            std.set_len(size)
        })
    }

    /// Says who may do what with the file.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo what the system was told: it may happen all the same.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// let mut permissions = file.metadata().await?.permissions();
    /// permissions.set_readonly(true);
    /// file.set_permissions(permissions).await?;
    /// assert!(file.metadata().await?.permissions().readonly());
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_permissions(
        &self,
        permissions: Permissions,
    ) -> impl Future<Output = io::Result<()>> {
        self.perform(Location::caller(), false, move |OnDisk(std)| {
            std.set_permissions(permissions)
        })
    }

    /// Says when the file was read, written and made last, as far as the system keeps that.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo what the system was told: it may happen all the same.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let past = std::time::SystemTime::UNIX_EPOCH;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// file.set_times(std::fs::FileTimes::new().set_modified(past)).await?;
    /// assert_eq!(file.metadata().await?.modified()?, past);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_times(&self, times: FileTimes) -> impl Future<Output = io::Result<()>> {
        self.perform(Location::caller(), false, move |OnDisk(std)| {
            std.set_times(times)
        })
    }

    /// Says when the file was written last.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future does not undo what the system was told: it may happen all the same.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let past = std::time::SystemTime::UNIX_EPOCH;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// file.set_modified(past).await?;
    /// assert_eq!(file.metadata().await?.modified()?, past);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn set_modified(&self, time: SystemTime) -> impl Future<Output = io::Result<()>> {
        self.perform(Location::caller(), false, move |OnDisk(std)| {
            std.set_modified(time)
        })
    }

    /// What the system knows of the file: its size, times and permissions.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    #[track_caller]
    pub fn metadata(&self) -> impl Future<Output = io::Result<Metadata>> + use<> {
        let OnDisk(std) = self.disk.clone();
        on_pool(Location::caller(), (), move || std.metadata())
    }

    /// The same open file once more, when everything that is under way has been done: both have one position.
    ///
    /// # Errors
    ///
    /// Whatever the system reports.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: nothing but the answer is lost.
    ///
    /// ```
    /// # #[runtime::main] async fn main() -> std::io::Result<()> {
    /// let dir = tempfile::tempdir()?;
    /// let file = runtime::fs::File::create(dir.path().join("file")).await?;
    /// let same = file.try_clone().await?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn try_clone(&self) -> impl Future<Output = io::Result<File>> {
        let at = Location::caller();
        said_at(at, async move {
            let mut io = self.io.lock().await;
            poll_fn(|cx| io.poll_empty(cx)).await?;
            let OnDisk(std) = self.disk.clone();
            let clone = on_pool(at, (), move || std.try_clone()).await?;
            let mut clone = File::from_system(clone);
            clone.set_max_buf_size(self.max_buf_size());
            Ok(clone)
        })
    }

    /// Does something that goes through `&self`, in its turn.
    fn perform(
        &self,
        at: &'static Location<'static>,
        afresh: bool,
        work: impl FnOnce(&OnDisk) -> io::Result<()> + Send + 'static,
    ) -> impl Future<Output = io::Result<()>> {
        said_at(at, async move {
            let mut io = self.io.lock().await;
            poll_fn(|cx| io.poll_empty(cx)).await?;
            io.perform(afresh, work)?;
            poll_fn(|cx| io.poll_performed(cx)).await
        })
    }
}
