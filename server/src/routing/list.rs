//! All routes of a router, for people.

use std::fmt;

use super::path_router::{Endpoint, PathRouter, TAIL_CAPTURE};

/// One route of a router. From [`Router::routes`](crate::Router::routes).
/// Its example is [`Router::routes`](crate::Router::routes)'s.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteInfo {
    path: String,
    method: Option<&'static str>,
    handler: Option<&'static str>,
    location: Option<(&'static str, u32)>,
}

impl RouteInfo {
    /// The path, with its captures. Its example is [`Router::routes`](crate::Router::routes)'s.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The method; `None` if all methods are answered.
    /// Its example is [`Router::routes`](crate::Router::routes)'s.
    pub fn method(&self) -> Option<&'static str> {
        self.method
    }

    /// The handler's type, as the compiler names it; `None` for a service.
    /// Its example is [`Router::routes`](crate::Router::routes)'s.
    pub fn handler(&self) -> Option<&'static str> {
        self.handler
    }

    /// The file and line that named the handler; `None` for a service.
    /// Its example is [`Router::routes`](crate::Router::routes)'s.
    pub fn location(&self) -> Option<(&'static str, u32)> {
        self.location
    }
}

impl fmt::Display for RouteInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.unwrap_or("any");
        write!(f, "{method} {}", self.path)?;
        if let Some(handler) = self.handler {
            write!(f, " → {handler}")?;
        }
        if let Some((file, line)) = self.location {
            write!(f, " ({file}:{line})")?;
        }
        Ok(())
    }
}

/// All routes, in the order in which they were added.
pub(super) fn routes<S: Clone + 'static>(paths: &PathRouter<S>) -> Vec<RouteInfo> {
    let mut all = Vec::new();
    for (path, endpoint) in paths.routes() {
        let mut known = 0;
        if let Endpoint::Methods(methods) = endpoint {
            for (method, origin) in methods.endpoints() {
                known += 1;
                let (file, line) = (origin.location.file(), origin.location.line());
                all.push(RouteInfo {
                    path: path.to_owned(),
                    method: Some(method),
                    handler: Some(origin.name),
                    location: Some((file, line)),
                });
            }
        }
        if known == 0 {
            all.push(RouteInfo {
                path: path.replace(TAIL_CAPTURE, "/{*rest}"),
                method: None,
                handler: None,
                location: None,
            });
        }
    }
    all
}

/// Warnings about paths that differ from another path by a slash at the end that a client may
/// forget.
pub(super) fn doubtful<S: Clone + 'static>(paths: &PathRouter<S>) -> Vec<String> {
    let beside = paths.routes().filter_map(|(path, _)| {
        let short = path.strip_suffix('/').filter(|short| !short.is_empty())?;
        let both = paths.has(short) && !paths.has(&format!("{short}{TAIL_CAPTURE}"));
        both.then(|| {
            format!("{path} and {short} are two routes: a slash more or less leads elsewhere")
        })
    });
    beside.collect()
}
