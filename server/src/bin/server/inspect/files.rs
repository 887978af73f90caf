//! Recordings from files: those of `--show`, and those that a person chooses or drops on the page.
//!
//! A file may come from anywhere: it may have been cut off, edited, or be no recording at all. A line that cannot be
//! read, or a gap in the numbers of the events, is refused here, in a sentence that names the file; everything behind this
//! relies on it. Other edits are not noticed: then the page shows what the file says.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use runtime::trace::Recording;
use story::files;

/// A recording that was read.
pub(super) struct Read {
    /// Of its host, or of its file.
    pub(super) name: String,
    pub(super) recording: Recording,
    /// That its end is missing.
    pub(super) note: Option<String>,
}

/// The recordings in files of these names, or in folders of these names.
pub(super) fn of_names(names: &[PathBuf]) -> Result<Vec<Read>, String> {
    let mut all = Vec::new();
    for name in names {
        let cannot = |error: io::Error| format!("cannot show {}: {error}", name.display());
        for file in files::of(name).map_err(cannot)? {
            let opened = File::open(&file).map_err(cannot)?;
            all.push(read(&file, BufReader::new(opened))?);
        }
    }
    Ok(all)
}

/// The recording in a file. The error is a sentence.
pub(super) fn read(file: &Path, from: impl BufRead) -> Result<Read, String> {
    let read = files::read(file, from);
    let (name, recording) = read.map_err(|error| format!("cannot show {error}"))?;
    if let Some(why) = gap(&recording) {
        return Err(format!("cannot show {}: {why}", file.display()));
    }
    let note = files::cut(&format!("{}: its", file.display()), &recording);
    Ok(Read {
        name,
        recording,
        note,
    })
}

/// Larger numbers are not exact in a browser, and no program comes so far.
const LARGEST: u64 = 1 << 53;

/// Why these are not the events of one program, one after the other. Without that no state can be told.
fn gap(recording: &Recording) -> Option<String> {
    let numbers = recording.records().iter().map(|record| record.seq);
    if let Some(large) = numbers.clone().find(|number| *number >= LARGEST) {
        return Some(format!(
            "its event has the number {large}: no program has so many events"
        ));
    }
    let mut pairs = numbers.clone().zip(numbers.skip(1));
    let (one, next) = pairs.find(|(one, next)| one + 1 != *next)?;
    Some(format!(
        "its event {one} is followed by event {next}: the file was edited, or is several in one"
    ))
}
