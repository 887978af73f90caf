//! Step through a running program, forwards and backwards, and see why.
//!
//! ```text
//! cargo run --example stepper                      lists the programs
//! cargo run --example stepper -- racing            steps one of them
//! cargo run --example stepper -- racing --plain    prints every step instead
//! cargo run --example stepper -- racing --seed 7   draws other lots
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
//! in the recording (`player.rs`), what has happened in a sentence (`story.rs`), why
//! (`causes.rs`), where (`source.rs`), what it looks like (`pictures/`); then the two ways to show
//! all that, `plain.rs` and the terminal.
#![forbid(unsafe_code)]
#![expect(dead_code, reason = "the terminal's half comes next")]

mod causes;
mod pictures;
mod plain;
mod player;
mod programs;
mod record;
mod source;
mod story;
mod words;

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use player::Player;
use programs::Program;

/// What the command line asks for.
#[derive(Debug, Default)]
struct Wanted {
    name: Option<String>,
    plain: bool,
    seed: u64,
}

fn main() -> ExitCode {
    let done = match wanted(env::args().skip(1)) {
        Ok(Wanted { name: None, .. }) => list(),
        Ok(wanted) => show(&wanted),
        Err(problem) => Err(io::Error::other(problem)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the story has read enough of it.
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
    let name = wanted.name.as_deref().unwrap_or_default();
    let program = programs::find(name).ok_or_else(|| {
        io::Error::other(format!(
            "there is no program {name}; without a name, they are listed"
        ))
    })?;
    let mut player = Player::new(record::record(program, wanted.seed)?);
    introduce(program, &mut io::stdout().lock())?;
    plain::print(&mut player, &mut io::stdout().lock())
}

fn introduce(program: &Program, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}: {}", program.name, program.title)?;
    writeln!(out, "{}\n", program.watch)
}
