//! Which files: the operating system's, or those of a simulated host.
//!
//! What stands here has the names and the behaviour of the standard library's. Without the crate feature `sim` it
//! *is* the standard library's, and calls are made on the runtime's pool. With `sim` each call is one of two things: one
//! of the system, or one of a disk in memory, if the thread runs a host of a [`Sim`](crate::sim::Sim) at
//! that moment. An open file stays of the kind that it was opened as. Everything above this file is the same for both.

#[cfg(not(feature = "sim"))]
pub(super) use std::fs::{
    DirBuilder, DirEntry, File, OpenOptions, ReadDir, canonicalize, copy, create_dir,
    create_dir_all, hard_link, metadata, read, read_dir, read_link, read_to_string, remove_dir,
    remove_dir_all, remove_file, rename, set_permissions, symlink_metadata, write,
};
#[cfg(all(unix, not(feature = "sim")))]
pub(super) use std::os::unix::fs::symlink;

#[cfg(not(feature = "sim"))]
pub(super) use by_system::{
    from_std, into_std, is_stds, options_from_std, try_exists, with_pool, with_pool_of,
};

#[cfg(all(unix, feature = "sim"))]
pub(super) use super::simulated::symlink;
#[cfg(feature = "sim")]
pub(super) use super::simulated::{
    DirBuilder, DirEntry, File, OpenOptions, ReadDir, canonicalize, copy, create_dir,
    create_dir_all, from_std, hard_link, into_std, is_stds, metadata, options_from_std, read,
    read_dir, read_link, read_to_string, remove_dir, remove_dir_all, remove_file, rename,
    set_permissions, symlink_metadata, try_exists, with_pool, with_pool_of, write,
};

/// The few things that have another name in the standard library, or none.
#[cfg(not(feature = "sim"))]
mod by_system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::path::Path;

    use crate::base::pool::Pool;
    use crate::machine::turn::Machine;

    pub(in crate::fs) fn try_exists(path: &Path) -> io::Result<bool> {
        path.try_exists()
    }

    /// The file that the standard library has opened.
    pub(in crate::fs) fn from_std(std: File) -> File {
        std
    }

    /// The file as the standard library has it.
    pub(in crate::fs) fn into_std(file: File) -> File {
        file
    }

    /// Whether the standard library has such a file.
    pub(in crate::fs) fn is_stds(_: &File) -> bool {
        true
    }

    /// The options that the standard library has.
    pub(in crate::fs) fn options_from_std(std: OpenOptions) -> OpenOptions {
        std
    }

    /// Calls `give` with the pool on which a call is to be made.
    pub(in crate::fs) fn with_pool<R>(machine: &Machine, give: impl FnOnce(&Pool) -> R) -> R {
        give(&machine.remote.pool)
    }

    /// Calls `give` with the pool on which this file is read and written.
    pub(in crate::fs) fn with_pool_of<R>(
        _: &File,
        machine: &Machine,
        give: impl FnOnce(&Pool) -> R,
    ) -> R {
        give(&machine.remote.pool)
    }
}
