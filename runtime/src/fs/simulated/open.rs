//! Opening a file of a disk, and what is done with one in one go.

use std::io;
use std::path::Path;

use super::content::Content;
use super::disk::Disk;
use super::error::Refusal;
use super::handle::Handle;
use super::names::Id;
use super::said::Said;
use super::state::{Kind, State};

impl Disk {
    /// Opens a file.
    pub(super) fn open(&self, path: &Path, said: &Said) -> io::Result<Handle> {
        said.check()?;
        let (node, life) = {
            let mut state = self.state();
            state.may_break()?;
            let node = state.open(path, said)?;
            state.node(node)?.open += 1;
            (node, state.life)
        };
        Handle::new(self, node, life, said)
    }

    /// Reads a file whole.
    pub(super) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let read = Said {
            read: true,
            ..Said::NOTHING
        };
        let mut state = self.state();
        state.may_break()?;
        let node = state.open(path, &read)?;
        Ok(state.content(node)?.bytes().to_vec())
    }

    /// Makes a file of these bytes.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state();
        state.may_break()?;
        let node = state.open(path, &anew(Said::NOTHING.mode))?;
        state.write_at(node, 0, bytes)
    }

    /// Makes a file of another one's bytes; returns how many.
    pub(super) fn copy(&self, from: &Path, to: &Path) -> io::Result<u64> {
        let read = Said {
            read: true,
            ..Said::NOTHING
        };
        let mut state = self.state();
        state.may_break()?;
        let source = state.open(from, &read)?;
        if !state.shown(source)?.is_file() {
            return Err(Refusal::Invalid.into());
        }
        let mode = state.node(source)?.mode;
        let target = state.open(to, &anew(mode))?;
        let bytes = state.content(source)?.bytes().to_vec();
        state.write_at(target, 0, &bytes)?;
        state.node(target)?.mode = mode;
        Ok(bytes.len() as u64)
    }
}

/// What `fs::write` says.
fn anew(mode: u32) -> Said {
    Said {
        write: true,
        create: true,
        truncate: true,
        mode,
        ..Said::NOTHING
    }
}

impl State {
    /// Finds the file that is to be opened, or makes it.
    pub(super) fn open(&mut self, path: &Path, said: &Said) -> Result<Id, Refusal> {
        let found = self.follow(path)?;
        let makes = said.create || said.create_new;
        match (found.node, found.name) {
            _ if found.as_directory && makes => Err(Refusal::IsADirectory),
            (Some(node), _) if found.as_directory && self.names(node).is_err() => {
                Err(Refusal::NotADirectory)
            }
            (Some(_), _) if said.create_new => Err(Refusal::Exists),
            (Some(node), _) => self.open_there(node, said),
            (None, Some(name)) if makes => {
                let content = Kind::File(Content::default());
                Ok(self.make(content, said.mode, found.directory, name))
            }
            (None, _) => Err(Refusal::Missing),
        }
    }

    fn open_there(&mut self, id: Id, said: &Said) -> Result<Id, Refusal> {
        let node = self.node(id)?;
        let is_directory = matches!(node.kind, Kind::Directory(_));
        if is_directory && (said.changes() || said.create) {
            return Err(Refusal::IsADirectory);
        }
        let may_not = |wanted: bool, bits: u32| !is_directory && wanted && node.mode & bits == 0;
        if may_not(said.read, 0o444) || may_not(said.changes(), 0o222) {
            return Err(Refusal::NotAllowed);
        }
        if said.truncate {
            self.set_len(id, 0)?;
        }
        Ok(id)
    }

    /// Cuts a file, or adds zeros.
    pub(super) fn set_len(&mut self, id: Id, len: u64) -> Result<(), Refusal> {
        let has = self.content(id)?.bytes().len() as u64;
        if len > has && len > self.room(has) {
            return Err(self.no_room(len));
        }
        self.content(id)?.set_len(len as usize);
        self.touch(id);
        Ok(())
    }

    /// Writes as many of the bytes as there is room for; it is an error if that is not all.
    pub(super) fn write_at(&mut self, id: Id, at: u64, bytes: &[u8]) -> io::Result<()> {
        let has = self.content(id)?.bytes().len() as u64;
        let end = at.saturating_add(bytes.len() as u64);
        let fits = match end > has {
            true => self.room(has).max(has).saturating_sub(at),
            false => u64::MAX,
        };
        let fits = usize::try_from(fits).unwrap_or(usize::MAX);
        let written = &bytes[..bytes.len().min(fits)];
        if !written.is_empty() {
            self.content(id)?.write(at as usize, written);
            self.touch(id);
        }
        match written.len() < bytes.len() {
            true => Err(self.no_room(end).into()),
            false => Ok(()),
        }
    }
}
