//! A runtime whose system answers oddly: signals, the clock, the choice by a seed, the environment variable.

#![cfg(all(feature = "sim", unix))]

#[path = "support/odd.rs"]
mod odd;

use std::env;
use std::process::Command;

use odd::{assert_met, made, odd, with_seeds};
use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::UnixStream;
use runtime::net::unix::pipe::pipe;
use runtime::runtime::{Builder, OddAnswers, Runtime};
use runtime::signal::unix::{SignalKind, signal};
use runtime::task::JoinHandle;
use runtime::time::{Duration, Instant, sleep, timeout};

/// Sends bytes through a pipe, one by one.
async fn through_a_pipe(bytes: u8) {
    let (mut sender, mut receiver) = made(async || pipe()).await;
    for byte in 0..bytes {
        sender.write_u8(byte).await.unwrap();
        assert_eq!(receiver.read_u8().await.unwrap(), byte);
    }
}

#[test]
fn each_signal_is_heard() {
    let answers = with_seeds(30, |seed| {
        let runtime = odd(seed, 0.3);
        runtime.block_on(async {
            let kind = SignalKind::user_defined1();
            let mut heard = made(async || signal(kind)).await;
            for _ in 0..50 {
                signal_hook::low_level::raise(kind.as_raw_value()).unwrap();
                assert_eq!(heard.recv().await, Some(()));
            }
        });
        runtime.odd_answers()
    });
    assert_met(&answers, &["would_block", "interrupted", "no_descriptor"]);
}

#[test]
fn timers_fire_and_not_too_early_when_the_clock_jumps() {
    let answers = with_seeds(20, |seed| {
        let hour = Duration::from_secs(3600);
        let mut builder = Builder::new_current_thread();
        let builder = builder.enable_all().rng_seed(seed);
        let runtime = odd::recorded(builder.odd_answers(0.3).odd_clock(hour));
        runtime.block_on(async {
            let naps: Vec<_> = (1..200)
                .map(|seconds| runtime::spawn(nap(Duration::from_secs(seconds))))
                .collect();
            // The clock jumps when the loop looks at it.
            while !naps.iter().all(JoinHandle::is_finished) {
                sleep(Duration::from_millis(1)).await;
            }
            for nap in naps {
                nap.await.unwrap();
            }
        });
        assert_eq!(runtime.snapshot().wheel.timers.len(), 0);
        runtime.odd_answers()
    });
    assert_met(&answers, &["jumps", "waits_interrupted"]);
}

/// Sleeps; the time by which it is woken is not before its deadline.
async fn nap(duration: Duration) {
    let deadline = Instant::now() + duration;
    sleep(duration).await;
    assert!(Instant::now() >= deadline);
}

/// What is there already comes before a time-out that a paused clock jumps to.
#[test]
fn a_paused_clock_does_not_jump_over_what_the_system_has_to_say() {
    let answers = with_seeds(100, |seed| {
        let mut builder = Builder::new_current_thread();
        let builder = builder.enable_all().start_paused(true).rng_seed(seed);
        let runtime = odd::recorded(builder.odd_answers(0.3).odd_clock(Duration::MAX));
        runtime.block_on(async {
            let begun = Instant::now();
            let (mut near, mut far) = made(async || UnixStream::pair()).await;
            for sent in 0..50 {
                near.write_u8(sent).await.unwrap();
                let read = timeout(Duration::from_millis(1), far.read_u8()).await;
                assert_eq!(read.expect("it is there").unwrap(), sent);
            }
            assert_eq!(begun.elapsed(), Duration::ZERO);
        });
        runtime.odd_answers()
    });
    let kinds = [
        "would_block",
        "interrupted",
        "waits_interrupted",
        "late",
        "untrue",
    ];
    assert_met(&answers, &kinds);
}

#[test]
fn the_same_seed_gives_the_same_answers() {
    let run = |seed, part| {
        let runtime = odd(seed, part);
        runtime.block_on(through_a_pipe(200));
        runtime.odd_answers()
    };
    assert_eq!(run(7, 0.2), run(7, 0.2));
    assert_ne!(run(7, 0.2), run(8, 0.2));
    assert_eq!(run(7, 0.0), OddAnswers::default());
}

#[cfg(feature = "macros")]
#[test]
fn the_choice_of_the_program_is_not_disturbed() {
    let chosen = |part| {
        let runtime = odd(7, part);
        runtime.block_on(async {
            let mut chosen = Vec::new();
            for _ in 0..100 {
                through_a_pipe(3).await;
                chosen.push(runtime::select! { () = async {} => 1, () = async {} => 2 });
            }
            chosen
        })
    };
    assert_eq!(chosen(0.3), chosen(0.0));
}

#[test]
#[should_panic(expected = "odd_answers: the part must be from 0 to 1, not 2")]
fn more_than_all_answers_cannot_be_odd() {
    Builder::new_current_thread().odd_answers(2.0);
}

/// What is tested.
const VARIABLE: &str = "TREADLE_ODD";

/// The text of the variable for a child of this test.
const IS_CHILD: &str = "TREADLE_ODD_TEST_CHILD";

#[test]
fn the_variable_has_each_runtime_be_odd_whose_builder_does_not_say() {
    for (text, odd) in [
        ("0.3", "some"),
        ("0.3,seed=7,clock=1000,refusals=0.1", "some"),
        ("", "none"),
        ("0", "none"),
    ] {
        assert_eq!(
            child(text),
            format!("{odd}, and none if the builder says so\n"),
            "{text:?}"
        );
    }
    for text in [
        "2",
        "much",
        "0.1,",
        "0.1,seed",
        "refusals=2",
        "-0.1",
        "0.1,other=1",
    ] {
        assert!(
            child(text).starts_with("TREADLE_ODD must be as in"),
            "{text:?}"
        );
    }
}

/// What a process says that has this text in the variable.
fn child(text: &str) -> String {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", "a_child", "--nocapture"]);
    let output = command.env(VARIABLE, text).env(IS_CHILD, "yes").output();
    let said = String::from_utf8(output.unwrap().stderr).unwrap();
    said.lines()
        .filter(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_child() {
    if env::var_os(IS_CHILD).is_none() {
        return;
    }
    let built = |builder: &mut Builder| builder.enable_all().build();
    let by_variable = built(&mut Builder::new_current_thread());
    let by_builder = built(Builder::new_current_thread().odd_answers(0.0));
    match (by_variable, by_builder) {
        (Ok(one), Ok(other)) => {
            eprintln!(
                "{}, and {} if the builder says so",
                has_any(&one),
                has_any(&other)
            );
        }
        (Err(error), _) => eprintln!("{error}"),
        (_, Err(error)) => eprintln!("the builder does not count: {error}"),
    }
}

fn has_any(runtime: &Runtime) -> &'static str {
    runtime.block_on(through_a_pipe(200));
    match runtime.odd_answers() == OddAnswers::default() {
        true => "none",
        false => "some",
    }
}
