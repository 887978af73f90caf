//! Runtimes whose operating system answers oddly, one for each seed, and what their answers were.

#![allow(dead_code, reason = "each test file uses its own part of these")]

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;

use runtime::runtime::{Builder, OddAnswers, Runtime};
use runtime::time::Duration;

/// What hangs is a failure, by a clock that is not the runtime's.
const LIMIT: Duration = Duration::from_secs(100);

/// Has `test` try so many seeds, on a thread of its own, and says with which one it hangs or fails. Returns how many
/// answers were odd in all, by their kinds.
pub(crate) fn with_seeds(
    seeds: u64,
    test: impl Fn(u64) -> OddAnswers + Send + 'static,
) -> Vec<(&'static str, u64)> {
    let reached = Arc::new(AtomicU64::new(0));
    let at = Arc::clone(&reached);
    let (done, end) = channel();
    let tested = thread::spawn(move || {
        let mut sum = kinds(OddAnswers::default()).to_vec();
        for seed in 0..seeds {
            at.store(seed, Ordering::Relaxed);
            let answers = kinds(test(seed));
            sum.iter_mut()
                .zip(answers)
                .for_each(|(sum, it)| sum.1 += it.1);
        }
        let _ = done.send(());
        sum
    });
    let ended = end.recv_timeout(LIMIT);
    let seed = reached.load(Ordering::Relaxed);
    assert_ne!(ended, Err(RecvTimeoutError::Timeout), "seed {seed} hangs");
    tested
        .join()
        .unwrap_or_else(|_| panic!("seed {seed} fails"))
}

fn kinds(answers: OddAnswers) -> [(&'static str, u64); 9] {
    [
        ("would_block", answers.would_block),
        ("interrupted", answers.interrupted),
        ("short", answers.short),
        ("aborted", answers.aborted),
        ("no_descriptor", answers.no_descriptor),
        ("waits_interrupted", answers.waits_interrupted),
        ("late", answers.late),
        ("untrue", answers.untrue),
        ("jumps", answers.jumps),
    ]
}

/// There were answers of all these kinds.
pub(crate) fn assert_met(answers: &[(&'static str, u64)], wanted: &[&str]) {
    for kind in wanted {
        let met = answers.iter().find(|(name, _)| name == kind);
        assert!(
            met.is_some_and(|&(_, count)| count > 0),
            "no {kind} in {answers:?}"
        );
    }
}

/// A runtime of which this part of the answers is odd, and of the refusals, and which records.
pub(crate) fn odd(seed: u64, part: f64) -> Runtime {
    let mut builder = Builder::new_current_thread();
    let builder = builder.enable_all().rng_seed(seed);
    recorded(builder.odd_answers(part).odd_refusals(part))
}

pub(crate) fn recorded(builder: &mut Builder) -> Runtime {
    let runtime = builder.build().expect("a runtime");
    runtime.trace().start(4_000_000);
    runtime
}

/// Makes something, as soon as there is a descriptor for it.
pub(crate) async fn made<T>(mut make: impl AsyncFnMut() -> io::Result<T>) -> T {
    loop {
        match make().await {
            Ok(made) => return made,
            Err(error) => assert_eq!(error.raw_os_error(), Some(EMFILE), "{error}"),
        }
    }
}

pub(crate) const EMFILE: i32 = 24;
