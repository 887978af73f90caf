//! Recordings are written to files.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use runtime::trace::{Recording, recording_path};

use crate::Piece;
use crate::player::Named;

/// One recording into a file, and those of a program's other runtimes beside it; several hosts into a folder, each in
/// a file with the name of its host.
pub(crate) fn save(piece: &Piece, path: &Path) -> io::Result<()> {
    match &piece.recordings[..] {
        [(_, recording)] => {
            write(recording, path)?;
            let others = piece.others.iter().zip(2..);
            let mut others = others.map(|((_, it), number)| (it, recording_path(path, number)));
            others.try_for_each(|(it, path)| {
                write(it, &path)?;
                eprintln!(
                    "stepper: another runtime's recording is in {}",
                    path.display()
                );
                Ok(())
            })
        }
        hosts => save_hosts(hosts, path),
    }
}

fn save_hosts(hosts: &[Named], path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(|error| with_name(path, &error))?;
    let mut taken = BTreeSet::new();
    hosts.iter().try_for_each(|(host, recording)| {
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
pub(crate) fn perfetto(piece: &Piece, path: &Path) -> io::Result<()> {
    let all = piece.recordings.iter().chain(&piece.others);
    let all: Vec<_> = all.map(|(name, it)| (&**name, it)).collect();
    to_file(path, |file| match all[..] {
        [(_, recording)] => recording.write_chrome(file),
        _ => Recording::write_chrome_of_all(all, file),
    })
}

fn write(recording: &Recording, path: &Path) -> io::Result<()> {
    to_file(path, |file| recording.write_to(file))
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
