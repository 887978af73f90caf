//! Lines of source around a place, as the page shows them.

use runtime::trace::{Place, Recording};
use serde_json::{Value, json};
use std::rc::Rc;
use story::place;
use story::source::Sources;

use crate::source;

/// So many lines, the one that is meant in their middle.
const HEIGHT: usize = 11;

/// The sources of this program, as far as they are still those from which it was built.
pub(super) fn sources() -> Sources {
    Sources::of_this_program(source::text)
}

/// The sources of the program that was recorded, as far as they are still those.
pub(super) fn of(recording: Rc<Recording>) -> Sources {
    Sources::new(recording, &[])
}

/// The place with its lines, as pairs of number and text.
pub(super) fn around(sources: &Sources, at: Place) -> Value {
    let lines = sources.around(at, HEIGHT).into_iter();
    let lines: Vec<_> = lines.map(|line| json!([line.number, line.text])).collect();
    json!({ "name": place::name(at), "line": at.line, "lines": lines })
}
