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
//! | `user` | the rows of user CPU |
//! | `neighbours`, `bully` | the rows of the neighbour, and the client that is hard on it |
//! | `load`, `wire`, `job` | the client that keeps servers busy, its sockets, and its orders |
//! | `child`, `servers` | this program as a server, the load, a probe |
//! | `report`, `digits` | the printing |
//!
//! The work itself is in `work/`, once for all sides; the sides are in `sides/`.
//!
//! ```text
//! cargo bench -p treadle                          everything, the table at the end
//! cargo bench -p treadle --bench zz_table         the table only (about ten minutes)
//! cargo bench -p treadle --bench zz_table -- yield sync/      the rows with that in their names
//! cargo bench -p treadle --bench zz_table -- --spread         how far apart the rounds lay
//! ```
//!
//! `-p treadle` is not for show: without it Cargo unites the features that all members of the workspace
//! ask for, and the runtime that is measured has the simulation in it.
#![forbid(unsafe_code)]

#[path = "../kit/mod.rs"]
mod kit;

mod bully;
mod child;
mod digits;
mod executor;
mod job;
mod load;
mod memory;
mod neighbours;
mod report;
mod rounds;
mod row;
mod servers;
mod sockets;
mod sync;
mod timers;
mod user;
mod wire;

use kit::wishes::Wishes;
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
    let wishes = Wishes::of(words);
    let names: Vec<&str> = all_rows().map(|row| row.id).collect();
    let told = wishes.answer(USAGE, &names);
    let rows: Vec<&Row> = all_rows().filter(|row| wishes.include(row.id)).collect();
    if !told && !rows.is_empty() {
        measure(&rows, &wishes);
    }
    ExitCode::SUCCESS
}

const USAGE: &str = "\
The table: Treadle beside Tokio.

cargo bench -p treadle --bench zz_table -- [--spread] [NAME]...

NAME      measures only the rows with that in their names
--spread  says how far apart the rounds lay";

/// Measures the rows one by one and prints the table as it grows.
fn measure(rows: &[&Row], wishes: &Wishes) {
    let awake = kit::machine::stay_awake();
    let effort = Effort {
        smoke: wishes.smoke(),
    };
    let mut report = Report::new(wishes.has("--spread"));
    report.begin(awake.is_some());
    for row in rows {
        report.row(row, (row.measure)(effort));
    }
    report.end();
    if effort.smoke {
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
        .chain(&user::ROWS)
        .chain(&sockets::SERVICE)
        .chain(&neighbours::ROWS)
        .chain(&memory::CONNECTION)
        .chain(&sockets::OBSERVING)
}
