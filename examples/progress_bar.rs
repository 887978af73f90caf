//! A progress bar on long work.
//!
//! The one who works knows how far the work is, and should not have to care who looks. The one who
//! looks wants to see it change, but not ten thousand times a second. Between the two stands a
//! *watch*: a value that the one replaces as often as it likes, and that the other looks at when it
//! likes. What was not seen in between is gone, and is not missed: a queue would be the wrong thing
//! here, for it keeps everything.
//!
//! What to see in the output:
//!
//! 1. Five hundred parts of work, each of which says that it is done, and a bar that is drawn five
//!    times a second, with what remains as far as can be told. In a terminal it stays on its line.
//! 2. Work that gets stuck: the bar goes on being drawn, for the drawing does not wait for the work.
//! 3. Work that is stopped half-way. The bar hears that its watch is closed, and draws what there is.
//!
//! Where the output goes to a terminal, time passes; otherwise the clock is paused, and all of it is
//! over at once.
#![forbid(unsafe_code)]

use runtime::sync::watch;
use runtime::time::{self, Duration, Instant, MissedTickBehavior, interval, sleep, timeout};
use std::io::{self, IsTerminal, Write};

/// The bar's, in letters.
const WIDTH: u32 = 30;

/// How far it is.
#[derive(Clone, Copy)]
struct Progress {
    done: u32,
    all: u32,
}

#[runtime::main]
async fn main() -> io::Result<()> {
    if !io::stdout().is_terminal() {
        time::pause();
    }
    let (steady, forever) = (Duration::from_millis(2), Duration::MAX);
    println!("steady work:");
    watched(500, |_| steady, forever).await?;
    println!("work that gets stuck once:");
    let stuck = |part| if part == 60 { 500 * steady } else { 4 * steady };
    watched(100, stuck, forever).await?;
    println!("work that is stopped:");
    watched(500, |_| steady, Duration::from_millis(700)).await
}

/// Does `all` parts of work, each of which takes as long as `takes` says, and no longer than
/// `limit` all in all, with a bar beside it.
async fn watched(all: u32, takes: impl Fn(u32) -> Duration, limit: Duration) -> io::Result<()> {
    let (sender, receiver) = watch::channel(Progress { done: 0, all });
    let bar = runtime::spawn(bar(receiver));
    drop(timeout(limit, work(sender, takes)).await); // in time or not: the bar shows it
    bar.await?
}

async fn work(progress: watch::Sender<Progress>, takes: impl Fn(u32) -> Duration) {
    let all = progress.borrow().all;
    for part in 0..all {
        sleep(takes(part)).await; // the work
        progress.send_modify(|it| it.done += 1);
    }
}

/// Draws until the worker is gone, and then once more: the last word is never missing.
async fn bar(mut progress: watch::Receiver<Progress>) -> io::Result<()> {
    let start = Instant::now();
    let mut frames = interval(Duration::from_millis(200));
    // Who comes late to a frame draws the next one, and not all that were missed.
    frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        let gone = runtime::select! {
            biased; // where both are due, the end comes first
            _ = progress.wait_for(|_| false) => true, // nothing fits; it ends with the worker
            _ = frames.tick() => false,
        };
        draw(*progress.borrow(), start.elapsed(), gone)?;
        if gone {
            return Ok(());
        }
    }
}

/// One frame: over the one before it in a terminal, on a line of its own elsewhere.
fn draw(progress: Progress, elapsed: Duration, last: bool) -> io::Result<()> {
    let Progress { done, all } = progress;
    let filled = (WIDTH * done / all) as usize;
    let bar = format!("{:.<width$}", "#".repeat(filled), width = WIDTH as usize);
    let percent = 100 * done / all;
    let end = match io::stdout().is_terminal() && !last {
        true => '\r',
        false => '\n',
    };
    let mut out = io::stdout().lock();
    write!(
        out,
        "  [{bar}] {percent:3} %  {:16}{end}",
        remains(progress, elapsed, last)
    )?;
    out.flush()
}

/// As much time for each part to come as for each that is done.
fn remains(progress: Progress, elapsed: Duration, last: bool) -> String {
    let Progress { done, all } = progress;
    match (done, last) {
        (_, true) if done == all => format!("done in {:.1} s", elapsed.as_secs_f64()),
        (_, true) => format!("stopped, {} to do", all - done),
        (0, false) => String::new(),
        _ => format!(
            "{:.1} s left",
            (elapsed * (all - done) / done).as_secs_f64()
        ),
    }
}
