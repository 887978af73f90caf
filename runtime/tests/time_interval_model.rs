//! An interval against a plain model: when the next tick is due, and a loop that counts on from
//! there.
//!
//! Between two looks any time may pass, looks are given up, ticks are moved and the behaviour is
//! changed. Every tick must come when the model says, and not before, with the time at which it was
//! due. The machine computes where a skipped tick lands; the model adds periods until it is there.
#![forbid(unsafe_code)]

#[path = "support/machine.rs"]
mod machine;

use std::task::Poll;

use machine::{poll_here, run_paused};
use proptest::collection::vec;
use proptest::prelude::*;
use runtime::time::MissedTickBehavior::{Burst, Delay, Skip};
use runtime::time::{
    Duration, Instant, Interval, MissedTickBehavior, advance, interval, interval_at,
};

/// A tick that is late by no more than this is not late.
const GRACE: u64 = 5;

/// Times are milliseconds.
#[derive(Clone, Debug)]
enum Act {
    Advance(u64),
    /// One look, which is given up if it has to wait.
    Look,
    Tick,
    Behave(MissedTickBehavior),
    Reset,
    ResetImmediately,
    ResetAfter(u64),
    /// From the start, and so often in the past.
    ResetAt(u64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..200_u64).prop_map(Act::Advance),
        6 => Just(Act::Look),
        4 => Just(Act::Tick),
        2 => prop::sample::select(vec![Burst, Delay, Skip]).prop_map(Act::Behave),
        1 => Just(Act::Reset),
        1 => Just(Act::ResetImmediately),
        1 => (0..300_u64).prop_map(Act::ResetAfter),
        1 => (0..3000_u64).prop_map(Act::ResetAt),
    ]
}

/// Times count from the start.
struct Model {
    now: u64,
    next: u64,
    period: u64,
    behavior: MissedTickBehavior,
}

impl Model {
    /// The tick is taken; says when it was due.
    fn tick(&mut self) -> u64 {
        let due = self.next;
        self.next = due + self.period;
        if self.now - due > GRACE {
            match self.behavior {
                Burst => {}
                Delay => self.next = self.now + self.period,
                Skip => {
                    while self.next <= self.now {
                        self.next += self.period;
                    }
                }
            }
        }
        due
    }
}

struct Both {
    start: Instant,
    ticker: Interval,
    model: Model,
}

impl Both {
    async fn act(&mut self, act: &Act) {
        let model = &mut self.model;
        match *act {
            Act::Advance(by) => {
                model.now += by;
                advance(ms(by)).await;
            }
            Act::Look => {
                let look = poll_here(&mut Box::pin(self.ticker.tick())).await;
                let expected = match model.next <= model.now {
                    true => Poll::Ready(self.start + ms(model.tick())),
                    false => Poll::Pending,
                };
                assert_eq!(look, expected);
            }
            Act::Tick => {
                let due = self.ticker.tick().await;
                model.now = model.now.max(model.next);
                assert_eq!(due, self.start + ms(model.tick()));
            }
            Act::Behave(behavior) => {
                self.ticker.set_missed_tick_behavior(behavior);
                model.behavior = behavior;
            }
            _ => self.reset(act),
        }
        assert_eq!(self.start.elapsed(), ms(self.model.now));
    }

    fn reset(&mut self, act: &Act) {
        let now = self.model.now;
        self.model.next = match *act {
            Act::Reset => {
                self.ticker.reset();
                now + self.model.period
            }
            Act::ResetImmediately => {
                self.ticker.reset_immediately();
                now
            }
            Act::ResetAfter(after) => {
                self.ticker.reset_after(ms(after));
                now + after
            }
            Act::ResetAt(at) => {
                self.ticker.reset_at(self.start + ms(at));
                at
            }
            _ => return,
        };
    }
}

fn ms(time: u64) -> Duration {
    Duration::from_millis(time)
}

proptest! {
    #[test]
    fn an_interval_does_what_its_model_does(
        first in prop::option::of(0..100_u64),
        period in 1..60_u64,
        acts in vec(act(), 1..60),
    ) {
        run_paused(async move {
            let start = Instant::now();
            let ticker = match first {
                Some(first) => interval_at(start + ms(first), ms(period)),
                None => interval(ms(period)),
            };
            let model = Model {
                now: 0,
                next: first.unwrap_or(0),
                period,
                behavior: Burst,
            };
            let mut both = Both { start, ticker, model };
            for act in &acts {
                both.act(act).await;
            }
        });
    }
}
