//! A part: a file that is not whole yet.
//!
//! It has a name of its own that begins with a dot, so no listing and no download ever finds it. When
//! the value is dropped, the file is removed: when the form breaks off, is refused, or its client is gone.
//!
//! How it can go wrong: the process is killed, and nothing is dropped. So the next one removes at its
//! start the parts that are left ([`sweep`]). Another process may be receiving into the same folder
//! (`--workers`), and its parts must stay. So a part is locked while its process lives: the kernel takes
//! back the lock of a process that is gone.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{FlockOperation, flock};

/// How the names of parts begin.
pub(super) const PREFIX: &str = ".part-";

static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// The name of a part. The file is removed with this value.
pub(super) struct Part(PathBuf);

impl Part {
    /// A new file. Blocks.
    pub(super) fn create(folder: &Path) -> io::Result<(Part, File)> {
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{PREFIX}{}-{number}", std::process::id()));
        let file = File::create_new(&path)?;
        let part = Part(path);
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok((part, file))
    }

    /// Gives the file its name, unless there is a file of that name. Blocks.
    ///
    /// A link is made and not a rename, because a rename would replace the other file.
    pub(super) fn link(&self, path: &Path) -> io::Result<()> {
        fs::hard_link(&self.0, path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // The thread that serves does this too. To take a name off a folder does not wait for the disk.
        drop(fs::remove_file(&self.0));
    }
}

/// Removes the parts that no process writes. Blocks.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_part = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_part && is_abandoned(&entry.path()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_abandoned(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}
