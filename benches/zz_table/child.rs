//! Child processes: this program, started again to be a server, the load, or a memory probe.
//!
//! A server needs a process of its own for its memory to be its own, and the load one so that it
//! cannot share anything with the server but sockets. A child is told what to be on its command
//! line (`--child WHAT ...`), answers in lines on its standard output, and dies with its parent:
//! by the parent's hand when all goes well, by the kernel's if the parent is killed.

use super::job::Job;
use super::servers::serve;
use super::{bully, load};
use crate::kit::machine::{
    CORES, Core, cores, pin_to, raise_descriptors, resident_bytes, user_share,
};
use crate::kit::sides::{floor, tokio, treadle};
use crate::kit::work::{Bench, Ports};
use rustix::process::{Signal, set_parent_process_death_signal};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

/// The contenders, in the order of the table.
pub(super) const SIDES: [&str; 3] = ["treadle", "tokio", "floor"];

/// Treadle, with an observer that looks now and then, and does not record.
pub(super) const OBSERVED: &str = "observed";

/// Treadle, with another thread that takes each event.
pub(super) const WATCHED: &str = "watched";

/// HTTP, for a client that pipelines without end.
pub(super) const NEIGHBOUR: &str = "neighbour";

/// The load's last line.
const DONE: &str = "done";

/// A running child; killed when dropped.
pub(super) struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    /// Starts this program again as a child of that kind.
    pub(super) fn start(words: &[String]) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--child").args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(cores) = cores() {
            command.env(CORES, cores);
        }
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Self {
            child,
            lines: BufReader::new(output),
        })
    }

    /// Starts a server and waits until it listens.
    pub(super) fn server(protocol: &str, side: &str) -> io::Result<(Self, Ports)> {
        let mut server = Self::start(&words(&["serve", protocol, side]))?;
        let ports = server.ports()?;
        Ok((server, ports))
    }

    /// Starts a server of HTTP that is observed and not, by turns: see `sides/observed.rs`.
    pub(super) fn observed() -> io::Result<(Self, [Ports; 2])> {
        let mut server = Self::start(&words(&["serve", "http", OBSERVED]))?;
        let ports = [server.ports()?, server.ports()?];
        Ok((server, ports))
    }

    /// The same with another thread that takes each event, and then none, and then a file: see `sides/watched.rs`.
    pub(super) fn watched() -> io::Result<(Self, [Ports; 3])> {
        let mut server = Self::start(&words(&["serve", "http", WATCHED]))?;
        let ports = [server.ports()?, server.ports()?, server.ports()?];
        Ok((server, ports))
    }

    fn ports(&mut self) -> io::Result<Ports> {
        let line = self.line()?;
        let ports = line.split_once(' ').and_then(|(service, control)| {
            Some(Ports {
                service: service.parse().ok()?,
                control: control.parse().ok()?,
            })
        });
        ports.ok_or_else(|| io::Error::other(format!("no server: {line:?}")))
    }

    /// Its next line.
    pub(super) fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.lines.read_line(&mut line)? {
            0 => Err(io::Error::other("a child ended without an answer")),
            _ => Ok(line.trim_end().to_owned()),
        }
    }

    /// The memory of the child that lies in RAM.
    pub(super) fn resident_bytes(&self) -> u64 {
        resident_bytes(self.child.id())
    }

    /// The part of its main thread's CPU time that was the program's, not the kernel's.
    pub(super) fn user_share(&self) -> f64 {
        user_share(self.child.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a load found out about one server, a figure a round.
#[derive(Clone, Default)]
pub(super) struct Loaded {
    /// The server's CPU a message, in nanoseconds.
    pub(super) cpus: Vec<f64>,
    /// Messages a second.
    pub(super) rates: Vec<f64>,
    /// The part of the server's CPU that was the program's, over all rounds: see `user.rs`.
    pub(super) user: f64,
}

/// What a bully's neighbour met at one server, a figure a round: nanoseconds, and the bully's
/// requests a second.
#[derive(Clone, Default)]
pub(super) struct Met {
    pub(super) medians: Vec<f64>,
    pub(super) worst: Vec<f64>,
    pub(super) rates: Vec<f64>,
}

/// Runs the load in a child until it is done.
pub(super) fn run_load(job: &Job) -> io::Result<Vec<Loaded>> {
    let mut taken = vec![Loaded::default(); job.targets.len()];
    run_client("load", job, |server, [cpu, rate]| {
        taken[server].cpus.push(cpu);
        taken[server].rates.push(rate);
    })?;
    Ok(taken)
}

/// Runs a bully and its neighbour in a child until they are done.
pub(super) fn run_bully(job: &Job) -> io::Result<Vec<Met>> {
    let mut taken = vec![Met::default(); job.targets.len()];
    run_client("bully", job, |server, [median, worst, rate]| {
        taken[server].medians.push(median);
        taken[server].worst.push(worst);
        taken[server].rates.push(rate);
    })?;
    Ok(taken)
}

/// Runs a client in a child; `take` gets the figures of each line with the index of the server.
fn run_client<const N: usize>(
    what: &str,
    job: &Job,
    mut take: impl FnMut(usize, [f64; N]),
) -> io::Result<()> {
    let mut words = job.to_words();
    words.insert(0, what.to_owned());
    let mut client = Running::start(&words)?;
    loop {
        let line = client.line()?;
        if line == DONE {
            return Ok(());
        }
        let numbers: Vec<f64> = line
            .split(' ')
            .map_while(|word| word.parse().ok())
            .collect();
        match numbers.split_first() {
            Some((&server, figures)) if figures.len() == N => {
                take(server as usize, std::array::from_fn(|at| figures[at]));
            }
            _ => return Err(io::Error::other("a client without figures")),
        }
    }
}

/// Owned words from borrowed ones.
pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// The child's own life: does what its words say.
///
/// # Errors
///
/// If the words make no sense, or what they ask for fails.
pub(super) fn live(words: &[String]) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    raise_descriptors();
    let (what, rest) = words.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let plain: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (what.as_str(), plain.as_slice()) {
        ("serve", &[protocol, side]) => serve(protocol, side),
        ("memory", &[what, side, count]) => weigh(what, side, count),
        ("work", &[name, side, count]) => work(name, side, count),
        ("load" | "bully" | "occupy", _) => {
            pin_to(Core::Other);
            let job = Job::from_words(rest).ok_or(io::ErrorKind::InvalidInput)?;
            match what.as_str() {
                "load" => report_load(&job),
                "bully" => report_bully(&job),
                _ => occupy(&job),
            }
        }
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn report_load(job: &Job) -> io::Result<()> {
    load::run(job, |server, round| {
        say(&format!("{server} {} {}", round.cpu.as_nanos(), round.rate));
    })?;
    say(DONE);
    Ok(())
}

fn report_bully(job: &Job) -> io::Result<()> {
    bully::run(job, |server, met| {
        let (median, worst) = (met.median.as_nanos(), met.worst.as_nanos());
        say(&format!("{server} {median} {worst} {}", met.rate));
    })?;
    say(DONE);
    Ok(())
}

/// Opens the connections, says so, and holds them until the parent is done.
fn occupy(job: &Job) -> io::Result<()> {
    let held = load::occupy(job)?;
    say("occupied");
    io::stdin().read_to_end(&mut Vec::new())?;
    drop(held);
    Ok(())
}

/// Says how much more memory lies in RAM while `count` things are at rest, for each of them.
fn weigh(what: &str, side: &str, count: &str) -> io::Result<()> {
    let count: u64 = count.parse().map_err(io::Error::other)?;
    let me = std::process::id();
    let at_rest = || resident_bytes(me);
    let before = resident_bytes(me);
    let after = match (what, side) {
        ("task", "treadle") => treadle::memory::idle_tasks(count, at_rest),
        ("task", "tokio") => tokio::memory::idle_tasks(count, at_rest),
        ("task", _) => floor::memory::idle_tasks(count, at_rest),
        (_, "treadle") => treadle::memory::pending_timers(count, at_rest),
        (_, "tokio") => tokio::memory::pending_timers(count, at_rest),
        _ => floor::memory::pending_timers(count, at_rest),
    };
    say(&(after.saturating_sub(before) as f64 / count as f64).to_string());
    Ok(())
}

/// Does `count` operations of one piece of work and nothing else: for callgrind.
fn work(name: &str, side: &str, count: &str) -> io::Result<()> {
    let count: u64 = count.parse().map_err(io::Error::other)?;
    let at = SIDES.iter().position(|&known| known == side);
    let make = at.and_then(|at| workers(name).get(at));
    let make = make.ok_or(io::ErrorKind::InvalidInput)?;
    pin_to(Core::Server);
    let mut bench = make();
    bench(1_000);
    let cost: Duration = bench(count);
    say(&(cost.as_secs_f64() * 1e9 / count as f64).to_string());
    Ok(())
}

/// Who does that piece of work, in the order of [`SIDES`]; not every piece has a floor.
fn workers(name: &str) -> &'static [fn() -> Bench] {
    match name {
        "spawn" => &[
            treadle::executor::spawn_and_await,
            tokio::executor::spawn_and_await,
            floor::executor::spawn_and_await,
        ],
        "spawn_10000" => &[
            treadle::executor::spawn_then_join,
            tokio::executor::spawn_then_join,
            floor::executor::spawn_then_join,
        ],
        "self_wake" => &[
            treadle::executor::self_wake,
            tokio::executor::self_wake,
            floor::executor::self_wake,
        ],
        "yield_1" => &[
            treadle::executor::yield_alone,
            tokio::executor::yield_alone,
            floor::executor::yield_alone,
        ],
        "yield_1000" => &[
            treadle::executor::yield_in_a_crowd,
            tokio::executor::yield_in_a_crowd,
            floor::executor::yield_in_a_crowd,
        ],
        "sleep" => &[
            || treadle::timers::set_and_drop(0),
            || tokio::timers::set_and_drop(0),
            || floor::timers::set_and_drop(0),
        ],
        "many_sleeps" => &[
            treadle::timers::many_sleeps,
            tokio::timers::many_sleeps,
            floor::timers::many_sleeps,
        ],
        "ping_pong" => &[treadle::sync::ping_pong, tokio::sync::ping_pong],
        "oneshot" => &[treadle::sync::ask_and_answer, tokio::sync::ask_and_answer],
        "stream" => &[treadle::sync::stream, tokio::sync::stream],
        "select" => &[treadle::sync::select_of_two, tokio::sync::select_of_two],
        "mutex" => &[treadle::sync::lock, tokio::sync::lock],
        "semaphore" => &[treadle::sync::acquire, tokio::sync::acquire],
        _ => &[],
    }
}

/// Says a line to the parent.
pub(super) fn say(line: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
