//! A path, followed to what it names.
//!
//! There are no links, so `..` is the directory above. A relative path begins at the root, as an absolute one does.

use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

use super::error::Refusal;
use super::names::{Id, Names, ROOT};
use super::state::{Kind, State};

/// A name has no more bytes.
const LONGEST: usize = 255;

/// What a path leads to.
pub(super) struct Found {
    /// The directory in which the name is; or the directory itself, if the path ends with none.
    pub(super) directory: Id,
    /// The last name. `None`: the path is `/`, or ends with a dot or two.
    pub(super) name: Option<OsString>,
    /// What has that name.
    pub(super) node: Option<Id>,
    /// The path says that it is a directory.
    pub(super) as_directory: bool,
}

impl State {
    /// Follows a path. One that says so must name a directory, if anything.
    pub(super) fn find(&self, path: &Path) -> Result<Found, Refusal> {
        let found = self.follow(path)?;
        if let Some(node) = found.node.filter(|_| found.as_directory) {
            self.names(node)?;
        }
        Ok(found)
    }

    /// Follows a path to whatever it names.
    pub(super) fn follow(&self, path: &Path) -> Result<Found, Refusal> {
        let bytes = path.as_os_str().as_encoded_bytes();
        match bytes {
            [] => return Err(Refusal::Missing),
            bytes if bytes.contains(&0) => return Err(Refusal::Invalid),
            _ => {}
        }
        let steps = path.components().filter(|step| {
            let leads_on = [Component::RootDir, Component::CurDir];
            !leads_on.contains(step) && !matches!(step, Component::Prefix(_))
        });
        let (mut at, mut last) = (ROOT, None::<&OsStr>);
        for step in steps {
            if let Some(name) = last.take() {
                at = self.child(at, name)?.ok_or(Refusal::Missing)?;
            }
            self.names(at)?;
            match step {
                Component::Normal(name) if name.len() > LONGEST => {
                    return Err(Refusal::NameTooLong);
                }
                Component::Normal(name) => last = Some(name),
                _ => at = self.nodes[&at].parent,
            }
        }
        let as_directory = bytes.ends_with(b"/");
        // The standard library's steps leave out a dot at the end.
        if let Some(name) = last.take_if(|_| bytes.ends_with(b"/.")) {
            at = self.child(at, name)?.ok_or(Refusal::Missing)?;
            self.names(at)?;
        }
        let node = match last {
            Some(name) => self.child(at, name)?,
            None => Some(at),
        };
        Ok(Found {
            directory: at,
            name: last.map(OsStr::to_owned),
            node,
            as_directory,
        })
    }

    /// What a path names, which must be there.
    pub(super) fn at(&self, path: &Path) -> Result<Id, Refusal> {
        self.find(path)?.node.ok_or(Refusal::Missing)
    }

    /// What has this name in a directory.
    fn child(&self, directory: Id, name: &OsStr) -> Result<Option<Id>, Refusal> {
        Ok(self.names(directory)?.seen.get(name).copied())
    }

    /// The names in a directory.
    pub(super) fn names(&self, directory: Id) -> Result<&Names, Refusal> {
        match self.nodes.get(&directory).map(|node| &node.kind) {
            Some(Kind::Directory(names)) => Ok(names),
            Some(Kind::File(_)) => Err(Refusal::NotADirectory),
            None => Err(Refusal::Missing),
        }
    }

    /// The one full path of what a path names.
    pub(super) fn canonical(&self, path: &Path) -> Result<PathBuf, Refusal> {
        self.at(path)?;
        let mut full = PathBuf::from("/");
        for step in path.components() {
            match step {
                Component::Normal(name) => full.push(name),
                Component::ParentDir => drop(full.pop()),
                _ => {}
            }
        }
        Ok(full)
    }
}
