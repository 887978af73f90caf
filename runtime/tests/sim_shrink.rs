//! What is left of the faults of a seed that fails, and what a host refuses or hears.

#![cfg(feature = "sim")]

use std::cell::RefCell;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use runtime::io::{AsyncReadExt, AsyncWriteExt, stdin};
use runtime::net::{TcpListener, TcpStream};
use runtime::sim::{self, Builder, Fault, Result, Sim, Trouble};
use runtime::time::{Duration, Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

/// The message of the first seed that fails.
fn message(seeds: std::ops::Range<u64>, test: impl Fn(&mut Sim) -> Result) -> String {
    let failed = catch_unwind(AssertUnwindSafe(|| sim::seeds(seeds, test)));
    let message = failed.expect_err("a seed fails").downcast::<String>();
    let message = *message.expect("the panic has a text");
    // What it has left behind.
    let mut files = message
        .lines()
        .filter_map(|line| line.trim().strip_prefix("recording "));
    if let Some(folder) = files
        .next()
        .and_then(|file| std::path::Path::new(file).parent())
    {
        std::fs::remove_dir_all(folder).unwrap();
    }
    message
}

fn faults_of(message: &str) -> Vec<&str> {
    let lines = message.lines().map(str::trim);
    lines.filter(|line| line.starts_with("fault ")).collect()
}

fn apart(one: &str, other: &str, at: Duration, lasts: Duration) -> Fault {
    let what = Trouble::Apart(one.to_owned(), other.to_owned());
    Fault { at, lasts, what }
}

async fn echoes() -> Result {
    let listener = TcpListener::bind("0.0.0.0:7").await?;
    let (mut stream, _) = listener.accept().await?;
    loop {
        let byte = stream.read_u8().await?;
        stream.write_all(&[byte]).await?;
    }
}

/// How long each of a hundred round trips takes, beside hosts that do nothing, with a fault between those.
fn round_trips(fault: Option<Fault>) -> Vec<Duration> {
    let took = Rc::new(RefCell::new(Vec::new()));
    let mut sim = Builder::new().rng_seed(5).build();
    for name in ["one", "other"] {
        sim.host(name, || async {
            std::future::pending::<()>().await;
            Ok(())
        });
    }
    sim.host("server", || async { echoes().await.or(Ok(())) });
    let taken = Rc::clone(&took);
    sim.client("client", async move {
        let mut stream = TcpStream::connect("server:7").await?;
        for _ in 0..100 {
            let begun = Instant::now();
            stream.write_all(b"x").await?;
            stream.read_u8().await?;
            taken.borrow_mut().push(begun.elapsed());
        }
        Ok(())
    });
    fault.into_iter().for_each(|fault| sim.fault(fault));
    sim.run().unwrap();
    took.take()
}

#[test]
fn a_fault_changes_nothing_for_hosts_that_it_does_not_concern() {
    let milli = Duration::from_millis(1);
    let idle = apart("one", "other", 7 * milli, 20 * milli);
    let (without, with) = (round_trips(None), round_trips(Some(idle)));
    assert_eq!(without.len(), 100);
    assert_eq!(without, with);
}

#[test]
fn of_planned_faults_those_stay_that_the_failure_needs() {
    let text = message(0..1, |sim| {
        sim.host("server", || async { echoes().await.or(Ok(())) });
        for name in ["idle", "still"] {
            sim.host(name, || async { Ok(()) });
        }
        sim.client("client", async {
            let mut stream = TcpStream::connect("server:7").await?;
            for round in 0..20 {
                let begun = Instant::now();
                stream.write_all(b"x").await?;
                stream.read_u8().await?;
                assert!(begun.elapsed() < SECOND, "round {round} was slow");
                sleep(SECOND / 2).await;
            }
            Ok(())
        });
        sim.fault(apart("idle", "still", SECOND, SECOND));
        sim.fault(apart("client", "server", 2 * SECOND, 3 * SECOND));
        sim.fault(apart("client", "server", 100 * SECOND, SECOND));
        sim.run()?;
        Ok(())
    });
    let needed = "fault from 2s, for 3s: nothing gets through between client and server";
    assert_eq!(faults_of(&text), [needed], "{text}");
}

/// Without the fault the test fails too, but says something else: that is not the failure.
#[test]
fn a_fault_is_not_left_out_if_another_failure_takes_the_place_of_the_first() {
    let text = message(0..1, |sim| {
        sim.client("client", async {
            sleep(5 * SECOND).await;
            Ok(())
        });
        sim.fault(Fault {
            at: SECOND,
            lasts: 100 * SECOND,
            what: Trouble::Behind("client".to_owned(), SECOND),
        });
        sim.run()?;
        assert!(!sim.faults().is_empty(), "nothing was planned");
        panic!("it has failed after {:?}", sim.elapsed());
    });
    assert!(text.contains("it has failed after 5s"), "{text}");
    assert_eq!(faults_of(&text).len(), 1, "{text}");
}

#[test]
fn a_clock_that_jumps_is_told_without_an_end() {
    let what = Trouble::Ahead("host".to_owned(), 2 * SECOND);
    let (at, lasts) = (SECOND, 9 * SECOND);
    let text = Fault { at, lasts, what }.to_string();
    assert_eq!(text, "at 1s: the clock of host jumps ahead by 2s");
}

#[test]
fn a_host_has_no_standard_input() {
    let mut sim = Builder::new().build();
    sim.client("host", async {
        let error = stdin().read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("no standard input"), "{error}");
        Ok(())
    });
    sim.run().unwrap();
}

#[test]
fn a_host_s_clock_stays_paused() {
    let mut sim = Builder::new().build();
    sim.client("host", async {
        runtime::time::resume();
        Ok(())
    });
    let error = sim.run().unwrap_err().to_string();
    assert!(error.contains("stays paused"), "{error}");
}

#[cfg(unix)]
mod signals {
    use runtime::signal::ctrl_c;
    use runtime::signal::unix::{SignalKind, signal};

    use super::*;

    #[test]
    fn a_program_hears_the_signals_that_the_test_sends_to_its_host_and_no_others() {
        let heard = Rc::new(RefCell::new(Vec::new()));
        let mut sim = Builder::new().build();
        for name in ["one", "other"] {
            let heard = Rc::clone(&heard);
            sim.client(name, async move {
                let mut user = signal(SignalKind::user_defined1())?;
                runtime::select! {
                    stopped = ctrl_c() => {
                        stopped?;
                        heard.borrow_mut().push((name, "interrupt", sim::elapsed()));
                    }
                    _ = user.recv() => heard.borrow_mut().push((name, "user", sim::elapsed())),
                }
                Ok(())
            });
        }
        sim.run_for(SECOND).unwrap();
        assert_eq!(
            sim.signal("one", SignalKind::terminate()),
            0,
            "no task listens"
        );
        assert_eq!(sim.signal("one", SignalKind::interrupt()), 1);
        sim.run_for(SECOND).unwrap();
        assert_eq!(
            sim.signal("one", SignalKind::interrupt()),
            0,
            "it has ended"
        );
        assert_eq!(sim.signal("other", SignalKind::user_defined1()), 1);
        sim.run().unwrap();
        let expected = [("one", "interrupt", SECOND), ("other", "user", 2 * SECOND)];
        assert_eq!(heard.take(), expected);
    }
}

#[cfg(all(feature = "trace", feature = "serde"))]
#[test]
fn a_fault_is_told_in_the_recordings_of_the_hosts_that_it_concerns() {
    use runtime::trace::{Event, Mark};

    let mut sim = Builder::new().record(1000).build();
    for name in ["one", "other", "third"] {
        sim.client(name, async {
            sleep(5 * SECOND).await;
            Ok(())
        });
    }
    sim.fault(apart("one", "other", SECOND, 2 * SECOND));
    sim.run().unwrap();
    let told = |name: &str| {
        let recordings = sim.recordings();
        let records = recordings[name].records();
        let marks = records.iter().filter_map(|record| match &record.event {
            Event::Mark {
                scope, what, text, ..
            } if scope.0 == "fault" => Some((record.time, *what, text.to_string())),
            _ => None,
        });
        marks.collect::<Vec<_>>()
    };
    let text = "nothing gets through between one and other".to_owned();
    let expected = [
        (SECOND, Mark::Begin, text.clone()),
        (3 * SECOND, Mark::End, text),
    ];
    assert_eq!(told("one"), expected);
    assert_eq!(told("other"), expected);
    assert_eq!(told("third"), []);
}
