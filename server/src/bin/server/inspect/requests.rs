//! Requests, as the page shows them: what was asked, how it was answered, and what its time was spent on.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use story::account::{Account, Doing, Said, Sum};
use story::accounts::Accounts;
use story::{place, words};

use super::picture::micros;

/// So many requests are shown.
const MOST: usize = 100;

/// Which requests are wanted.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    /// A part of the method, the path or the route.
    #[serde(default)]
    what: String,
    /// How the status begins.
    #[serde(default)]
    status: String,
    /// Milliseconds.
    #[serde(default)]
    slower: u64,
    /// Only those under way.
    #[serde(default)]
    open: bool,
    /// After so many events. Without it: now.
    #[serde(default)]
    at: Option<u64>,
}

impl Wanted {
    /// Whether the account is wanted, `now` being the end of what is under way.
    fn is_met(&self, account: &Account, now: Duration, place: &dyn Fn(u64) -> u64) -> bool {
        let request = Request::of(account);
        let end = if account.is_over { account.end() } else { now };
        let took = end.saturating_sub(account.begin());
        let is_named = |text: &str| text.contains(self.what.trim());
        (is_named(request.asked) || request.route.is_some_and(is_named))
            && request.status.unwrap_or("").starts_with(self.status.trim())
            && took.as_millis() >= u128::from(self.slower)
            && (!self.open || self.is_under_way(account, place))
    }

    fn is_under_way(&self, account: &Account, place: &dyn Fn(u64) -> u64) -> bool {
        let Some(at) = self.at else {
            return !account.is_over;
        };
        let has_happened = |said: Option<&Said>| said.is_some_and(|said| place(said.seq) < at);
        has_happened(account.said.first())
            && !(account.is_over && has_happened(account.said.last()))
    }
}

/// What the marks of a request say.
pub(super) struct Request<'a> {
    /// Method and path.
    asked: &'a str,
    route: Option<&'a str>,
    status: Option<&'a str>,
    /// Why the engine answered in place of a handler.
    refused: Option<&'a str>,
    last: &'a str,
}

impl<'a> Request<'a> {
    pub(super) fn of(account: &'a Account) -> Self {
        let after = |begin: &str| {
            // The first is what the client said. Of nested routers, the inner one knows the whole route.
            let mut said = account.said.iter().skip(1).rev();
            said.find_map(|said| said.text.strip_prefix(begin))
        };
        Request {
            asked: account.said.first().map_or("", |said| &said.text),
            route: after("route "),
            status: after("answer "),
            refused: after("refused: "),
            last: account.said.last().map_or("", |said| &said.text),
        }
    }

    pub(super) fn status(&self) -> Option<&'a str> {
        self.status
    }

    /// The engine answered in place of a handler.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// Method and route. Of a path that is no route of ours, nothing: it is a client's text.
    pub(super) fn name(&self) -> String {
        let method = self.asked.split(' ').next().unwrap_or_default();
        format!("{method} {}", self.route.unwrap_or("(no route)"))
    }
}

/// The newest requests that are wanted, and how many are under way. `place`: where the page finds the event of a
/// number.
pub(super) fn of(accounts: &Accounts, wanted: &Wanted, place: &dyn Fn(u64) -> u64) -> Value {
    let is_wanted =
        |account: &&Account| is_shown(account) && wanted.is_met(account, accounts.now(), place);
    let open = accounts.open().filter(is_wanted).take(MOST);
    let open: Vec<Account> = open.map(|account| accounts.up_to_now(account)).collect();
    let ended = accounts.ended().filter(is_wanted);
    let mut all: Vec<&Account> = open.iter().chain(ended.take(MOST)).collect();
    all.sort_by_key(|account| std::cmp::Reverse(account.begin()));
    all.truncate(MOST);
    json!({
        "open": accounts.open().filter(|account| is_shown(account)).count(),
        "requests": all.into_iter().map(|it| request(it, place)).collect::<Vec<_>>(),
    })
}

/// Whether it is one, and not work of another kind.
pub(super) fn is_request(account: &Account) -> bool {
    account.scope.0 == "request"
}

/// A request, or a head that was not read. A head that was refused stands beside its request: only the head has the wait.
fn is_shown(account: &Account) -> bool {
    let is_read = || account.said.last().is_some_and(|said| said.text == "read");
    is_request(account) || account.scope.0 == "head" && !is_read()
}

fn request(account: &Account, place: &dyn Fn(u64) -> u64) -> Value {
    let request = Request::of(account);
    let took = account.end().saturating_sub(account.begin());
    let begin = account.said.first();
    json!({
        "task": account.task,
        "id": account.id,
        "scope": account.scope.0,
        "asked": request.asked,
        "route": request.route,
        "status": request.status,
        "refused": request.refused,
        "last": request.last,
        "isOver": account.is_over,
        "us": micros(took),
        "time": words::time(took),
        "seq": begin.map(|said| place(said.seq)),
        "spawned": account.spawned,
        "merged": account.merged,
        "parts": account.sums().iter().map(|sum| part(account, sum, place)).collect::<Vec<_>>(),
        "said": account.said.iter().map(|said| json!({
            "seq": place(said.seq),
            "after": words::time(said.time.saturating_sub(account.begin())),
            "text": said.text,
            "at": place::name(said.at),
        })).collect::<Vec<_>>(),
    })
}

/// A part of a request's bar.
fn part(account: &Account, sum: &Sum, place: &dyn Fn(u64) -> u64) -> Value {
    json!({
        "kind": match sum.doing {
            Doing::Running => "running",
            Doing::Queued => "queued",
            Doing::Waiting(_) => "waiting",
            Doing::Outside(_) => "outside",
            Doing::Held => "held",
            Doing::Unknown => "unknown",
        },
        "us": micros(sum.took),
        "seq": place(sum.seq),
        "isChild": sum.task != account.task,
        "text": format!("{} {}", words::time(sum.took), account.tell(sum)),
    })
}
