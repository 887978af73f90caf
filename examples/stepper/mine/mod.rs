//! A program of the reader's: found, built, run and recorded, in one command.
//!
//! The program does not know of the stepper. It is built by cargo with the feature `serde` of the
//! runtime, and run with `TREADLE_RECORD` set, so that its runtime writes what happens to a file. A
//! program that does not end by itself is ended after a while; its file has what happened until then.

mod build;
mod find;
mod recordings;
mod run;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime};

use story::words;

use crate::Piece;
use crate::options::Wanted;
use find::Target;
use recordings::Recorded;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Mine {
    target: Target,
    patience: Duration,
    /// The number of the runtime that is shown, if the reader has chosen one.
    runtime: Option<usize>,
    /// What its sources were like when it was last looked.
    seen: Vec<(PathBuf, Option<SystemTime>)>,
}

impl Mine {
    /// The program in a file, or the example of this name in the package in which the reader is.
    pub(crate) fn find(name: &str, wanted: &Wanted) -> io::Result<Option<Mine>> {
        if name.ends_with(".rs") {
            return Mine::of_file(name, wanted).map(Some);
        }
        Ok(find::example(name).map(|target| Mine::new(target, wanted)))
    }

    /// The program in a file.
    pub(crate) fn of_file(name: &str, wanted: &Wanted) -> io::Result<Mine> {
        let target = find::of_file(Path::new(name))?;
        Ok(Mine::new(target, wanted))
    }

    fn new(target: Target, wanted: &Wanted) -> Mine {
        let seen = look(&target);
        Mine {
            target,
            patience: wanted.patience(),
            runtime: wanted.runtime,
            seen,
        }
    }

    /// Builds and runs it. While a screen is shown, what cargo and the program say must not be: then
    /// `quiet` is set, and what cargo says is in the error.
    pub(crate) fn record(&self, quiet: bool) -> io::Result<Piece> {
        let program = build::build(&self.target, quiet)?;
        // Two steppers may run the same program.
        let name = format!("recorded-{}-{}", self.target.name, process::id());
        let folder = find::workshop()?.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder)?;
        let file = folder.join("run.jsonl");
        let end = run::run(&program, &self.target, &file, self.patience, quiet);
        let read = end.and_then(|end| Ok((recordings::read(&file, &end)?, end)));
        let _ = fs::remove_dir_all(&folder);
        let (all, end) = read?;
        self.piece(all, &end)
    }

    /// The runtime that the reader has chosen, or else the first.
    fn piece(&self, mut all: Vec<Recorded>, end: &str) -> io::Result<Piece> {
        let count = all.len();
        let number = self.runtime.unwrap_or(1);
        if number > count {
            let built = words::count(count, "runtime");
            let problem = format!("the program built {built}: there is no runtime {number}");
            return Err(io::Error::other(problem));
        }
        let shown = all.remove(number - 1);
        if self.runtime.is_some() {
            all.clear();
        }
        let others = (2..).zip(all);
        let others = others.map(|(number, it)| (format!("runtime {number}"), it.recording));
        let which = match count {
            1 => String::new(),
            _ => format!(", runtime {number} of {count}"),
        };
        Ok(Piece {
            title: format!("{}{which}: a program of yours", self.target.title()),
            watch: format!(
                "Recorded from its first event on. {end}{}{}",
                how_many(number, count),
                shown.missing()
            ),
            recordings: vec![(format!("runtime {number}"), shown.recording)],
            others: others.collect(),
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

/// That there are other runtimes, and how to see them. Nothing, if there are none.
fn how_many(number: usize, count: usize) -> String {
    let (other, all) = match count {
        0 | 1 => return String::new(),
        2 => (format!("{} shows the other", 3 - number), "both"),
        _ => ("NUMBER shows another".to_owned(), "all"),
    };
    format!(
        " It built {count} runtimes, and this is what runtime {number} did: --runtime {other}; \
         --save FILE, without --runtime, writes the recordings of {all}."
    )
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
