//! An open file: the system's, or one of a simulated disk. It stands in the place of the standard library's.

use std::fmt;
use std::fs::{FileTimes, Metadata, Permissions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::time::SystemTime;

use super::disk::with_pool;
use super::handle::Handle;
use crate::base::pool::Pool;
use crate::machine::turn::Machine;

/// See the file's heading.
pub(in crate::fs) enum File {
    System(std::fs::File),
    Simulated(Handle),
}

/// The file that the standard library has opened. It is the system's, wherever it is used.
pub(in crate::fs) fn from_std(std: std::fs::File) -> File {
    File::System(std)
}

/// The file as the standard library has it.
///
/// # Panics
///
/// If it is simulated.
pub(in crate::fs) fn into_std(file: File) -> std::fs::File {
    match file {
        File::System(std) => std,
        File::Simulated(_) => panic!(
            "a file on the disk of a simulated host cannot become one of the standard library's: \
             `try_into_std` gives it back"
        ),
    }
}

/// Whether the standard library has such a file.
pub(in crate::fs) fn is_stds(file: &File) -> bool {
    matches!(file, File::System(_))
}

/// Calls `give` with the pool on which this file is read and written. A simulated one belongs to the host that opened it, but
/// its calls are those of the host that makes them: only that one moves them on.
pub(in crate::fs) fn with_pool_of<R>(
    file: &File,
    machine: &Machine,
    give: impl FnOnce(&Pool) -> R,
) -> R {
    match file {
        File::System(_) => give(&machine.remote.pool),
        File::Simulated(_) => with_pool(machine, give),
    }
}

impl File {
    pub(in crate::fs) fn sync_all(&self) -> io::Result<()> {
        match self {
            File::System(std) => std.sync_all(),
            File::Simulated(handle) => handle.sync(true),
        }
    }

    pub(in crate::fs) fn sync_data(&self) -> io::Result<()> {
        match self {
            File::System(std) => std.sync_data(),
            File::Simulated(handle) => handle.sync(false),
        }
    }

    pub(in crate::fs) fn set_len(&self, len: u64) -> io::Result<()> {
        match self {
            File::System(std) => std.set_len(len),
            File::Simulated(handle) => handle.set_len(len),
        }
    }

    pub(in crate::fs) fn metadata(&self) -> io::Result<Metadata> {
        match self {
            File::System(std) => std.metadata(),
            File::Simulated(handle) => handle.metadata(),
        }
    }

    pub(in crate::fs) fn set_permissions(&self, permissions: Permissions) -> io::Result<()> {
        match self {
            File::System(std) => std.set_permissions(permissions),
            File::Simulated(handle) => handle.set_permissions(&permissions),
        }
    }

    pub(in crate::fs) fn set_times(&self, times: FileTimes) -> io::Result<()> {
        match self {
            File::System(std) => std.set_times(times),
            File::Simulated(handle) => handle.set_times(times),
        }
    }

    pub(in crate::fs) fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        match self {
            File::System(std) => std.set_modified(time),
            File::Simulated(handle) => handle.set_modified(time),
        }
    }

    pub(in crate::fs) fn try_clone(&self) -> io::Result<File> {
        match self {
            File::System(std) => std.try_clone().map(File::System),
            File::Simulated(handle) => Ok(File::Simulated(handle.clone())),
        }
    }

    /// What the system has: of a simulated file, its stand-in.
    fn of_system(&self) -> &std::fs::File {
        match self {
            File::System(std) => std,
            File::Simulated(handle) => handle.stand_in(),
        }
    }
}

impl Read for &File {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            File::System(std) => (&mut &*std).read(into),
            File::Simulated(handle) => handle.read(into),
        }
    }
}

impl Write for &File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            File::System(std) => (&mut &*std).write(bytes),
            File::Simulated(handle) => handle.write_all(bytes).map(|()| bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for &File {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            File::System(std) => (&mut &*std).seek(to),
            File::Simulated(handle) => handle.seek(to),
        }
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for File {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.of_system().as_fd()
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for File {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        self.of_system().as_raw_fd()
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            File::System(std) => std.fmt(f),
            File::Simulated(handle) => handle.fmt(f),
        }
    }
}
