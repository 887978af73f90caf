//! The learner's command.
//!
//! ```text
//! cargo run -p lab                     says where you stand, and runs the stage that is not right yet
//! cargo run -p lab -- --watch          the same, and again at each save
//! cargo run -p lab -- 3                runs stage 3
//! cargo run -p lab -- --solution 3     runs the solution of stage 3
//! ```
//!
//! The stages are in another program, `stage`. So this one starts also when a stage does not compile, and what
//! is wrong in a stage cannot reach it.
#![forbid(unsafe_code)]

use lab::examiner::{NOT_WRITTEN, WRONG};
use lab::{FILES, STAGES};
use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

const USAGE: &str = "\
cargo run -p lab                     says where you stand, and runs the stage that is not right yet
cargo run -p lab -- --watch          the same, and again at each save
cargo run -p lab -- 3                runs stage 3
cargo run -p lab -- --solution 3     runs the solution of stage 3";

/// How often the files are looked at.
const LOOK: Duration = Duration::from_millis(250);

const LAB: &str = env!("CARGO_MANIFEST_DIR");

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => {
            run(&[]);
            println!("\nWith `-- --watch` the lab runs it again at each save.");
        }
        ["--watch"] => watch(),
        [number] if is_stage(number) => run(&[number]),
        ["--solution", number] if is_stage(number) => run(&words),
        ["--help" | "-h"] => println!("{USAGE}"),
        _ => {
            eprintln!(
                "There is no such command, or no such stage: they are 1 to {STAGES}.\n\n{USAGE}"
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn is_stage(word: &str) -> bool {
    word.parse()
        .is_ok_and(|number: usize| (1..=STAGES).contains(&number))
}

/// Builds the stages, and has them examined.
fn run(words: &[&str]) {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["run", "--quiet", "--package", "lab", "--bin", "stage", "--"])
        .args(words);
    let ended = command.current_dir(LAB).status();
    match ended.map(|status| status.code()) {
        Ok(Some(0 | NOT_WRITTEN)) => {}
        Ok(Some(WRONG)) => {
            println!("\nA way to do it is in the file of the same name in examples/lab/solutions.");
        }
        Ok(Some(_)) => println!("\nIt does not compile yet: above is what the compiler says."),
        Ok(None) => println!(
            "\nThe program was ended by a signal. Perhaps its stack is full: does a function call itself, or a \
             waker poll?"
        ),
        Err(error) => println!("\ncargo cannot be started: {error}"),
    }
}

/// When each stage was saved.
fn saved() -> Vec<Option<SystemTime>> {
    let stages = Path::new(LAB).join("stages");
    let saved = |file| {
        stages
            .join(file)
            .metadata()
            .and_then(|it| it.modified())
            .ok()
    };
    FILES.into_iter().map(saved).collect()
}

fn watch() {
    loop {
        let before = saved();
        println!("{}\n", "-".repeat(100));
        run(&[]);
        println!("\nThe lab waits until you save a stage. Ctrl-C ends it.");
        while saved() == before {
            sleep(LOOK);
        }
    }
}
