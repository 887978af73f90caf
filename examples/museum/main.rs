//! A museum of twelve bugs that asynchronous programs really have.
//!
//! ```text
//! cargo run --example museum                             lists the exhibits
//! cargo run --example museum -- deadlock                 runs one: broken, then repaired
//! cargo run --example museum -- deadlock --save F        and writes the broken one's recording to F
//! cargo run --example museum -- deadlock --repaired --save F    only the repaired one
//! cargo run --example stepper -- F                       steps the recording
//! ```
//!
//! Each exhibit is a file in `exhibits/`: what people write and why it is wrong, the broken program, the
//! repaired one, and what an observer of the runtime sees of the difference. None of the broken programs
//! crashes, and the compiler accepts them all: some hang, some are slow, some lose something. The
//! runtime's own events tell which.
//!
//! What to see: run `lost_wake_up` first, and read its file. Then guess, before you run the next
//! one, what the observer will say.
//!
//! All but one run on a paused clock: nothing takes time, and two runs tell the same story.
#![forbid(unsafe_code)]

mod exhibits;
mod seen;

use std::env;
use std::fs::File;
use std::io::{self, BufWriter};
use std::process::ExitCode;

use exhibits::{ALL, Exhibit};
use seen::Seen;

/// What `--help` prints.
const HELP: &str = "\
cargo run --example museum                             lists the exhibits
cargo run --example museum -- deadlock                 runs one: broken, then repaired
cargo run --example museum -- deadlock --save FILE     and writes the broken one's recording to FILE
cargo run --example museum -- deadlock --repaired      only the repaired one; with --save, its recording
cargo run --example stepper -- FILE                    steps the recording
";

/// What the command line asks for.
#[derive(Debug, Default)]
struct Wanted {
    name: Option<String>,
    help: bool,
    only_repaired: bool,
    save: Option<String>,
}

fn main() -> ExitCode {
    let done = wanted(env::args().skip(1)).and_then(|wanted| match &wanted.name {
        _ if wanted.help => {
            print!("{HELP}");
            Ok(())
        }
        None => {
            list();
            Ok(())
        }
        Some(name) => show(find(name)?, &wanted).map_err(|error| error.to_string()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("museum: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn wanted(mut words: impl Iterator<Item = String>) -> Result<Wanted, String> {
    let mut wanted = Wanted::default();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--repaired" => wanted.only_repaired = true,
            "--save" => wanted.save = Some(words.next().ok_or("--save wants a file after it")?),
            "--help" | "-h" => wanted.help = true,
            option if option.starts_with('-') => {
                return Err(format!("there is no option {option}; --help lists them"));
            }
            _ if wanted.name.is_some() => return Err("one exhibit at a time".to_owned()),
            _ => wanted.name = Some(word),
        }
    }
    Ok(wanted)
}

fn find(name: &str) -> Result<&'static Exhibit, String> {
    let found = ALL.iter().find(|exhibit| exhibit.name == name);
    found.ok_or_else(|| {
        format!("there is no exhibit {name}; without a name, the exhibits are listed")
    })
}

fn list() {
    println!("Twelve bugs, each beside its repair:\n");
    for exhibit in &ALL {
        println!("  {:<18} {}", exhibit.name, exhibit.title);
    }
    println!("\ncargo run --example museum -- {}", ALL[0].name);
    println!("--help lists the options.");
}

fn show(exhibit: &Exhibit, wanted: &Wanted) -> io::Result<()> {
    println!("{}: {}", exhibit.name, exhibit.title);
    println!("(examples/museum/exhibits/{}.rs)", exhibit.name);
    let broken = match wanted.only_repaired {
        true => None,
        false => Some(run(exhibit, "BROKEN", Exhibit::run_broken)?),
    };
    let repaired = run(exhibit, "REPAIRED", Exhibit::run_repaired)?;
    match &wanted.save {
        Some(file) => save(&broken.unwrap_or(repaired), file),
        None => Ok(()),
    }
}

fn run(
    exhibit: &Exhibit,
    which: &str,
    program: impl FnOnce(&Exhibit) -> io::Result<Seen>,
) -> io::Result<Seen> {
    println!("\n{which}");
    let seen = program(exhibit)?;
    println!("  How it ends: {}", seen.ending());
    println!("  What an observer sees:");
    for line in (exhibit.evidence)(&seen) {
        println!("    - {line}");
    }
    Ok(seen)
}

fn save(seen: &Seen, file: &str) -> io::Result<()> {
    let written = File::create(file).and_then(|to| seen.recording.write_to(BufWriter::new(to)));
    written.map_err(|error| io::Error::other(format!("{file} cannot be written: {error}")))?;
    println!("\nThe recording is in {file}. To step through it:");
    println!("cargo run --example stepper -- {file}");
    Ok(())
}
