//! A supervision tree: workers that fail, and those who start them again.
//!
//! A worker that has failed is in a state that its author did not foresee. To mend it from within is guesswork;
//! to throw it away, with all that it holds, and to begin afresh is not. So a *supervisor* does no
//! work of its own: it starts its children, waits for one to end, and starts that one again. The
//! idea is Erlang's.
//!
//! Starting again for ever would be as bad as never: what fails at once each time keeps a processor
//! busy and helps no one. So a supervisor pauses before it tries again, longer each time, and when
//! it has tried too often within a while it concludes that the fault lies deeper: it gives up, drops
//! *all* its children, and fails itself. Its own supervisor starts it again, with children that
//! know nothing of the past. To its parent, a supervisor is a worker like others; that makes a tree.
//!
//! What to see in the output (the clock is paused: a minute passes at once):
//!
//! 1. The red loom fails with an error, the blue one panics. Both are started again, and no
//!    other task notices. (The panic's own message is on standard error, as always.) The pause doubles with
//!    each failure of the last 15 seconds, whichever loom it was.
//! 2. The green loom fails, and again, and again. The supervisor of the looms gives up; the red and
//!    the blue loom are dropped where they stand, and the mill starts the whole branch anew.
//! 3. The lamp hangs on another branch, and burns on.
//! 4. When the mill closes, each worker is told and leaves in good order.
#![forbid(unsafe_code)]

use runtime::sync::CancellationToken;
use runtime::task::{Id, JoinError, JoinSet};
use runtime::time::{Duration, Instant, sleep, timeout};
use std::cell::Cell;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

/// How a child ends: well, or with a reason.
type Ended = Result<(), String>;
type Life = Pin<Box<dyn Future<Output = Ended>>>;

/// What can be started, and started again. The token tells it that it is time to leave.
#[derive(Clone)]
struct Child {
    name: &'static str,
    start: Rc<dyn Fn(CancellationToken) -> Life>,
}

impl Child {
    fn new<F>(name: &'static str, start: impl Fn(CancellationToken) -> F + 'static) -> Child
    where
        F: Future<Output = Ended> + 'static,
    {
        let start = Rc::new(move |stop| Box::pin(start(stop)) as Life);
        Child { name, start }
    }
}

/// How often children may be started again.
#[derive(Clone, Copy)]
struct Patience {
    restarts: usize,
    within: Duration,
}

/// A child that supervises others.
fn supervisor(name: &'static str, children: Vec<Child>, patience: Patience) -> Child {
    Child::new(name, move |stop| {
        let supervisor = Supervisor {
            name,
            children: children.clone(),
            patience,
            restarts: Vec::new(),
            running: JoinSet::new(),
            places: HashMap::new(),
            stop,
        };
        supervisor.run()
    })
}

struct Supervisor {
    name: &'static str,
    children: Vec<Child>,
    patience: Patience,
    /// When a worker was started again, within the time that counts.
    restarts: Vec<Instant>,
    /// Dropping it drops the children.
    running: JoinSet<Ended>,
    /// Which child a task is.
    places: HashMap<Id, usize>,
    stop: CancellationToken,
}

impl Supervisor {
    async fn run(mut self) -> Ended {
        for place in 0..self.children.len() {
            self.start(place, Duration::ZERO);
        }
        while let Some(ended) = self.running.join_next_with_id().await {
            let (id, ended) = match ended {
                Ok((id, ended)) => (id, ended),
                Err(error) => (error.id(), Err(reason(error))),
            };
            let place = self.places.remove(&id).expect("is a child of ours");
            if let Err(why) = ended {
                self.failed(place, &why)?;
            }
        }
        Ok(()) // all have ended well
    }

    /// Starts a child, after a pause.
    fn start(&mut self, place: usize, pause: Duration) {
        let child = self.children[place].clone();
        let stop = self.stop.clone();
        let task = self.running.spawn(async move {
            if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return Ok(()); // closed before it began again
            }
            say(child.name, "begins");
            let _leaves = Leaves(child.name);
            (child.start)(stop).await
        });
        self.places.insert(task.id(), place);
    }

    fn failed(&mut self, place: usize, why: &str) -> Ended {
        let name = self.children[place].name;
        self.restarts
            .retain(|it| it.elapsed() < self.patience.within);
        if self.restarts.len() == self.patience.restarts {
            say(
                self.name,
                &format!("{name} failed ({why}): that is too often"),
            );
            return Err(format!("cannot keep {name} alive"));
        }
        let pause = Duration::from_millis(100 << self.restarts.len());
        self.restarts.push(Instant::now());
        say(
            self.name,
            &format!("{name} failed ({why}): again in {pause:?}"),
        );
        self.start(place, pause);
        Ok(())
    }
}

/// Says when it goes: the task has ended, or was dropped.
struct Leaves(&'static str);

impl Drop for Leaves {
    fn drop(&mut self) {
        say(self.0, "leaves");
    }
}

#[runtime::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    START.set(Some(Instant::now()));
    let stop = CancellationToken::new();
    let mill = runtime::spawn((mill().start)(stop.clone()));
    sleep(Duration::from_secs(60)).await;
    say("main", "the mill closes");
    stop.cancel();
    // Who has not left by then is left behind.
    let ended = timeout(Duration::from_secs(5), mill).await;
    println!("the mill has ended: {ended:?}");
}

fn mill() -> Child {
    let looms = vec![
        loom("red loom", |attempt| match attempt {
            1 => Fate::Fails(10, "a thread broke"),
            _ => Fate::Weaves,
        }),
        loom("blue loom", |attempt| match attempt {
            1 => Fate::Panics(20),
            _ => Fate::Weaves,
        }),
        loom("green loom", |attempt| match attempt {
            1 => Fate::Fails(40, "no thread left"),
            2 | 3 => Fate::Fails(0, "no thread left"),
            _ => Fate::Weaves, // some have been brought
        }),
    ];
    let patience = Patience {
        restarts: 2,
        within: Duration::from_secs(15),
    };
    let looms = supervisor("looms", looms, patience);
    let lamp = loom("lamp", |_| Fate::Weaves);
    supervisor("mill", vec![lamp, looms], patience)
}

/// What becomes of a worker, after how many seconds.
enum Fate {
    Weaves,
    Fails(u64, &'static str),
    Panics(u64),
}

/// A worker whose fate depends on how often it has been started.
fn loom(name: &'static str, fate: impl Fn(u32) -> Fate + 'static) -> Child {
    let attempts = Cell::new(0);
    Child::new(name, move |stop| {
        attempts.set(attempts.get() + 1);
        let fate = fate(attempts.get());
        async move {
            let after = |seconds| sleep(Duration::from_secs(seconds));
            match fate {
                Fate::Weaves => stop.cancelled().await,
                Fate::Fails(seconds, why) => {
                    after(seconds).await;
                    return Err(why.to_owned());
                }
                Fate::Panics(seconds) => {
                    after(seconds).await;
                    panic!("the shuttle flew out");
                }
            }
            Ok(())
        }
    })
}

/// What a panic said.
fn reason(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(payload) => match payload.downcast_ref::<&str>() {
            Some(words) => format!("panic: {words}"),
            None => "panic".to_owned(),
        },
        Err(error) => error.to_string(),
    }
}

thread_local! {
    static START: Cell<Option<Instant>> = const { Cell::new(None) };
}

fn say(who: &str, words: &str) {
    let start = START.get().expect("main has set it");
    println!("{:5.1} s  {who:10}  {words}", start.elapsed().as_secs_f64());
}
