//! Who asks: what the proxy tells the backend of its client.
//!
//! The backend sees a connection from the proxy. Who is behind it, and what was asked for, stands in
//! `Forwarded` (RFC 7239), and in the older fields that most programs still read:
//!
//! ```text
//! Forwarded: for=203.0.113.7;host=shop.example;proto=http
//! X-Forwarded-For: 203.0.113.7
//! X-Forwarded-Host: shop.example
//! X-Forwarded-Proto: http
//! ```
//!
//! How it can go wrong: a client that writes these fields itself, and so pretends to come from
//! elsewhere; a backend that lets an office's addresses in without a password would let it in. So
//! what the client says is dropped, and these are written anew. Only where another proxy stands in
//! front, and nothing else can reach this one, may its words be kept: with `--trust-forwarded` the
//! lists grow by a member, and the host and the scheme stay as the first proxy has seen them.

use std::fmt::Write;
use std::net::IpAddr;

use http::header::{FORWARDED, HOST, HeaderName, HeaderValue};
use http::{HeaderMap, Method};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Whether programs look in this field for what only a proxy that is trusted may say. Some of them
/// take `_` for `-` (CGI, WSGI), and some take `Proxy` for a setting of their own.
fn is_for_proxies(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    name.starts_with("x-forwarded")
        || name.starts_with("x-original-")
        || matches!(
            name.as_str(),
            "cf-connecting-ip"
                | "client-ip"
                | "forwarded"
                | "forwarded-for"
                | "proxy"
                | "true-client-ip"
                | "x-client-ip"
                | "x-cluster-client-ip"
                | "x-host"
                | "x-real-ip"
                | "x-remote-user"
                | "x-rewrite-url"
                | "x-scheme"
        )
}

/// Writes the fields. `peer`: the other end of the client's connection, if it has an address.
pub(crate) fn tell(headers: &mut HeaderMap, peer: Option<IpAddr>, is_trusted: bool) {
    if !is_trusted {
        let named = headers.keys().filter(|name| is_for_proxies(name));
        for name in named.cloned().collect::<Vec<_>>() {
            headers.remove(name);
        }
    }
    let host = headers.get(HOST).cloned();
    append(headers, FORWARDED, &element(peer, host.as_ref()));
    if let Some(peer) = peer {
        append(headers, FOR, &peer.to_string());
    }
    if let Some(host) = host {
        headers.entry(X_HOST).or_insert(host);
    }
    headers
        .entry(PROTO)
        .or_insert(HeaderValue::from_static("http"));
}

/// Adds a member at the end of a list. Several lines of one name become one: not every program
/// reads more than the first.
fn append(headers: &mut HeaderMap, name: HeaderName, member: &str) {
    let mut list = Vec::new();
    for value in headers.get_all(&name) {
        list.extend_from_slice(value.as_bytes());
        list.extend_from_slice(b", ");
    }
    list.extend_from_slice(member.as_bytes());
    if let Ok(value) = HeaderValue::from_bytes(&list) {
        headers.insert(name, value);
    }
}

/// A member of `Forwarded` (RFC 7239, section 4).
fn element(peer: Option<IpAddr>, host: Option<&HeaderValue>) -> String {
    let mut text = match peer {
        Some(IpAddr::V4(address)) => format!("for={address}"),
        Some(IpAddr::V6(address)) => format!("for=\"[{address}]\""),
        None => "for=unknown".to_owned(),
    };
    if let Some(host) = host.and_then(|host| host.to_str().ok()) {
        let _ = write!(text, ";host={}", quoted(host));
    }
    text.push_str(";proto=http");
    text
}

/// A token as it is, and anything else in quotation marks (RFC 9110, section 5.6.4).
fn quoted(text: &str) -> String {
    // A method is a token, too.
    if Method::from_bytes(text.as_bytes()).is_ok() {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(said: &[(&'static str, &'static str)], peer: &str, is_trusted: bool) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(*name, HeaderValue::from_static(value));
        }
        tell(&mut headers, peer.parse().ok(), is_trusted);
        headers.remove(HOST);
        let text = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        let mut lines: Vec<_> = headers.iter().map(text).collect();
        lines.sort();
        lines
    }

    #[test]
    fn the_client_the_host_and_the_scheme_are_told_in_both_ways() {
        assert_eq!(
            told(&[("host", "shop.example:80")], "2001:db8::1", false),
            [
                "forwarded: for=\"[2001:db8::1]\";host=\"shop.example:80\";proto=http",
                "x-forwarded-for: 2001:db8::1",
                "x-forwarded-host: shop.example:80",
                "x-forwarded-proto: http",
            ]
        );
        // A socket in the file system has no address.
        assert_eq!(
            told(&[("host", "shop.example")], "", false),
            [
                "forwarded: for=unknown;host=shop.example;proto=http",
                "x-forwarded-host: shop.example",
                "x-forwarded-proto: http",
            ]
        );
    }

    const LIES: [(&str, &str); 9] = [
        ("host", "a"),
        ("forwarded", "for=127.0.0.1"),
        ("forwarded", "for=127.0.0.2;proto=https"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-for", "127.0.0.2"),
        ("x-forwarded-host", "bank.example"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-prefix", "/x"),
    ];

    #[test]
    fn what_a_client_says_of_itself_is_dropped() {
        let more = [
            ("x_forwarded_for", "127.0.0.1"),
            ("x-forwarded-server", "x"),
            ("true-client-ip", "127.0.0.1"),
            ("x-forwarded", "for=1"),
            ("x-original-forwarded-for", "127.0.0.1"),
            ("client-ip", "127.0.0.1"),
            ("proxy", "http://x"),
            ("x-original-url", "/admin"),
        ];
        assert_eq!(
            told(&[&LIES[..], &more].concat(), "10.0.0.1", false),
            told(&[("host", "a")], "10.0.0.1", false)
        );
    }

    #[test]
    fn what_a_trusted_proxy_says_is_kept_and_the_lists_grow() {
        assert_eq!(
            told(&LIES, "10.0.0.1", true),
            [
                "forwarded: for=127.0.0.1, for=127.0.0.2;proto=https, \
                 for=10.0.0.1;host=a;proto=http",
                "x-forwarded-for: 127.0.0.1, 127.0.0.2, 10.0.0.1",
                "x-forwarded-host: bank.example",
                "x-forwarded-prefix: /x",
                "x-forwarded-proto: https",
                "x-real-ip: 127.0.0.1",
            ]
        );
    }

    #[test]
    fn a_host_cannot_end_its_quotation_marks() {
        let line = element(None, Some(&HeaderValue::from_static("a\";for=\"b\\")));
        assert_eq!(line, "for=unknown;host=\"a\\\";for=\\\"b\\\\\";proto=http");
    }
}
