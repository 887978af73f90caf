//! One test under many seeds, and what is left of a failure that can be seen again.

use std::env;
use std::fmt::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Builder, Fault, Result, Sim};
use crate::machine::task::panic_text;

/// How many events of each host are recorded of the run that failed.
const RECORDED: usize = 100_000;

/// Runs a test once for each seed, in a new simulation each time. `test` adds hosts and runs it.
///
/// When a seed fails, the faults that the test has [planned](Sim::fault) and that
/// [chance has chosen](Sim::random_faults) are left out one by one, as long as it still fails in the same way (the text
/// says the same, but for its numbers); then it is run once more and recorded. The variable `TREADLE_SEED` has only
/// that one seed run; `TREADLE_SEEDS` changes how many are run.
///
/// # Panics
///
/// If a seed fails: the test returns an error, or panics. The message has the seed, what happened, the faults
/// that are needed for it, and, with the crate feature `serde`, the files of the recordings, one for each life of a
/// host; the stepper opens all of them at once.
///
/// ```
/// use runtime::time::{Duration, sleep};
///
/// runtime::sim::seeds(0..10, |sim| {
///     sim.client("sleeper", async {
///         sleep(Duration::from_secs(60)).await;
///         Ok(())
///     });
///     sim.run()?;
///     assert_eq!(sim.elapsed(), Duration::from_secs(60));
///     Ok(())
/// });
/// ```
#[track_caller]
pub fn seeds(seeds: Range<u64>, test: impl Fn(&mut Sim) -> Result) {
    let number = |name| env::var(name).ok().map(|value| parsed(name, &value));
    let run = |seed| {
        if let Err(failed) = attempt(&settings(seed), &test) {
            let message = report(seed, failed, &test);
            panic!("{message}");
        }
    };
    match (number("TREADLE_SEED"), number("TREADLE_SEEDS")) {
        (Some(seed), _) => run(seed),
        (None, Some(count)) => (seeds.start..seeds.start.saturating_add(count)).for_each(run),
        (None, None) => seeds.for_each(run),
    }
}

/// Makes a function that is given a simulation a test, run by [`seeds`].
///
/// | argument | effect |
/// |---|---|
/// | `seeds = 1000` | how many seeds are run, from 0 on; 100 without it |
/// | `crate = "path::to::runtime"` | where the crate is found, if not by the package's `Cargo.toml` |
///
/// ```
/// # #![allow(clippy::test_attr_in_doctest)]
/// use runtime::sim::{Result, Sim};
/// use runtime::time::{Duration, sleep};
///
/// #[runtime::sim_test(seeds = 1000)]
/// fn a_minute_passes(sim: &mut Sim) -> Result {
///     sim.client("sleeper", async {
///         sleep(Duration::from_secs(60)).await;
///         Ok(())
///     });
///     sim.run()?;
///     Ok(())
/// }
/// ```
#[cfg(feature = "macros")]
pub use runtime_macros::sim_test;

#[track_caller]
fn parsed(name: &str, value: &str) -> u64 {
    match value.parse() {
        Ok(number) => number,
        Err(_) => panic!("{name} must be a number, not {value:?}"),
    }
}

fn settings(seed: u64) -> Builder {
    let mut builder = Builder::new();
    builder.rng_seed(seed);
    builder
}

/// What a run that failed leaves behind.
struct Failed {
    text: String,
    /// The faults that had begun by then.
    faults: Vec<Fault>,
    /// How many faults the test or chance chose.
    chosen: usize,
    sim: Sim,
}

fn attempt(settings: &Builder, test: &impl Fn(&mut Sim) -> Result) -> Result<(), Box<Failed>> {
    let mut sim = settings.build();
    let result = catch_unwind(AssertUnwindSafe(|| test(&mut sim)));
    let text = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(payload) => {
            panic_text(&*payload).unwrap_or_else(|| "a panic whose value is no text".to_owned())
        }
    };
    let (end, faults) = (sim.elapsed(), sim.faults().iter());
    let faults = faults.filter(|fault| fault.at <= end).cloned().collect();
    Err(Box::new(Failed {
        text,
        faults,
        chosen: sim.chosen,
        sim,
    }))
}

/// Leaves out what is not needed for the failure, and says how to see it again.
fn report(seed: u64, mut failed: Box<Failed>, test: &impl Fn(&mut Sim) -> Result) -> String {
    let mut settings = settings(seed);
    let mut needed: Vec<usize> = (0..failed.chosen).collect();
    if !needed.is_empty() {
        // Their panics are printed, as all are.
        eprintln!("seed {seed} fails. It is run again without one fault after the other:");
    }
    for fault in 0..failed.chosen {
        let fewer: Vec<usize> = needed.iter().copied().filter(|&it| it != fault).collect();
        settings.only = Some(fewer.clone());
        match attempt(&settings, test) {
            Err(again) if is_alike(&again.text, &failed.text) => {
                (failed, needed) = (again, fewer);
            }
            _ => {}
        }
    }
    settings.only = Some(needed);
    settings.record(RECORDED);
    let recorded = attempt(&settings, test);
    let mut text = match failed.text.strip_prefix(&format!("seed {seed}, ")) {
        Some(failure) => format!("seed {seed} fails {failure}"),
        None => format!("seed {seed} fails: {}", failed.text),
    };
    for fault in &failed.faults {
        let _ = write!(text, "\n  fault {fault}");
    }
    match recorded {
        Ok(()) => text.push_str(
            "\nIt does not fail again: the program uses time or chance that is not the simulation's",
        ),
        Err(failed) => keep(&failed.sim, seed, &mut text),
    }
    let _ = write!(text, "\nTo run this seed only: TREADLE_SEED={seed}");
    text
}

/// Whether both tell of the same failure: what they say differs in numbers only, with their units (`1.2ms`, `10.0.0.1`).
fn is_alike(one: &str, other: &str) -> bool {
    without_numbers(one) == without_numbers(other)
}

fn without_numbers(text: &str) -> Vec<&str> {
    let is_sign = |sign: char| !sign.is_alphanumeric() && sign != '.';
    let words = text.split(is_sign);
    let is_number = |word: &&str| word.starts_with(|sign: char| sign.is_ascii_digit());
    words.filter(|word| !is_number(word)).collect()
}

/// Writes the recordings into files of one folder, and their names into `text`.
#[cfg(feature = "serde")]
fn keep(sim: &Sim, seed: u64, text: &mut String) {
    let test = std::thread::current()
        .name()
        .unwrap_or("test")
        .replace("::", "-");
    let folder = env::temp_dir()
        .join(format!("treadle-sim-{}", std::process::id()))
        .join(format!("{test}-seed-{seed}"));
    // All files of the folder are one story: another process of this number may have left some.
    let _ = std::fs::remove_dir_all(&folder);
    for recording in sim.lives() {
        let path = folder.join(file_of(recording.lane()));
        let written = std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::File::create(&path))
            .and_then(|file| recording.write_to(std::io::BufWriter::new(file)));
        let _ = match written {
            Ok(()) => write!(text, "\n  recording {}", path.display()),
            Err(error) => write!(text, "\n  no recording {}: {error}", path.display()),
        };
    }
    let folder = folder.display();
    let _ = write!(
        text,
        "\nTo step through all of them at once: cargo run --example stepper -- \"{folder}\"\
         \nOn a page: cargo run -p server -- --show \"{folder}\""
    );
}

/// The name of the file for a host; an earlier life of it has a number.
#[cfg(feature = "serde")]
fn file_of(lane: Option<&crate::trace::Lane>) -> String {
    let Some(lane) = lane else {
        return "host.jsonl".to_owned();
    };
    let is_plain = |sign: char| sign.is_alphanumeric() || "-_".contains(sign);
    let host = lane.host.replace(|sign| !is_plain(sign), "_");
    match lane.life {
        0 => format!("{host}.jsonl"),
        life => format!("{host}.life-{}.jsonl", life + 1),
    }
}

#[cfg(not(feature = "serde"))]
fn keep(_: &Sim, _: u64, text: &mut String) {
    text.push_str("\nWith the crate feature `serde` of `runtime` its recordings are kept in files");
}

#[cfg(test)]
mod tests {
    use super::is_alike;

    #[test]
    fn failures_are_alike_whose_texts_differ_in_numbers_only() {
        for (one, other) in [
            (
                "after 90.78463ms: client-2 panicked",
                "after 3.2s: client-1 panicked",
            ),
            ("order 207 was lost", "order 8 was lost"),
            ("left: 10.0.0.1:80", "left: 10.0.0.12:8080"),
        ] {
            assert!(is_alike(one, other), "{one:?} and {other:?}");
        }
        assert!(!is_alike("order 207 was lost", "order 207 came twice"));
        assert!(!is_alike(
            "client-2 panicked: late",
            "server panicked: late"
        ));
    }
}
