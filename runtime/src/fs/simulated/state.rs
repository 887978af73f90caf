//! The disk: its files, and what it may hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::OsString;
use std::io;
use std::time::{Duration, SystemTime};

use super::content::Content;
use super::error::Refusal;
use super::names::{Change, Id, Names, ROOT};
use super::settings::{Settings, Troubles, Unsynced};
use crate::base::chance::Chance;
use crate::base::wall::BEGINNING;

/// A file is no longer than this: it is kept in memory.
const LONGEST: u64 = 1 << 30;

/// See the file's heading.
pub(super) struct State {
    pub(super) nodes: BTreeMap<Id, Node>,
    /// The changes of names that the disk has not got, in order.
    pub(super) changes: VecDeque<Change>,
    pub(super) chance: Chance,
    pub(super) settings: Settings,
    pub(super) troubles: Troubles,
    pub(super) now: Duration,
    /// How often the host has crashed.
    pub(super) life: u64,
    last: Id,
}

/// A file or a directory.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The directory that has, or had last, a name for it.
    pub(super) parent: Id,
    /// How many names and changes lead to it.
    pub(super) references: usize,
    /// How many have it open.
    pub(super) open: usize,
    /// Who may do what with it, as `chmod` numbers it.
    pub(super) mode: u32,
    pub(super) modified: SystemTime,
    pub(super) accessed: SystemTime,
}

pub(super) enum Kind {
    File(Content),
    Directory(Names),
}

impl State {
    pub(super) fn new(seed: u64, settings: Settings) -> State {
        let mut state = State {
            nodes: BTreeMap::new(),
            changes: VecDeque::new(),
            chance: Chance::new(seed),
            settings,
            troubles: Troubles::default(),
            now: Duration::ZERO,
            life: 0,
            last: ROOT - 1,
        };
        let root = state.add(Kind::Directory(Names::default()), 0o755);
        if let Some(node) = state.nodes.get_mut(&root) {
            node.references = 1;
        }
        state
    }

    /// Adds what has no name yet.
    pub(super) fn add(&mut self, kind: Kind, mode: u32) -> Id {
        self.last += 1;
        let now = self.clock();
        self.nodes.insert(
            self.last,
            Node {
                kind,
                parent: ROOT,
                references: 0,
                open: 0,
                mode,
                modified: now,
                accessed: now,
            },
        );
        self.last
    }

    /// Adds what has a name from now on.
    pub(super) fn make(&mut self, kind: Kind, mode: u32, directory: Id, name: OsString) -> Id {
        let id = self.add(kind, mode);
        self.rename(id, None, Some((directory, name)));
        self.touch(directory);
        id
    }

    /// The time of files. It is the simulation's, whatever the host believes.
    pub(super) fn clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + BEGINNING + self.now
    }

    /// It is changed now.
    pub(super) fn touch(&mut self, id: Id) {
        let now = self.clock();
        if let Some(node) = self.nodes.get_mut(&id) {
            node.modified = now;
        }
    }

    pub(super) fn node(&mut self, id: Id) -> Result<&mut Node, Refusal> {
        self.nodes.get_mut(&id).ok_or(Refusal::Missing)
    }

    /// The bytes of a file.
    pub(super) fn content(&mut self, id: Id) -> Result<&mut Content, Refusal> {
        match &mut self.node(id)?.kind {
            Kind::File(content) => Ok(content),
            Kind::Directory(_) => Err(Refusal::IsADirectory),
        }
    }

    /// The disk fails this call, by chance or for a while.
    pub(super) fn may_break(&mut self) -> io::Result<()> {
        let by_chance = self.chance.is_in(self.settings.broken);
        match by_chance || self.troubles.broken > 0 {
            true => Err(Refusal::Broken.into()),
            false => Ok(()),
        }
    }

    /// How long a file may become that has so many bytes now.
    pub(super) fn room(&self, has: u64) -> u64 {
        let capacity = match self.troubles.full {
            0 => self.settings.capacity,
            _ => Some(0),
        };
        let Some(capacity) = capacity else {
            return LONGEST;
        };
        let names = self.nodes.values().filter_map(|node| match &node.kind {
            Kind::Directory(names) => Some(names.seen.values().copied()),
            Kind::File(_) => None,
        });
        let open = self.nodes.iter().filter(|(_, node)| node.open > 0);
        let used: BTreeSet<Id> = names.flatten().chain(open.map(|(&id, _)| id)).collect();
        let lengths = used.iter().map(|id| match &self.nodes[id].kind {
            Kind::File(content) => content.bytes().len() as u64,
            Kind::Directory(_) => 0,
        });
        let others = lengths.sum::<u64>().saturating_sub(has);
        capacity.saturating_sub(others).min(LONGEST)
    }

    /// Why a file cannot become longer.
    pub(super) fn no_room(&self, wanted: u64) -> Refusal {
        match wanted > LONGEST {
            true => Refusal::TooLarge,
            false => Refusal::Full,
        }
    }

    /// The host has crashed: what was not synced is lost, by chance.
    pub(super) fn crash(&mut self) {
        self.life += 1;
        let is_lost = match self.settings.unsynced {
            Unsynced::Kept => return self.close_all(),
            Unsynced::Lost => true,
            Unsynced::ByChance => false,
        };
        self.crash_names(is_lost);
        let chance = &mut self.chance;
        for node in self.nodes.values_mut() {
            if let Kind::File(content) = &mut node.kind {
                content.crash(is_lost, chance);
            }
        }
    }

    /// The program has died, and the machine has not: what was not synced waits on, for a sync or another crash.
    fn close_all(&mut self) {
        self.nodes.values_mut().for_each(|node| node.open = 0);
        self.nodes.retain(|_, node| node.references > 0);
    }
}
