//! Requests that failed or were slow, as their accounts tell.
//!
//! A request is slow if its answer took long to begin; how long the body takes after that is the client's
//! affair, too. Each slow one gets a line in the log, with what it waited for. Of both kinds the first is a
//! reason to keep what led to it in a file. The line has the route and not the path, which is the client's
//! text.
//!
//! What the inspector has held up itself is no trouble: requests that were under way then are not judged.
//!
//! How it can go wrong: a server that is slow at every request fills the log. So there is a bound for each
//! second, and the number of those left out is said.

use std::time::Duration;

use runtime::time::Instant;
use server::console;
use story::account::{Account, Sum};
use story::words;

use super::requests::{Request, is_request};

/// A request whose answer takes longer to begin is slow.
const SLOW: Duration = Duration::from_secs(1);

/// So many lines a second.
const LINES: u32 = 5;

/// So many reasons are named.
const REASONS: usize = 4;

/// The lines that are to be written, and why there is something to keep.
#[derive(Default)]
pub(super) struct Trouble {
    lines: Vec<String>,
    why: Option<String>,
    since: Option<Instant>,
    in_this_second: u32,
    left_out: u32,
    /// The inspector holds the server.
    is_held: bool,
    /// When it was last let go: what began before that has been held up.
    let_go: Option<Duration>,
}

impl Trouble {
    /// A request was marked.
    pub(super) fn look_at(&mut self, account: &Account) {
        let Some(answered) = judged(account) else {
            return;
        };
        let is_held_up = self.is_held || self.let_go.is_some_and(|at| account.begin() <= at);
        if is_held_up {
            return;
        }
        let request = Request::of(account);
        let took = answered.saturating_sub(account.begin());
        if took >= SLOW {
            self.add_line(line(account, answered));
        }
        let status = request.status().unwrap_or_default();
        let why = match (is_failure(status, &request), took >= SLOW) {
            (true, _) => format!("{} was answered with {status}", request.name()),
            (_, true) => format!("{} took {}", request.name(), words::time(took)),
            _ => return,
        };
        self.why.get_or_insert(why);
    }

    /// The server is held from now on.
    pub(super) fn hold(&mut self) {
        self.is_held = true;
    }

    /// The server is let go; its last event has this time.
    pub(super) fn let_go(&mut self, last: Duration) {
        if std::mem::take(&mut self.is_held) {
            self.let_go = Some(last);
        }
    }

    fn add_line(&mut self, line: String) {
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

    /// Why there is something to keep, since this was asked last.
    pub(super) fn why(&mut self) -> Option<String> {
        self.why.take()
    }
}

/// Whether the server has failed. A client that asks for what no server can do (501, 505) is refused before
/// the server has done anything: else it could fill the folder.
fn is_failure(status: &str, request: &Request<'_>) -> bool {
    status.starts_with('5') && (!request.is_refused() || status == "503")
}

/// When the answer to a request began, or when it ended without one; if that is what has just been marked.
pub(super) fn judged(account: &Account) -> Option<Duration> {
    let last = account.said.last().filter(|_| is_request(account))?;
    let answered = account.time_of("answer ");
    let is_answer = last.text.starts_with("answer ");
    let is_given_up = account.is_over && answered.is_none();
    (is_answer || is_given_up).then_some(answered.unwrap_or(last.time))
}

/// What is said of a slow request, of which the answer began then.
pub(super) fn line(account: &Account, answered: Duration) -> String {
    let sums = account.sums_until(answered);
    let reason = |sum: &Sum| format!("{} {}", words::time(sum.took), account.tell(sum));
    let reasons: Vec<String> = sums.iter().take(REASONS).map(reason).collect();
    let what = Request::of(account).name();
    let took = words::time(answered.saturating_sub(account.begin()));
    format!("server: slow: {what} took {took}: {}\n", reasons.join(", "))
}
