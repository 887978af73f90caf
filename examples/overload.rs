//! A server that says "no" in time: a limit of calls at a time, with a short queue, and *shedding*.
//!
//! A server that accepts more than it can do becomes slow for all its clients. They lose their
//! patience and ask again, and in the end the server works on answers that no client waits for. So it
//! works on so many requests at a time, lets a few wait, and refuses the rest at once: status 503,
//! which costs almost nothing, and `Retry-After`. It is a `Semaphore` and a number.
//!
//! What to see in the output (the clock is paused; a request takes a second): ten clients, all at
//! once, and when each of them has its answer.
//!
//! 1. Without a limit on the queue, all are served, the last one after five seconds.
//! 2. With room for two in the queue, four are served within two seconds, and six are refused at once.
//! 3. One may wait. It loses its patience and leaves the queue; the next client waits in its place, and is served.
#![forbid(unsafe_code)]

use runtime::join;
use runtime::sync::{Semaphore, SemaphorePermit};
use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::Cell;
use std::rc::Rc;

/// So many at a time, and so many that may wait.
struct Limit {
    slots: Semaphore,
    waiting: Cell<usize>,
    max_waiting: usize,
}

/// One that waits. It leaves the queue when its turn has come, or when it is dropped.
struct Waits<'a>(&'a Cell<usize>);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Limit {
    fn new(slots: usize, max_waiting: usize) -> Rc<Limit> {
        Rc::new(Limit {
            slots: Semaphore::new(slots),
            waiting: Cell::new(0),
            max_waiting,
        })
    }

    /// A slot, or nothing if the queue is full.
    async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(slot) = self.slots.try_acquire() {
            return Some(slot);
        }
        if self.waiting.get() == self.max_waiting {
            return None;
        }
        self.waiting.set(self.waiting.get() + 1);
        let _waits = Waits(&self.waiting);
        Some(self.slots.acquire().await.expect("is never closed"))
    }
}

/// A request's way through the server: the status of its answer.
async fn serve(limit: &Limit) -> u16 {
    let Some(_slot) = limit.enter().await else {
        return 503;
    };
    sleep(Duration::from_secs(1)).await;
    200
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    report("all may wait", &Limit::new(2, usize::MAX)).await;
    report("two may wait", &Limit::new(2, 2)).await;
    leaves_the_queue(&Limit::new(1, 1)).await;
}

/// Ten clients at once: the status of each answer, and when it came.
async fn report(how: &str, limit: &Rc<Limit>) {
    let (mut clients, start) = (JoinSet::new(), Instant::now());
    for _ in 0..10 {
        let limit = limit.clone();
        clients.spawn(async move { (serve(&limit).await, start.elapsed().as_secs()) });
    }
    let mut answers = clients.join_all().await;
    answers.sort_by_key(|(_, after)| *after);
    println!("{how}:");
    for (status, after) in answers {
        println!("  {status} after {after} s");
    }
}

async fn leaves_the_queue(limit: &Rc<Limit>) {
    println!("one may wait:");
    let slot = limit.enter().await;
    let impatient = timeout(Duration::from_millis(100), serve(limit)).await;
    println!("  left the queue: {}", impatient.is_err());
    println!("  now in the queue: {}", limit.waiting.get());
    let (next, ()) = join!(serve(limit), async { drop(slot) });
    println!("  the next one waits in its place: {next}");
}
