//! `select!`, `join!` and `try_join!`, branch by branch.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use runtime::runtime::Builder;
use runtime::{join, select, try_join};

use crate::choices::Choices;

/// A branch: it waits for so many polls, then has its value.
struct Branch {
    polls: usize,
    value: u8,
    /// How often it was dropped.
    dropped: Rc<Cell<usize>>,
}

impl Future for Branch {
    type Output = u8;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u8> {
        let Some(left) = self.polls.checked_sub(1) else {
            // One poll more would be one after the end.
            self.polls = usize::MAX;
            return Poll::Ready(self.value);
        };
        assert!(left < usize::MAX - 1, "polled after its end");
        self.polls = left;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Branch {
    fn drop(&mut self) {
        self.dropped.set(self.dropped.get() + 1);
    }
}

/// What a branch is made of.
#[derive(Clone, Copy, Debug)]
struct Plan {
    polls: usize,
    value: u8,
    enabled: bool,
}

impl Plan {
    fn from(choices: &mut Choices<'_>) -> Self {
        Plan {
            polls: choices.below(4),
            value: choices.below(4) as u8,
            enabled: choices.below(4) != 3,
        }
    }

    fn make(self, dropped: &Rc<Cell<usize>>) -> Branch {
        Branch {
            polls: self.polls,
            value: self.value,
            dropped: dropped.clone(),
        }
    }

    /// Whether `select!` lets it win: its `if` holds and its value matches the pattern.
    fn can_win(&self) -> bool {
        self.enabled && self.value != 0
    }
}

/// The bytes say what three branches do.
///
/// A biased `select!` takes the first branch among those that are ready in the earliest poll, one
/// without `biased` one of them; a branch whose pattern does not match or whose `if` is false never
/// wins; without any, `else` does. `join!` has all values in their order, `try_join!` the values or
/// the error of the branch that fails first. No branch is polled after its end, and each is dropped
/// once.
///
/// # Panics
///
/// If one of this does not hold.
pub fn macros(data: &[u8]) {
    let mut choices = Choices::new(data);
    let seed = u64::from(choices.byte());
    let plans = [(); 3].map(|()| Plan::from(&mut choices));
    let mut builder = Builder::new_current_thread();
    let runtime = builder.rng_seed(seed);
    let runtime = runtime.build().expect("a runtime");
    let dropped = Rc::new(Cell::new(0));
    let runs = runtime.block_on(run(plans, &dropped));
    assert_eq!(
        dropped.get(),
        4 * plans.len(),
        "each branch is dropped once"
    );
    check_select(&plans, runs.biased, true);
    check_select(&plans, runs.fair, false);
    let values = plans.map(|plan| plan.value);
    assert_eq!(runs.joined, values);
    check_try_join(&plans, runs.tried);
}

struct Runs {
    biased: Option<(usize, u8)>,
    fair: Option<(usize, u8)>,
    joined: [u8; 3],
    tried: Result<[u8; 3], u8>,
}

async fn run(plans: [Plan; 3], dropped: &Rc<Cell<usize>>) -> Runs {
    let [a, b, c] = plans;
    let make = |plan: Plan| plan.make(dropped);
    // A value of 0 does not match.
    let matching = |plan: Plan| {
        let branch = make(plan);
        async move { Some(branch.await).filter(|value| *value != 0) }
    };
    let biased = select! {
        biased;
        Some(value) = matching(a), if a.enabled => Some((0, value)),
        Some(value) = matching(b), if b.enabled => Some((1, value)),
        Some(value) = matching(c), if c.enabled => Some((2, value)),
        else => None,
    };
    let fair = select! {
        Some(value) = matching(a), if a.enabled => Some((0, value)),
        Some(value) = matching(b), if b.enabled => Some((1, value)),
        Some(value) = matching(c), if c.enabled => Some((2, value)),
        else => None,
    };
    let (x, y, z) = join!(make(a), make(b), make(c));
    // A value of 0 is an error, told by how long it took.
    let failing = |plan: Plan| {
        let branch = make(plan);
        async move {
            match branch.await {
                0 => Err(plan.polls as u8),
                value => Ok(value),
            }
        }
    };
    let tried = try_join!(failing(a), failing(b), failing(c));
    Runs {
        biased,
        fair,
        joined: [x, y, z],
        tried: tried.map(|(x, y, z)| [x, y, z]),
    }
}

fn check_select(plans: &[Plan; 3], winner: Option<(usize, u8)>, biased: bool) {
    let earliest = plans
        .iter()
        .filter(|plan| plan.can_win())
        .map(|plan| plan.polls)
        .min();
    let mut first = plans
        .iter()
        .position(|plan| plan.can_win() && Some(plan.polls) == earliest);
    if let (Some((which, _)), false) = (winner, biased) {
        // Any of the earliest may win.
        first = (plans[which].can_win() && Some(plans[which].polls) == earliest).then_some(which);
        assert!(first.is_some(), "{winner:?} of {plans:?}");
    }
    assert_eq!(winner.map(|(which, _)| which), first, "{plans:?}");
    if let Some((which, value)) = winner {
        assert_eq!(value, plans[which].value);
    }
}

fn check_try_join(plans: &[Plan; 3], tried: Result<[u8; 3], u8>) {
    let failing = plans.iter().filter(|plan| plan.value == 0);
    match failing.map(|plan| plan.polls).min() {
        Some(polls) => assert_eq!(tried, Err(polls as u8), "{plans:?}"),
        None => assert_eq!(tried, Ok(plans.map(|plan| plan.value))),
    }
}
