//! What a handler says that concerns this connection only.
//!
//! Most headers of a response are for the client, however many proxies stand between. A few
//! are for the next hop alone (RFC 9110, section 7.6.1), and here the next hop is the
//! connection's business: it knows what it does, the handler does not. They follow one rule:
//! **a handler's are never copied; two of them are heard as a wish.**
//!
//! | header | what becomes of the handler's |
//! |---|---|
//! | `Connection: close` | heard: the connection closes after the answer, and says so |
//! | `Upgrade` | heard: the answer carries it, with `Connection: upgrade`. A 426 must name the protocols that would do, other answers may (RFC 9110, section 7.8) |
//! | `Content-Length` | a hint of how long a stream will be |
//! | `Transfer-Encoding`, `TE`, `Keep-Alive`, `Proxy-Connection`, `Connection` otherwise | left out |
//! | what `Connection` names | left out, as it was for the hop that it came from; but a `Date` is the client's always |
//!
//! How it can go wrong: a handler that hands on the answer of another server, with all its
//! headers. A `Connection: X-Trace` would be left out and the `X-Trace` would stay, and so
//! reach a reader that it was not meant for. Therefore the last line.

use std::collections::HashSet;

use http::HeaderMap;
use http::header::{CONNECTION, HOST, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE};

use super::decode::elements;

/// Whose business a header of a response is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concern {
    /// The client's: it goes out as it is.
    Client,
    /// The client's, and the engine leaves it out if there is one.
    Date,
    /// The connection's: its own `Connection` line says what is true.
    Connection,
    /// The connection's, which says it for the handler.
    Upgrade,
    /// The connection's.
    Hop,
}

/// Whose business the header with this name is; names are in lower case.
///
/// It is asked for each header of each response. The length of a name tells nearly all of
/// them apart.
#[inline]
pub(crate) fn concern(name: &str) -> Concern {
    match name.len() {
        2 if name == "te" => Concern::Hop,
        4 if name == "date" => Concern::Date,
        7 if name == "upgrade" => Concern::Upgrade,
        10 if name == "connection" => Concern::Connection,
        10 if name == "keep-alive" => Concern::Hop,
        14 if name == "content-length" => Concern::Hop,
        16 if name == "proxy-connection" => Concern::Hop,
        17 if name == "transfer-encoding" => Concern::Hop,
        _ => Concern::Client,
    }
}

/// What the handler's headers ask of the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// To be closed after this response.
    pub(crate) close: bool,
    /// To offer other protocols.
    pub(crate) upgrade: bool,
    /// To leave the date to the handler.
    pub(crate) own_date: bool,
    /// Some header is not for the client alone.
    special: bool,
    /// Some header is named by a `Connection`.
    names: bool,
}

impl Wishes {
    #[inline]
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut wishes = Wishes::default();
        // Most maps hold one header or two: to look at them is cheaper than to hash.
        for (name, value) in headers {
            let concern = concern(name.as_str());
            if concern != Concern::Client {
                wishes.hear(concern, value.as_bytes());
            }
        }
        wishes
    }

    #[cold]
    fn hear(&mut self, concern: Concern, value: &[u8]) {
        self.special = true;
        match concern {
            Concern::Date => self.own_date = true,
            Concern::Upgrade => self.upgrade = true,
            Concern::Connection => self.hear_options(value),
            Concern::Client | Concern::Hop => {}
        }
    }

    fn hear_options(&mut self, connection: &[u8]) {
        for option in elements(connection) {
            let close = option.eq_ignore_ascii_case(b"close");
            self.close |= close;
            self.names |= !close;
        }
    }

    /// The headers that are named by a `Connection`.
    #[inline]
    pub(crate) fn named(self, headers: &HeaderMap) -> Named {
        match self.names {
            true => Named(Some(names(headers))),
            false => Named(None),
        }
    }

    /// Whether a header is copied into the answer.
    #[inline]
    pub(crate) fn pass(self, name: &HeaderName, named: &Named) -> bool {
        !self.special || pass_with_care(name, named)
    }
}

/// The headers that are named by a `Connection`. They are collected once: to look for each
/// header of a response among all names would cost the product of the two numbers, and both
/// may come from a foreign server.
pub(crate) struct Named(Option<HashSet<HeaderName>>);

#[cold]
fn names(headers: &HeaderMap) -> HashSet<HeaderName> {
    headers
        .get_all(CONNECTION)
        .into_iter()
        .flat_map(|value| elements(value.as_bytes()))
        .filter_map(|option| HeaderName::from_bytes(option).ok())
        .collect()
}

#[cold]
fn pass_with_care(name: &HeaderName, Named(named): &Named) -> bool {
    match concern(name.as_str()) {
        Concern::Client => named.as_ref().is_none_or(|names| !names.contains(name)),
        Concern::Date | Concern::Upgrade => true,
        Concern::Connection | Concern::Hop => false,
    }
}

/// Takes out what was for the hop that the message came from, before it is forwarded. `Host` is
/// for every hop (RFC 9112, section 3.2): a client that names it would hide which site it means.
pub(crate) fn strip(headers: &mut HeaderMap) {
    for name in names(headers).into_iter().filter(|name| *name != HOST) {
        headers.remove(name);
    }
    for name in [CONNECTION, TE, TRANSFER_ENCODING, UPGRADE] {
        headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        headers.remove(name);
    }
}

/// The protocols that a request would change to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Protocols(Vec<HeaderValue>);

impl Protocols {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Protocols(headers.get_all(UPGRADE).into_iter().cloned().collect())
    }

    /// Whether the headers of a 101 name the protocols that come next, and no others than those that
    /// the request has named (RFC 9110, section 7.8).
    pub(crate) fn include(&self, answered: &HeaderMap) -> bool {
        let is_asked = |protocol: &[u8]| {
            let mut asked = self.0.iter().flat_map(|value| elements(value.as_bytes()));
            asked.any(|asked| asked.eq_ignore_ascii_case(protocol))
        };
        let values = answered.get_all(UPGRADE).into_iter();
        let mut named = values
            .flat_map(|value| elements(value.as_bytes()))
            .peekable();
        named.peek().is_some() && named.all(is_asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::HeaderValue;

    #[test]
    fn what_concerns_one_hop_only_is_not_copied() {
        let lines = [
            ("connection", "X-Hop, ,close"),
            ("connection", "keep-alive"),
            ("keep-alive", "timeout=5"),
            ("proxy-connection", "keep-alive"),
            ("te", "trailers"),
            ("transfer-encoding", "gzip"),
            ("content-length", "9"),
            ("x-hop", "1"),
            ("upgrade", "h2c"),
            ("x-end", "2"),
            ("date", "mine"),
            ("trailer", "x"),
            ("proxy-authenticate", "Basic"),
        ];
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        let wishes = Wishes::of(&headers);
        let copied: Vec<_> = headers
            .keys()
            .filter(|name| wishes.pass(name, &wishes.named(&headers)))
            .map(HeaderName::as_str)
            .collect();
        let through = ["upgrade", "x-end", "date", "trailer", "proxy-authenticate"];
        assert_eq!(copied, through);
        assert!(wishes.close && wishes.upgrade && wishes.own_date);
    }
}
