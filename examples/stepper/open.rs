//! Recordings in files: one, several, or all of a folder.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use runtime::trace::Recording;
use story::words;

use crate::Piece;

/// What the files of these names hold, in one piece.
pub(crate) fn open(names: &[String]) -> io::Result<Piece> {
    let mut files = Vec::new();
    for name in names {
        files.extend(files_of(name)?);
    }
    let (mut recordings, mut cuts) = (Vec::new(), String::new());
    for file in &files {
        let recording = read(file)?;
        if let Some(line) = recording.cut_line() {
            let file = if files.len() == 1 {
                "Its".to_owned()
            } else {
                format!("{}: its", file.display())
            };
            cuts += &format!(
                " {file} line {line} was cut off, as if the program was killed while it wrote it: what came \
                 before it is here."
            );
        }
        let lane = recording.lane().map(|lane| lane.host.clone());
        let stem = || file.file_stem().unwrap_or_default().to_string_lossy();
        recordings.push((lane.unwrap_or_else(|| stem().into_owned()), recording));
    }
    let what = match &recordings[..] {
        [_] => "A recording from a file: what was recorded somewhere else, at another time.",
        _ => {
            "Recordings from files, in the order in which their events happened. If they are of several hosts, \
             LANES has a row for each; Tab keeps the panels at one host; o goes to the events of one host only."
        }
    };
    let places = files
        .iter()
        .map(|file| file.canonicalize())
        .chain([env::current_dir()]);
    let roots = places.flatten().flat_map(|place| {
        let above = place.ancestors().map(Path::to_owned);
        above.collect::<Vec<_>>()
    });
    Ok(Piece {
        title: match names {
            [name] if recordings.len() == 1 => format!("{name}: a recording"),
            _ => words::count(recordings.len(), "recording"),
        },
        watch: format!("{what}{cuts}"),
        roots: roots.collect(),
        recordings,
        notes: Vec::new(),
    })
}

/// The file of this name, or all recordings in the folder of this name.
fn files_of(name: &str) -> io::Result<Vec<PathBuf>> {
    let path = Path::new(name);
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    match files.is_empty() {
        true => Err(io::Error::other(format!(
            "the folder {name} has no recordings (files that end in .jsonl)"
        ))),
        false => Ok(files),
    }
}

fn read(path: &Path) -> io::Result<Recording> {
    let name = path.display();
    let file = File::open(path).map_err(|error| {
        let problem = format!(
            "there is no program {name}, no example of this name in the package you are in, and no \
             recording in a file of this name{}; without a name, the programs are listed",
            match error.kind() {
                io::ErrorKind::NotFound => String::new(),
                _ => format!(" that can be read ({error})"),
            }
        );
        io::Error::new(error.kind(), problem)
    })?;
    let read = Recording::read_from(BufReader::new(file));
    read.map_err(|error| io::Error::new(error.kind(), format!("{name}: {error}")))
}
