//! Three waits, one after the other and all at once.
//!
//! `.await` means "go on when this is done". Three awaits in a row therefore take as long as
//! all three together, even if none of them needs the others. `join!` polls all of its
//! futures whenever one of them has been woken, so they wait at the same time: still on one
//! thread, still in one task.
//!
//! What to see in the output: exactly 3 s against exactly 1 s. It is exact, and it takes no
//! time to run, because the clock is paused: it stands still while anything is ready, and
//! when nothing is, it jumps to the next deadline.
#![forbid(unsafe_code)]

use runtime::join;
use runtime::time::{Duration, Instant, sleep};

/// Something that is mostly waiting, like most of what a server does.
async fn fetch(what: &'static str) -> &'static str {
    sleep(Duration::from_secs(1)).await;
    what
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let (a, b, c) = (fetch("warp").await, fetch("weft").await, fetch("dye").await);
    println!(
        "one after the other: {a}, {b}, {c} in {:?}",
        start.elapsed()
    );

    let start = Instant::now();
    let (a, b, c) = join!(fetch("warp"), fetch("weft"), fetch("dye"));
    println!(
        "with join!:          {a}, {b}, {c} in {:?}",
        start.elapsed()
    );
}
