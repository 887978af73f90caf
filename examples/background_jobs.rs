//! Background jobs: a bounded queue, workers, another try, and an end in good order.
//!
//! A customer who orders something does not want to wait until the mail has gone out, the picture has been
//! made small and the report has been written. Such work is put on a queue, and workers take it off.
//! What makes it dependable is at the edges:
//!
//! - *The queue is full.* A queue without a bound only hides that there is more work than workers,
//!   until the memory is gone. This one says no, or lets the one who orders wait: both are offered.
//! - *A job fails.* It is tried again, later each time, because what is down often comes back; and
//!   not for ever, because some things never will. What is given up is kept on a list for a person to
//!   look at.
//! - *A job panics, or hangs.* Each attempt is a task of its own with a time limit, so neither takes
//!   the worker with it.
//! - *The end.* No new jobs are taken; the workers finish what is on the queue, and then they leave.
//!
//! What to see in the output (the clock is paused, and stands still while real work is done):
//!
//! 1. Four jobs are accepted, for the queue holds four; the fifth is refused at once.
//! 2. Two workers take turns. A mail waits on the network, a picture is computed on the blocking
//!    pool, a report is written to a file, and none stands in another's way.
//! 3. One mail needs two attempts; another is given up after three. A report panics, and one that
//!    hangs is cut off.
//! 4. The door closes; what had been accepted is done.
#![forbid(unsafe_code)]

use runtime::fs;
use runtime::sync::{Mutex, mpsc};
use runtime::task::spawn_blocking;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

#[derive(Clone, Debug)]
enum Job {
    /// To whom.
    Email(&'static str),
    /// How many pixels wide and high.
    Image(usize),
    /// About how many rows.
    Report(u32),
}

const QUEUE: usize = 4;
const WORKERS: usize = 2;
const ATTEMPTS: u32 = 3;
const LIMIT: Duration = Duration::from_secs(1);

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let log = Log::default();
    let (queue, jobs) = mpsc::channel(QUEUE);
    let jobs = Rc::new(Mutex::new(jobs));
    let workers: Vec<_> = (1..=WORKERS)
        .map(|number| runtime::spawn(worker(number, jobs.clone(), log.clone())))
        .collect();

    for job in [
        Job::Email("ann"),
        Job::Image(256),
        Job::Email("ben, who is out at first"),
        Job::Report(1000),
        Job::Email("carla"),
    ] {
        match queue.try_send(job.clone()) {
            Ok(()) => log.say("main", format_args!("{job:?}: accepted")),
            Err(_) => log.say("main", format_args!("{job:?}: refused, come back later")),
        }
    }
    for job in [
        Job::Email("unknown"),
        Job::Report(0),
        Job::Image(512),
        Job::Report(u32::MAX),
    ] {
        log.say("main", format_args!("{job:?}: waits for a place"));
        queue.send(job).await.expect("the workers are there");
    }

    log.say("main", format_args!("no more"));
    drop(queue); // that is how the workers learn of it
    for worker in workers {
        worker.await.expect("a worker does not panic");
    }
    println!("given up: {:?}", log.given_up.borrow());
}

/// Takes a job off the queue whenever it has none, until the queue is closed and empty.
async fn worker(number: usize, jobs: Rc<Mutex<mpsc::Receiver<Job>>>, log: Log) {
    let me = format!("worker {number}");
    loop {
        // One waits for the next job, the others wait for their turn to wait.
        let job = jobs.lock().await.recv().await;
        let Some(job) = job else { break };
        if let Err(why) = attempts(&me, &job, &log).await {
            log.say(&me, format_args!("{job:?}: given up, {why}"));
            log.given_up.borrow_mut().push(job);
        }
    }
    log.say(&me, format_args!("leaves"));
}

/// Tries until it works, or has failed too often.
async fn attempts(me: &str, job: &Job, log: &Log) -> Result<(), String> {
    for attempt in 1.. {
        // A task of its own: what panics in there is a value out here.
        let mut task = runtime::spawn(perform(job.clone(), attempt));
        let ended = match timeout(LIMIT, &mut task).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Err("it panicked".to_owned()),
            Err(_) => {
                task.abort();
                Err(format!("it took longer than {LIMIT:?}"))
            }
        };
        match ended {
            Ok(done) => {
                log.say(me, format_args!("{job:?}: {done}"));
                return Ok(());
            }
            Err(why) if attempt == ATTEMPTS => return Err(why),
            Err(why) => {
                let pause = Duration::from_millis(100) * 2u32.pow(attempt);
                log.say(me, format_args!("{job:?}: {why}, again in {pause:?}"));
                sleep(pause).await;
            }
        }
    }
    unreachable!("attempts are counted from one")
}

async fn perform(job: Job, attempt: u32) -> Result<String, String> {
    match job {
        Job::Email(to) => email(to, attempt).await,
        Job::Image(size) => image(size).await,
        Job::Report(rows) => report(rows).await,
    }
}

/// A mail server is a long way off.
async fn email(to: &str, attempt: u32) -> Result<String, String> {
    sleep(Duration::from_millis(50)).await;
    match to {
        "unknown" => Err("there is no such person".to_owned()),
        _ if to.contains("out at first") && attempt == 1 => Err("the server is busy".to_owned()),
        _ => Ok("sent".to_owned()),
    }
}

/// A quarter of the picture's size, each pixel the mean of sixteen. It is computing, so it is done
/// on the blocking pool.
async fn image(size: usize) -> Result<String, String> {
    let picture: Vec<u8> = (0..size * size).map(|at| (at % size) as u8).collect();
    let small = spawn_blocking(move || {
        let small = size / 4;
        let mean = |at: usize| {
            let (left, top) = (at % small * 4, at / small * 4);
            let rows = (top..top + 4).map(|row| &picture[row * size + left..][..4]);
            (rows.flatten().map(|it| u32::from(*it)).sum::<u32>() / 16) as u8
        };
        (0..small * small).map(mean).collect::<Vec<_>>()
    });
    let small = small.await.map_err(|error| error.to_string())?;
    sleep(Duration::from_millis(30)).await; // uploads it
    Ok(format!(
        "{} pixels, the last is {:?}",
        small.len(),
        small.last()
    ))
}

/// Asks a database, and writes what it said to a file.
async fn report(rows: u32) -> Result<String, String> {
    if rows == u32::MAX {
        std::future::pending::<()>().await; // the database has fallen asleep
    }
    sleep(Duration::from_millis(70)).await;
    let mean = (1..=rows).sum::<u32>() / rows; // of no rows at all there is none
    let text = format!("rows: {rows}\nmean: {mean}\n");
    let path = std::env::temp_dir().join(format!("report-{}-{rows}", std::process::id()));
    let written = async {
        fs::write(&path, &text).await?;
        let length = fs::metadata(&path).await?.len();
        fs::remove_file(&path).await?; // a real one would keep it
        std::io::Result::Ok(length)
    };
    match written.await {
        Ok(length) => Ok(format!("{length} bytes")),
        Err(error) => Err(error.to_string()),
    }
}

/// Who did what, when; and what could not be done.
#[derive(Clone)]
struct Log {
    start: Instant,
    given_up: Rc<RefCell<Vec<Job>>>,
}

impl Default for Log {
    fn default() -> Log {
        let (start, given_up) = (Instant::now(), Rc::default());
        Log { start, given_up }
    }
}

impl Log {
    fn say(&self, who: &str, words: fmt::Arguments<'_>) {
        println!(
            "{:5} ms  {who:8}  {words}",
            self.start.elapsed().as_millis()
        );
    }
}
