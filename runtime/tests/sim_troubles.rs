//! Faults of a simulated host's disk and of its time of day: when they begin, what they do, and that they are over.

#![cfg(feature = "sim")]

use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;
use std::time::UNIX_EPOCH;

use runtime::fs::{self, File};
use runtime::io::AsyncWriteExt;
use runtime::sim::{self, Builder, Fault, Sim, Trouble};
use runtime::time::{Duration, Instant, sleep, sleep_until};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// From the first second to the third.
fn fault(what: Trouble) -> Fault {
    Fault {
        at: SECOND,
        lasts: 2 * SECOND,
        what,
    }
}

fn host() -> String {
    "host".to_owned()
}

/// What `look` finds half a second after each whole one, four times.
fn looks<T: 'static>(sim: &mut Sim, look: impl AsyncFn() -> T + 'static) -> Vec<T> {
    let found = Rc::new(RefCell::new(Vec::new()));
    let finding = Rc::clone(&found);
    sim.client("host", async move {
        for at in 0..4 {
            sleep_until(Instant::now() + SECOND / 2).await;
            let seen = look().await;
            finding.borrow_mut().push(seen);
            sleep((at + 1) * SECOND - sim::elapsed()).await;
        }
        Ok(())
    });
    sim.run().unwrap();
    found.take()
}

#[test]
fn a_disk_is_full_for_a_while_and_what_is_there_can_still_be_changed() {
    let mut sim = Builder::new().build();
    sim.fault(fault(Trouble::DiskFull(host())));
    let found = looks(&mut sim, async || {
        let grown = fs::write("/grown", [1; 100]).await;
        let kept = match fs::metadata("/kept").await {
            Ok(_) => {
                let mut file = File::options().write(true).open("/kept").await.unwrap();
                file.write_all(b"new").await.unwrap();
                file.flush().await
            }
            Err(_) => fs::write("/kept", "old").await,
        };
        (grown.err().map(|error| error.kind()), kept.is_ok())
    });
    let full = Some(ErrorKind::StorageFull);
    assert_eq!(
        found,
        [(None, true), (full, true), (full, true), (None, true)]
    );
}

#[test]
fn a_disk_fails_for_a_while_and_two_faults_at_once_end_one_after_the_other() {
    let mut sim = Builder::new().build();
    sim.fault(fault(Trouble::DiskBroken(host())));
    sim.fault(Fault {
        lasts: SECOND,
        ..fault(Trouble::DiskBroken(host()))
    });
    let found = looks(&mut sim, async || fs::write("/file", "text").await.is_ok());
    assert_eq!(found, [true, false, false, true]);
}

#[test]
fn a_disk_is_slow_for_a_while() {
    let mut sim = Builder::new().build();
    sim.fault(fault(Trouble::DiskSlow(host(), 100 * MILLI)));
    let found = looks(&mut sim, async || {
        let before = Instant::now();
        let _ = fs::metadata("/").await;
        before.elapsed() >= 100 * MILLI
    });
    assert_eq!(found, [false, true, true, false]);
}

#[test]
fn the_time_of_day_goes_back_and_comes_right_while_timers_and_instants_go_on() {
    let mut sim = Builder::new().build();
    sim.fault(fault(Trouble::Behind(host(), 3600 * SECOND)));
    let start = Instant::now();
    let found = looks(&mut sim, async move || {
        (sim::since_epoch().unwrap(), start.elapsed() < 10 * SECOND)
    });
    let first = found[0].0;
    let ago = |seconds| first + seconds * SECOND;
    assert_eq!(
        found,
        [
            (first, true),
            (ago(1) - 3600 * SECOND, true),
            (ago(2) - 3600 * SECOND, true),
            (ago(3), true)
        ]
    );
}

#[test]
fn the_time_of_day_is_the_same_for_each_seed_goes_on_through_a_crash_and_is_nowhere_else() {
    assert_eq!(sim::since_epoch(), None);
    let seen = |seed| {
        let mut sim = Builder::new().rng_seed(seed).build();
        let seen = Rc::new(RefCell::new(Vec::new()));
        let noting = Rc::clone(&seen);
        sim.host("host", move || {
            let seen = Rc::clone(&noting);
            // Also what makes the program belongs to the host.
            seen.borrow_mut().push(sim::since_epoch().unwrap());
            async move {
                sleep(SECOND).await;
                fs::write("/file", "").await?;
                let modified = fs::metadata("/file").await?.modified()?;
                let now = sim::since_epoch().unwrap();
                assert!(now - modified.duration_since(UNIX_EPOCH)? < 2 * MILLI);
                seen.borrow_mut().push(now.saturating_sub(3 * MILLI));
                Ok(())
            }
        });
        sim.run_for(10 * SECOND).unwrap();
        sim.bounce("host");
        sim.run_for(10 * SECOND).unwrap();
        seen.take()
            .iter()
            .map(Duration::as_secs)
            .collect::<Vec<_>>()
    };
    let beginning = 1_767_225_600; // 1 January 2026
    let expected = [0, 0, 10, 10].map(|later| beginning + later);
    assert_eq!(seen(1), expected);
    assert_eq!(seen(2), expected);
    assert_eq!(sim::since_epoch(), None);
}

#[test]
fn a_clock_that_jumps_ahead_takes_the_time_of_day_along() {
    let mut sim = Builder::new().build();
    sim.fault(fault(Trouble::Ahead(host(), 100 * SECOND)));
    let found = looks(&mut sim, async || sim::since_epoch().unwrap());
    let passed = found.last().unwrap().saturating_sub(found[0]);
    assert_eq!(passed, 103 * SECOND);
}

#[test]
fn faults_of_disks_that_chance_chooses_spare_clients_and_leave_other_chance_alone() {
    let faults = |of_disks| {
        let mut sim = Builder::new().rng_seed(3).build();
        sim.host("host", || async { Ok(()) });
        sim.client("client", async { Ok(()) });
        sim.random_faults(20, 10 * SECOND);
        let before = sim.faults().to_vec();
        sim.random_disk_faults(of_disks, 10 * SECOND);
        let after = sim.faults().to_vec();
        assert_eq!(before, after[..before.len()]);
        after[before.len()..].to_vec()
    };
    assert!(faults(0).is_empty());
    let chosen = faults(40);
    let of = |is: fn(&Trouble) -> bool| chosen.iter().filter(|fault| is(&fault.what)).count();
    let (full, broken, slow) = (
        of(|it| matches!(it, Trouble::DiskFull(host) if host == "host")),
        of(|it| matches!(it, Trouble::DiskBroken(host) if host == "host")),
        of(|it| matches!(it, Trouble::DiskSlow(host, _) if host == "host")),
    );
    assert!(full > 0 && broken > 0 && slow > 0, "{chosen:?}");
    assert_eq!(full + broken + slow, chosen.len(), "of hosts only");
}

/// What never ends is a duration, too.
#[test]
fn a_disk_that_is_slow_for_ever_answers_no_call() {
    let mut sim = Builder::new().build();
    for _ in 0..2 {
        sim.fault(Fault {
            at: SECOND,
            lasts: Duration::MAX,
            what: Trouble::DiskSlow(host(), Duration::MAX),
        });
    }
    sim.host("host", || async {
        fs::write("/file", "before").await?;
        sleep(2 * SECOND).await;
        fs::write("/file", "after").await?;
        unreachable!("the disk has answered");
    });
    sim.run_for(3600 * SECOND).unwrap();
}
