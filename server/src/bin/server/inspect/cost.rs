//! What watching costs the thread that serves.
//!
//! An event is made, stamped and put into the queue on that thread, and nothing there measures how long that
//! takes: to measure would cost as much again. So it is measured once, at the start, on a thread of its own:
//! the same work with a feed and without one. The page multiplies it by the events of a second.

use std::io;
use std::time::{Duration, Instant};

use runtime::runtime::Runtime;
use runtime::task::yield_now;

/// So many turns are measured, and so many times.
const TURNS: u32 = 5_000;
const TIMES: usize = 5;

/// About how long an event takes. The shortest of several measurements: what disturbs one makes it longer.
pub(super) fn of_an_event() -> io::Result<Duration> {
    let mut bare = Duration::MAX;
    let mut fed = Duration::MAX;
    let mut events = 1;
    for _ in 0..TIMES {
        bare = bare.min(turns(&Runtime::new()?));
        let runtime = Runtime::new()?;
        let feed = runtime.trace().feed(1 << 20);
        fed = fed.min(turns(&runtime));
        let blocks = feed.take().blocks;
        let records = blocks.iter().map(|block| block.records.len());
        events = records.sum::<usize>().max(1);
    }
    let events = u32::try_from(events).unwrap_or(u32::MAX);
    Ok(fed.saturating_sub(bare) / events)
}

fn turns(runtime: &Runtime) -> Duration {
    let begun = Instant::now();
    runtime.block_on(async {
        for _ in 0..TURNS {
            yield_now().await;
        }
    });
    begun.elapsed()
}
