//! Lines of source: what stands at a place, and around it.
//!
//! An event knows two places: the line of the runtime that emitted it, and often the line of the
//! program that made the wait, the timer or the task. The files are looked for in the repository in which
//! this crate was built, and below the folders of the program that was recorded. A file may have
//! changed since, or be another crate's of the same name. So the recording has a hash of each file, and
//! lines are shown only of a file that has the same hash; otherwise it is said why there are none.
//!
//! Paths are written relative to the repository. A place in a file from elsewhere (the standard
//! library, a crate) has a long path, of which only the end is of interest.

use runtime::trace::{Film, Place, Recording, source_hash};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use crate::place;

/// What a file shows if it is not the one that was recorded.
pub const CHANGED: &str = "this file has changed since the recording";
/// What it shows if that is not known. Cargo tells a program where its sources lie, and builds it anew if one has
/// changed.
pub const UNSURE: &str = "the recording has no hash of this file, which may have changed: \
    start the program with `cargo run`";

/// The sources of a recorded program, as far as they are still the same. They are read once.
#[derive(Debug)]
pub struct Sources {
    recording: Rc<Recording>,
    roots: Vec<PathBuf>,
    built_in: Option<BuiltIn>,
    files: RefCell<BTreeMap<&'static str, Found>>,
}

/// Finds the text of a source that this program has in itself, by the name that the compiler was given.
pub type BuiltIn = fn(&str) -> Option<&'static str>;

/// What was found under a name.
#[derive(Clone, Debug)]
enum Found {
    /// The very file.
    Same(Rc<str>),
    /// A file whose lines would be wrong, or may be.
    Other(&'static str),
    Nothing,
}

/// A line with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The first line is 1.
    pub number: u32,
    /// What stands there.
    pub text: String,
}

impl Sources {
    /// The sources of a recorded program, which may lie below these folders, too.
    ///
    /// ```
    /// use std::rc::Rc;
    /// use runtime::trace::Place;
    /// use story::source::Sources;
    ///
    /// let runtime = runtime::runtime::Runtime::new()?;
    /// let sources = Sources::new(Rc::new(runtime.trace().recording()), &[]);
    /// let place = Place { file: "no/such/file.rs", line: 1 };
    /// assert!(sources.around(place, 3).is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new(recording: Rc<Recording>, roots: &[PathBuf]) -> Sources {
        let here = PathBuf::from(place::repository());
        Sources {
            recording,
            roots: [&[here], roots].concat(),
            built_in: None,
            files: RefCell::default(),
        }
    }

    /// The sources of this very program, of which it has some in itself. Of the others those count that are older
    /// than the program: cargo builds it anew if one has changed.
    ///
    /// ```
    /// use runtime::trace::Place;
    /// use story::source::Sources;
    ///
    /// let text = |name: &str| (name == "src/app.rs").then_some("fn main() {\n    serve();\n}");
    /// let place = Place { file: "src/app.rs", line: 2 };
    /// assert_eq!(Sources::of_this_program(text).line(place), "serve();");
    /// ```
    pub fn of_this_program(built_in: BuiltIn) -> Sources {
        let nothing = Film::new(0).recording(0);
        Sources {
            built_in: Some(built_in),
            ..Sources::new(Rc::new(nothing), &[])
        }
    }

    /// The line at a place, without its indentation; or why it is not shown, in brackets.
    pub fn line(&self, place: Place) -> String {
        match self.find(place.file) {
            Found::Nothing => String::new(),
            Found::Other(why) => format!("({why})"),
            Found::Same(file) => {
                let line = file.lines().nth((place.line as usize).wrapping_sub(1));
                line.unwrap_or_default().trim().to_owned()
            }
        }
    }

    /// `height` lines, the place's own near their middle, less the indentation that all of
    /// them have. Empty if there is no such file; if it is not the right one, that is said.
    pub fn around(&self, place: Place, height: usize) -> Vec<Line> {
        let file = match self.find(place.file) {
            Found::Same(file) => file,
            Found::Nothing => return Vec::new(),
            Found::Other(why) => {
                let (number, text) = (place.line, why.to_owned());
                return vec![Line { number, text }];
            }
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

    fn find(&self, name: &'static str) -> Found {
        let mut files = self.files.borrow_mut();
        let found = files.entry(name).or_insert_with(|| self.read(name));
        found.clone()
    }

    fn read(&self, name: &str) -> Found {
        if let Some(text) = self.built_in.and_then(|built_in| built_in(name)) {
            return Found::Same(text.into());
        }
        let places = self.places(name);
        let mut unchanged = places
            .iter()
            .filter(|path| self.built_in.is_some() && is_unchanged(path));
        if let Some(text) = unchanged.find_map(|path| fs::read_to_string(path).ok()) {
            return Found::Same(text.into());
        }
        let texts = places.iter();
        let texts: Vec<String> = texts.flat_map(fs::read_to_string).collect();
        if texts.is_empty() {
            return Found::Nothing;
        }
        let Some(hash) = self.recording.source_hash(name) else {
            return Found::Other(UNSURE);
        };
        let mut texts = texts.into_iter();
        match texts.find(|text| source_hash(text.as_bytes()) == hash) {
            Some(text) => Found::Same(text.into()),
            None => Found::Other(CHANGED),
        }
    }

    /// Where a file of this name may lie. A recording may come from anywhere and name any file: what is
    /// no source, or lies elsewhere and cannot be told from another file, is not opened.
    fn places(&self, name: &str) -> Vec<PathBuf> {
        let path = Path::new(name);
        let is_plain = |step| matches!(step, Component::Normal(_));
        let places = match path.is_absolute() {
            true => vec![path.to_owned()],
            false if path.components().all(is_plain) => {
                self.roots.iter().map(|root| root.join(path)).collect()
            }
            false => Vec::new(),
        };
        let is_known = !path.is_absolute() || self.recording.source_hash(name).is_some();
        let is_source = |path: &PathBuf| path.extension().is_some_and(|it| it == "rs");
        let places = places.into_iter().filter(is_source);
        places.filter(|path| is_known && path.is_file()).collect()
    }
}

/// Whether a source is not younger than this program.
fn is_unchanged(source: &Path) -> bool {
    let modified = |path: &Path| path.metadata().and_then(|data| data.modified()).ok();
    let program = env::current_exe().ok().and_then(|path| modified(&path));
    modified(source).is_some_and(|source| program.is_some_and(|program| source <= program))
}

/// The indentation that all of the lines have.
fn margin(lines: &[&str]) -> usize {
    let indented = lines.iter().filter(|line| !line.trim().is_empty());
    let widths = indented.map(|line| line.len() - line.trim_start().len());
    widths.min().unwrap_or(0)
}
