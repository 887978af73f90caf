//! A soak: the program `server` under good and bad clients for a given time, and what it costs then.
//!
//! ```text
//! cargo build --release -p server
//! cargo run --example soak -- 10                    # seconds
//! cargo run --example soak -- 3600 path/of/server
//! ```
//!
//! What to see: two processes are started, and one of them is the backend of the other. A third of
//! the time warms them up. Then all clients end, the processes come to rest, and their memory and
//! open descriptors are read. The same clients work again for the other two thirds; then both
//! figures are read once more. So the two readings are of a server that does nothing, and what is
//! more in the second one has been left behind by a client.
//!
//! The soak fails (exit code 1) if
//!
//! - a good client got another answer than the right one, or none within [`PATIENCE`];
//! - a route that `GET /routes` lists was asked by no good client;
//! - a process grew by more than [`MORE_MEMORY`] or [`MORE_DESCRIPTORS`];
//! - a process did not end with the exit code 0 after SIGTERM.
//!
//! A good client deletes what it makes. Orders are kept for ever, so they are few: two a second.
//!
//! Read `good` (what is asked), `bad` (what is done wrong), `client` (one connection and its checks),
//! `program` (the process), `table` (what is counted).
#![forbid(unsafe_code)]

mod bad;
mod client;
mod good;
mod program;
mod sockets;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

use runtime::task::JoinSet;
use runtime::time::{Duration, Instant};

use client::Client;
use program::{Program, Reading};
use table::Table;

/// How long a good client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// By how many KiB the memory of a process may grow between the readings. The pages of SQLite's cache,
/// the cache of orders, and the allocator's own stock are filled little by little: they have bounds, and this
/// is above their sum.
const MORE_MEMORY: u64 = 16 * 1024;

/// By how many open descriptors a process may grow between the readings: connections to
/// the backend are kept for a while, and their number depends on the last seconds.
const MORE_DESCRIPTORS: u64 = 16;

#[runtime::main]
async fn main() -> ExitCode {
    match soak().await {
        Ok(failures) if failures.is_empty() => {
            println!("\nheld");
            ExitCode::SUCCESS
        }
        Ok(failures) => {
            println!("\nFAILED:\n  {}", failures.join("\n  "));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("soak: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The whole soak. What did not hold is in the answer.
async fn soak() -> Result<Vec<String>, String> {
    let usage = "usage: soak SECONDS [PATH OF server]";
    let mut arguments = std::env::args().skip(1);
    let seconds: u64 = arguments
        .next()
        .and_then(|it| it.parse().ok())
        .ok_or(usage)?;
    let binary = match arguments.next() {
        Some(path) => PathBuf::from(path),
        None => program::built()?,
    };
    println!("{seconds} seconds of {}", binary.display());
    let backend = Program::start("backend", &binary, &[])?;
    let address = backend.address.to_string();
    let front = Program::start("front", &binary, &["--backend", &address])?;
    let table = Rc::new(Table::default());

    let time = Duration::from_secs(seconds);
    load(&front, &table, time / 3).await;
    let before = [front.at_rest().await?, backend.at_rest().await?];
    load(&front, &table, time - time / 3).await;
    let after = [front.at_rest().await?, backend.at_rest().await?];

    let mut failures = table.failures();
    failures.extend(unasked(&front, &table).await?);
    table.print();
    println!(
        "\n{:<10}{:>16}{:>12}{:>16}{:>12}",
        "at rest", "warm: RSS KiB", "descr.", "end: RSS KiB", "descr."
    );
    for ((program, before), after) in [front, backend].into_iter().zip(before).zip(after) {
        let name = program.name;
        println!(
            "{name:<10}{:>16}{:>12}{:>16}{:>12}",
            before.memory, before.descriptors, after.memory, after.descriptors
        );
        failures.extend(growth(name, before, after));
        failures.extend(program.end().await.err());
    }
    Ok(failures)
}

/// All clients work for this long.
async fn load(front: &Program, table: &Rc<Table>, time: Duration) {
    let until = Instant::now() + time;
    let mut clients = JoinSet::new();
    good::begin(&mut clients, front.address, table, until);
    bad::begin(&mut clients, front.address, table, until);
    while let Some(end) = clients.join_next().await {
        if let Err(error) = end {
            table.fail(format!("a client panicked: {error}"));
        }
    }
}

/// What has grown too much.
fn growth(name: &str, before: Reading, after: Reading) -> Vec<String> {
    let mut failures = Vec::new();
    let mut check = |what: &str, before: u64, after: u64, more: u64| {
        if after > before + more {
            failures.push(format!("{name}: {what} grew from {before} to {after}"));
        }
    };
    check("memory (KiB)", before.memory, after.memory, MORE_MEMORY);
    let (open, still_open) = (before.descriptors, after.descriptors);
    check("descriptors", open, still_open, MORE_DESCRIPTORS);
    failures
}

/// The routes that the program lists and no good client has asked.
async fn unasked(front: &Program, table: &Rc<Table>) -> Result<Vec<String>, String> {
    let mut client = Client::new(front.address, table);
    let listed = client.get("/routes", "/routes").await?.json()?;
    let listed = listed.as_array().ok_or("GET /routes is no list")?;
    let routes = listed.iter().filter_map(|route| {
        let (method, path) = (route["method"].as_str()?, route["path"].as_str()?);
        // The proxy takes any method below its prefix.
        let is_asked = table.has(method, path) || (method == "any" && path.starts_with("/proxy"));
        (!is_asked).then(|| format!("no good client asked {method} {path}"))
    });
    Ok(routes.collect())
}
