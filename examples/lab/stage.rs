//! Has the learner's stages in it, and the solutions, and examines them. The learner calls it by `lab`.
//!
//! ```text
//! stage                  the stages from the first one on, up to the one that is not right yet
//! stage 3                stage 3
//! stage --solution 3     the solution of stage 3
//! ```
#![forbid(unsafe_code)]

use lab::examiner::{Check, examine};
use lab::{FILES, STAGES};

#[allow(
    dead_code,
    unreachable_code,
    unreachable_pub,
    unused_imports,
    unused_mut,
    unused_variables,
    clippy::all,
    clippy::needless_pass_by_value,
    clippy::todo,
    reason = "a hole leaves much unused, and how a learner writes is the learner's affair"
)]
#[path = "stages/mod.rs"]
mod stages;

#[allow(
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "one check for each work: see build.rs"
)]
mod of_stages {
    include!(concat!(env!("OUT_DIR"), "/stages.rs"));
}

#[allow(
    unreachable_pub,
    clippy::duplicate_mod,
    reason = "one check for each work: see build.rs"
)]
mod of_solutions {
    include!(concat!(env!("OUT_DIR"), "/solutions.rs"));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => up_to_the_present(),
        ["--solution", number] => one("solutions", &of_solutions::CHECKS, number),
        [number] => one("stages", &of_stages::CHECKS, number),
        _ => unreachable!("`lab` has read the words"),
    }
}

fn one(folder: &str, checks: &[&Check], number: &str) {
    let number: usize = number.parse().expect("`lab` has read the number");
    let check = checks[number - 1];
    println!("{}", examine(heading(folder, number, check), check));
    println!("Stage {number} of {STAGES} is right.");
}

/// The process ends in the first stage that is not right.
fn up_to_the_present() {
    for (number, check) in (1..).zip(of_stages::CHECKS) {
        examine(heading("stages", number, check), check);
        println!("Stage {number} of {STAGES}: {} - right", check.title);
    }
    println!("\nAll {STAGES} stages are right: you have built a runtime.");
}

fn heading(folder: &str, number: usize, check: &Check) -> String {
    let Check { title, stops, .. } = check;
    let file = FILES[number - 1];
    format!(
        "Stage {number} of {STAGES}: {title}\n  examples/lab/{folder}/{file}; NOTES.md, {stops}\n\n"
    )
}
