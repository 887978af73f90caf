//! What this machine allows: cores, descriptors, and whether it may be kept awake.
//!
//! Benchmarks of sockets depend on things that are not in the program. Which core a thread runs
//! on: the server has one core to itself and the load comes from the other. How deeply an idle
//! core sleeps: on a virtual machine it can take 200 µs to wake, and holding
//! `/dev/cpu_dma_latency` at 0 forbids it. How many descriptors a process may open. None of these
//! can be taken for granted, so each function here says what it got, and the head of the table
//! repeats it.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::OnceLock;

/// Which of the two cores that a bench uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    /// Where the runtime or the server runs.
    Server,
    /// Where the other thread or the load runs.
    Other,
}

/// Pins the calling thread; whether that worked and the two cores are different ones.
pub(crate) fn pin_to(core: Core) -> bool {
    let Some((server, other)) = two_cores() else {
        return false;
    };
    let mut set = CpuSet::new();
    set.set(if core == Core::Server { server } else { other });
    sched_setaffinity(None, &set).is_ok()
}

/// The variable that hands the two cores down to child processes: a pinned thread sees only its
/// own core, and its children inherit that.
pub(crate) const CORES: &str = "TREADLE_BENCH_CORES";

/// The two cores in use, as [`CORES`] has them: the first and the last that this process may use.
/// `None` if there is only one. Read once, so call it before the first thread is pinned.
pub(crate) fn cores() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    FOUND
        .get_or_init(|| std::env::var(CORES).ok().or_else(allowed_cores))
        .as_deref()
}

/// Forbids deep idle states for as long as the file is held, if the machine lets us.
pub(crate) fn stay_awake() -> Option<File> {
    let mut file = OpenOptions::new()
        .write(true)
        .open("/dev/cpu_dma_latency")
        .ok()?;
    file.write_all(&0_i32.to_ne_bytes()).ok()?;
    Some(file)
}

/// Raises the limit of open files to what the system lets this process have, and returns it.
pub(crate) fn raise_descriptors() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    let _ = setrlimit(Resource::Nofile, raised);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// The memory of a process that lies in RAM, in bytes; 0 where there is no `/proc`.
pub(crate) fn resident_bytes(process: u32) -> u64 {
    let path = format!("/proc/{process}/statm");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let pages: u64 = text
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .unwrap_or(0);
    pages * rustix::param::page_size() as u64
}

/// The part of the CPU time of a process's main thread that was spent in the program and not in the
/// kernel, since it began, as the kernel counts it: see `zz_table/user.rs`. 0 where there is no `/proc`.
pub(crate) fn user_share(process: u32) -> f64 {
    let path = format!("/proc/{process}/task/{process}/stat");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // The name of the program, in brackets, may have spaces in it.
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let fields = after_name.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    match ticks[..] {
        [user, system] if user + system > 0.0 => user / (user + system),
        _ => 0.0,
    }
}

fn two_cores() -> Option<(usize, usize)> {
    let (server, other) = cores()?.split_once(',')?;
    Some((server.parse().ok()?, other.parse().ok()?))
}

fn allowed_cores() -> Option<String> {
    let set = sched_getaffinity(None).ok()?;
    let mut cores = (0..CpuSet::MAX_CPU).filter(|&core| set.is_set(core));
    let first = cores.next()?;
    let last = cores.next_back()?;
    Some(format!("{first},{last}"))
}
