//! Eight scenes from the machine's life, told event by event.
//!
//! ```text
//! cargo run --example watch               all of them
//! cargo run --example watch -- inbox      one: queue, inbox, sleep, wheel, read, select, abort
//!                                         or budget
//! ```
//!
//! A runtime that is being traced records everything that happens in it as plain data. Here
//! each event is put into words. On the left stands the file of `runtime/src` that emitted it:
//! open it there. The clock is paused, so nothing takes time, and two runs tell the same story.
//!
//! What to see in the output:
//!
//! 1. `queue`: two tasks that yield take turns. First in, first out, is the whole scheduler.
//! 2. `inbox`: a wake from another thread comes in through the inbox, and one that comes when
//!    the thread is about to park keeps it from parking.
//! 3. `sleep`: a task that sleeps is one timer in the wheel, and nothing else runs meanwhile.
//! 4. `wheel`: the thread comes back once before the timer is due, to sort the timers of the next
//!    four seconds.
//! 5. `read`: a read that finds nothing waits at the source; the event wakes the task, which
//!    reads; a read that got less than it asked for forgets the readiness.
//! 6. `select`: the loser of a race leaves no timer behind.
//! 7. `abort`: aborting is a request; the task is dropped at its next turn, with its timer.
//! 8. `budget`: a task that never has to wait gives the thread back all the same.
#![forbid(unsafe_code)]

use runtime::io::AsyncReadExt;
use runtime::net::TcpStream;
use runtime::runtime::{Builder, Runtime, Step};
use runtime::task::yield_now;
use runtime::time::{self, Duration, Instant, sleep};
use runtime::trace::{Cause, Direction, End, Event};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io::{self, Write};
use std::rc::Rc;
use std::task::{Poll, Waker};

type Scene = fn(&Stage) -> io::Result<()>;

const SCENES: [(&str, Scene); 8] = [
    ("queue", queue),
    ("inbox", inbox),
    ("sleep", sleep_once),
    ("wheel", wheel),
    ("read", read),
    ("select", select),
    ("abort", abort),
    ("budget", budget),
];

fn main() -> io::Result<()> {
    let wanted = std::env::args().nth(1);
    let fits = |name: &str| wanted.as_deref().is_none_or(|it| it == name);
    for (name, scene) in SCENES.into_iter().filter(|(name, _)| fits(name)) {
        println!("{name}:");
        let stage = Stage::new()?;
        scene(&stage)?;
        stage.play();
    }
    Ok(())
}

/// Two tasks, each of which yields once.
fn queue(stage: &Stage) -> io::Result<()> {
    drop(stage.runtime.spawn(yield_now()));
    drop(stage.runtime.spawn(yield_now()));
    Ok(())
}

/// A task that is woken by another thread, twice.
fn inbox(stage: &Stage) -> io::Result<()> {
    let waker = Rc::new(Cell::new(None::<Waker>));
    let theirs = Rc::clone(&waker);
    let mut polls = 0;
    drop(stage.runtime.spawn(poll_fn(move |cx| {
        theirs.set(Some(cx.waker().clone()));
        polls += 1;
        match polls {
            3 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })));
    let wake_from_outside = || {
        let waker = waker.take().expect("the task has been polled, and waits");
        std::thread::spawn(move || waker.wake()).join().unwrap();
    };
    stage.settle();
    println!("  -- another thread calls the waker");
    wake_from_outside();
    stage.settle();
    println!("  -- it calls again, and only then this thread wants to park");
    wake_from_outside();
    stage.runtime.park(None);
    println!("  -- it has not: there is mail");
    Ok(())
}

/// One task, asleep.
fn sleep_once(stage: &Stage) -> io::Result<()> {
    let nap = async { sleep(Duration::from_millis(100)).await };
    drop(stage.runtime.spawn(nap));
    Ok(())
}

/// A sleep of eight seconds. Its tick is 8000, which is 1 * 64 * 64 + 61 * 64 + 0.
///
/// Asked while the clock runs, the loop says when the *wheel* has work; a paused clock would
/// jump to the deadline. So it runs while the loop is asked, and is paused to park.
fn wheel(stage: &Stage) -> io::Result<()> {
    let _inside = stage.runtime.enter();
    let deadline = Instant::now() + Duration::from_secs(8);
    let nap = async move { time::sleep_until(deadline).await };
    drop(stage.runtime.spawn(nap));
    loop {
        time::resume();
        let until = stage.settle();
        time::pause();
        match until {
            Some(_) => stage.runtime.park(until),
            None => return Ok(()),
        }
    }
}

/// A task that reads before there is anything to read.
fn read(stage: &Stage) -> io::Result<()> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let mut client = std::net::TcpStream::connect(listener.local_addr()?)?;
    let (server, _) = listener.accept()?;
    server.set_nonblocking(true)?;
    drop(stage.runtime.spawn(async move {
        let mut server = TcpStream::from_std(server)?;
        server.read(&mut [0; 64]).await
    }));
    stage.settle();
    println!("  -- the client writes 13 bytes; the task has asked for 64");
    client.write_all(b"warp and weft")?;
    stage.runtime.park(None);
    Ok(())
}

/// A race of two sleeps.
fn select(stage: &Stage) -> io::Result<()> {
    drop(stage.runtime.spawn(async {
        runtime::select! {
            biased;
            () = sleep(Duration::from_millis(20)) => {}
            () = sleep(Duration::from_millis(50)) => {}
        }
    }));
    Ok(())
}

/// A task that is aborted in its sleep, and one that awaits it.
fn abort(stage: &Stage) -> io::Result<()> {
    let nap = async { sleep(Duration::from_secs(3600)).await };
    let sleeper = stage.runtime.spawn(nap);
    let abort = sleeper.abort_handle();
    drop(stage.runtime.spawn(sleeper));
    stage.settle();
    println!("  -- abort()");
    abort.abort();
    Ok(())
}

/// A task with 200 things to do that need no waiting, and a neighbour.
fn budget(stage: &Stage) -> io::Result<()> {
    drop(stage.runtime.spawn(async {
        for _ in 0..200 {
            sleep(Duration::ZERO).await; // ready at once, for a unit of the budget
        }
    }));
    drop(stage.runtime.spawn(async {}));
    Ok(())
}

/// A runtime with a paused clock, and the numbers by which we call its timers and sources.
struct Stage {
    runtime: Runtime,
    seen: RefCell<Vec<u64>>,
}

impl Stage {
    fn new() -> io::Result<Stage> {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build()?;
        runtime.trace().start(1024);
        let seen = RefCell::default();
        Ok(Stage { runtime, seen })
    }

    /// Steps until there is nothing to do at the moment, and says when there will be.
    fn settle(&self) -> Option<Instant> {
        loop {
            let step = self.runtime.step();
            self.tell();
            if let Step::WouldPark { until } = step {
                return until;
            }
        }
    }

    /// Steps, and parks for as long as there is a deadline to wait for.
    fn play(&self) {
        while let Some(until) = self.settle() {
            self.runtime.park(Some(until));
        }
    }

    /// What has happened since this was last called.
    fn tell(&self) {
        for record in self.runtime.trace().take() {
            let file = record.place.file.trim_start_matches("runtime/src/");
            let event = &record.event;
            let words = self.of_tasks(event).or_else(|| self.of_waits(event));
            if let Some(words) = words {
                println!("  {file:<26}{words}");
            }
        }
    }

    fn of_tasks(&self, event: &Event) -> Option<String> {
        Some(match event {
            Event::Spawned { task, .. } => format!("task {task} is made"),
            Event::Woken { task, by } => {
                format!("task {task} goes on the run queue, {}", self.by(*task, *by))
            }
            Event::PollStart { task } => format!("task {task} is polled"),
            Event::PollEnd { task, ready, .. } => match ready {
                true => format!("task {task} is ready"),
                false => format!("task {task} is pending"),
            },
            Event::Ended { task, how } => match how {
                End::Finished => format!("task {task} has finished"),
                End::Cancelled => format!("task {task} has been cancelled"),
                End::Panicked => format!("task {task} has panicked"),
            },
            Event::AbortRequested { task } => format!("task {task} is to be aborted"),
            Event::BudgetSpent { task } => format!("task {task} has spent its budget"),
            Event::InboxTaken { wakes, .. } => format!("the inbox is taken, with {wakes} wake(s)"),
            Event::Parked { until: None } => "the thread parks".to_owned(),
            Event::Parked { until: Some(until) } => format!("the thread parks until {until:?}"),
            Event::Unparked => "the thread is back".to_owned(),
            _ => return None,
        })
    }

    /// Who woke a task.
    fn by(&self, task: u64, cause: Cause) -> String {
        match cause {
            Cause::Task(other) if other == task => "woken by itself".to_owned(),
            Cause::Task(other) => format!("woken by task {other}"),
            Cause::Timer(timer) => format!("woken by timer {}", self.number(timer)),
            Cause::Source(source, _) => format!("woken by source {}", self.number(source)),
            Cause::Job(job) => format!("woken by job {job}"),
            Cause::Outside => "woken from outside".to_owned(),
            _ => "woken by the program".to_owned(),
        }
    }

    fn of_waits(&self, event: &Event) -> Option<String> {
        let timer = |timer: &u64| format!("timer {}", self.number(*timer));
        let source = |source: &u64| format!("source {}", self.number(*source));
        Some(match event {
            Event::TimerSet {
                timer: it, tick, ..
            } => format!("{} is set for tick {tick}", timer(it)),
            Event::TimerFired { timer: it } => format!("{} fires", timer(it)),
            Event::TimerDropped { timer: it } => format!("{} is taken out", timer(it)),
            Event::JobQueued { job, .. } => format!("job {job} is given to the pool"),
            Event::JobEnded { job, .. } => format!("job {job} comes home"),
            Event::ClockAdvanced { to } => format!("the clock jumps to {to:?}"),
            Event::SourceRegistered { source: it, .. } => format!("{} is registered", source(it)),
            Event::SourceDropped { source: it } => format!("{} is taken away", source(it)),
            Event::WaiterAdded { source: it, .. } => format!("a waker is left at {}", source(it)),
            Event::Ready {
                source: it,
                direction: Direction::Read,
            } => {
                format!("{} is readable", source(it))
            }
            Event::ReadinessCleared { source: it, .. } => {
                format!("{} is taken for drained", source(it))
            }
            _ => return None,
        })
    }

    /// 1 for the first timer or source that is heard of, 2 for the next.
    fn number(&self, id: u64) -> usize {
        let mut seen = self.seen.borrow_mut();
        let known = seen.iter().position(|it| *it == id);
        known.unwrap_or_else(|| {
            seen.push(id);
            seen.len() - 1
        }) + 1
    }
}
