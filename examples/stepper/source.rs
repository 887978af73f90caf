//! Lines of source: what stands at a place, and around it.
//!
//! An event knows two places: the line of the runtime that emitted it, and often the line of the
//! program that made the wait, the timer or the task. The files are read from the repository this
//! program was built in; elsewhere, or if they were changed since, the lines shown would be none
//! or the wrong ones, so what cannot be read is said and not guessed.
//!
//! Paths are written relative to the repository. A place in a file from elsewhere (the standard
//! library, a crate) has a long path, of which only the end is of interest.

use runtime::trace::Place;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

/// The files that were read, by name. `None`: there is no such file.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    files: RefCell<BTreeMap<&'static str, Option<Rc<str>>>>,
}

/// A line with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) number: u32,
    pub(crate) text: String,
}

impl Sources {
    /// The line at a place, without its indentation.
    pub(crate) fn line(&self, place: Place) -> Option<String> {
        let file = self.read(place.file)?;
        let line = file.lines().nth(place.line.checked_sub(1)? as usize)?;
        Some(line.trim().to_owned())
    }

    /// `height` lines, the place's own near their middle, less the indentation that all of
    /// them have. Empty if the file cannot be read.
    pub(crate) fn around(&self, place: Place, height: usize) -> Vec<Line> {
        let Some(file) = self.read(place.file) else {
            return Vec::new();
        };
        let all: Vec<&str> = file.lines().collect();
        let own = (place.line as usize).saturating_sub(1);
        let last = all.len().saturating_sub(height);
        let first = own.saturating_sub(height / 2).min(last);
        let chosen = &all[first..(first + height).min(all.len())];
        let margin = margin(chosen);
        let numbered = chosen.iter().zip(first as u32 + 1..);
        let line = |(text, number): (&&str, u32)| Line {
            number,
            text: text.get(margin..).unwrap_or("").to_owned(),
        };
        numbered.map(line).collect()
    }

    fn read(&self, name: &'static str) -> Option<Rc<str>> {
        let mut files = self.files.borrow_mut();
        let read = || fs::read_to_string(in_repository(name)?).ok();
        let file = files.entry(name).or_insert_with(|| Some(read()?.into()));
        file.clone()
    }
}

/// The file in this repository. A recording may come from anywhere and name any file: one that
/// lies elsewhere is not opened.
fn in_repository(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let name = Path::new(name);
    let below = name.strip_prefix(root).unwrap_or(name);
    let is_plain = |step| matches!(step, Component::Normal(_));
    below.components().all(is_plain).then(|| root.join(below))
}

/// The indentation that all of the lines have.
fn margin(lines: &[&str]) -> usize {
    let indented = lines.iter().filter(|line| !line.trim().is_empty());
    let widths = indented.map(|line| line.len() - line.trim_start().len());
    widths.min().unwrap_or(0)
}
