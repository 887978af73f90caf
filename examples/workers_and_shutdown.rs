//! Workers that are told to stop, and how long one waits for them.
//!
//! A program that ends has work under way. To drop it where it stands is quick, and leaves half a
//! file behind; to wait until all is done may take for ever, since one of them hangs. So there are
//! two parts to it. *Each worker is told*: a word on a `broadcast` channel, of which each worker has
//! a receiver, and which each of them hears at a place where it can stop. And *the wait has a
//! bound*: a worker that has not left by then is aborted, which drops its task at the `.await`
//! where it stands.
//!
//! A worker should hear the word between two jobs, and not in the midst of one: here it is a branch
//! of the `select!` that waits for the next job, and no branch of the job itself. Where that takes
//! too long, the job must listen, too. And a channel whose sender has gone says the same as the
//! word: the sender that could have said it is no more.
//!
//! What to see in the output (the clock is paused):
//!
//! 1. The idle worker leaves at once, the busy one as soon as its job is done, and the jobs that
//!    no worker has begun stay where they are.
//! 2. The third hangs. Two seconds after the word it is aborted, and what it held is dropped.
//! 3. A second team has a main task that just goes away. All leave in the same manner.
#![forbid(unsafe_code)]

use runtime::select;
use runtime::sync::{broadcast, mpsc};
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::collections::VecDeque;

/// How long one waits for those who have been told.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many milliseconds it takes, if it ends at all.
type Job = Option<u64>;

struct Worker {
    name: &'static str,
    start: Instant,
    jobs: mpsc::Receiver<Job>,
    stop: broadcast::Receiver<()>,
}

impl Worker {
    /// Takes job after job, until there is no more or the word is heard. Says how many it did.
    async fn run(mut self) -> (&'static str, u32) {
        let mut done = 0;
        loop {
            let job = select! {
                biased; // a worker that is told to stop begins nothing more
                _ = self.stop.recv() => break, // the word; or no sender is left
                job = self.jobs.recv() => job,
            };
            let Some(job) = job else { break };
            self.perform(job).await;
            done += 1;
        }
        (self.name, done)
    }

    async fn perform(&self, job: Job) {
        self.say("begins a job");
        match job {
            Some(takes) => sleep(Duration::from_millis(takes)).await,
            None => std::future::pending().await,
        }
        self.say("is done with it");
    }

    fn say(&self, words: &str) {
        say(self.start, self.name, words);
    }
}

/// However it ends, a worker cleans its place.
impl Drop for Worker {
    fn drop(&mut self) {
        self.say("cleans its place");
    }
}

/// The workers, their jobs, and the means to tell them.
struct Team {
    start: Instant,
    workers: JoinSet<(&'static str, u32)>,
    stop: broadcast::Sender<()>,
    /// Kept open, so that a worker without a job waits for one.
    queues: VecDeque<mpsc::Sender<Job>>,
}

impl Team {
    fn new() -> Team {
        Team {
            start: Instant::now(),
            workers: JoinSet::new(),
            stop: broadcast::channel(1).0, // one word is all there will ever be
            queues: VecDeque::new(),
        }
    }

    fn hire(&mut self, name: &'static str, work: &[Job]) {
        let (queue, jobs) = mpsc::channel(4);
        for job in work {
            queue.try_send(*job).expect("there is room for four");
        }
        let worker = Worker {
            name,
            start: self.start,
            jobs,
            stop: self.stop.subscribe(),
        };
        self.workers.spawn(worker.run());
        self.queues.push_back(queue);
    }

    /// Tells each worker, and waits; but not for ever.
    async fn shut_down(mut self) {
        let told = self.stop.send(()).unwrap_or(0);
        say(self.start, "main", &format!("tells {told} workers to stop"));
        let all_left = leave(self.start, &mut self.workers);
        if timeout(PATIENCE, all_left).await.is_ok() {
            return say(self.start, "main", "all have left");
        }
        let late = self.workers.len();
        say(self.start, "main", &format!("aborts {late}"));
        self.workers.shutdown().await; // and waits until it has been dropped
        say(self.start, "main", "no worker is left");
    }
}

/// Says who leaves, in the order in which they do.
async fn leave(start: Instant, workers: &mut JoinSet<(&'static str, u32)>) {
    while let Some(ended) = workers.join_next().await {
        let (name, done) = ended.expect("a worker does not panic");
        say(start, name, &format!("has left, jobs done: {done}"));
    }
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let mut team = Team::new();
    team.hire("idle", &[]);
    team.hire("busy", &[Some(300), Some(900), Some(300)]);
    team.hire("stuck", &[Some(200), None]);
    sleep(Duration::from_millis(500)).await;
    team.shut_down().await;

    println!();
    let mut team = Team::new();
    team.hire("idle", &[]);
    team.hire("busy", &[Some(300), Some(900)]);
    let Team {
        start,
        mut workers,
        stop,
        queues,
    } = team;
    sleep(Duration::from_millis(100)).await;
    drop(stop); // it never said a word
    leave(start, &mut workers).await;
    drop(queues);
}

fn say(start: Instant, who: &str, words: &str) {
    println!("{:5} ms  {who:5}  {words}", start.elapsed().as_millis());
}
