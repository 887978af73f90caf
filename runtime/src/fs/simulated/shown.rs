//! What a program sees of a file's metadata.
//!
//! The standard library alone can make a [`Metadata`], of a file that the system has. So a simulated file has a **stand-in**: an
//! empty file of the system, without a name, in memory where the system can do that. It is given the length, the permissions and
//! the times, and asked for its metadata. It is also the descriptor that a program is shown. A directory's stand-in is the
//! system's root.
//!
//! How it can go wrong: a program looks for what the stand-in was not given. The numbers of the device and the file, and the time
//! at which it was made, are those of the stand-in.

use std::fs::{File, FileTimes, FileType, Metadata, Permissions};
use std::io;
use std::time::SystemTime;

use super::error::Refusal;
use super::names::Id;
use super::state::{Kind, State};

/// What a disk knows of a file.
pub(super) struct Shown {
    /// `None`: it is a directory.
    len: Option<u64>,
    mode: u32,
    modified: SystemTime,
    accessed: SystemTime,
}

impl State {
    pub(super) fn shown(&mut self, id: Id) -> Result<Shown, Refusal> {
        let node = self.node(id)?;
        Ok(Shown {
            len: match &node.kind {
                Kind::File(content) => Some(content.bytes().len() as u64),
                Kind::Directory(_) => None,
            },
            mode: node.mode,
            modified: node.modified,
            accessed: node.accessed,
        })
    }
}

impl Shown {
    /// The metadata, by a stand-in of its own.
    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        match self.len {
            None => of_directory(),
            Some(_) => self.metadata_of(&stand_in()?),
        }
    }

    /// The metadata of this stand-in, which is given all of it.
    pub(super) fn metadata_of(&self, stand_in: &File) -> io::Result<Metadata> {
        let Some(len) = self.len else {
            return of_directory();
        };
        stand_in.set_len(len)?;
        let times = FileTimes::new().set_modified(self.modified);
        stand_in.set_times(times.set_accessed(self.accessed))?;
        stand_in.set_permissions(permissions(stand_in, self.mode)?)?;
        stand_in.metadata()
    }

    pub(super) fn is_file(&self) -> bool {
        self.len.is_some()
    }

    pub(super) fn file_type(&self) -> io::Result<FileType> {
        self.metadata().map(|metadata| metadata.file_type())
    }

    /// The times that `times` makes of these: when it was modified, and when accessed.
    pub(super) fn with(&self, times: FileTimes) -> io::Result<(SystemTime, SystemTime)> {
        let stand_in = stand_in()?;
        self.metadata_of(&stand_in)?;
        stand_in.set_times(times)?;
        let metadata = stand_in.metadata()?;
        Ok((metadata.modified()?, metadata.accessed()?))
    }
}

fn of_directory() -> io::Result<Metadata> {
    std::fs::metadata("/")
}

/// An empty file of the system, which has no name.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn stand_in() -> io::Result<File> {
    use rustix::fs::{MemfdFlags, memfd_create};
    let descriptor = memfd_create("simulated", MemfdFlags::CLOEXEC)?;
    Ok(File::from(descriptor))
}

/// An empty file of the system, whose name is gone at once.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn stand_in() -> io::Result<File> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let (process, number) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(format!("simulated-{process}-{number}"));
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

#[cfg(unix)]
fn permissions(_: &File, mode: u32) -> io::Result<Permissions> {
    Ok(std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn permissions(stand_in: &File, mode: u32) -> io::Result<Permissions> {
    let mut permissions = stand_in.metadata()?.permissions();
    permissions.set_readonly(mode & 0o222 == 0);
    Ok(permissions)
}

/// As `chmod` numbers them.
pub(super) fn mode_of(permissions: &Permissions) -> u32 {
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(permissions) & 0o7777;
    #[cfg(not(unix))]
    let mode = if permissions.readonly() { 0o444 } else { 0o644 };
    mode
}
