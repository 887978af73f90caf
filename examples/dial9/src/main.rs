//! Turns a recording into a trace for dial9's viewer.
//!
//! ```text
//! cargo run --example stepper -- echo --save run.jsonl     records something
//! cargo run -p dial9 -- run.jsonl run.bin                  turns it into a trace
//! ```
//!
//! What to see: the viewer (`cargo install dial9 --features cli`, `dial9 serve --local-dir .`) opens
//! `run.bin` as it opens a trace of Tokio: polls and sleeps of the one thread, who woke whom, how long a
//! task waited for its turn, where it was spawned. What becomes what is told in `lib.rs`.
#![forbid(unsafe_code)]

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use dial9::{Summary, export};
use runtime::trace::Recording;

const USAGE: &str = "cargo run -p dial9 -- RECORDING.jsonl TRACE.bin";

fn main() -> ExitCode {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let done = match words.as_slice() {
        [word] if word == "--help" || word == "-h" => say(USAGE),
        [from, to] => run(Path::new(from), Path::new(to)),
        _ => Err(format!("it wants two files: {USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("dial9: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(from: &Path, to: &Path) -> Result<(), String> {
    let recording = read(from).map_err(|error| format!("{}: {error}", from.display()))?;
    let summary = write(&recording, to).map_err(|error| format!("{}: {error}", to.display()))?;
    let Summary { events, tasks } = summary;
    if let Some(line) = recording.cut_line() {
        say(&format!(
            "line {line}, the last, was cut off, and is left out"
        ))?;
    }
    say(&format!(
        "{}: {events} events, of {tasks} tasks. dial9's viewer opens it.",
        to.display()
    ))
}

fn say(line: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{line}").map_err(|error| error.to_string())
}

fn read(from: &Path) -> io::Result<Recording> {
    Recording::read_from(BufReader::new(File::open(from)?))
}

/// The trace goes to a file of another name first: one that could not be written whole is not left behind
/// under its own name, and the recording is not destroyed if both names are the same.
fn write(recording: &Recording, to: &Path) -> io::Result<Summary> {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let written = File::create(part).and_then(|file| export(recording, BufWriter::new(file)));
    let done = written.and_then(|summary| std::fs::rename(part, to).map(|()| summary));
    if done.is_err() {
        let _ = std::fs::remove_file(part);
    }
    done
}
