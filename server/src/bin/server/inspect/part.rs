//! One recording, or the server that is watched, with its sources.

use std::rc::Rc;

use runtime::trace::Recording;
use story::source::Sources;

use super::lines;
use super::watched::Watched;

/// See the heading of the file.
pub(super) struct Part {
    pub(super) watched: Rc<Watched>,
    pub(super) sources: Sources,
}

impl Part {
    /// The server of this process.
    pub(super) fn live(watched: Rc<Watched>) -> Self {
        Part {
            watched,
            sources: lines::sources(),
        }
    }

    pub(super) fn recorded(recording: Rc<Recording>) -> Self {
        Part {
            watched: Rc::new(Watched::recorded(Rc::clone(&recording))),
            sources: lines::of(recording),
        }
    }
}
