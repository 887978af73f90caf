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

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// How the names of parts begin.
pub(super) const PREFIX: &str = ".part-";

/// The name of a part. The file is removed with this value.
pub(super) struct Part(PathBuf);

impl Part {
    /// A new file. Blocks.
    pub(super) fn create(folder: &Path) -> io::Result<(Part, File)> {
        loop {
            // Not the number of the process: in another container another one may have the same.
            let path = folder.join(format!("{PREFIX}{:016x}", fastrand::u64(..)));
            let file = match File::create_new(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                made => made?,
            };
            let part = Part(path);
            // Before it is locked, a process that starts may take it for abandoned: then another one.
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) => continue,
                locked => locked?,
            }
            if part.0.try_exists()? {
                return Ok((part, file));
            }
        }
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

/// Removes the parts that no process writes. Another process may do the same at this moment, and be
/// quicker. Blocks.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_part = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_part && is_abandoned(&entry.path()) {
            match fs::remove_file(entry.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn is_abandoned(path: &Path) -> bool {
    let file = File::open(path);
    file.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_start_at_once_sweep_one_folder_and_parts_of_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..2_000 {
            File::create(folder.path().join(format!("{PREFIX}{number}"))).unwrap();
        }
        let (part, _file) = Part::create(folder.path()).unwrap();
        std::thread::scope(|scope| {
            let sweeps = [(); 4].map(|()| scope.spawn(|| sweep(folder.path())));
            for swept in sweeps {
                swept.join().unwrap().unwrap();
            }
        });
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].as_ref().unwrap().path(), part.0);
    }
}
