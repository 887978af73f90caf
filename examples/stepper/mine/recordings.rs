//! What the program has left behind: a recording for each runtime that it built.

use std::fs;
use std::io;
use std::path::Path;

use runtime::trace::{Recording, recording_path};

/// More events than a person steps through.
const MOST: usize = 100_000;

/// What one of the program's runtimes did.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) recording: Recording,
    /// It goes on behind what is read of it.
    is_cut: bool,
}

/// All of them, in the order in which the runtimes were built. The first has the file of this name. `end` says how the
/// program ended.
pub(super) fn read(first: &Path, end: &str) -> io::Result<Vec<Recorded>> {
    let files = (1..).map(|number| recording_path(first, number));
    let files = files.take_while(|file| file.exists());
    let all = files
        .map(|file| one(&file))
        .collect::<io::Result<Vec<_>>>()?;
    match all.is_empty() {
        true => Err(io::Error::other(format!(
            "the program has made no recording. {end} It built no runtime of the crate `runtime`, or not \
             with the features `serde` and `trace`."
        ))),
        false => Ok(all),
    }
}

fn one(file: &Path) -> io::Result<Recorded> {
    let bytes = fs::read(file)?;
    // The head and the hashes are lines, too.
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let limit = ends.nth(MOST).map_or(bytes.len(), |(at, _)| at + 1);
    Ok(Recorded {
        recording: Recording::read_from(&bytes[..limit])?,
        is_cut: limit < bytes.len(),
    })
}

impl Recorded {
    /// What of it is missing, in sentences; nothing, if it is whole.
    pub(super) fn missing(&self) -> String {
        let cut = match self.recording.cut_line() {
            Some(line) => format!(" Line {line} of the recording was cut off, and is left out."),
            None => String::new(),
        };
        match self.is_cut {
            true => {
                let count = self.recording.records().len();
                format!("{cut} Only the first {count} events are shown.")
            }
            false => cut,
        }
    }
}
