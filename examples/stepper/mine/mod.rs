//! A program of the reader's: found, built, run and recorded, in one command.
//!
//! The program does not know of the stepper. It is built by cargo with the feature `serde` of the
//! runtime, and run with `TREADLE_RECORD` set, so that its runtime writes what happens to a file. A
//! program that does not end by itself is ended after a while; its file has what happened until then.

mod build;
mod find;
mod run;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime};

use runtime::trace::Recording;

use crate::Piece;
use find::Target;

/// More events than a person steps through.
const MOST: usize = 100_000;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Mine {
    target: Target,
    patience: Duration,
    /// What its sources were like when it was last looked.
    seen: Vec<(PathBuf, Option<SystemTime>)>,
}

impl Mine {
    /// The program in a file, or the example of this name in the package in which the reader is.
    pub(crate) fn find(name: &str, patience: Duration) -> io::Result<Option<Mine>> {
        if name.ends_with(".rs") {
            return Mine::of_file(name, patience).map(Some);
        }
        Ok(find::example(name).map(|target| Mine::new(target, patience)))
    }

    /// The program in a file.
    pub(crate) fn of_file(name: &str, patience: Duration) -> io::Result<Mine> {
        let target = find::of_file(Path::new(name))?;
        Ok(Mine::new(target, patience))
    }

    fn new(target: Target, patience: Duration) -> Mine {
        let seen = look(&target);
        Mine {
            target,
            patience,
            seen,
        }
    }

    /// Builds and runs it. While a screen is shown, what cargo and the program say must not be: then
    /// `quiet` is set, and what cargo says is in the error.
    pub(crate) fn record(&self, quiet: bool) -> io::Result<Piece> {
        let program = build::build(&self.target, quiet)?;
        // Two steppers may run the same program.
        let name = format!("{}-{}.jsonl", self.target.name, process::id());
        let file = find::workshop()?.join(name);
        let end = run::run(&program, &self.target, &file, self.patience, quiet)?;
        let read = read(&file, &end);
        let _ = fs::remove_file(&file);
        let (recording, is_cut) = read?;
        let cut = match recording.cut_line() {
            Some(line) => format!(" Line {line} of the recording was cut off, and is left out."),
            None => String::new(),
        };
        let full = match is_cut {
            true => format!(
                " Only the first {} events are shown.",
                recording.records().len()
            ),
            false => String::new(),
        };
        Ok(Piece {
            title: format!("{}: a program of yours", self.target.title()),
            watch: format!("Recorded from its first event on. {end}{cut}{full}"),
            recordings: vec![(String::new(), recording)],
            notes: Vec::new(),
            roots: self.target.roots(),
        })
    }

    /// Whether a source has been edited since the last question.
    pub(crate) fn has_changed(&mut self) -> bool {
        let now = look(&self.target);
        let changed = now != self.seen;
        self.seen = now;
        changed
    }
}

/// The files that the program is made of, and when each was written.
fn look(target: &Target) -> Vec<(PathBuf, Option<SystemTime>)> {
    let mut files = vec![target.file.clone()];
    let folder = target
        .file
        .parent()
        .filter(|_| target.file.ends_with("main.rs"));
    let library = target.folder.join("src");
    let folders = folder.into_iter().chain([library.as_path()]);
    folders.for_each(|folder| collect(folder, &mut files));
    files.sort();
    let age = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    files
        .into_iter()
        .map(|file| (file.clone(), age(&file)))
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, files),
            false if path.extension().is_some_and(|it| it == "rs") => files.push(path),
            false => {}
        }
    }
}

/// The recording that the program has left behind; and whether it goes on behind what is read of it.
fn read(file: &Path, end: &str) -> io::Result<(Recording, bool)> {
    let bytes = fs::read(file).map_err(|_| {
        io::Error::other(format!(
            "the program has made no recording. {end} It built no runtime of the crate `runtime`, or not \
             with the features `serde` and `trace`."
        ))
    })?;
    // The head and the hashes are lines, too.
    let mut ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let limit = ends.nth(MOST).map_or(bytes.len(), |(at, _)| at + 1);
    let recording = Recording::read_from(&bytes[..limit])?;
    Ok((recording, limit < bytes.len()))
}
