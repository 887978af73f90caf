//! A forgotten `.await`.
//!
//! *What people write.* They call an `async fn` for what it does, ignore its result with `let _ =`, and
//! forget the `.await`.
//!
//! *Why it is wrong.* To call an `async fn` is to make a future and to run none of it. The future is
//! dropped at the end of the line, and nothing has happened. Without `let _ =` the compiler warns
//! (`unused_must_use`); with it, only clippy does. That lint was asked for after such a bug:
//! <https://github.com/rust-lang/rust-clippy/issues/9721>.
//!
//! *The repair.* Write the `.await`; and let the program handle the result.
//!
//! *What an observer sees.* Nothing, and that is the evidence: no event names a line of the function
//! that should have run.

use std::cell::RefCell;
use std::io;

use runtime::time::{Duration, sleep};
use runtime::trace::Event;

use crate::seen::{Seen, say};

#[derive(Default)]
struct Ledger {
    entries: RefCell<Vec<u32>>,
}

impl Ledger {
    /// A disk takes its time.
    async fn save(&self, entry: u32) -> io::Result<()> {
        sleep(Duration::from_millis(2)).await;
        self.entries.borrow_mut().push(entry);
        Ok(())
    }

    fn len(&self) -> usize {
        self.entries.borrow().len()
    }
}

#[expect(clippy::let_underscore_future, reason = "this is the bug")]
pub(crate) async fn broken() {
    let ledger = Ledger::default();
    for entry in [10, 20, 30] {
        let _ = ledger.save(entry);
    }
    say(format!(
        "entries that were to be saved: 3; in the ledger: {}",
        ledger.len()
    ));
}

pub(crate) async fn repaired() {
    let ledger = Ledger::default();
    for entry in [10, 20, 30] {
        if let Err(error) = ledger.save(entry).await {
            say(format!("entry {entry} is not saved: {error}"));
        }
    }
    say(format!(
        "entries that were to be saved: 3; in the ledger: {}",
        ledger.len()
    ));
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let waits = seen.count(|event| matches!(event, Event::TimerSet { .. }));
    let polls = seen.counts.polls;
    vec![
        format!("calls of `save` that have begun to run, as their timers show: {waits} of 3"),
        format!("polls of the main task: {polls}"),
    ]
}
