//! The room: who is in it, what was said last, and how all members hear of something.
//!
//! A line is made into text once and shared by all members. The last fifty are kept for those who come
//! later, and the last [`BEHIND`] for members that are slower than the others: a member that is
//! further behind misses a line, and is told so by its receiver ([`Lines::next`]).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use runtime::sync::broadcast::{self, Receiver, Sender};
use serde::Serialize;
use server::ws::{Message, Utf8Bytes};

use super::rate::Rate;
use crate::visible::is_hidden;
use crate::wall_clock::millis;

/// How many members there may be at once.
pub(super) const MEMBERS: usize = 100;

/// How many lines a newcomer gets to read.
pub(super) const HISTORY: usize = 50;

/// So many newcomers may come in at once, and then one each [`ENTRY`]: all members of a server that starts again come
/// back at once, and after that the members hear of no more comings and leavings than a slow line carries.
pub(super) const ENTRIES: u32 = MEMBERS as u32;
pub(super) const ENTRY: Duration = Duration::from_millis(20);

/// How many lines a member may be behind the others. All members together can say or do so much at once
/// (each a burst of lines, a coming and a leaving). So only a member that reads more slowly than the others write, and
/// for long, has to leave.
pub(super) const BEHIND: usize = (MEMBERS * 12).next_power_of_two();

/// How many characters a name may have.
pub(super) const LONGEST_NAME: usize = 32;

/// The room. All members share it.
pub(super) struct Room {
    names: RefCell<BTreeSet<String>>,
    /// The last lines that were said.
    history: RefCell<VecDeque<Utf8Bytes>>,
    entries: RefCell<Rate>,
    lines: Sender<Utf8Bytes>,
    /// Lines that members have said.
    pub(super) said: Cell<u64>,
    /// Members that had to leave, by the reason.
    pub(super) dropped: RefCell<Vec<(&'static str, u64)>>,
}

/// What has happened.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Join,
    Leave,
    Say,
}

/// A line, as it goes over the wire.
#[derive(Serialize)]
struct Line<'a> {
    kind: Kind,
    name: &'a str,
    text: &'a str,
    /// Milliseconds since 1970.
    at: u64,
}

/// Why a newcomer may not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Taken,
    Full,
    /// Too many come in at once.
    TooMany,
}

/// A member's place in the room. When it is dropped, the member has left: also after an error, or if
/// its task is aborted.
pub(super) struct Seat {
    name: String,
    room: Rc<Room>,
}

/// What is said from now on.
pub(super) struct Lines(Receiver<Utf8Bytes>);

impl Room {
    pub(super) fn new() -> Rc<Self> {
        Rc::new(Room {
            names: RefCell::default(),
            history: RefCell::default(),
            entries: RefCell::new(Rate::new(ENTRIES, ENTRY)),
            lines: broadcast::channel(BEHIND).0,
            said: Cell::new(0),
            dropped: RefCell::default(),
        })
    }

    pub(super) fn members(&self) -> usize {
        self.names.borrow().len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.members() >= MEMBERS
    }

    /// Takes a seat, and tells the others. Returns it with what the newcomer reads first, and
    /// with what comes after that.
    pub(super) fn enter(self: &Rc<Self>, name: &str) -> Result<(Seat, Message, Lines), Refusal> {
        if self.is_full() {
            return Err(Refusal::Full);
        }
        if self.names.borrow().contains(name) {
            return Err(Refusal::Taken);
        }
        if !self.entries.borrow_mut().allows() {
            return Err(Refusal::TooMany);
        }
        self.names.borrow_mut().insert(name.to_owned());
        let seat = Seat {
            name: name.to_owned(),
            room: self.clone(),
        };
        let first = self.welcome(name);
        let lines = Lines(self.lines.subscribe());
        self.tell(Kind::Join, name, "");
        Ok((seat, first, lines))
    }

    /// What a newcomer reads first: its own name, the members, and the last lines, the oldest first.
    fn welcome(&self, name: &str) -> Message {
        let members = serde_json::to_string(&*self.names.borrow()).unwrap_or_default();
        let name = serde_json::to_string(name).unwrap_or_default();
        let history = self.history.borrow();
        let lines: Vec<&str> = history.iter().map(Utf8Bytes::as_str).collect();
        Message::text(format!(
            r#"{{"kind":"history","name":{name},"members":{members},"lines":[{}]}}"#,
            lines.join(",")
        ))
    }

    /// Tells all members; what is said, also those to come.
    fn tell(&self, kind: Kind, name: &str, text: &str) {
        let at = millis();
        let line = Line {
            kind,
            name,
            text,
            at,
        };
        let line = Utf8Bytes::from(serde_json::to_string(&line).unwrap_or_default());
        if matches!(kind, Kind::Say) {
            let mut history = self.history.borrow_mut();
            history.push_back(line.clone());
            if history.len() > HISTORY {
                history.pop_front();
            }
        }
        // Without members there is nothing to send to, which is no error.
        drop(self.lines.send(line));
    }

    /// Counts a member that had to leave.
    pub(super) fn count_dropped(&self, why: &'static str) {
        let mut dropped = self.dropped.borrow_mut();
        match dropped.iter_mut().find(|(reason, _)| *reason == why) {
            Some((_, count)) => *count += 1,
            None => dropped.push((why, 1)),
        }
    }
}

impl Seat {
    /// The member says this.
    pub(super) fn say(&self, text: &str) {
        self.room.said.set(self.room.said.get() + 1);
        self.room.tell(Kind::Say, &self.name, text);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.names.borrow_mut().remove(&self.name);
        self.room.tell(Kind::Leave, &self.name, "");
    }
}

impl Lines {
    /// The next line. `None`: this member was too slow, and has missed one. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Message> {
        // The room, which sends, lives as long as its members. So the one error is that of missed lines.
        self.0.recv().await.ok().map(Message::Text)
    }
}

/// Whether a member may have this name: 1 to 32 characters that are seen, with blanks inside only.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().count() <= LONGEST_NAME
        && name.trim() == name
        && !name.chars().any(is_hidden)
}
