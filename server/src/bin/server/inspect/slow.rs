//! One line in the log for each slow request, with what it waited for.
//!
//! A request is slow if its answer took long to begin. How long the body takes after that is the client's
//! affair, too. How it can go wrong: a server that is slow at every request fills the log. So there is a bound
//! for each second, and the number of those left out is said.

use std::time::Duration;

use runtime::time::Instant;
use server::console;
use story::account::{Account, in_words};
use story::words;

use super::requests::{Request, is_request};

/// A request whose answer takes longer to begin is slow.
pub(super) const SLOW: Duration = Duration::from_secs(1);

/// So many lines a second.
const LINES: u32 = 5;

/// So many reasons are named.
const REASONS: usize = 4;

/// The lines that are to be written.
#[derive(Default)]
pub(super) struct Slow {
    lines: Vec<String>,
    since: Option<Instant>,
    in_this_second: u32,
    left_out: u32,
}

impl Slow {
    /// A request has ended.
    pub(super) fn look_at(&mut self, account: &Account) {
        let Some(line) = line(account) else {
            return;
        };
        let is_over = |since: Instant| since.elapsed() >= Duration::from_secs(1);
        if self.since.is_none_or(is_over) {
            self.since = Some(Instant::now());
            self.in_this_second = 0;
        }
        self.in_this_second += 1;
        match self.in_this_second <= LINES {
            true => self.lines.push(line),
            false => self.left_out += 1,
        }
    }

    /// Writes the lines.
    pub(super) fn tell(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let mut text = self.lines.drain(..).collect::<String>();
        match std::mem::take(&mut self.left_out) {
            0 => {}
            more => text += &format!("server: {more} more slow requests before that\n"),
        }
        console::stderr().print(text);
    }
}

/// What is said of a slow request; `None`: it was fast, or is other work.
pub(super) fn line(account: &Account) -> Option<String> {
    if !is_request(account) {
        return None;
    }
    let answered = account.time_of("answer ").unwrap_or(account.end());
    let took = answered.saturating_sub(account.begin());
    if took < SLOW {
        return None;
    }
    let sums = account.sums_until(answered);
    let reason = |sum: &story::account::Sum| {
        format!("{} it {}", words::time(sum.took), in_words(&sum.doing))
    };
    let reasons: Vec<String> = sums.iter().take(REASONS).map(reason).collect();
    let what = Request::of(account).name();
    let took = words::time(took);
    Some(format!(
        "server: slow: {what} took {took}: {}\n",
        reasons.join(", ")
    ))
}
