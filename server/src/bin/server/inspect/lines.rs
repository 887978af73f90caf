//! Lines of source around a place.
//!
//! They are read from the repository in which this program was built. Where it is gone, or for a file from
//! elsewhere, there are none.

use std::fs;
use std::path::{Component, Path, PathBuf};

use runtime::trace::Place;
use serde_json::{Value, json};
use story::place;

/// So many lines before the one that is meant, and as many after it.
const MARGIN: usize = 5;

/// The place with its lines, as pairs of number and text.
pub(super) fn around(at: Place) -> Value {
    let text = in_repository(at.file).and_then(|path| fs::read_to_string(path).ok());
    let text = text.unwrap_or_default();
    let own = (at.line as usize).saturating_sub(1);
    let first = own.saturating_sub(MARGIN);
    let numbered = (first + 1..).zip(text.lines().skip(first).take(2 * MARGIN + 1));
    let lines: Vec<_> = numbered
        .map(|(number, line)| json!([number, line]))
        .collect();
    json!({ "name": place::name(at), "line": at.line, "lines": lines })
}

/// The file, if it lies in the repository.
fn in_repository(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let name = Path::new(name);
    let below = name.strip_prefix(root).unwrap_or(name);
    let is_plain = |step| matches!(step, Component::Normal(_));
    below.components().all(is_plain).then(|| root.join(below))
}
