//! The table: Treadle beside Tokio, row by row, with the ratio that counts.
//!
//! Criterion (the other targets of this folder) times one thing after the other, which is right
//! for watching one figure over the weeks and wrong for ratios: between two contenders the machine
//! drifts. So this target measures the ratios itself, in rounds that take turns, and prints them
//! with the goals. `cargo bench` runs it last, for its name.
//!
//! | file | what it knows |
//! |---|---|
//! | `rounds` | taking turns, medians |
//! | `row` | what a row is |
//! | `executor`, `sync`, `timers`, `sockets`, `memory` | the rows |
//! | `neighbours`, `bully` | the rows of the neighbour, and the client that is hard on it |
//! | `load`, `wire`, `job` | the client that keeps servers busy, its sockets, and its orders |
//! | `child` | this program as a server, the load, a probe |
//! | `report` | the printing |
//!
//! The work itself is in `work/`, once for all sides; the sides are in `sides/`.
//!
//! ```text
//! cargo bench                          everything, the table at the end
//! cargo bench --bench zz_table         the table only
//! cargo bench -- yield                 only what has "yield" in its name, here and in criterion
//! cargo bench --bench zz_table -- --spread     how far apart the rounds lay
//! ```
#![forbid(unsafe_code)]

#[path = "../kit/mod.rs"]
mod kit;

mod bully;
mod child;
mod executor;
mod job;
mod load;
mod memory;
mod neighbours;
mod report;
mod rounds;
mod row;
mod sockets;
mod sync;
mod timers;
mod wire;

use report::Report;
use rounds::Effort;
use row::Row;
use std::process::ExitCode;

fn main() -> ExitCode {
    kit::machine::cores();
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "--child") {
        return match child::live(&words[1..]) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("child {:?}: {error}", &words[1..]);
                ExitCode::FAILURE
            }
        };
    }
    let wishes = Wishes::of(&words);
    let rows: Vec<&Row> = all_rows().filter(|row| wishes.include(row)).collect();
    if !rows.is_empty() {
        measure(&rows, &wishes);
    }
    ExitCode::SUCCESS
}

/// Measures the rows one by one and prints the table as it grows.
fn measure(rows: &[&Row], wishes: &Wishes) {
    let awake = kit::machine::stay_awake();
    let mut report = Report::new(wishes.spread);
    report.begin(awake.is_some());
    for row in rows {
        report.row(row, (row.measure)(wishes.effort));
    }
    report.end();
    if wishes.effort.smoke {
        println!("This was only to see that everything runs: such short rounds measure nothing.");
    }
}

/// Every row, in the order of the table.
fn all_rows() -> impl Iterator<Item = &'static Row> {
    executor::ROWS
        .iter()
        .chain(&sync::ROWS)
        .chain(&timers::ROWS)
        .chain(&memory::ROWS)
        .chain(&sockets::ECHO)
        .chain(&sockets::OTHERS)
        .chain(&sockets::HTTP)
        .chain(&sockets::SERVICE)
        .chain(&neighbours::ROWS)
        .chain(&memory::CONNECTION)
        .chain(&sockets::OBSERVING)
}

/// What the command line asks for.
struct Wishes {
    names: Vec<String>,
    effort: Effort,
    spread: bool,
}

impl Wishes {
    /// Cargo says `--bench` when it benches; without it (`cargo test --benches`), or with `--test`,
    /// this is a quick run to see that everything works. Flags that are criterion's are let pass.
    fn of(words: &[String]) -> Self {
        let has = |flag: &str| words.iter().any(|word| word == flag);
        Self {
            names: words
                .iter()
                .filter(|word| !word.starts_with('-'))
                .cloned()
                .collect(),
            effort: Effort {
                smoke: has("--test") || !has("--bench"),
            },
            spread: has("--spread"),
        }
    }

    fn include(&self, row: &Row) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| row.id.contains(name.as_str()))
    }
}
