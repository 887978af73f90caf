//! What the page shows: the server that is watched, a recording, or several.

use std::rc::Rc;

use runtime::trace::Recording;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::files::Read;
use super::lanes::{Focus, Lanes};
use super::part::Part;
use super::watched::Standing;
use super::{picture, tape};
use story::words;

/// See the heading of the file.
pub(super) enum Shown {
    One(Rc<Part>, Notes),
    Many(Lanes, Notes),
}

/// What is said besides.
pub(super) struct Notes {
    /// What is missing in the files.
    notes: Vec<String>,
    /// Which recordings they are; empty: none. A page forgets what it knows of others, and an address that has
    /// this name leads into these only.
    name: String,
}

/// The same recordings have the same name, in whichever files and at whichever time they are shown.
fn name(all: &[Read]) -> String {
    let mut digest = Sha1::new();
    for Read {
        name, recording, ..
    } in all
    {
        let records = recording.records();
        let ends = [records.first(), records.last()].map(|it| serde_json::to_string(&it));
        let [first, last] = ends.map(Result::unwrap_or_default);
        digest.update(format!("{name}\n{}\n{first}\n{last}\n", records.len()));
    }
    let bytes = digest.finalize();
    bytes[..6].iter().map(|it| format!("{it:02x}")).collect()
}

impl Shown {
    /// The server of this process.
    pub(super) fn live(part: Part) -> Self {
        let (notes, name) = (Vec::new(), String::new());
        Shown::One(Rc::new(part), Notes { notes, name })
    }

    /// Recordings; at least one.
    pub(super) fn of(mut all: Vec<Read>) -> Self {
        let notes = all.iter_mut().filter_map(|read| read.note.take());
        let notes = Notes {
            notes: notes.collect(),
            name: name(&all),
        };
        match all.len() {
            1 => {
                let recording = Rc::new(all.remove(0).recording);
                Shown::One(Rc::new(Part::recorded(recording)), notes)
            }
            _ => Shown::Many(Lanes::new(all), notes),
        }
    }

    fn notes(&self) -> &Notes {
        match self {
            Shown::One(_, notes) | Shown::Many(_, notes) => notes,
        }
    }

    /// One of them, of which there is always one.
    pub(super) fn first(&self) -> &Part {
        self.part(Focus::default())
    }

    /// The one whose machine is shown.
    pub(super) fn part(&self, focus: Focus) -> &Part {
        match self {
            Shown::One(part, _) => part,
            Shown::Many(lanes, _) => &lanes.parts()[lanes.shown(focus)],
        }
    }

    /// Where the page finds the event of this number of that one.
    pub(super) fn place(&self, focus: Focus, number: u64) -> u64 {
        match self {
            Shown::One(..) => number,
            Shown::Many(lanes, _) => lanes.place(lanes.shown(focus), number),
        }
    }

    pub(super) fn is_live(&self) -> bool {
        self.first().watched.standing() != Standing::Recorded
    }

    /// The events `from..to`, told; so many at most as [`tape::MOST`].
    pub(super) fn told(&self, from: u64, to: u64) -> Vec<Value> {
        match self {
            Shown::One(part, _) => tape::told(&part.watched.film(), from, to),
            Shown::Many(lanes, _) => lanes.told(from, to),
        }
    }

    /// All that is kept, with the names of the hosts.
    pub(super) fn all(&self) -> Vec<(String, Recording)> {
        match self {
            Shown::One(part, _) => vec![(String::new(), part.watched.all())],
            Shown::Many(lanes, _) => lanes.all(),
        }
    }

    /// What the page hears four times a second.
    pub(super) fn status(&self) -> Value {
        let notes = self.notes();
        let mut status = match self {
            Shown::One(part, _) => of_one(part),
            Shown::Many(lanes, _) => of_many(lanes),
        };
        status["notes"] = notes.notes.clone().into();
        status["name"] = notes.name.clone().into();
        status
    }
}

fn of_one(part: &Part) -> Value {
    let watched = &part.watched;
    let (film, sums) = (watched.film(), watched.sums());
    let range = film.range();
    let mut first = film.records(range.clone());
    json!({
        "first": range.start,
        "next": range.end,
        "firstUs": first.next().map(|record| picture::micros(record.time)),
        "lost": film.lost(),
        "cut": film.is_cut(),
        "standing": match watched.standing() {
            Standing::Runs => "runs",
            Standing::Recorded => "recorded",
            Standing::Held => "held",
            Standing::InAStep => "in a step",
        },
        "heldFor": watched.held_for().map(|left| left.as_secs_f64().ceil()),
        "events": sums.events,
        "polls": sums.polls,
        "requests": sums.requests,
        "wakes": sums.wakes,
        "busyUs": picture::micros(sums.busy),
        "lag": watched.lag().map(words::time),
        "costNs": u64::try_from(watched.cost.get().as_nanos()).unwrap_or(u64::MAX),
        "state": picture::of(film.present()),
    })
}

fn of_many(lanes: &Lanes) -> Value {
    let sums = || lanes.parts().iter().map(|part| part.watched.sums());
    json!({
        "first": 0,
        "next": lanes.len(),
        "lost": 0,
        "cut": false,
        "standing": "recorded",
        "hosts": lanes.names(),
        "events": sums().map(|it| it.events).sum::<u64>(),
        "polls": sums().map(|it| it.polls).sum::<u64>(),
        "requests": sums().map(|it| it.requests).sum::<u64>(),
        "wakes": sums().map(|it| it.wakes).sum::<u64>(),
        "busyUs": 0,
        "costNs": 0,
        "state": picture::of(&lanes.last_state()),
    })
}
