//! An actor: one task owns the state, and all others write to it.
//!
//! State that many tasks change needs a rule for whose turn it is. A lock is one. An *actor* is
//! another: the state belongs to a single task, which takes one message after the other off a
//! channel. A task that wants an answer encloses an envelope with its address on it, the sending half
//! of a `oneshot` channel. There is nothing to lock, and no way to see the state half changed, for
//! the actor looks at no second message before it is done with the first.
//!
//! Three things are easy to forget:
//!
//! - *The inbox has a bound.* An actor that is slower than its callers makes them wait, rather than
//!   collect letters until the memory is gone.
//! - *Who asked may have left.* Then the answer comes back to the actor (`send` returns it), which
//!   must not lose what was in it.
//! - *The actor may have left.* A caller then gets an error, and does not wait for ever: the
//!   envelope is dropped with the actor, and the receiving half learns of it.
//!
//! What to see in the output (the clock is paused; a sale takes 100 ms):
//!
//! 1. Three ask at once for tickets, of which there are five. They are served in their order, and
//!    no seat is sold twice; the third wants more than are left, and is told how many those are.
//! 2. One asks and has no patience. Its seat is put back, and the next one gets it.
//! 3. A request makes the actor panic: who made it gets an error, and so does who comes later.
//! 4. Another office is let go by all its callers, and ends by itself.
#![forbid(unsafe_code)]

use runtime::join;
use runtime::sync::{mpsc, oneshot};
use runtime::task::JoinHandle;
use runtime::time::{Duration, Instant, sleep, timeout};

type Seats = Vec<u32>;

/// What can be asked of the office; each with the address for the answer.
enum Request {
    Buy {
        count: usize,
        reply: oneshot::Sender<Result<Seats, SoldOut>>,
    },
    Left {
        reply: oneshot::Sender<usize>,
    },
}

/// So many seats are left, which is fewer than were wanted.
#[derive(Debug)]
#[expect(dead_code, reason = "is read by being printed")]
struct SoldOut {
    left: usize,
}

/// The office is no more.
#[derive(Debug)]
struct Gone;

/// What callers hold. To them the actor looks like an object with async methods.
#[derive(Clone)]
struct Office {
    inbox: mpsc::Sender<Request>,
}

impl Office {
    fn open(seats: u32) -> (Office, JoinHandle<Seats>) {
        let (inbox, requests) = mpsc::channel(2);
        let clerk = Clerk {
            // The last is sold first, so that the first seat stands last.
            free: (1..=seats).rev().collect(),
        };
        (Office { inbox }, runtime::spawn(clerk.run(requests)))
    }

    async fn buy(&self, count: usize) -> Result<Result<Seats, SoldOut>, Gone> {
        self.ask(|reply| Request::Buy { count, reply }).await
    }

    async fn left(&self) -> Result<usize, Gone> {
        self.ask(|reply| Request::Left { reply }).await
    }

    /// Sends a request, and waits for what is said to it.
    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Result<T, Gone> {
        let (reply, answer) = oneshot::channel();
        let sent = self.inbox.send(request(reply)).await;
        sent.map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

/// The actor itself: plain state, and no other task has it.
struct Clerk {
    free: Seats,
}

impl Clerk {
    /// Answers until no task is left that could ask. Gives back what was not sold.
    async fn run(mut self, mut requests: mpsc::Receiver<Request>) -> Seats {
        while let Some(request) = requests.recv().await {
            match request {
                Request::Buy { count, reply } => {
                    sleep(Duration::from_millis(100)).await; // prints the tickets
                    let answer = self.sell(count);
                    if let Err(Ok(seats)) = reply.send(answer) {
                        self.put_back(seats);
                    }
                }
                // Whether the task still wants to know makes no difference.
                Request::Left { reply } => drop(reply.send(self.free.len())),
            }
        }
        self.free
    }

    fn sell(&mut self, count: usize) -> Result<Seats, SoldOut> {
        assert!(count > 0, "an order is for one ticket at least");
        let left = self.free.len();
        let keep = left.checked_sub(count).ok_or(SoldOut { left })?;
        let mut seats = self.free.split_off(keep);
        seats.reverse();
        Ok(seats)
    }

    fn put_back(&mut self, seats: Seats) {
        println!("        the clerk puts back {seats:?}");
        self.free.extend(seats.into_iter().rev());
    }
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let (office, clerk) = Office::open(5);
    println!("1. three at once");
    join!(
        visit("ann", &office, 2),
        visit("ben", &office, 2),
        visit("carla", &office, 2)
    );

    println!("2. no patience");
    let impatient = timeout(Duration::from_millis(50), office.buy(1)).await;
    println!("        dan has left: {}", impatient.is_err());
    visit("eve", &office, 1).await;
    println!("        left: {:?}", office.left().await);

    println!("3. the actor panics");
    visit("zoe", &office, 0).await;
    visit("fred", &office, 1).await;
    let ended = clerk.await;
    println!("        panicked: {}", ended.is_err_and(|it| it.is_panic()));

    println!("4. no task is left to ask");
    let (office, clerk) = Office::open(3);
    let other = office.clone();
    visit("gina", &other, 1).await;
    drop((office, other)); // that is all it takes
    println!("        not sold: {:?}", clerk.await.expect("ends well"));
}

async fn visit(who: &str, office: &Office, count: usize) {
    let start = Instant::now();
    let answer = office.buy(count).await;
    let after = start.elapsed().as_millis();
    println!("{after:4} ms {who} wants {count}: {answer:?}");
}
