//! A program of two tasks, driven one step at a time, with everything that happens in it.
//!
//! A treadle is the pedal that moves a loom by one step: press it, and one thing happens, in
//! plain sight. `Runtime::step` is that pedal. It makes exactly one transition (take the
//! inbox, poll one task, turn the reactor, fire timers), never blocks, and says which it
//! made; `block_on` is nothing but a loop around the same code. Meanwhile the runtime records
//! every event, so that below each step stands what it consisted of.
//!
//! What to see in the output (each event with its number, its time, and the line of the
//! runtime's own source that did it, for you to open):
//!
//! 1. Spawning polls nothing: both tasks are only put on the run queue.
//! 2. The baker's first poll sets a timer and waits. The guest's first poll yields, which is
//!    a wake of itself: the guest goes to the back of the queue and is polled again.
//! 3. Then nothing is ready. `WouldPark` says until when; with the clock paused, parking does
//!    not wait for that moment but moves the clock to it.
//! 4. The timer wakes the baker. The baker's end wakes the guest, who awaits the join handle.
//!    Each `Woken` names its cause. Follow these causes backwards when a program hangs.
#![forbid(unsafe_code)]

use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::{JoinHandle, yield_now};
use runtime::time::{Duration, Instant, sleep};

async fn baker() -> &'static str {
    sleep(Duration::from_secs(40 * 60)).await;
    "bread"
}

async fn guest(oven: JoinHandle<&'static str>) -> String {
    yield_now().await;
    format!("fresh {}", oven.await.unwrap())
}

fn main() -> std::io::Result<()> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()?;
    let inside = runtime.enter();
    let start = Instant::now();
    drop(inside);
    runtime.trace().start(1024);

    println!("spawn a baker and a guest");
    let oven = runtime.spawn(baker());
    let guest = runtime.spawn(guest(oven));
    show_events(&runtime);

    for number in 1.. {
        let step = runtime.step();
        println!("step {number}: {}", say(step, start));
        show_events(&runtime);
        match step {
            Step::WouldPark { until: None } => break,
            Step::WouldPark { until } => {
                println!("park");
                runtime.park(until);
                show_events(&runtime);
            }
            _ => {}
        }
    }
    println!("the guest has {:?}", runtime.block_on(guest).unwrap());
    Ok(())
}

/// A step in words.
fn say(step: Step, start: Instant) -> String {
    match step {
        Step::Polled { task, ready: true } => format!("polled task {task}, and it is at its end"),
        Step::Polled { task, ready: false } => format!("polled task {task}, and it waits"),
        Step::Fired { timers } => format!("fired {timers} timer(s)"),
        Step::WouldPark { until: Some(until) } => {
            format!("nothing to do before {:?}", until - start)
        }
        Step::WouldPark { until: None } => "nothing to do, and nothing to wait for".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What has happened since this was last called.
fn show_events(runtime: &Runtime) {
    for record in runtime.trace().take() {
        let (seq, time, place) = (record.seq, record.time, record.place.to_string());
        println!("    {seq:>2} {time:>6?}  {place:<37} {:?}", record.event);
    }
}
