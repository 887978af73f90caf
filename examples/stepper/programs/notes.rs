//! What a program says of its own state while it runs: the recording cannot know it.
//!
//! A note is made inside a poll, after so many events. It is kept beside the recording, and so it is not in
//! a file of that.

use std::cell::RefCell;

use runtime::runtime::Runtime;
use runtime::trace::Trace;

thread_local! {
    static NOTES: RefCell<Option<(Trace, Vec<Note>)>> = const { RefCell::new(None) };
}

/// A state that a program has come to.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    /// How many events had happened before.
    events: usize,
    whose: &'static str,
    text: String,
}

impl Note {
    pub(super) fn new(events: usize, whose: &'static str, text: String) -> Note {
        Note {
            events,
            whose,
            text,
        }
    }
}

/// Begins to take notes, of a program in this runtime.
pub(crate) fn begin(runtime: &Runtime) {
    NOTES.set(Some((runtime.trace(), Vec::new())));
}

/// Ends it, and gives the notes.
pub(crate) fn take() -> Vec<Note> {
    NOTES.take().map_or(Vec::new(), |(_, notes)| notes)
}

/// Notes that what is called so has come to this state.
pub(super) fn note(whose: &'static str, text: String) {
    NOTES.with_borrow_mut(|notes| {
        if let Some((trace, notes)) = notes {
            let events = trace.recording().records().len();
            notes.push(Note::new(events, whose, text));
        }
    });
}

/// The latest of the notes when so many events have happened: `by hand: Done`. A note shows with the event
/// that follows it.
pub(crate) fn latest(notes: &[Note], events: usize) -> Option<String> {
    let mut before = notes.iter().filter(|note| note.events < events);
    let note = before.next_back()?;
    Some(format!("{}: {}", note.whose, note.text))
}
