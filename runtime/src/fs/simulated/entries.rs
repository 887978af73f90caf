//! What is in a directory.
//!
//! A simulated directory gives its entries in an order that chance chooses, as they were when it was opened.

use std::ffi::OsString;
use std::fs::{FileType, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use super::disk::Disk;
use super::error::Refusal;
use super::names::Id;
use super::state::State;

/// The entries of a directory.
#[derive(Debug)]
pub(in crate::fs) enum ReadDir {
    System(std::fs::ReadDir),
    Simulated(std::vec::IntoIter<Entry>),
}

/// An entry of a directory.
#[derive(Debug)]
pub(in crate::fs) enum DirEntry {
    System(std::fs::DirEntry),
    Simulated(Entry),
}

/// An entry of a simulated one.
pub(in crate::fs) struct Entry {
    disk: Disk,
    path: PathBuf,
    name: OsString,
    id: Id,
    file_type: FileType,
}

pub(super) fn read_dir(disk: &Disk, path: &Path) -> io::Result<ReadDir> {
    let mut state = disk.state();
    state.may_break()?;
    let directory = state.at(path)?;
    let entries = state.shuffled(directory)?.into_iter();
    let entries = entries.map(|(name, id)| {
        Ok(Entry {
            disk: disk.clone(),
            path: path.join(&name),
            name,
            id,
            file_type: state.shown(id)?.file_type()?,
        })
    });
    let entries = entries.collect::<io::Result<Vec<Entry>>>()?;
    Ok(ReadDir::Simulated(entries.into_iter()))
}

impl State {
    /// The names in a directory, in any order.
    fn shuffled(&mut self, directory: Id) -> Result<Vec<(OsString, Id)>, Refusal> {
        let names = self.names(directory)?.seen.clone();
        let mut names: Vec<_> = names.into_iter().collect();
        for last in (1..names.len()).rev() {
            let other = self.chance.below(last as u64 + 1) as usize;
            names.swap(last, other);
        }
        Ok(names)
    }
}

impl Iterator for ReadDir {
    type Item = io::Result<DirEntry>;

    fn next(&mut self) -> Option<io::Result<DirEntry>> {
        match self {
            ReadDir::System(std) => Some(std.next()?.map(DirEntry::System)),
            ReadDir::Simulated(entries) => entries.next().map(DirEntry::Simulated).map(Ok),
        }
    }
}

impl DirEntry {
    pub(in crate::fs) fn path(&self) -> PathBuf {
        match self {
            DirEntry::System(std) => std.path(),
            DirEntry::Simulated(entry) => entry.path.clone(),
        }
    }

    pub(in crate::fs) fn file_name(&self) -> OsString {
        match self {
            DirEntry::System(std) => std.file_name(),
            DirEntry::Simulated(entry) => entry.name.clone(),
        }
    }

    pub(in crate::fs) fn metadata(&self) -> io::Result<Metadata> {
        match self {
            DirEntry::System(std) => std.metadata(),
            DirEntry::Simulated(entry) => {
                let mut state = entry.disk.state();
                let id = state.at(&entry.path)?;
                let shown = state.shown(id)?;
                drop(state);
                shown.metadata()
            }
        }
    }

    pub(in crate::fs) fn file_type(&self) -> io::Result<FileType> {
        match self {
            DirEntry::System(std) => std.file_type(),
            DirEntry::Simulated(entry) => Ok(entry.file_type),
        }
    }
}

#[cfg(unix)]
impl std::os::unix::fs::DirEntryExt for DirEntry {
    fn ino(&self) -> u64 {
        match self {
            DirEntry::System(std) => std::os::unix::fs::DirEntryExt::ino(std),
            DirEntry::Simulated(entry) => entry.id,
        }
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("DirEntry").field(&self.path).finish()
    }
}
