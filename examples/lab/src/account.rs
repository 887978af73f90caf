//! The account of a case: what happened, in words, in order.
//!
//! It has what the check does and sees, and the deeds that the learner's machine tells by `told`: the same
//! deeds as `examples/tiny_runtime.rs` tells to the stepper. It is printed when a case goes wrong.

use crate::told::{Deed, EAR, Line};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened before these lines is left out.
const KEPT: usize = 24;

/// A machine of which more is left out turns in a circle. So few lines show it.
const CIRCLE: usize = 200;
const OF_A_CIRCLE: usize = 10;

struct Account {
    lines: VecDeque<String>,
    left_out: usize,
}

static ACCOUNT: Mutex<Account> = Mutex::new(Account {
    lines: VecDeque::new(),
    left_out: 0,
});

fn account() -> MutexGuard<'static, Account> {
    ACCOUNT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds a line.
pub fn note(line: impl Into<String>) {
    let line = line.into();
    let mut account = account();
    account.lines.push_back(line);
    if account.lines.len() > KEPT {
        account.lines.pop_front();
        account.left_out += 1;
    }
}

/// Takes the last lines.
pub(crate) fn take() -> Vec<String> {
    let mut account = account();
    let mut left_out = std::mem::take(&mut account.left_out);
    if left_out > CIRCLE {
        let more = account.lines.len().saturating_sub(OF_A_CIRCLE);
        account.lines.drain(..more);
        left_out += more;
    }
    let first = match left_out {
        0 => None,
        1 => Some("(one line before these)".to_owned()),
        _ => Some(format!("({left_out} lines before these)")),
    };
    first.into_iter().chain(account.lines.drain(..)).collect()
}

/// From now on the deeds that are told on this thread are heard.
pub(crate) fn listen() {
    EAR.set(Some(|deed, number, _: Line| note(in_words(deed, number))));
}

fn in_words(deed: Deed, number: usize) -> String {
    match deed {
        Deed::Spawns(_) => format!("machine: task {number} is made"),
        Deed::Queues => format!("machine: task {number} goes on the run queue"),
        Deed::Polls => format!("machine: task {number} is taken, to be polled"),
        Deed::PutsBack => format!("machine: task {number} is pending, and is put back"),
        Deed::Ends => format!("machine: task {number} has ended, and its place is free"),
        Deed::Joins => "machine: a task waits for the end of another".to_owned(),
        Deed::Sleeps(_, deadline) => {
            format!("machine: timer {number} waits for {deadline} ms on the clock")
        }
        Deed::Fires => format!("machine: timer {number} fires"),
        Deed::Registers(_, source) => {
            let source = source.rsplit("::").next().unwrap_or(source);
            format!("machine: source {number} is registered, a {source}")
        }
        Deed::Blocks(_) => format!("machine: source {number} would block, and a task waits for it"),
        Deed::Ready(readable, writable) => match (readable, writable) {
            (true, true) => format!("kernel: source {number} can be read and written"),
            (true, false) => format!("kernel: source {number} can be read"),
            (false, true) => format!("kernel: source {number} can be written"),
            (false, false) => format!("kernel: something has changed at source {number}"),
        },
        Deed::Closes => format!("machine: source {number} is closed"),
        Deed::Parks => "machine: the thread goes to sleep".to_owned(),
        Deed::Unparks => "machine: the thread is back".to_owned(),
    }
}
