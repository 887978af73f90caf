//! Awaits one after another that could go on at once.
//!
//! *What people write.* Three questions to three servers, one line each, with an `.await` at the end
//! of each line.
//!
//! *Why it is wrong.* `.await` means: not before this has come do I begin the next. The program waits for
//! the sum of the three although none needs the answer of another. The word `async` alone makes
//! nothing concurrent.
//!
//! *The repair.* `join!` polls all three in one task. (`JoinSet` or `spawn` for a number that is not known
//! beforehand.) See also `examples/join_vs_sequential.rs`.
//!
//! *What an observer sees.* How many things the task waits for at the same time: one, or three.
//! <https://rust-lang.github.io/async-book/part-guide/more-async-await.html> explains why an
//! `.await` is a sequence.

use runtime::time::{Duration, sleep};

use crate::seen::{Seen, say};

pub(crate) async fn broken() {
    let price = ask("price", 300).await;
    let stock = ask("stock", 200).await;
    let rating = ask("rating", 100).await;
    say(format!("{price}, {stock}, {rating}"));
}

pub(crate) async fn repaired() {
    let (price, stock, rating) =
        runtime::join!(ask("price", 300), ask("stock", 200), ask("rating", 100));
    say(format!("{price}, {stock}, {rating}"));
}

/// A question to a server far away.
async fn ask(what: &'static str, millis: u64) -> &'static str {
    say(format!("{what}?"));
    sleep(Duration::from_millis(millis)).await;
    what
}

/// The most things for which one task has waited at the same time.
pub(crate) fn most_at_once(seen: &Seen) -> usize {
    let mut most = 0;
    seen.with_states(|_, state| {
        let waits = state.tasks.values().map(|view| view.waits.len());
        most = most.max(waits.max().unwrap_or(0));
    });
    most
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    vec![
        format!(
            "the most things that one task waits for at the same time: {}",
            most_at_once(seen)
        ),
        format!("timers that fired: {}", seen.counts.timers_fired),
    ]
}
