//! Recordings are written to files.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use runtime::trace::Recording;

use crate::player::Named;

/// One recording into a file; several into a folder, each in a file with the name of its host.
pub(crate) fn save(recordings: &[Named], path: &Path) -> io::Result<()> {
    let write = |recording: &Recording, path: &Path| to_file(path, |file| recording.write_to(file));
    if let [(_, recording)] = recordings {
        return write(recording, path);
    }
    fs::create_dir_all(path).map_err(|error| with_name(path, &error))?;
    let mut taken = BTreeSet::new();
    recordings.iter().try_for_each(|(host, recording)| {
        let name = file_name(host, &mut taken);
        write(recording, &path.join(name))
    })
}

/// A name in this folder that no other recording has taken.
fn file_name(host: &str, taken: &mut BTreeSet<String>) -> String {
    let is_plain = |sign: char| sign.is_alphanumeric() || "-_".contains(sign);
    let host = host.replace(|sign| !is_plain(sign), "_");
    let names = (1..).map(|nth| match nth {
        1 => format!("{host}.jsonl"),
        nth => format!("{host}.{nth}.jsonl"),
    });
    let mut free = names.skip_while(|name| taken.contains(name));
    let name = free.next().unwrap_or_default();
    taken.insert(name.clone());
    name
}

/// All of them into one file for Perfetto.
pub(crate) fn perfetto(recordings: &[Named], path: &Path) -> io::Result<()> {
    let all = recordings.iter().map(|(host, it)| (&**host, it));
    to_file(path, |file| match recordings {
        [(_, recording)] => recording.write_chrome(file),
        _ => Recording::write_chrome_of_all(all, file),
    })
}

/// Writes a file. An error has its name.
fn to_file(path: &Path, write: impl FnOnce(BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let written = File::create(path).and_then(|file| write(BufWriter::new(file)));
    written.map_err(|error| with_name(path, &error))
}

fn with_name(path: &Path, error: &io::Error) -> io::Error {
    let problem = format!("{} cannot be written: {error}", path.display());
    io::Error::new(error.kind(), problem)
}
