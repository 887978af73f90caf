//! What a request remembers of the way that it took through the routers.

use std::sync::Arc;

use http::Extensions;

use super::path_router::{Found, TAIL_CAPTURE};
use crate::extract::{MatchedPath, OriginalUri, UrlParams};
use crate::message::Request;
use crate::observed;

/// The path that a nested service was found at, until a router inside it finds the rest.
#[derive(Debug, Clone)]
struct NestedMatch(Arc<str>);

/// Keeps the URI as it arrived, if no router before has done so.
pub(super) fn remember_uri(request: &mut Request) {
    if request.extensions().get::<OriginalUri>().is_none() {
        let uri = OriginalUri(request.uri().clone());
        request.extensions_mut().insert(uri);
    }
}

/// Keeps the path and what it captured.
pub(super) fn remember_match<S>(request: &mut Request, found: &Found<'_, '_, S>) {
    let extensions = request.extensions_mut();
    let path = whole_path(found.path, extensions);
    if path.ends_with(TAIL_CAPTURE) {
        observed::point(|| format!("route {}", path.replace(TAIL_CAPTURE, "/{*rest}")));
        extensions.remove::<MatchedPath>();
        extensions.insert(NestedMatch(path));
    } else {
        observed::point(|| format!("route {path}"));
        extensions.remove::<NestedMatch>();
        extensions.insert(MatchedPath::new(path));
    }
    UrlParams::extend(extensions, found.captures());
}

/// Keeps what the prefix of a nested router's fallback captured.
pub(super) fn remember_fallback<S>(request: &mut Request, found: Option<&Found<'_, '_, S>>) {
    let captures = found.into_iter().flat_map(Found::captures);
    let captures = captures.filter(|(name, _)| *name != super::path_router::FALLBACK);
    UrlParams::extend(request.extensions_mut(), captures);
}

/// `path`, behind the path of the service around this router.
fn whole_path(path: &Arc<str>, extensions: &Extensions) -> Arc<str> {
    let nested = extensions
        .get::<NestedMatch>()
        .map(|NestedMatch(path)| &**path);
    let Some(outer) = nested.or_else(|| Some(extensions.get::<MatchedPath>()?.as_str())) else {
        return path.clone();
    };
    let outer = outer.strip_suffix(TAIL_CAPTURE).unwrap_or(outer);
    format!("{outer}{path}").into()
}
