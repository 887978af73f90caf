//! Step through a running program, forwards and backwards, and see why.
//!
//! ```text
//! cargo run --example stepper                      lists the programs
//! cargo run --example stepper -- racing            steps one of them
//! cargo run --example stepper -- racing --plain    prints every step instead
//! cargo run --example stepper -- racing --seed 7   draws other lots
//! cargo run --example stepper -- racing --save F   writes the recording to the file F
//! cargo run --example stepper -- F                 steps a recording from a file
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
//! In reading order: the programs (`programs/`), how they are recorded (`record.rs`), the place
//! in the recording (`player.rs`), where (`source.rs`), what it looks like (`pictures/`); then the two
//! ways to show all that, `plain.rs` and `screen/`. What has happened, in a sentence, and why, is told
//! by the crate `story` (`runtime/story/`).
#![forbid(unsafe_code)]

mod pictures;
mod plain;
mod player;
mod programs;
mod record;
mod screen;
mod source;

use std::env;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use runtime::trace::Recording;

use player::Player;
use story::words;

/// What the command line asks for.
#[derive(Debug, Default)]
struct Wanted {
    name: Option<String>,
    plain: bool,
    seed: u64,
    save: Option<String>,
}

/// What is to be stepped.
struct Piece {
    title: String,
    watch: String,
    recording: Recording,
}

fn main() -> ExitCode {
    let done = match wanted(env::args().skip(1)) {
        Ok(Wanted { name: None, .. }) => list(),
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

fn wanted(mut words: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--plain" => wanted.plain = true,
            "--seed" => wanted.seed = seed(words.next())?,
            "--save" => wanted.save = Some(words.next().ok_or("--save wants a file after it")?),
            option if option.starts_with('-') => {
                return Err(format!(
                    "there is no option {option}; there are --plain and --seed"
                ));
            }
            _ if wanted.name.is_some() => return Err("one program at a time".to_owned()),
            _ => wanted.name = Some(word),
        }
    }
    Ok(wanted)
}

fn seed(word: Option<String>) -> Result<u64, String> {
    let seed = word.and_then(|word| word.parse().ok());
    seed.ok_or_else(|| "--seed wants a number after it".to_owned())
}

fn list() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "Programs to step, the simplest first:\n")?;
    for program in &programs::ALL {
        writeln!(out, "  {:<10} {}", program.name, program.title)?;
    }
    writeln!(
        out,
        "\ncargo run --example stepper -- {}",
        programs::ALL[0].name
    )
}

fn show(wanted: &Wanted) -> io::Result<()> {
    let piece = piece(wanted)?;
    if let Some(file) = &wanted.save {
        let file = BufWriter::new(File::create(file)?);
        return piece.recording.write_to(file);
    }
    let player = Player::new(piece.recording);
    match io::stdout().is_terminal() && !wanted.plain {
        true => screen::show(player, piece.title, piece.watch),
        false => {
            let mut out = BufWriter::new(io::stdout().lock());
            writeln!(out, "{}\n{}\n", piece.title, words::wrap(&piece.watch, 80))?;
            plain::print(player, &mut out)?;
            out.flush()
        }
    }
}

/// A program of this name, or a recording in a file of this name.
fn piece(wanted: &Wanted) -> io::Result<Piece> {
    let name = wanted.name.as_deref().unwrap_or_default();
    if let Some(program) = programs::find(name) {
        return Ok(Piece {
            title: format!("{name}: {}", program.title),
            watch: program.watch.to_owned(),
            recording: record::record(program, wanted.seed)?,
        });
    }
    let file = File::open(name).map_err(|error| {
        let problem = format!(
            "there is no program {name}, and no recording in a file of this name ({error}); \
             without a name, the programs are listed"
        );
        io::Error::new(error.kind(), problem)
    })?;
    Ok(Piece {
        title: format!("{name}: a recording"),
        watch: "A recording from a file: what was recorded somewhere else, at another time."
            .to_owned(),
        recording: Recording::read_from(BufReader::new(file))?,
    })
}
