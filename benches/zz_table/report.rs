//! The table itself: how the figures are said.
//!
//! It is a Markdown table, so that it can go into `RESULTS.md` and the README as it is. A goal
//! that is missed is printed as plainly as one that is met, and a row that could not be measured
//! says why instead of being left out.

use super::digits::digits;
use super::row::{Figures, Goal, Row, Unit};
use crate::kit::machine::{cores, raise_descriptors};
use std::io;
use std::process::Command;
use std::time::SystemTime;

/// The lines below the table, and how many rows missed their goal.
#[derive(Default)]
pub(super) struct Report {
    notes: Vec<String>,
    met: usize,
    missed: Vec<&'static str>,
    spread: bool,
}

impl Report {
    pub(super) fn new(spread: bool) -> Self {
        Self {
            spread,
            ..Self::default()
        }
    }

    /// Where and how this was measured, and the head of the table.
    pub(super) fn begin(&self, awake: bool) {
        let pinned = match cores() {
            Some(cores) => {
                format!("cores {cores}: server or runtime on the first, load on the second")
            }
            None => "one core, which servers and load share: CPU figures are too high".to_owned(),
        };
        let held = if awake {
            "held at 0"
        } else {
            "not to be had: sockets and wakes are noisier"
        };
        println!("\nTreadle beside Tokio's current_thread runtime, {}", now());
        println!("{}, {}", system(), compiler());
        println!("{pinned}");
        println!(
            "/dev/cpu_dma_latency {held}; up to {} open files",
            raise_descriptors()
        );
        println!(
            "Figures are medians of the rounds. The ratio is the median of Treadle's rounds, each by the round of\n\
             Tokio's beside it; so it may differ from one column by the other.\n"
        );
        let heads = ["Treadle", "Tokio", "floor", "ratio", "must reach"].map(str::to_owned);
        println!("{}", line("NAME", "benchmark", &heads, "met"));
        let rules = [9, 9, 9, 6, 10].map(|width| format!("{:->1$}", ":", width));
        println!("{}", line(&"-".repeat(34), &"-".repeat(57), &rules, "---"));
    }

    /// One row of the table.
    pub(super) fn row(&mut self, row: &Row, figures: io::Result<Figures>) {
        let figures = figures.unwrap_or_else(|error| Figures {
            note: Some(format!("could not be measured: {error}")),
            ..Figures::default()
        });
        let met = self.judge(row, &figures);
        let words = [
            figure(row.unit, figures.treadle.median(), row.goal.figure()),
            figure(row.unit, figures.tokio.median(), None),
            figure(row.unit, figures.floor.median(), None),
            figures
                .ratio()
                .map_or(String::new(), |ratio| digits(ratio, 2, row.goal.ratio())),
            goal(row),
        ];
        println!("{}", line(row.id, row.what, &words, met));
        self.remember(row, figures);
    }

    /// The last word of a row, counted.
    fn judge(&mut self, row: &Row, figures: &Figures) -> &'static str {
        match figures.meets(row.goal) {
            Some(true) => {
                self.met += 1;
                "yes"
            }
            Some(false) => {
                self.missed.push(row.id);
                "NO"
            }
            None => "",
        }
    }

    /// What is to be said below the table.
    pub(super) fn end(&self) {
        println!();
        for note in &self.notes {
            println!("{note}");
        }
        let missed = match self.missed.as_slice() {
            [] => "none missed".to_owned(),
            missed => format!("missed: {}", missed.join(", ")),
        };
        println!("{} goals met, {missed}", self.met);
    }

    fn remember(&mut self, row: &Row, figures: Figures) {
        if self.spread {
            let all = [&figures.treadle, &figures.tokio, &figures.floor];
            let spreads = all.map(|samples| format!("{:.0} %", samples.spread() * 100.0));
            let of_ratio = figures.pairs.spread() * 100.0;
            self.notes.push(format!(
                "{}: spread {}; of the ratio {of_ratio:.0} %",
                row.id,
                spreads.join(", ")
            ));
        }
        if let Some(note) = figures.note {
            self.notes.push(format!("{}: {note}", row.id));
        }
    }
}

/// One line of the table.
fn line(id: &str, what: &str, figures: &[String; 5], met: &str) -> String {
    let [treadle, tokio, floor, ratio, goal] = figures;
    format!(
        "| {id:<34} | {what:<57} | {treadle:>9} | {tokio:>9} | {floor:>9} \
         | {ratio:>6} | {goal:>10} | {met:>3} |"
    )
}

/// A figure in the unit that reads best, with digits enough to tell on which side of `most` it lies.
fn figure(unit: Unit, value: Option<f64>, most: Option<f64>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    match unit {
        Unit::Nanoseconds if value >= 1_000.0 => {
            let most = most.map(|most| most / 1_000.0);
            format!("{} µs", digits(value / 1_000.0, 2, most))
        }
        Unit::Nanoseconds => format!("{} ns", digits(value, 1, most)),
        Unit::Bytes => format!("{} B", digits(value, 0, most)),
        Unit::Factor => format!("{} x", digits(value, 2, most)),
    }
}

fn goal(row: &Row) -> String {
    match row.goal {
        Goal::Ratio(most) => format!("<= {most:.2}"),
        Goal::Figure(most) => format!("<= {}", figure(row.unit, Some(most), None)),
        Goal::None => String::new(),
    }
}

fn now() -> String {
    httpdate::fmt_http_date(SystemTime::now())
}

fn system() -> String {
    let name = rustix::system::uname();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores, {} {}",
        name.sysname().to_string_lossy(),
        name.release().to_string_lossy()
    )
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or("rustc of unknown version".to_owned(), |text| {
            text.trim().to_owned()
        })
}
