//! A `select!` that begins its sleep anew.
//!
//! *What people write.* A loop with a `select!` of two branches: take the next value, or, if a second has
//! passed, write out what was collected. The sleep is made inside the `select!`.
//!
//! *Why it is wrong.* Each round makes all futures of the `select!` anew and drops the losers at its end.
//! A value that comes every 300 ms drops the sleep every 300 ms. It is never one second old, and
//! nothing is written out while values come.
//!
//! *The repair.* What must survive a round is made before the loop: an `interval`, or a sleep that
//! is pinned and awaited by reference.
//!
//! *What an observer sees.* One line makes timers, and all are dropped before they fire: the event
//! `TimersDropped`, after as many as `Builder::warn_timers_dropped` says. Tokio's page of `select!`
//! shows the pinned sleep: <https://docs.rs/tokio/latest/tokio/macro.select.html>.

use runtime::sync::mpsc;
use runtime::time::Instant;
use runtime::time::{Duration, interval_at, sleep};
use runtime::trace::Event;

use story::place;

use crate::seen::{Seen, named, say};

const SECOND: Duration = Duration::from_secs(1);

pub(crate) async fn broken() {
    let mut values = sensor();
    let mut collected = 0;
    loop {
        runtime::select! {
            value = values.recv() => match value {
                Some(()) => collected += 1,
                None => break,
            },
            () = sleep(SECOND) => write_out(&mut collected), // a new second in each round
        }
    }
    say(format!("the sensor ends; not written out: {collected}"));
}

pub(crate) async fn repaired() {
    let mut values = sensor();
    let mut collected = 0;
    let mut seconds = interval_at(Instant::now() + SECOND, SECOND); // it outlives the rounds
    loop {
        runtime::select! {
            value = values.recv() => match value {
                Some(()) => collected += 1,
                None => break,
            },
            _ = seconds.tick() => write_out(&mut collected),
        }
    }
    say(format!("the sensor ends; not written out: {collected}"));
}

fn write_out(collected: &mut u32) {
    say(format!("{collected} values are written out"));
    *collected = 0;
}

/// Twelve values, one every 300 ms.
fn sensor() -> mpsc::Receiver<()> {
    let (sender, values) = mpsc::channel(1);
    drop(named("sensor", async move {
        for _ in 0..12 {
            sleep(Duration::from_millis(300)).await;
            let _ = sender.send(()).await;
        }
    }));
    values
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let warnings = seen.all(|event| match event {
        Event::TimersDropped { at, times } => Some(format!(
            "a warning: {times} timers in a row were dropped before they fired, made at {}",
            place::short(*at)
        )),
        _ => None,
    });
    let counts = &seen.counts;
    let sums = format!(
        "timers that were set: {}; that fired: {}; that were dropped: {}",
        counts.timers_set, counts.timers_fired, counts.timers_dropped
    );
    warnings.into_iter().chain([sums]).collect()
}
