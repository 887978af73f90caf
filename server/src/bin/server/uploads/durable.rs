//! Names that last: what an answer says of the folder is on the disk before the answer is sent.
//!
//! A file is on the disk when it is synced, and its name when the folder is. So both are synced before a 201,
//! and the folder before a 204: what was kept is not lost, and what was removed does not come back, if the
//! power fails a moment later. Everything here blocks.
//!
//! How it can go wrong: the process has no descriptor left to open the folder with. So it is opened first, and then
//! nothing has been changed.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::part::Part;

/// A part, and the path that it gets.
pub(super) struct Named {
    pub(super) part: Part,
    pub(super) file: File,
    pub(super) path: PathBuf,
}

/// Writes all parts to the disk, and gives them their names. At an error, says of which part it is,
/// and takes the names back.
///
/// The date of a file says when it got its name. When its last piece came may be long ago, if the rest of the
/// form came slowly. Another file may have had the name since, and a client that remembers that one's later date
/// would not be sent this one. And the kernel's own dates stand still for some milliseconds. This date
/// does not, so two files that have one name after the other differ in it.
pub(super) fn link_all(folder: &Path, parts: &[Named]) -> Result<(), (usize, io::Error)> {
    let folder = File::open(folder).map_err(|error| (0, error))?;
    sync_all(parts)?;
    for (at, Named { part, file, path }) in parts.iter().enumerate() {
        let dated = file.set_modified(SystemTime::now());
        if let Err(error) = dated.and_then(|()| part.link(path)) {
            take_back(&folder, &parts[..at]);
            return Err((at, error));
        }
    }
    // First the dates, and then the names.
    let synced = sync_all(parts).and_then(|()| folder.sync_all().map_err(|error| (0, error)));
    synced.inspect_err(|_| take_back(&folder, parts))
}

fn sync_all(parts: &[Named]) -> Result<(), (usize, io::Error)> {
    for (at, part) in parts.iter().enumerate() {
        part.file.sync_all().map_err(|error| (at, error))?;
    }
    Ok(())
}

/// The upload has failed already. So no caller is told if this fails, too.
fn take_back(folder: &File, parts: &[Named]) {
    for Named { path, .. } in parts {
        drop(fs::remove_file(path));
    }
    drop(folder.sync_all());
}

/// Removes a file.
pub(super) fn unlink(folder: &Path, path: &Path) -> io::Result<()> {
    let folder = File::open(folder)?;
    fs::remove_file(path)?;
    folder.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn part(folder: &Path, name: &str) -> Named {
        let (part, mut file) = Part::create(folder).unwrap();
        file.write_all(b"wool").unwrap();
        let path = folder.join(name);
        Named { part, file, path }
    }

    #[test]
    fn a_file_has_the_date_on_which_it_got_its_name_and_no_other_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut dates = Vec::new();
        for _ in 0..20 {
            let part = part(folder.path(), "a.txt");
            let now = SystemTime::now();
            part.file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
            link_all(folder.path(), std::slice::from_ref(&part)).unwrap();
            let date = fs::metadata(&part.path).unwrap().modified().unwrap();
            assert!(date >= now, "{date:?} is before {now:?}");
            unlink(folder.path(), &part.path).unwrap();
            dates.push(date);
        }
        assert!(dates.is_sorted_by(|one, two| one < two), "{dates:?}");
    }

    /// The kernel does not sync the folder `/proc`. So it shows who asks for that.
    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_is_said_to_be_kept_or_removed_before_the_folder_is_on_the_disk() {
        let (folder, unsynced) = (tempfile::tempdir().unwrap(), Path::new("/proc"));
        let parts = ["a.txt", "b.txt"].map(|name| part(folder.path(), name));
        let (_, error) = link_all(unsynced, &parts).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        for Named { path, .. } in &parts {
            assert!(!path.exists(), "{} was not taken back", path.display());
        }
        link_all(folder.path(), &parts).unwrap();
        unlink(Path::new("/nowhere"), &parts[0].path).unwrap_err();
        assert!(
            parts[0].path.exists(),
            "removed, and it could not be synced"
        );
        let error = unlink(unsynced, &parts[0].path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
