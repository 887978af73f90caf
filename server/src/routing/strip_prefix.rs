//! What a nested router sees of a path: what follows the prefix that it is nested at.

use http::Uri;
use http::uri::PathAndQuery;

/// `uri` without `prefix`, or nothing if it does not begin with it. A prefix may have
/// captures, each of which stands for one segment of the path.
pub(super) fn strip_prefix(uri: &Uri, prefix: &str) -> Option<Uri> {
    let whole = uri.path_and_query()?.as_str();
    let rest = &whole[matched(uri.path(), prefix)?..];
    let rest = match rest.starts_with('/') {
        true => PathAndQuery::try_from(rest),
        false => PathAndQuery::try_from(format!("/{rest}")),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest.ok()?);
    Uri::from_parts(parts).ok()
}

/// How many bytes of `path` the segments of `prefix` take.
fn matched(path: &str, prefix: &str) -> Option<usize> {
    let mut segments = path.split('/').skip(1);
    let mut length = 0;
    for wanted in prefix.split('/').skip(1) {
        let segment = segments.next()?;
        length += 1;
        if is_capture(wanted) || segment == wanted {
            length += segment.len();
        } else if wanted.is_empty() {
            // The prefix ends in a slash, which is taken.
            return Some(length);
        } else {
            return None;
        }
    }
    Some(length)
}

/// Whether a segment of a route stands for any segment of a path.
fn is_capture(segment: &str) -> bool {
    let inner = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    inner.is_some_and(|name| !name.starts_with(['{', '*']) && !name.ends_with('}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_the_path_is_left() {
        for (uri, prefix, expected) in [
            ("/api/users", "/api", Some("/users")),
            ("/api/users?page=2", "/api", Some("/users?page=2")),
            ("/api", "/api", Some("/")),
            ("/api?page=2", "/api", Some("/?page=2")),
            ("/api/", "/api", Some("/")),
            ("/api/", "/api/", Some("/")),
            ("/api/users", "/api/", Some("/users")),
            ("/apis/users", "/api", None),
            ("/a", "/a/b", None),
            ("/a//b", "/a", Some("//b")),
            ("/v1/users/7", "/{version}/users", Some("/7")),
            ("/v1/users", "/{version}/groups", None),
            ("/{{x}}/y", "/{{x}}", Some("/y")),
            (
                "http://host:80/api/users",
                "/api",
                Some("http://host:80/users"),
            ),
        ] {
            let Ok(uri) = uri.parse() else {
                continue;
            };
            let rest = strip_prefix(&uri, prefix).map(|uri| uri.to_string());
            assert_eq!(rest.as_deref(), expected, "{uri} without {prefix}");
        }
    }
}
