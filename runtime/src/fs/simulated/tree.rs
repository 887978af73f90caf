//! What is done with names: directories are made and removed, files are removed and renamed.

use std::ffi::OsString;
use std::path::Path;

use super::error::Refusal;
use super::names::{Id, Names};
use super::paths::Found;
use super::state::{Kind, State};

impl State {
    pub(super) fn create_dir(&mut self, path: &Path) -> Result<(), Refusal> {
        let Found {
            directory,
            name: Some(name),
            node: None,
            ..
        } = self
            .find(path)
            .map_err(|refusal| self.mkdir_says(path, refusal))?
        else {
            return Err(Refusal::Exists);
        };
        self.make(Kind::Directory(Names::default()), 0o755, directory, name);
        Ok(())
    }

    /// Makes a directory and those above it that are missing.
    pub(super) fn create_dir_all(&mut self, path: &Path) -> Result<(), Refusal> {
        if self.ensure_dir(path) != Err(Refusal::Missing) {
            return self.ensure_dir(path);
        }
        match path.parent() {
            Some(above) => self.create_dir_all(above)?,
            None => return Ok(()),
        }
        self.ensure_dir(path)
    }

    /// Makes a directory, if it is not there.
    fn ensure_dir(&mut self, path: &Path) -> Result<(), Refusal> {
        let made = self.create_dir(path);
        let is_there = self.at(path).and_then(|node| self.names(node)).is_ok();
        if is_there { Ok(()) } else { made }
    }

    /// A file in the place of the directory that is to be made is one that is there.
    fn mkdir_says(&self, path: &Path, refusal: Refusal) -> Refusal {
        let without_slash: std::path::PathBuf = path.components().collect();
        let has_dot = path.as_os_str().as_encoded_bytes().ends_with(b"/.");
        match refusal {
            Refusal::NotADirectory if !has_dot && self.at(&without_slash).is_ok() => {
                Refusal::Exists
            }
            other => other,
        }
    }

    pub(super) fn remove_dir(&mut self, path: &Path) -> Result<(), Refusal> {
        let (directory, name, node) = self.named(path, dots(path))?;
        if !self.names(node)?.seen.is_empty() {
            return Err(Refusal::NotEmpty);
        }
        self.rename(node, Some((directory, name)), None);
        self.touch(directory);
        Ok(())
    }

    pub(super) fn remove_file(&mut self, path: &Path) -> Result<(), Refusal> {
        let (directory, name, node) = self.named(path, Refusal::IsADirectory)?;
        if self.names(node).is_ok() {
            return Err(Refusal::IsADirectory);
        }
        self.rename(node, Some((directory, name)), None);
        self.touch(directory);
        Ok(())
    }

    /// Removes a directory with all that is in it.
    pub(super) fn remove_dir_all(&mut self, path: &Path) -> Result<(), Refusal> {
        let node = self.at(path)?;
        self.empty(node)?;
        match self.remove_dir(path) {
            // The path led through what is gone now, and back.
            Err(Refusal::Missing) => Ok(()),
            removed => removed,
        }
    }

    fn empty(&mut self, directory: Id) -> Result<(), Refusal> {
        let entries = self.names(directory)?.seen.clone();
        for (name, node) in entries {
            if self.names(node).is_ok() {
                self.empty(node)?;
            }
            self.rename(node, Some((directory, name)), None);
        }
        Ok(())
    }

    /// Gives what has one path another.
    pub(super) fn move_to(&mut self, from: &Path, to: &Path) -> Result<(), Refusal> {
        let (old, found) = (self.follow(from)?, self.follow(to)?);
        let (Some(old_name), Some(new_name)) = (old.name, found.name) else {
            return Err(Refusal::Busy);
        };
        let (old_directory, node) = (old.directory, old.node.ok_or(Refusal::Missing)?);
        let is_directory = self.names(node).is_ok();
        if (old.as_directory || found.as_directory) && !is_directory {
            return Err(Refusal::NotADirectory);
        }
        if is_directory && self.is_within(found.directory, node) {
            return Err(Refusal::Invalid);
        }
        if found
            .node
            .is_some_and(|replaced| self.is_within(old_directory, replaced))
        {
            return Err(Refusal::NotEmpty);
        }
        if found.node == Some(node) {
            return Ok(());
        }
        if let Some(replaced) = found.node {
            match (is_directory, self.names(replaced)) {
                (true, Err(_)) => return Err(Refusal::NotADirectory),
                (false, Ok(_)) => return Err(Refusal::IsADirectory),
                (true, Ok(names)) if !names.seen.is_empty() => return Err(Refusal::NotEmpty),
                _ => {}
            }
        }
        let (taken, put) = (old_directory, found.directory);
        self.rename(node, Some((taken, old_name)), Some((put, new_name)));
        self.touch(taken);
        self.touch(put);
        Ok(())
    }

    /// Whether a directory is the other one, or in it at any depth.
    fn is_within(&self, directory: Id, of: Id) -> bool {
        let mut at = directory;
        loop {
            let parent = self.nodes.get(&at).map(|node| node.parent);
            match parent {
                _ if at == of => return true,
                Some(parent) if parent != at => at = parent,
                _ => return false,
            }
        }
    }

    /// What has a name that can be taken from it: the directory, the name, and what has it. `or`: the path ends with none.
    fn named(&self, path: &Path, or: Refusal) -> Result<(Id, OsString, Id), Refusal> {
        let found = self.find(path)?;
        let node = found.node.ok_or(Refusal::Missing)?;
        let name = found.name.ok_or(or)?;
        Ok((found.directory, name, node))
    }
}

/// Why a directory cannot be removed whose path ends with no name.
fn dots(path: &Path) -> Refusal {
    let bytes = path.as_os_str().as_encoded_bytes();
    match bytes {
        _ if bytes.ends_with(b"..") => Refusal::NotEmpty,
        _ if bytes.ends_with(b".") => Refusal::Invalid,
        _ => Refusal::Busy,
    }
}
