//! Recordings in files: one, several, or all of a folder.

use std::env;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use runtime::trace::Recording;
use story::{files, words};

use crate::{Piece, programs};

/// What the files of these names hold, in one piece.
pub(crate) fn open(names: &[String]) -> io::Result<Piece> {
    let mut files = Vec::new();
    for name in names {
        if is_program(name) {
            let problem =
                format!("{name} is a program: one at a time; only recordings may be several");
            return Err(io::Error::other(problem));
        }
        files.extend(files::of(name)?);
    }
    let (mut recordings, mut cuts) = (Vec::new(), String::new());
    for file in &files {
        let named = read(file)?;
        let whose = match files.len() {
            1 => "Its".to_owned(),
            _ => format!("{}: its", file.display()),
        };
        if let Some(cut) = files::cut(&whose, &named.1) {
            cuts += &format!(" {cut}");
        }
        recordings.push(named);
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
        others: Vec::new(),
        notes: Vec::new(),
    })
}

/// Whether a program of this name is meant, and not a file.
fn is_program(name: &str) -> bool {
    name.ends_with(".rs") || (programs::find(name).is_some() && !Path::new(name).exists())
}

fn read(path: &Path) -> io::Result<(String, Recording)> {
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
    files::read(path, BufReader::new(file))
}
