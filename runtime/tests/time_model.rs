//! Random programs of sleeps, resets, drops and movements of the clock, run beside a model
//! that is too simple to be wrong.
//!
//! The machine keeps its timers in a wheel with levels, cascades and a far ring. The model
//! keeps a list. It knows two rules: a timer fires at the first whole millisecond that is not
//! before its deadline, and timers of one millisecond fire in the order in which they were
//! set. After every operation both must agree on which sleeps have ended; at the end, on who
//! was woken, in which order and at what time.

#[path = "support/machine.rs"]
mod machine;

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

use machine::{Ledger, paused, poll_with};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::time::{Duration, Instant, Sleep, advance, sleep, sleep_until};

const MS: Duration = Duration::from_millis(1);

#[derive(Clone, Debug)]
enum Op {
    /// Makes a sleep, and polls it or not.
    New {
        after: Duration,
        poll: bool,
    },
    /// Polls one of the sleeps.
    Poll(usize),
    /// Gives one another deadline, from now or before now.
    Reset {
        which: usize,
        after: Duration,
        past: bool,
    },
    Drop(usize),
    /// Moves the clock at once.
    Advance(Duration),
    /// Sleeps, so that the clock jumps from deadline to deadline.
    Walk(Duration),
}

/// Around a slot of every level, anywhere in it, and seldom on a whole millisecond.
fn duration() -> impl Strategy<Value = Duration> {
    let scale = prop_oneof![4 => 0..3_u32, 2 => 3..5_u32, 1 => 5..7_u32];
    let millis = scale.prop_flat_map(|level| {
        let slot = 1_u64 << (6 * level);
        prop_oneof![
            0..slot * 64,
            Just(slot - 1),
            Just(slot),
            Just(slot + 1),
            Just(slot * 64 - 1),
        ]
    });
    let nanos = prop_oneof![2 => Just(0), 1 => 0..1_000_000_u64];
    (millis, nanos).prop_map(|(ms, ns)| Duration::from_millis(ms) + Duration::from_nanos(ns))
}

fn op() -> impl Strategy<Value = Op> {
    let reset = (0..20_usize, duration(), prop::bool::weighted(0.2));
    prop_oneof![
        6 => (duration(), prop::bool::weighted(0.8)).prop_map(|(after, poll)| Op::New { after, poll }),
        4 => (0..20_usize).prop_map(Op::Poll),
        4 => reset.prop_map(|(which, after, past)| Op::Reset { which, after, past }),
        2 => (0..20_usize).prop_map(Op::Drop),
        3 => duration().prop_map(Op::Advance),
        2 => duration().prop_map(|after| Op::Walk(after + MS)),
    ]
}

/// Who was woken, and when by the clock.
type Log = Arc<Mutex<Vec<(usize, Duration)>>>;

struct Bell {
    number: usize,
    start: Instant,
    log: Log,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let now = self.start.elapsed();
        self.log.lock().unwrap().push((self.number, now));
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Idle,
    /// In the list: due in this millisecond, put in as the so-manieth.
    Waiting {
        tick: u64,
        order: usize,
    },
    Fired,
    Done,
}

/// One sleep as the model sees it. Times count from the start.
struct Model {
    deadline: Duration,
    state: State,
}

/// The machine and the model, side by side.
struct Both {
    start: Instant,
    /// `None`: dropped.
    sleeps: Vec<Option<(Sleep, Waker, Model)>>,
    /// How often anything was put into the model's list.
    order: usize,
    log: Log,
    expected: Vec<(usize, Duration)>,
}

/// The first whole millisecond that is not before `time`.
fn tick_not_before(time: Duration) -> u64 {
    time.as_nanos().div_ceil(1_000_000) as u64
}

impl Both {
    fn new() -> Both {
        Both {
            start: Instant::now(),
            sleeps: Vec::new(),
            order: 0,
            log: Log::default(),
            expected: Vec::new(),
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    async fn run(&mut self, op: Op) {
        match op {
            Op::New { after, poll } => self.add(after, poll),
            Op::Poll(which) => self.poll(which),
            Op::Reset { which, after, past } => self.reset(which, after, past),
            Op::Drop(which) => {
                if let Some(slot) = self.sleeps.get_mut(which) {
                    *slot = None;
                }
            }
            Op::Advance(by) => {
                let until = self.now() + by;
                self.fire(until, |_| until);
                advance(by).await;
            }
            Op::Walk(by) => {
                // The walker's own timer is one of them: the walk ends at its tick.
                let before = self.now();
                let until = Duration::from_millis(tick_not_before(before + by));
                self.fire(until, |tick| before.max(Duration::from_millis(tick)));
                sleep(by).await;
                assert_eq!(self.now(), until);
            }
        }
        self.compare();
    }

    fn add(&mut self, after: Duration, poll: bool) {
        let deadline = self.now() + after;
        let number = self.sleeps.len();
        let (start, log) = (self.start, Arc::clone(&self.log));
        let waker = Waker::from(Arc::new(Bell { number, start, log }));
        let model = Model {
            deadline,
            state: State::Idle,
        };
        let nap = sleep_until(self.start + deadline);
        self.sleeps.push(Some((nap, waker, model)));
        if poll {
            self.poll(number);
        }
    }

    fn poll(&mut self, which: usize) {
        let now = self.now();
        let Some(Some((nap, waker, model))) = self.sleeps.get_mut(which) else {
            return;
        };
        model.state = match model.state {
            State::Idle if model.deadline > now => {
                self.order += 1;
                State::Waiting {
                    tick: tick_not_before(model.deadline),
                    order: self.order,
                }
            }
            // Its millisecond may still be to come; that its time has passed is enough.
            waiting @ State::Waiting { .. } if model.deadline > now => waiting,
            _ => State::Done,
        };
        let ready = poll_with(waker, nap).is_ready();
        assert_eq!(ready, model.state == State::Done);
    }

    fn reset(&mut self, which: usize, after: Duration, past: bool) {
        let now = self.now();
        let Some(Some((nap, _, model))) = self.sleeps.get_mut(which) else {
            return;
        };
        model.deadline = match past {
            true => now.saturating_sub(after),
            false => now + after,
        };
        model.state = match model.state {
            State::Waiting { .. } => {
                self.order += 1;
                let passed = (now.as_nanos() / 1_000_000) as u64;
                State::Waiting {
                    tick: tick_not_before(model.deadline).max(passed),
                    order: self.order,
                }
            }
            _ => State::Idle,
        };
        Pin::new(nap).reset(self.start + model.deadline);
    }

    /// Fires in the model what is due by `until`; `at` says when one of a tick fires.
    fn fire(&mut self, until: Duration, at: impl Fn(u64) -> Duration) {
        let mut due = Vec::new();
        for (number, sleep) in self.sleeps.iter_mut().enumerate() {
            let Some((_, _, model)) = sleep else { continue };
            if let State::Waiting { tick, order } = model.state {
                if Duration::from_millis(tick) <= until {
                    model.state = State::Fired;
                    due.push((tick, order, number));
                }
            }
        }
        due.sort_unstable();
        let fired = due.into_iter().map(|(tick, _, number)| (number, at(tick)));
        self.expected.extend(fired);
    }

    fn compare(&self) {
        for (nap, _, model) in self.sleeps.iter().flatten() {
            assert_eq!(nap.deadline(), self.start + model.deadline);
            let elapsed = matches!(model.state, State::Fired | State::Done);
            assert_eq!(nap.is_elapsed(), elapsed, "{:?}", model.state);
        }
        assert_eq!(*self.log.lock().unwrap(), self.expected);
    }
}

proptest! {
    #[test]
    fn the_machine_and_the_list_agree(ops in vec(op(), 1..60)) {
        let runtime = paused();
        runtime.block_on(async {
            let mut both = Both::new();
            for op in ops {
                both.run(op).await;
            }
        });
        Ledger::of(&runtime).assert_empty();
    }
}
