//! Thirteen scenes from the machine's life, told event by event.
//!
//! ```text
//! cargo run --example watch               all of them
//! cargo run --example watch -- inbox      one: queue, inbox, sleep, wheel, read, select, abort,
//!                                         budget, stranded, channel, lock, gone or job
//! ```
//!
//! A runtime that is being traced records everything that happens in it as plain data. Here
//! each event is put into words. On the left stands the file of `runtime/src` that did it:
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
//! 9. `stranded`: a task that nothing can wake is found out at once.
//! 10. `channel`: a sender waits for the receiver, and the place it waited for is its own.
//! 11. `lock`: a mutex is handed from one task to the next, in the order of coming.
//! 12. `gone`: one of those who wait for a lock gives up, and no task behind it is held up.
//! 13. `job`: work for another thread, and how its result is delivered.
#![forbid(unsafe_code)]

#[path = "support/event_in_words.rs"]
mod event_in_words;

use runtime::io::AsyncReadExt;
use runtime::net::TcpStream;
use runtime::runtime::{Builder, Runtime, Step};
use runtime::sync::{Mutex, mpsc};
use runtime::task::{spawn_blocking, yield_now};
use runtime::time::{self, Duration, Instant, sleep, timeout};
use std::cell::Cell;
use std::future::poll_fn;
use std::io::{self, Write};
use std::rc::Rc;
use std::task::{Poll, Waker};

type Scene = fn(&Stage) -> io::Result<()>;

const SCENES: [(&str, Scene); 13] = [
    ("queue", queue),
    ("inbox", inbox),
    ("sleep", sleep_once),
    ("wheel", wheel),
    ("read", read),
    ("select", select),
    ("abort", abort),
    ("budget", budget),
    ("stranded", stranded),
    ("channel", channel),
    ("lock", lock),
    ("gone", gone),
    ("job", job),
];

fn main() -> io::Result<()> {
    let wanted = std::env::args().nth(1);
    let fits = |name: &str| wanted.as_deref().is_none_or(|it| it == name);
    if !SCENES.iter().any(|(name, _)| fits(name)) {
        let names: Vec<&str> = SCENES.iter().map(|(name, _)| *name).collect();
        eprintln!(
            "watch: there is no such scene; there are {}",
            names.join(", ")
        );
        std::process::exit(1);
    }
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
    println!("  -- it does not park: the inbox is not empty");
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

/// A task that answers "not yet" and keeps no waker.
fn stranded(stage: &Stage) -> io::Result<()> {
    drop(stage.runtime.spawn(poll_fn(|_| Poll::<()>::Pending)));
    Ok(())
}

/// Three messages through a channel in which there is room for one.
fn channel(stage: &Stage) -> io::Result<()> {
    let (sender, mut receiver) = mpsc::channel(1);
    drop(stage.runtime.spawn(async move {
        for message in ["warp", "weft", "dye"] {
            sender.send(message).await.unwrap();
        }
    }));
    drop(
        stage
            .runtime
            .spawn(async move { while receiver.recv().await.is_some() {} }),
    );
    Ok(())
}

/// Three tasks and a mutex. The first holds it across an `.await`.
fn lock(stage: &Stage) -> io::Result<()> {
    let shared = Rc::new(Mutex::new(0));
    for _ in 0..3 {
        let shared = Rc::clone(&shared);
        drop(stage.runtime.spawn(async move {
            let mut value = shared.lock().await;
            yield_now().await;
            *value += 1;
        }));
    }
    Ok(())
}

/// Three tasks and a mutex again. The second waits for no more than a hundredth of a second.
fn gone(stage: &Stage) -> io::Result<()> {
    let shared = Rc::new(Mutex::new(()));
    let [first, second, third] = [(); 3].map(|()| Rc::clone(&shared));
    drop(stage.runtime.spawn(async move {
        let _guard = first.lock().await;
        sleep(Duration::from_millis(50)).await;
    }));
    drop(stage.runtime.spawn(async move {
        let patience = Duration::from_millis(10);
        assert!(timeout(patience, second.lock()).await.is_err());
    }));
    drop(stage.runtime.spawn(async move {
        drop(third.lock().await);
    }));
    Ok(())
}

/// A job on another thread, which is let go when the task already waits for it.
fn job(stage: &Stage) -> io::Result<()> {
    let (go, wait) = std::sync::mpsc::channel();
    drop(stage.runtime.spawn(async move {
        let job = spawn_blocking(move || wait.recv());
        job.await.unwrap().unwrap();
    }));
    stage.settle();
    println!("  -- the job ends, on its own thread, and its number is in the inbox");
    go.send(()).expect("the job waits for it");
    while stage.runtime.snapshot().inbox.messages == 0 {
        std::thread::yield_now();
    }
    Ok(())
}

/// A runtime with a paused clock.
struct Stage {
    runtime: Runtime,
}

impl Stage {
    fn new() -> io::Result<Stage> {
        let mut builder = Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build()?;
        runtime.trace().start(1024);
        Ok(Stage { runtime })
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
            if let Some(words) = event_in_words::in_words(&record) {
                println!("  {file:<34}{words}");
            }
        }
    }
}
