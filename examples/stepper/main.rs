//! Step through a running program, forwards and backwards, and see why.
//!
//! ```text
//! cargo run --example stepper                      lists the programs
//! cargo run --example stepper -- racing            steps one of them
//! cargo run --example stepper -- path/to/mine.rs   builds and runs a program of yours, and steps it
//! cargo run --example stepper -- racing --guess    asks what comes next
//! cargo run --example stepper -- --help            has the rest
//! ```
//!
//! A program is run to its end while the machine records what it does. Then the recording is
//! stepped: one event forwards, one back, or to the next poll, wake or park. Beside each event
//! stands what it means, the line of the runtime that did it, the line of the program that asked
//! for it, what the machine looks like now, and why the poll happens in which it happened.
//!
//! What to see: take `joining` first, and press the right arrow until the end. Then go back to the
//! parent's last poll, and read the chain of causes.
//!
//! In reading order: the programs (`programs/`), how they are recorded (`record.rs`), a program of yours
//! (`mine/`), recordings in files (`open.rs`, `save.rs`), the command line (`options.rs`), the place in a recording
//! (`player.rs`), where the code goes on (`resume.rs`), why the thread
//! wakes up (`sleeping.rs`), the hosts of a simulation together (`lanes/`), what it looks like
//! (`pictures/`), what the reader guesses (`guessing.rs`); then the two ways to show all that, `plain.rs`
//! and `screen/`. What has happened, in a sentence, and why, is told
//! by the crate `story` (`runtime/story/`).
#![forbid(unsafe_code)]

mod guessing;
mod lanes;
mod mine;
mod open;
mod options;
mod pictures;
mod plain;
mod player;
mod programs;
mod record;
mod resume;
mod save;
mod screen;
mod sleeping;
mod terminal;

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use lanes::Lanes;
use mine::Mine;
use options::{Kind, Wanted};
use player::{Named, Player};
use programs::notes::Note;
use programs::{Program, Run};
use story::words;

/// How often it is looked whether the reader has edited a source.
const LOOK: Duration = Duration::from_millis(200);

/// What is to be stepped.
struct Piece {
    title: String,
    watch: String,
    /// One; or one a host of a simulation.
    recordings: Vec<Named>,
    /// Those of a program's other runtimes. They are saved, and not shown.
    others: Vec<Named>,
    /// What the program has said of itself.
    notes: Vec<Note>,
    /// The folders below which its sources may lie, besides the repository.
    roots: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let done = match options::wanted(env::args().skip(1)) {
        Ok(wanted) if wanted.help => write!(io::stdout(), "{}", options::HELP),
        Ok(wanted) if wanted.names.is_empty() => list(),
        Ok(wanted) => show(&wanted),
        Err(problem) => Err(io::Error::other(problem)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Who read the story has read enough of it.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stepper: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Programs to step, the simplest first:\n")?;
    for program in &programs::ALL {
        writeln!(out, "  {:<10} {}", program.name, program.title)?;
    }
    let first = programs::ALL[0].name;
    writeln!(out, "\ncargo run --example stepper -- {first}")?;
    writeln!(out, "\n--help says how to step a program of your own.")
}

fn show(wanted: &Wanted) -> io::Result<()> {
    let (piece, mine) = piece(wanted)?;
    if let Some(file) = &wanted.save {
        return save::save(&piece, Path::new(file));
    }
    if let Some(file) = &wanted.perfetto {
        return save::perfetto(&piece, Path::new(file));
    }
    let mine = mine.filter(|_| wanted.watch);
    match io::stdout().is_terminal() && !wanted.plain {
        true => screen::show(piece, mine, wanted.guess),
        false if wanted.guess => guess(piece),
        false => print(piece, mine),
    }
}

/// Prints the story, and again after each edit if the program is watched.
fn print(piece: Piece, mut mine: Option<Mine>) -> io::Result<()> {
    let mut next = Ok(piece);
    loop {
        match next {
            Ok(piece) => print_once(piece)?,
            Err(error) => eprintln!("stepper: {error}"),
        }
        let Some(mine) = &mut mine else {
            return Ok(());
        };
        wait_for_edit(mine);
        next = mine.record(false);
    }
}

fn wait_for_edit(mine: &mut Mine) {
    while !mine.has_changed() {
        thread::sleep(LOOK);
    }
}

fn print_once(piece: Piece) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let lanes = begin(piece, &mut out)?;
    match lanes.have_several_recordings() {
        true => lanes::plain::print(&lanes, &mut out)?,
        false => plain::print(lanes, &mut out)?,
    }
    out.flush()
}

/// Asks on the standard input what comes next.
fn guess(piece: Piece) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    let lanes = begin(piece, &mut out)?;
    plain::guess(lanes, &mut io::stdin().lock(), &mut out)?;
    out.flush()
}

/// Prints what the program is about.
fn begin(piece: Piece, out: &mut impl Write) -> io::Result<Lanes> {
    writeln!(out, "{}\n{}\n", piece.title, words::wrap(&piece.watch, 80))?;
    Ok(piece.lanes())
}

impl Piece {
    /// All of it, before the first event.
    fn lanes(self) -> Lanes {
        let mut notes = Some(self.notes);
        let recordings = self.recordings.into_iter();
        // Notes are of a program with one recording.
        let players = recordings
            .map(|recording| Player::new(recording, notes.take().unwrap_or_default(), &self.roots));
        Lanes::new(players.collect())
    }
}

/// A program of this name, a program of the reader's, or a recording in a file of this name.
fn piece(wanted: &Wanted) -> io::Result<(Piece, Option<Mine>)> {
    if let [name] = &wanted.names[..] {
        if let Some(program) = programs::find(name) {
            return own(program, wanted).map(|piece| (piece, None));
        }
        if (name.ends_with(".rs") || !Path::new(name).exists())
            && let Some(mine) = Mine::find(name, wanted)?
        {
            wanted.suits(Kind::Mine)?;
            return first(mine, wanted.watch);
        }
    }
    wanted.suits(Kind::Recordings)?;
    open::open(&wanted.names).map(|piece| (piece, None))
}

/// A program of the reader's, as it is. If it is watched and does not build, it is built again after each edit.
fn first(mut mine: Mine, watch: bool) -> io::Result<(Piece, Option<Mine>)> {
    loop {
        match mine.record(false) {
            Err(error) if watch => {
                eprintln!(
                    "stepper: {error}\nIt is built again when it was edited. Ctrl-C ends this."
                );
                wait_for_edit(&mut mine);
            }
            Err(error) => return Err(error),
            Ok(piece) => return Ok((piece, Some(mine))),
        }
    }
}

/// One of the stepper's own programs.
fn own(program: &Program, wanted: &Wanted) -> io::Result<Piece> {
    wanted.suits(match program.run {
        Run::Apart => Kind::OwnApart,
        _ => Kind::Own,
    })?;
    let title = format!("{}: {}", program.name, program.title);
    let watch = program.watch.to_owned();
    let seed = wanted.seed.unwrap_or(0);
    let one = |(recording, notes)| (vec![(String::new(), recording)], notes);
    let (recordings, notes) = match program.run {
        Run::Tasks(start) => one(record::record(start, program.outside, seed)?),
        Run::Whole(record) => one(record()?),
        Run::Hosts(record) => (record(seed)?, Vec::new()),
        Run::Apart => {
            let piece = Mine::of_file(&program.file(), wanted)?.record(false)?;
            return Ok(Piece {
                title,
                watch,
                ..piece
            });
        }
    };
    Ok(Piece {
        title,
        watch,
        recordings,
        others: Vec::new(),
        notes,
        roots: Vec::new(),
    })
}
