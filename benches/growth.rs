//! How cost grows: the same work on 1,000 to 1,000,000 things, Treadle beside Tokio.
//!
//! No work here grows with its number (see `work/growth.rs`), and yet every figure does, for memory
//! is farther away when there is more of it. The table shows nanoseconds of CPU an item, Treadle's
//! by Tokio's, and the ratio. The goal is a ratio of at most 1.00 in every cell.
//!
//! Each round of each side is a process of its own, and the sides take turns. A figure is the
//! smallest of the rounds: a busy machine only ever adds to it.
//!
//! ```text
//! cargo bench -p treadle --bench growth               the table
//! cargo bench -p treadle --bench growth -- abort      the rows with that in their names
//! cargo bench -p treadle --bench growth -- --rounds 9 abort
//! ```
#![forbid(unsafe_code)]

#[path = "kit/mod.rs"]
mod kit;

use kit::machine::{Core, pin_to};
use kit::sides::{tokio, treadle};
use kit::wishes::Wishes;
use kit::work::Bench;
use std::io;
use std::process::{Command, ExitCode};
use std::time::Duration;

const SIZES: [u64; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// What a process measures at least, so that small numbers are repeated.
const LEAST: Duration = Duration::from_millis(20);

struct Row {
    name: &'static str,
    what: &'static str,
    /// Treadle's and Tokio's.
    sides: [fn() -> Bench; 2],
}

macro_rules! rows {
    ($($name:literal, $what:literal, $($work:ident)::+;)*) => {[$(Row {
        name: $name,
        what: $what,
        sides: [treadle::$($work)::+, tokio::$($work)::+],
    }),*]};
}

static ROWS: [Row; 9] = rows! {
    "spawn", "spawn and join", growth::spawn_and_join;
    "wake", "one of n woken", growth::wake_one;
    "timers_dropped", "timers set, dropped in random order", growth::set_and_drop;
    "timers_fired", "tasks that sleep 1 to 1000 ms", timers::many_sleeps;
    "join_set", "JoinSet", growth::join_set;
    "notify_all", "Notify, all at once", growth::notify_all;
    "semaphore_dropped", "a random wait of a semaphore dropped", growth::drop_acquire;
    "notified_dropped", "a random wait of a Notify dropped", growth::drop_notified;
    "abort", "a random task aborted", growth::abort;
};

const USAGE: &str = "\
How cost grows: the same work on 1,000 to 1,000,000 things.

cargo bench -p treadle --bench growth -- [--rounds N] [NAME]...

NAME        measures only the rows with that in their names
--rounds N  how often each side measures; 5 unless said";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--child", name, side, n] => measure(name, side, n).map(|cost| println!("{cost}")),
        _ => run(words),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("growth: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut words: Vec<String>) -> io::Result<()> {
    let rounds = take_rounds(&mut words)?;
    let wishes = Wishes::of(words);
    let names = ROWS.each_ref().map(|row| row.name);
    match wishes.answer(USAGE, &names) {
        true => Ok(()),
        false => table(&wishes, rounds),
    }
}

/// Takes `--rounds N` out of the words.
fn take_rounds(words: &mut Vec<String>) -> io::Result<usize> {
    let Some(at) = words.iter().position(|word| word == "--rounds") else {
        return Ok(5);
    };
    let rounds = words.get(at + 1).and_then(|word| word.parse().ok());
    let rounds = rounds.filter(|&rounds| rounds > 0);
    let rounds = rounds.ok_or_else(|| io::Error::other("--rounds needs a number, as 9"))?;
    words.drain(at..at + 2);
    Ok(rounds)
}

/// A child's life: nanoseconds an item of one row, on one side.
fn measure(name: &str, side: &str, n: &str) -> io::Result<f64> {
    let n: u64 = n.parse().map_err(io::Error::other)?;
    let row = ROWS.iter().find(|row| row.name == name);
    let row = row.ok_or(io::ErrorKind::InvalidInput)?;
    pin_to(Core::Server);
    let mut bench = row.sides[usize::from(side == "tokio")]();
    bench(100);
    let (mut cost, mut items) = (Duration::ZERO, 0);
    while cost < LEAST {
        cost += bench(n);
        items += n;
    }
    Ok(cost.as_secs_f64() * 1e9 / items as f64)
}

fn table(wishes: &Wishes, rounds: usize) -> io::Result<()> {
    let rows = ROWS.iter().filter(|row| wishes.include(row.name));
    if wishes.smoke() {
        // Only to see that everything runs.
        for make in rows.flat_map(|row| row.sides) {
            make()(10);
        }
        return Ok(());
    }
    println!(
        "Nanoseconds of CPU an item, the smallest of {rounds} rounds of each: Treadle / Tokio = ratio\n"
    );
    let heads: Vec<String> = SIZES.iter().map(|n| format!("{n:>24}")).collect();
    println!("| {:38} | {} |", "", heads.join(" | "));
    println!(
        "|{:-<40}|{}",
        "",
        format!("{:->26}|", ":").repeat(SIZES.len())
    );
    for row in rows {
        let cells: Vec<String> = SIZES
            .iter()
            .map(|&n| cell(row, n, rounds))
            .collect::<io::Result<_>>()?;
        println!("| {:38} | {} |", row.what, cells.join(" | "));
    }
    Ok(())
}

/// The sides in turns, and the best of each.
fn cell(row: &Row, n: u64, rounds: usize) -> io::Result<String> {
    let mut best = [f64::INFINITY; 2];
    for round in 0..rounds {
        for turn in 0..2 {
            let side = (round + turn) % 2;
            best[side] = best[side].min(child(row.name, ["treadle", "tokio"][side], n)?);
        }
    }
    let [ours, theirs] = best;
    let cell = format!("{ours:.1} / {theirs:.1} = {:.2}", ours / theirs);
    Ok(format!("{cell:>24}"))
}

fn child(name: &str, side: &str, n: u64) -> io::Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--child", name, side, &n.to_string()]);
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(io::Error::other)
}
