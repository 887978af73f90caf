//! Which route a path leads to.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use super::method_router::MethodRouter;
use super::route::{Route, RouteFuture};
use super::strip_prefix::strip_prefix;
use crate::extract::NestedPath;
use crate::handler::Handler;
use crate::message::Request;

/// The name of the capture that takes the rest of a path for a nested service. No handler
/// sees it.
const TAIL: &str = "__treadle_nested_tail";

/// The end of the path that such a service is registered at.
pub(super) const TAIL_CAPTURE: &str = "/{*__treadle_nested_tail}";

/// The name of the capture that takes the rest of a path for a nested router's fallback. No
/// handler sees it.
pub(super) const FALLBACK: &str = "__treadle_fallback";

/// The path of that fallback in its router.
pub(super) const FALLBACK_CAPTURE: &str = "/{*__treadle_fallback}";

/// What a path may lead to.
pub(super) enum Endpoint<S> {
    Methods(Box<MethodRouter<S>>),
    Route(Route),
}

/// Paths, and what they lead to.
pub(super) struct PathRouter<S> {
    tree: matchit::Router<usize>,
    /// What the tree's numbers stand for.
    routes: Vec<(Arc<str>, Endpoint<S>)>,
    by_path: HashMap<Arc<str>, usize>,
    /// `:name` and `*name` are what they were in axum 0.7.
    old_syntax: bool,
}

/// A path that was found.
pub(super) struct Found<'r, 'p, S> {
    pub(super) path: &'r Arc<str>,
    pub(super) endpoint: &'r Endpoint<S>,
    captures: matchit::Params<'r, 'p>,
}

impl<S> Found<'_, '_, S> {
    /// The captured pieces of the path, as they stand in it.
    pub(super) fn captures(&self) -> impl Iterator<Item = (&str, &str)> {
        self.captures.iter().filter(|(name, _)| *name != TAIL)
    }
}

impl<S: Clone + 'static> PathRouter<S> {
    pub(super) fn new() -> Self {
        PathRouter {
            tree: matchit::Router::new(),
            routes: Vec::new(),
            by_path: HashMap::new(),
            old_syntax: true,
        }
    }

    pub(super) fn without_v07_checks(&mut self) {
        self.old_syntax = false;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }

    pub(super) fn find<'r, 'p>(&'r self, path: &'p str) -> Option<Found<'r, 'p, S>> {
        let found = self.tree.at(path).ok()?;
        let (path, endpoint) = &self.routes[*found.value];
        Some(Found {
            path,
            endpoint,
            captures: found.params,
        })
    }

    /// Adds methods at `path`, beside those that are there.
    pub(super) fn route(&mut self, path: &str, methods: MethodRouter<S>) -> Result<(), String> {
        let path = self.checked(path)?;
        let known = self.by_path.get(&*path).copied();
        if let Some(number) = known
            && let Endpoint::Methods(present) = &self.routes[number].1
        {
            let merged = (**present).clone().merge_for_path(Some(&path), methods)?;
            self.routes[number].1 = Endpoint::Methods(Box::new(merged));
            return Ok(());
        }
        self.insert(&path, Endpoint::Methods(Box::new(methods)))
    }

    pub(super) fn route_endpoint(
        &mut self,
        path: &str,
        endpoint: Endpoint<S>,
    ) -> Result<(), String> {
        let path = self.checked(path)?;
        self.insert(&path, endpoint)
    }

    fn insert(&mut self, path: &str, endpoint: Endpoint<S>) -> Result<(), String> {
        let number = self.routes.len();
        self.tree
            .insert(path, number)
            .map_err(|error| format!("Invalid route {path:?}: {error}"))?;
        let path: Arc<str> = path.into();
        self.by_path.insert(path.clone(), number);
        self.routes.push((path, endpoint));
        Ok(())
    }

    /// `path` in today's syntax.
    fn checked(&self, path: &str) -> Result<String, String> {
        match path {
            "" => Err("Paths must start with a `/`. Use \"/\" for root routes".to_owned()),
            path if !path.starts_with('/') => Err("Paths must start with a `/`".to_owned()),
            path if self.old_syntax => Ok(translated(path)),
            path => Ok(path.to_owned()),
        }
    }

    pub(super) fn merge(&mut self, other: Self) -> Result<(), String> {
        self.old_syntax |= other.old_syntax;
        for (path, endpoint) in other.routes {
            self.add(&path, endpoint)?;
        }
        Ok(())
    }

    /// Adds an endpoint whose path has been checked already, in another router.
    fn add(&mut self, path: &str, endpoint: Endpoint<S>) -> Result<(), String> {
        let old_syntax = std::mem::replace(&mut self.old_syntax, false);
        let added = match endpoint {
            Endpoint::Methods(methods) => self.route(path, *methods),
            Endpoint::Route(_) => self.route_endpoint(path, endpoint),
        };
        self.old_syntax = old_syntax;
        added
    }

    /// Adds the routes of `inner` below `prefix`.
    pub(super) fn nest(&mut self, prefix: &str, inner: Self) -> Result<(), String> {
        let prefix = self.nesting_prefix(prefix)?;
        for (path, endpoint) in inner.routes {
            let endpoint = endpoint.map(nested_at(&prefix));
            self.add(&joined(&prefix, &path), endpoint)?;
        }
        Ok(())
    }

    /// Adds a service that answers every path below `prefix`, and `prefix` itself.
    pub(super) fn nest_service(&mut self, prefix: &str, route: Route) -> Result<(), String> {
        let prefix = self.nesting_prefix(prefix)?;
        let route = nested_at(&prefix)(route);
        let add = |this: &mut Self, path: &str| this.add(path, Endpoint::Route(route.clone()));
        add(
            self,
            &format!("{}{TAIL_CAPTURE}", prefix.trim_end_matches('/')),
        )?;
        add(self, &prefix)?;
        if !prefix.ends_with('/') {
            add(self, &format!("{prefix}/"))?;
        }
        Ok(())
    }

    fn nesting_prefix(&self, prefix: &str) -> Result<String, String> {
        let prefix = self.checked(prefix)?;
        let mut segments = prefix.split('/');
        match segments.any(|segment| segment.starts_with("{*") && !segment.ends_with("}}")) {
            true => Err("Invalid route: nested routes cannot contain wildcards (*)".to_owned()),
            false => Ok(prefix),
        }
    }

    /// The same, with `change` done to every route.
    pub(super) fn map(mut self, change: impl Fn(Route) -> Route + Clone + 'static) -> Self {
        let routes = self.routes.into_iter();
        self.routes = routes
            .map(|(path, endpoint)| (path, endpoint.map(change.clone())))
            .collect();
        self
    }

    pub(super) fn method_not_allowed_fallback<H, T>(&mut self, handler: &H)
    where
        H: Handler<T, S>,
        T: 'static,
    {
        for (_, endpoint) in &mut self.routes {
            if let Endpoint::Methods(methods) = endpoint {
                **methods = (**methods).clone().default_fallback(handler.clone());
            }
        }
    }

    pub(super) fn with_state<S2>(self, state: &S) -> PathRouter<S2> {
        let routes = self.routes.into_iter();
        PathRouter {
            tree: self.tree,
            routes: routes
                .map(|(path, endpoint)| (path, endpoint.with_state(state)))
                .collect(),
            by_path: self.by_path,
            old_syntax: self.old_syntax,
        }
    }

    /// Every path, and what it leads to.
    pub(super) fn routes(&self) -> impl Iterator<Item = (&str, &Endpoint<S>)> {
        self.routes
            .iter()
            .map(|(path, endpoint)| (&**path, endpoint))
    }

    pub(super) fn has(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }
}

/// What a router does to each route of another one that it nests at `prefix`.
fn nested_at(prefix: &str) -> impl Fn(Route) -> Route + Clone + 'static {
    let prefix: Arc<str> = prefix.into();
    move |route| {
        let prefix = prefix.clone();
        route.after(move |request| enter(request, &prefix))
    }
}

/// Makes `request` what a router sees that is nested at `prefix`.
fn enter(request: &mut Request, prefix: &Arc<str>) {
    if let Some(uri) = strip_prefix(request.uri(), prefix) {
        *request.uri_mut() = uri;
    }
    let nested = match request.extensions().get::<NestedPath>() {
        Some(outer) => NestedPath::new(joined(outer.as_str(), prefix).into()),
        None => NestedPath::new(prefix.clone()),
    };
    request.extensions_mut().insert(nested);
}

/// The path of a route at `path` in a router that is nested at `prefix`.
fn joined(prefix: &str, path: &str) -> String {
    match prefix.strip_suffix('/') {
        Some(prefix) => format!("{prefix}/{}", path.trim_start_matches('/')),
        None if path == "/" => prefix.to_owned(),
        None => format!("{prefix}{path}"),
    }
}

/// A path in the syntax of axum 0.7, where `:name` and `*name` capture, in today's.
fn translated(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        match (segment.strip_prefix(':'), segment.strip_prefix('*')) {
            (Some(name), _) => format!("{{{name}}}"),
            (_, Some(name)) => format!("{{*{name}}}"),
            _ => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

impl<S: Clone + 'static> Endpoint<S> {
    fn map(self, change: impl Fn(Route) -> Route + Clone + 'static) -> Self {
        match self {
            Endpoint::Methods(methods) => Endpoint::Methods(Box::new(methods.map(change))),
            Endpoint::Route(route) => Endpoint::Route(change(route)),
        }
    }

    fn with_state<S2>(self, state: &S) -> Endpoint<S2> {
        match self {
            Endpoint::Methods(methods) => {
                Endpoint::Methods(Box::new(methods.with_state(state.clone())))
            }
            Endpoint::Route(route) => Endpoint::Route(route),
        }
    }
}

impl Endpoint<()> {
    /// Answers `request`.
    pub(super) fn call(&self, request: Request) -> RouteFuture<Infallible> {
        match self {
            Endpoint::Methods(methods) => methods.answer(request),
            Endpoint::Route(route) => route.call_inner(request),
        }
    }
}

impl<S> Clone for Endpoint<S> {
    fn clone(&self) -> Self {
        match self {
            Endpoint::Methods(methods) => Endpoint::Methods(methods.clone()),
            Endpoint::Route(route) => Endpoint::Route(route.clone()),
        }
    }
}

impl<S> Clone for PathRouter<S> {
    fn clone(&self) -> Self {
        PathRouter {
            tree: self.tree.clone(),
            routes: self.routes.clone(),
            by_path: self.by_path.clone(),
            old_syntax: self.old_syntax,
        }
    }
}

impl<S> fmt::Debug for PathRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.routes.iter().map(|(path, _)| path);
        f.debug_list().entries(paths).finish()
    }
}
