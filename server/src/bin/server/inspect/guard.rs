//! Who may ask the inspector.
//!
//! It listens on this machine only. But a browser on this machine runs pages of strangers, and they can
//! send requests to it. Three things keep them out:
//!
//! * the **token**, which is random and new at each start. It stands in the address that the terminal
//!   shows, and in every request;
//! * the **`Host`**. A stranger's name may be made to point to 127.0.0.1 (DNS rebinding). The browser then
//!   takes the stranger's page and this one for one site, but it still writes the stranger's name into
//!   `Host`. Only names of this machine are answered;
//! * a **header of ours** in what changes something. A page of another site cannot send one without asking
//!   first (Fetch, "CORS-preflight"), and here that question is never answered with yes.

use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::net::IpAddr;
use std::sync::Arc;

use http::header::{CACHE_CONTROL, HOST, HeaderName, REFERRER_POLICY};
use http::{HeaderMap, HeaderValue, StatusCode};
use server::extract::{Request, State};
use server::middleware::Next;
use server::response::{IntoResponse, Response};

use crate::pages::Problem;

/// What the page sends with everything that changes something.
const OURS: HeaderName = HeaderName::from_static("x-treadle-inspect");

/// The word that the terminal shows. A clone is the same one.
#[derive(Clone)]
pub(super) struct Token(Arc<str>);

impl Token {
    /// Draws one: 128 bits from the operating system.
    pub(super) fn new() -> io::Result<Self> {
        let mut drawn = [0; 16];
        File::open("/dev/urandom")?.read_exact(&mut drawn)?;
        let mut text = String::new();
        for byte in drawn {
            let _ = write!(text, "{byte:02x}");
        }
        Ok(Token(text.into()))
    }

    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        Token(text.into())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the query has it. All of it is compared: the time says nothing of how much was right.
    fn is_in(&self, query: &str) -> bool {
        let mut given = query
            .split('&')
            .filter_map(|pair| pair.strip_prefix("token="));
        let given = given.next().unwrap_or_default();
        let pairs = given.bytes().zip(self.0.bytes());
        let differences = pairs.fold(0, |all, (left, right)| all | (left ^ right));
        given.len() == self.0.len() && differences == 0
    }
}

/// The layer: what may not be asked is refused.
pub(super) async fn check(State(token): State<Token>, request: Request, next: Next) -> Response {
    let refused = refusal(&token, &request);
    let mut response = match refused {
        Some(why) => Problem::new(StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    // The address has the token in it: it goes to no cache, and to no other site.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Why a request is refused.
fn refusal(token: &Token, request: &Request) -> Option<&'static str> {
    if !is_of_this_machine(request.headers()) {
        return Some(
            "The inspector answers only to a Host that is this machine: 127.0.0.1, [::1] or localhost.",
        );
    }
    if !token.is_in(request.uri().query().unwrap_or_default()) {
        return Some(
            "The token is missing or wrong. Open the address that the server has printed.",
        );
    }
    if !request.method().is_safe() && !request.headers().contains_key(OURS) {
        return Some("A request that changes something needs the header X-Treadle-Inspect.");
    }
    None
}

/// Whether `Host` is a name of this machine. One without a `Host` is no browser's, and is refused too.
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host else {
        return false;
    };
    let end = host
        .rfind(':')
        .filter(|colon| !host[*colon..].contains(']'));
    let name = host[..end.unwrap_or(host.len())].trim_matches(['[', ']']);
    let is_loopback = |ip: IpAddr| ip.is_loopback();
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(is_loopback)
}
