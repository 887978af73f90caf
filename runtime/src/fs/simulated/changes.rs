//! The changes of names that the disk has not got yet.
//!
//! A directory has two lists: the names that programs see, and those that the disk has. A change (a file is made,
//! removed, or gets another name) is done to the first list at once, and is kept for the second. A change is whole or not
//! at all, also one that takes a name from one directory and puts it into another.
//!
//! The changes of one directory reach the disk in their order; those of two directories do not wait for each other. A move
//! of a directory also counts as a change of that directory, of the empty one that it replaces, and of all above its new
//! name if it gets another parent. Else a directory could become its own ancestor on the disk. Four things make a change durable:
//!
//! - a sync of the directory: all changes of it, the names on the way to it, and what came before them in the directories
//!   that they share;
//! - a sync of the file (`sync_all`): its name, those of the directories above it, and likewise what came before;
//! - a crash, by chance: of all names, or for each directory those up to some moment;
//! - time: when very many changes wait, the oldest reaches the disk. (A disk that loses everything waits for a sync.)

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;

use super::names::{Change, Id, Names, ROOT};
use super::settings::Unsynced;
use super::state::{Kind, State};

/// So many changes wait at most, on a disk that writes in its own time.
const MOST: usize = 1024;

impl State {
    /// Gives a file or a directory a name, takes one from it, or both at once.
    pub(super) fn rename(
        &mut self,
        node: Id,
        taken: Option<(Id, OsString)>,
        put: Option<(Id, OsString)>,
    ) {
        let directories = self.directories_of(node, taken.as_ref(), put.as_ref());
        if let Some(moved) = self.nodes.get_mut(&node) {
            moved.references += 1;
            if let Some((parent, _)) = &put {
                moved.parent = *parent;
            }
        }
        let change = Change {
            node,
            taken,
            put,
            directories,
        };
        self.apply(&change, |names| &mut names.seen);
        self.changes.push_back(change);
        self.write_back();
    }

    /// The directories whose changes this is one of.
    fn directories_of(
        &self,
        node: Id,
        taken: Option<&(Id, OsString)>,
        put: Option<&(Id, OsString)>,
    ) -> BTreeSet<Id> {
        let both = taken.into_iter().chain(put);
        let mut directories: BTreeSet<Id> = both.map(|(directory, _)| *directory).collect();
        if let Some((directory, name)) = put {
            let replaced = self.names(*directory).ok();
            let replaced = replaced.and_then(|names| names.seen.get(name).copied());
            directories.extend(replaced.filter(|&replaced| self.names(replaced).is_ok()));
        }
        if self.names(node).is_ok() {
            directories.insert(node);
            let moves = taken.zip(put).filter(|(from, to)| from.0 != to.0);
            directories.extend(moves.into_iter().flat_map(|(_, to)| self.way_to(to.0)));
        }
        directories
    }

    /// A directory and those above it.
    fn way_to(&self, directory: Id) -> BTreeSet<Id> {
        let mut way = BTreeSet::new();
        let mut at = Some(directory);
        while let Some(directory) = at.filter(|&directory| way.insert(directory)) {
            at = self.nodes.get(&directory).map(|node| node.parent);
        }
        way
    }

    /// The oldest changes reach the disk if too many wait. A disk that loses everything waits for a sync.
    fn write_back(&mut self) {
        if self.changes.len() > MOST && self.settings.unsynced == Unsynced::ByChance {
            let oldest = self.changes.pop_front();
            oldest.into_iter().for_each(|change| self.settle(&change));
        }
    }

    /// A change reaches the disk.
    fn settle(&mut self, change: &Change) {
        self.apply(change, |names| &mut names.durable);
        self.release(Some(change.node));
    }

    fn apply(&mut self, change: &Change, list: fn(&mut Names) -> &mut BTreeMap<OsString, Id>) {
        if let Some((directory, name)) = &change.taken {
            let names = self.names_mut(*directory);
            let old = names.and_then(|names| list(names).remove(name));
            self.release(old);
        }
        if let Some((directory, name)) = &change.put {
            if let Some(node) = self.nodes.get_mut(&change.node) {
                node.references += 1;
            }
            let names = self.names_mut(*directory);
            let old = names.and_then(|names| list(names).insert(name.clone(), change.node));
            self.release(old);
        }
    }

    pub(super) fn names_mut(&mut self, directory: Id) -> Option<&mut Names> {
        match self.nodes.get_mut(&directory).map(|node| &mut node.kind) {
            Some(Kind::Directory(names)) => Some(names),
            _ => None,
        }
    }

    /// One fewer leads to it; the last takes it along.
    pub(super) fn release(&mut self, node: Option<Id>) {
        let Some(id) = node else {
            return;
        };
        if let Some(node) = self.nodes.get_mut(&id) {
            node.references -= 1;
            if node.references == 0 && node.open == 0 {
                self.nodes.remove(&id);
            }
        }
    }

    /// The disk gets the names on the way to a file or directory, and, of a directory, the names in it.
    pub(super) fn sync_names(&mut self, node: Id) {
        let way = self.way_to(node);
        let mut wanted = BTreeSet::from([node]);
        let mut kept = VecDeque::new();
        let mut synced = Vec::new();
        for change in std::mem::take(&mut self.changes).into_iter().rev() {
            let is_wanted = way.contains(&change.node) || !change.directories.is_disjoint(&wanted);
            if is_wanted {
                wanted.extend(&change.directories);
                synced.push(change);
            } else {
                kept.push_front(change);
            }
        }
        self.changes = kept;
        synced.iter().rev().for_each(|change| self.settle(change));
    }

    /// The disk gets some of the changes, and programs see the names that the disk has.
    pub(super) fn crash_names(&mut self, is_lost: bool) {
        let all = match is_lost {
            true => 1,
            false => self.chance.below(3),
        };
        let mut stopped = BTreeSet::new();
        for change in std::mem::take(&mut self.changes) {
            let lost = match all {
                0 => false,
                1 => true,
                _ => !change.directories.is_disjoint(&stopped) || self.chance.one_in(3),
            };
            if lost {
                stopped.extend(change.directories);
            } else {
                self.apply(&change, |names| &mut names.durable);
            }
        }
        self.see_durable();
    }

    /// Programs see what the disk has; what has no name is gone.
    fn see_durable(&mut self) {
        let mut old = std::mem::take(&mut self.nodes);
        let mut ways = vec![(ROOT, ROOT)];
        while let Some((id, parent)) = ways.pop() {
            if let Some(known) = self.nodes.get_mut(&id) {
                known.references += 2;
                continue;
            }
            let Some(mut node) = old.remove(&id) else {
                continue;
            };
            (node.references, node.open, node.parent) = (2, 0, parent);
            if let Kind::Directory(names) = &mut node.kind {
                names.seen.clone_from(&names.durable);
                ways.extend(names.seen.values().map(|&child| (child, id)));
            }
            self.nodes.insert(id, node);
        }
    }
}
