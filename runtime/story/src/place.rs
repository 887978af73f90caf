//! How a line of source is written: below the repository, and from elsewhere only its end.
//!
//! A path in a recording is the one that the compiler was given. For a file of this repository it is
//! relative or leads through the folder of the machine that built it; for a file of the standard
//! library or of a crate it is long, and only its end is of interest.

use runtime::trace::{Place, Record};

/// The folder of the repository in which this crate was built.
pub(crate) fn repository() -> &'static str {
    env!("CARGO_MANIFEST_DIR").trim_end_matches("/runtime/story")
}

/// A place as it is written in full: `examples/echo.rs:12`, or `.../src/lib.rs:7` for a file from
/// elsewhere.
///
/// ```
/// use runtime::trace::Place;
///
/// let place = |file| Place { file, line: 7 };
/// assert_eq!(story::place::name(place("examples/echo.rs")), "examples/echo.rs:7");
/// assert_eq!(story::place::name(place("/home/me/bytes/src/lib.rs")), ".../src/lib.rs:7");
/// assert_eq!(story::place::name(place("/tmp/mine.rs")), "/tmp/mine.rs:7");
/// ```
pub fn name(place: Place) -> String {
    let file = place.file.strip_prefix(repository());
    let file = file.map_or(place.file, |file| file.trim_start_matches('/'));
    let file = match (file.starts_with('/'), end_of(file)) {
        // Nothing would be left out.
        (true, end) if end.len() + 1 < file.len() => format!(".../{end}"),
        _ => file.to_owned(),
    };
    printable(&format!("{file}:{}", place.line))
}

/// The same, as short as can be: only the file's own name, or folder and name of a `mod.rs`.
///
/// ```
/// use runtime::trace::Place;
///
/// let place = |file| Place { file, line: 7 };
/// assert_eq!(story::place::short(place("examples/echo.rs")), "echo.rs:7");
/// assert_eq!(story::place::short(place("src/lab/mod.rs")), "lab/mod.rs:7");
/// ```
pub fn short(place: Place) -> String {
    let file = place.file.rsplit('/').next().unwrap_or(place.file);
    let file = match file {
        "mod.rs" => end_of(place.file),
        _ => file,
    };
    printable(&format!("{file}:{}", place.line))
}

/// The text without what a terminal would take for a command: a recording may come from anywhere.
///
/// ```
/// assert_eq!(story::place::printable("a\u{1b}[2J"), "a\\u{1b}[2J");
/// ```
pub fn printable(text: &str) -> String {
    let shown = |sign: char| match sign.is_control() {
        true => sign.escape_default().collect::<String>(),
        false => sign.to_string(),
    };
    text.chars().map(shown).collect()
}

/// Whether the event tells of the task that `block_on` made for its future: such a task has a file of the runtime
/// to itself, and no event names it otherwise.
pub(crate) fn is_of_block_on(record: &Record) -> bool {
    record.place.file.ends_with("machine/executor/root.rs")
}

/// The last two steps of a path.
fn end_of(path: &str) -> &str {
    let mut steps = path.rmatch_indices('/');
    steps.nth(1).map_or(path, |(at, _)| &path[at + 1..])
}
