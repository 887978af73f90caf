//! The connections that have registered: their wakers, and which of them have been asked to leave.

use std::task::Waker;

use slab::Slab;

use crate::h1::conn::idle::{Idle, Queue};

/// Room for so many entries is always kept.
pub(super) const KEPT: usize = 1024;

/// All connections that have been polled, and which of them are idle.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) entries: Slab<Entry>,
    idle: Idle,
    /// Those that have been [asked](Asked::Now) to leave and have not left yet.
    pub(super) leaving: usize,
}

/// A connection that has registered.
pub(super) struct Entry {
    pub(super) waker: Waker,
    pub(super) asked: Asked,
}

/// Whether a connection has been asked to leave, so that a newcomer has room.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    No,
    /// It was idle when it was asked: it is about to leave.
    Now,
    /// A request had come meanwhile: it leaves after the answer.
    AfterRequest,
}

impl Registry {
    /// Puts a waker in the place of the one under `key`, or into a new entry: its key, whether the
    /// connection has been asked to leave, and the waker that was there before.
    pub(super) fn put(&mut self, key: Option<u32>, waker: Waker) -> (u32, Asked, Option<Waker>) {
        let held = key.and_then(|key| Some((key, self.entries.get_mut(key as usize)?)));
        if let Some((key, entry)) = held {
            let old = std::mem::replace(&mut entry.waker, waker);
            return (key, entry.asked, Some(old));
        }
        let asked = Asked::No;
        let key = self.entries.insert(Entry { waker, asked });
        // More connections than u32 counts would need more descriptors than there are.
        (u32::try_from(key).unwrap_or(u32::MAX), asked, None)
    }

    pub(super) fn remove(&mut self, key: u32) -> Option<Waker> {
        self.idle.leave(key);
        let entry = self.entries.try_remove(key as usize)?;
        self.leaving -= usize::from(entry.asked == Asked::Now);
        self.give_back();
        Some(entry.waker)
    }

    /// Gives back the room of many connections that have left: all behind the last that is taken, if
    /// less than a quarter are. It is tried each time that their number has halved.
    fn give_back(&mut self) {
        let (taken, room) = (self.entries.len(), self.entries.capacity());
        let has_halved = taken == 0 || taken.is_power_of_two();
        if room > KEPT && taken < room / 4 && has_halved {
            self.entries.shrink_to_fit();
            self.idle.cut(self.entries.capacity());
        }
    }

    /// Notes what a connection waits for; says whether that is news to a task that waits
    /// for room.
    #[inline]
    pub(super) fn settle(&mut self, key: u32, idle: Option<Queue>) -> bool {
        let Some(entry) = self.entries.get_mut(key as usize) else {
            return false;
        };
        let stays = entry.asked == Asked::Now;
        self.leaving -= usize::from(stays);
        if entry.asked != Asked::No {
            // It stays: there was a request to answer, and another connection must leave. If
            // all that is left is to linger, it can be asked once more.
            entry.asked = match idle {
                None => Asked::AfterRequest,
                Some(_) => Asked::No,
            };
        }
        match idle {
            None => self.idle.leave(key),
            // It was polled for nothing, and keeps its place.
            Some(Queue::New) if self.idle.contains(key) => return stays,
            Some(Queue::Parting) if self.idle.stands_in(key, Queue::Parting) => return stays,
            Some(queue) => self.idle.join(key, queue),
        }
        stays || idle.is_some()
    }

    /// Takes out the waker of the connection that is asked to leave. It registers anew when
    /// it is polled, and learns then what it has been asked.
    pub(super) fn ask_longest(&mut self) -> Option<Waker> {
        let key = self.idle.longest()?;
        self.idle.leave(key);
        let entry = self.entries.get_mut(key as usize)?;
        entry.asked = Asked::Now;
        self.leaving += 1;
        Some(std::mem::replace(&mut entry.waker, Waker::noop().clone()))
    }
}
