//! A client that bears it when the other side does not answer.
//!
//! A service that one calls is slow at times, fails at times, and is gone at times. Four habits,
//! each of them small, make a client that neither hangs with it nor makes its trouble worse:
//!
//! - *A timeout.* No attempt takes longer than so much.
//! - *Another try*, after a pause that grows: by the same amount each time (linear), or to the
//!   double (exponential), which is kinder to a service that many call. A thousand clients would
//!   add a little chance, so as not to come back all at once; here it would blur what there is to
//!   see. What will fail again for certain is not tried again: that there is no such thing, say.
//! - *A circuit breaker.* After so many failures in a row it is *open*: calls fail at once, and the
//!   service has its peace. After a while it is *half open*: one call may try, and all others still
//!   fail. If that one succeeds the breaker is *closed* again, and if not, it is open for another
//!   while. That one call may also be dropped before it ends; that counts as a failure, or else the
//!   breaker would wait for it for ever.
//! - *A bulkhead*, as in a ship: only so many calls at a time, so that one slow service does not
//!   take all there is. Two priorities share it: calls that can wait never get the last place.
//!
//! Their order matters. The pause between two tries holds no place in the bulkhead; the breaker is
//! asked when there is a place, for it may have opened meanwhile; and the timeout is about the call
//! alone. The wait for a place has a limit of its own.
//!
//! What to see in the output (the clock is paused; a call takes 50 ms, its limit is 200 ms):
//!
//! 1. Linear: a call hangs, the next fails, the third succeeds; the pauses are 100 and 200 ms.
//! 2. Exponential: the pauses are 100, 200 and 400 ms, and then it gives up. What does not exist is
//!    asked for once.
//! 3. The breaker opens after three failures, refuses, lets one try that fails, refuses, lets one
//!    try that is dropped, and closes after one that succeeds. Of two that come when it is half
//!    open, one is let through.
//! 4. Three places: five calls that can wait get two of them, and one that cannot begins at once.
#![forbid(unsafe_code)]

use runtime::join;
use runtime::sync::{Semaphore, SemaphorePermit};
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::Future;

const CALL_LIMIT: Duration = Duration::from_millis(200);
const PLACE_LIMIT: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);
const REST: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Error {
    /// The service said that it cannot just now.
    Unavailable,
    /// The service said that there is no such thing.
    NotFound,
    /// It said nothing in time.
    TimedOut,
    /// The breaker is open.
    Refused,
    /// The bulkhead had no place in time.
    Full,
}

impl Error {
    /// Whether the service is to blame: that is what the breaker counts, and what is tried again.
    fn is_failure(self) -> bool {
        matches!(self, Error::Unavailable | Error::TimedOut)
    }
}

/// How long to wait before the next try.
#[derive(Clone, Copy)]
enum Backoff {
    Linear,
    Exponential,
}

impl Backoff {
    fn pause(self, attempt: u32) -> Duration {
        match self {
            Backoff::Linear => STEP * attempt,
            Backoff::Exponential => STEP * 2u32.pow(attempt - 1),
        }
    }
}

struct Client {
    service: Service,
    breaker: Breaker,
    bulkhead: Bulkhead,
    start: Instant,
}

impl Client {
    fn new(script: &[Fate]) -> Client {
        Client {
            service: Service(RefCell::new(script.iter().copied().collect())),
            breaker: Breaker::new(3),
            bulkhead: Bulkhead::new(3, 2),
            start: Instant::now(),
        }
    }

    /// Tries up to so many times.
    async fn call(&self, attempts: u32, backoff: Backoff) -> Result<(), Error> {
        let mut attempt = 1;
        loop {
            let ended = self.attempt(Priority::High).await;
            match ended {
                Err(error) if error.is_failure() && attempt < attempts => {
                    let pause = backoff.pause(attempt);
                    self.say(&format!("try {attempt}: {error:?}, again in {pause:?}"));
                    sleep(pause).await;
                    attempt += 1;
                }
                _ => {
                    self.say(&format!("try {attempt}: {ended:?}"));
                    return ended;
                }
            }
        }
    }

    /// A place, the breaker's leave, and the call within its limit.
    async fn attempt(&self, priority: Priority) -> Result<(), Error> {
        let place = timeout(PLACE_LIMIT, self.bulkhead.enter(priority)).await;
        let _place = place.map_err(|_| Error::Full)?;
        let leave = self.breaker.admit()?;
        let answer = timeout(CALL_LIMIT, self.service.answer()).await;
        let answer = answer.unwrap_or(Err(Error::TimedOut));
        leave.ended(answer.is_err_and(Error::is_failure));
        answer
    }

    /// One attempt, and what the breaker makes of it.
    async fn try_once(&self, who: &str) {
        let ended = self.attempt(Priority::High).await;
        self.say(&format!("{who}: {ended:?}, {}", self.breaker.name()));
    }

    fn say(&self, words: &str) {
        println!("{:5} ms  {words}", self.start.elapsed().as_millis());
    }
}

#[derive(Clone, Copy)]
enum State {
    /// All is well, but for so many failures in a row.
    Closed { failures: u32 },
    /// No call is made before that.
    Open { until: Instant },
    /// One is trying.
    HalfOpen,
}

struct Breaker {
    state: Cell<State>,
    /// So many failures in a row open it.
    most: u32,
}

impl Breaker {
    fn new(most: u32) -> Breaker {
        let state = Cell::new(State::Closed { failures: 0 });
        Breaker { state, most }
    }

    /// Leave to call, if there is any to be had.
    fn admit(&self) -> Result<Leave<'_>, Error> {
        let probe = match self.state.get() {
            State::Closed { .. } => false,
            State::Open { until } if until <= Instant::now() => true,
            State::Open { .. } | State::HalfOpen => return Err(Error::Refused),
        };
        if probe {
            self.state.set(State::HalfOpen);
        }
        Ok(Leave {
            breaker: self,
            probe,
            failed: probe.then_some(true), // until it is known better
        })
    }

    fn record(&self, probe: bool, failed: bool) {
        let failures = match self.state.get() {
            State::Closed { failures } if failed => failures + 1,
            State::HalfOpen if probe && failed => self.most,
            State::Closed { .. } => 0,
            State::HalfOpen if probe => 0,
            // It began before the breaker opened, and is news of yesterday.
            State::Open { .. } | State::HalfOpen => return,
        };
        self.state.set(match failures < self.most {
            true => State::Closed { failures },
            false => State::Open {
                until: Instant::now() + REST,
            },
        });
    }

    fn name(&self) -> String {
        match self.state.get() {
            State::Closed { failures } => format!("closed, failures in a row: {failures}"),
            State::Open { until } => format!("open for {:?}", until - Instant::now()),
            State::HalfOpen => "half open".to_owned(),
        }
    }
}

/// A call that the breaker has let through, and waits to hear of. If it is dropped early, that
/// counts only where the breaker would wait for ever: when it was the one that may try.
struct Leave<'a> {
    breaker: &'a Breaker,
    probe: bool,
    /// `None` says nothing about the service.
    failed: Option<bool>,
}

impl Leave<'_> {
    fn ended(mut self, failed: bool) {
        self.failed = Some(failed);
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        if let Some(failed) = self.failed {
            self.breaker.record(self.probe, failed);
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Priority {
    Low,
    High,
}

/// So many places, and how many of them low priority may have.
struct Bulkhead {
    places: Semaphore,
    low: Semaphore,
}

impl Bulkhead {
    fn new(places: usize, low: usize) -> Bulkhead {
        Bulkhead {
            places: Semaphore::new(places),
            low: Semaphore::new(low),
        }
    }

    /// Low priority first waits among its own; so at most `low` of them stand in the common queue.
    async fn enter(
        &self,
        priority: Priority,
    ) -> (Option<SemaphorePermit<'_>>, SemaphorePermit<'_>) {
        let low = match priority {
            Priority::Low => Some(self.low.acquire().await.expect("is never closed")),
            Priority::High => None,
        };
        (low, self.places.acquire().await.expect("is never closed"))
    }
}

/// What becomes of a call.
#[derive(Clone, Copy)]
enum Fate {
    Answers,
    Fails(Error),
    Hangs,
}

/// Does to each call what is written for it, and answers well when nothing is.
struct Service(RefCell<VecDeque<Fate>>);

impl Service {
    async fn answer(&self) -> Result<(), Error> {
        let fate = self.0.borrow_mut().pop_front();
        sleep(Duration::from_millis(50)).await;
        match fate.unwrap_or(Fate::Answers) {
            Fate::Answers => Ok(()),
            Fate::Fails(error) => Err(error),
            Fate::Hangs => std::future::pending().await,
        }
    }
}

const DOWN: Fate = Fate::Fails(Error::Unavailable);

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    println!("1. linear");
    let client = Client::new(&[Fate::Hangs, DOWN]);
    let linear = client.call(4, Backoff::Linear).await;
    assert_eq!(linear, Ok(()));

    println!("2. exponential");
    let mut client = Client::new(&[DOWN, DOWN, DOWN, DOWN, Fate::Fails(Error::NotFound)]);
    client.breaker = Breaker::new(10); // so that it keeps out of this
    let exponential = client.call(4, Backoff::Exponential).await;
    assert_eq!(exponential, Err(Error::Unavailable));
    let missing = client.call(4, Backoff::Exponential).await;
    assert_eq!(missing, Err(Error::NotFound));

    println!("3. the breaker");
    the_breaker().await;
    println!("4. the bulkhead");
    the_bulkhead().await;
}

async fn the_breaker() {
    let client = Client::new(&[DOWN, DOWN, DOWN, DOWN, Fate::Hangs]);
    for _ in 0..3 {
        client.try_once("a call").await;
    }
    client.try_once("a call").await;
    sleep(REST).await;
    client.try_once("one may try").await;
    client.try_once("a call").await;
    sleep(REST).await;
    let dropped = timeout(STEP, client.try_once("one may try")).await;
    assert!(dropped.is_err());
    client.say(&format!("it was dropped: {}", client.breaker.name()));
    sleep(REST).await;
    join!(
        client.try_once("one may try"),
        client.try_once("at the same time")
    );
    client.try_once("a call").await;
}

async fn the_bulkhead() {
    let client = Client::new(&[]);
    let low = |name| one_of(&client, name, Priority::Low);
    let late = async {
        sleep(Duration::from_millis(10)).await;
        one_of(&client, "cannot wait", Priority::High).await;
    };
    join!(
        low("can wait 1"),
        low("can wait 2"),
        low("can wait 3"),
        low("can wait 4"),
        low("can wait 5"),
        late
    );
}

fn one_of(client: &Client, name: &str, priority: Priority) -> impl Future<Output = ()> {
    async move {
        let came = Instant::now();
        let ended = client.attempt(priority).await;
        let took = came.elapsed();
        client.say(&format!("{name}: {ended:?}, took {took:?}"));
    }
}
