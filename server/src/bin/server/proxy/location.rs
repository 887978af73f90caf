//! Addresses in an answer that point to the backend, made to point through the proxy.
//!
//! A backend does not know that it stands under `/proxy/`. It answers `Location: /login`, and a
//! browser would go to our `/login`. So paths get the prefix, and so do whole addresses whose host
//! is the backend's, or is the one that the client asked at (the backend sees that in `Host`, and
//! makes addresses of it). Addresses elsewhere, and relative ones, stay: they are right as they are.
//!
//! Links inside of pages are not changed: that would need every byte of every page. Nor is the
//! `Path` of a cookie: `Path=/` works, and is sent to the whole site; a backend that sets `Path=/app`
//! has to be told to set `Path=/proxy/app`.

use http::header::{CONTENT_LOCATION, HeaderValue, LOCATION};
use http::{HeaderMap, Uri};

/// What stands before the backend's own path.
pub(crate) const PREFIX: &str = "/proxy";

/// The pattern under which a request for this path is counted, if it is one for a backend. The router has no pattern
/// for what is below the path of a nested service.
pub(crate) fn pattern(path: &str) -> Option<&'static str> {
    let rest = path.strip_prefix(PREFIX)?;
    rest.starts_with('/').then_some("/proxy/{*rest}")
}

/// Rewrites what points to one of these hosts.
pub(crate) fn rewrite(headers: &mut HeaderMap, hosts: &[&str]) {
    for name in [LOCATION, CONTENT_LOCATION] {
        let old = headers.get(&name).and_then(|value| value.to_str().ok());
        let new = old.and_then(|text| through(text, hosts));
        if let Some(value) = new.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(name, value);
        }
    }
}

/// The same place through the proxy, if it is one of the backend's.
fn through(text: &str, hosts: &[&str]) -> Option<String> {
    if text.starts_with('/') && !text.starts_with("//") {
        return Some(format!("{PREFIX}{text}"));
    }
    let rest = match text.strip_prefix("//") {
        Some(rest) => rest,
        None => {
            text.split_once("://")
                .filter(|(scheme, _)| is_http(scheme))?
                .1
        }
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let slash = if path.starts_with('/') { "" } else { "/" };
    let is_ours = hosts.iter().any(|ours| is_same(ours, host));
    is_ours.then(|| format!("{PREFIX}{slash}{path}"))
}

fn is_http(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http")
}

/// Port 80 may be said or not.
fn is_same(one: &str, other: &str) -> bool {
    let parts = |text: &str| {
        let uri: Uri = format!("http://{text}/").parse().ok()?;
        let host = uri.host()?.to_ascii_lowercase();
        Some((host, uri.port_u16().unwrap_or(80)))
    };
    parts(one).is_some_and(|one| Some(one) == parts(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_points_to_the_backend_is_changed() {
        let hosts = ["127.0.0.1:9000", "shop.example"];
        for (from, to) in [
            ("/login?next=%2F", Some("/proxy/login?next=%2F")),
            ("/", Some("/proxy/")),
            ("http://127.0.0.1:9000/a#b", Some("/proxy/a#b")),
            ("HTTP://127.0.0.1:9000", Some("/proxy/")),
            ("//127.0.0.1:9000?a", Some("/proxy/?a")),
            ("http://Shop.Example:80/", Some("/proxy/")),
            ("http://shop.example:8080/", None),
            ("https://shop.example/", None),
            ("http://127.0.0.1:9000.evil.example/", None),
            ("http://127.0.0.1:9000@evil.example/", None),
            ("http://elsewhere.example/", None),
            ("//elsewhere.example/", None),
            ("next", None),
            ("?page=2", None),
            ("mailto:a@b", None),
            ("", None),
        ] {
            assert_eq!(through(from, &hosts).as_deref(), to, "{from}");
        }
    }
}
