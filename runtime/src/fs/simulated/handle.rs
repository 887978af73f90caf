//! An open file of a disk.

use std::fmt;
use std::fs::{FileTimes, Metadata, Permissions};
use std::io::{self, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use super::disk::{Disk, lock};
use super::error::{Refusal, unsupported};
use super::names::Id;
use super::said::Said;
use super::shown::{mode_of, stand_in};
use super::state::{Kind, State};

/// See the file's heading. Clones are one open file, with one position.
#[derive(Clone)]
pub(in crate::fs) struct Handle(Arc<Open>);

struct Open {
    disk: Disk,
    node: Id,
    /// The life of the host in which it was opened.
    life: u64,
    said: Said,
    position: Mutex<u64>,
    /// What a program sees of it: see `shown.rs`.
    stand_in: std::fs::File,
}

impl Handle {
    pub(super) fn new(disk: &Disk, node: Id, life: u64, said: &Said) -> io::Result<Handle> {
        let opened = stand_in().map(|stand_in| Open {
            disk: disk.clone(),
            node,
            life,
            said: *said,
            position: Mutex::new(0),
            stand_in,
        });
        if opened.is_err() {
            disk.state().close(node);
        }
        opened.map(|open| Handle(Arc::new(open)))
    }

    pub(super) fn stand_in(&self) -> &std::fs::File {
        &self.0.stand_in
    }

    /// The disk, if the host has not crashed since the file was opened.
    fn state(&self) -> io::Result<MutexGuard<'_, State>> {
        let state = self.0.disk.state();
        if state.life != self.0.life {
            return Err(io::Error::other(
                "the host that had this file open has crashed since: open it again",
            ));
        }
        Ok(state)
    }

    /// The disk, for a call that may fail by chance.
    fn call(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state()?;
        state.may_break()?;
        Ok(state)
    }

    fn position(&self) -> MutexGuard<'_, u64> {
        lock(&self.0.position)
    }

    pub(super) fn read(&self, into: &mut [u8]) -> io::Result<usize> {
        if !self.0.said.read {
            return Err(Refusal::NotOpenForThat.into());
        }
        let mut state = self.call()?;
        let bytes = state.content(self.0.node)?.bytes();
        let mut position = self.position();
        let start = usize::try_from(*position).map_or(bytes.len(), |at| at.min(bytes.len()));
        let rest = &bytes[start..];
        let len = rest.len().min(into.len());
        into[..len].copy_from_slice(&rest[..len]);
        *position += len as u64;
        Ok(len)
    }

    /// Writes all, or as much as there is room for.
    pub(super) fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        if !self.0.said.write && !self.0.said.append {
            return Err(Refusal::NotOpenForThat.into());
        }
        let mut state = self.call()?;
        let node = self.0.node;
        let len = state.content(node)?.bytes().len() as u64;
        let mut position = self.position();
        if self.0.said.append {
            *position = len;
        }
        let written = state.write_at(node, *position, bytes);
        let end = *position + bytes.len() as u64;
        *position = match written {
            Ok(()) => end,
            Err(_) => end
                .min(state.content(node)?.bytes().len() as u64)
                .max(*position),
        };
        written
    }

    pub(super) fn seek(&self, to: SeekFrom) -> io::Result<u64> {
        let mut state = self.state()?;
        let len = match &state.node(self.0.node)?.kind {
            Kind::File(content) => content.bytes().len() as u64,
            Kind::Directory(_) => 0,
        };
        let mut position = self.position();
        let goal = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => position.checked_add_signed(by),
            SeekFrom::End(by) => len.checked_add_signed(by),
        };
        let goal = goal.filter(|&goal| i64::try_from(goal).is_ok());
        *position = goal.ok_or(Refusal::Invalid)?;
        Ok(*position)
    }

    /// The disk gets the bytes, and, if `names`, what leads to them.
    pub(super) fn sync(&self, names: bool) -> io::Result<()> {
        let mut state = self.state()?;
        let node = self.0.node;
        if let Err(error) = state.may_break() {
            if let Ok(content) = state.content(node) {
                content.forget();
            }
            return Err(error);
        }
        if let Kind::File(content) = &mut state.node(node)?.kind {
            content.sync();
        }
        if names {
            state.sync_names(node);
        }
        Ok(())
    }

    pub(super) fn set_len(&self, len: u64) -> io::Result<()> {
        if !self.0.said.write && !self.0.said.append {
            return Err(Refusal::Invalid.into());
        }
        if i64::try_from(len).is_err() {
            return Err(Refusal::Invalid.into());
        }
        Ok(self.call()?.set_len(self.0.node, len)?)
    }

    pub(super) fn metadata(&self) -> io::Result<Metadata> {
        let shown = self.call()?.shown(self.0.node)?;
        shown.metadata_of(&self.0.stand_in)
    }

    pub(super) fn set_permissions(&self, permissions: &Permissions) -> io::Result<()> {
        self.call()?.set_mode(self.0.node, mode_of(permissions))
    }

    pub(super) fn set_times(&self, times: FileTimes) -> io::Result<()> {
        let shown = self.call()?.shown(self.0.node)?;
        let (modified, accessed) = shown.with(times)?;
        let mut state = self.state()?;
        let node = state.node(self.0.node)?;
        (node.modified, node.accessed) = (modified, accessed);
        Ok(())
    }

    pub(super) fn set_modified(&self, time: SystemTime) -> io::Result<()> {
        self.call()?.node(self.0.node)?.modified = time;
        Ok(())
    }
}

impl State {
    /// Says who may do what with a file.
    pub(super) fn set_mode(&mut self, id: Id, mode: u32) -> io::Result<()> {
        let node = self.node(id)?;
        if let Kind::Directory(_) = node.kind {
            return Err(unsupported(
                "permissions of directories: leave them as they are",
            ));
        }
        node.mode = mode;
        Ok(())
    }

    /// One fewer has it open.
    fn close(&mut self, id: Id) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.open -= 1;
            if node.open == 0 && node.references == 0 {
                self.nodes.remove(&id);
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut state = self.disk.state();
        if state.life == self.life {
            state.close(self.node);
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulated")
            .field("file", &self.0.node)
            .finish_non_exhaustive()
    }
}
