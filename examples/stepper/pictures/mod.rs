//! The pictures: each part of the machine, drawn in characters.
//!
//! A picture is a title, a legend that explains its signs, and rows. It is drawn of two states,
//! the one before the event and the one after, so that it can mark what the event has changed:
//! `+` is new, `*` has changed, `-` has just gone (and is shown this once more). Colours say
//! the same again; who sees none misses nothing.
//!
//! A picture knows nothing of the terminal. The interface paints its rows, and the plain story
//! prints those that have changed.

pub(crate) mod inbox;
pub(crate) mod lanes;
pub(crate) mod queue;
pub(crate) mod reactor;
pub(crate) mod round;
pub(crate) mod shared;
pub(crate) mod state;
pub(crate) mod tasks;
pub(crate) mod wheel;

/// What a piece of text is about; the painter chooses the colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Faint,
    Running,
    Stranded,
    New,
    Changed,
    Gone,
    /// The event that has just happened.
    Here,
}

/// What an event has done to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Same,
    New,
    Changed,
    Gone,
}

/// A line of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) mark: Mark,
    pub(crate) pieces: Vec<(Ink, String)>,
}

/// See the file's heading.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) title: &'static str,
    pub(crate) legend: &'static str,
    pub(crate) rows: Vec<Row>,
}

/// What the marks mean, for the text that explains them.
pub(crate) const MARKS: &str = "+ new  * changed  - gone";

impl Mark {
    /// Of a thing that was there before, is there after, or both.
    pub(crate) fn of<T: PartialEq>(before: Option<&T>, after: Option<&T>) -> Mark {
        match (before, after) {
            (None, Some(_)) => Mark::New,
            (Some(_), None) => Mark::Gone,
            (Some(before), Some(after)) if before != after => Mark::Changed,
            _ => Mark::Same,
        }
    }

    pub(crate) fn sign(self) -> char {
        match self {
            Mark::Same => ' ',
            Mark::New => '+',
            Mark::Changed => '*',
            Mark::Gone => '-',
        }
    }

    pub(crate) fn ink(self) -> Ink {
        match self {
            Mark::Same => Ink::Plain,
            Mark::New => Ink::New,
            Mark::Changed => Ink::Changed,
            Mark::Gone => Ink::Gone,
        }
    }
}

impl Row {
    /// A row of one piece, in the colour of its mark.
    pub(crate) fn marked(mark: Mark, text: String) -> Row {
        Row {
            mark,
            pieces: vec![(mark.ink(), text)],
        }
    }

    /// A row that says that there is nothing.
    pub(crate) fn faint(text: &str) -> Row {
        Row {
            mark: Mark::Same,
            pieces: vec![(Ink::Faint, text.to_owned())],
        }
    }

    /// The text, with the sign of its mark before it.
    pub(crate) fn text(&self) -> String {
        let pieces = self.pieces.iter().map(|(_, text)| text.as_str());
        format!("{} {}", self.mark.sign(), pieces.collect::<String>())
    }
}
