//! From a path and a method to a handler.
//!
//! A [`Router`] holds paths and, for each, a [`MethodRouter`]: a handler for each method.
//! Finding a path takes one walk down a tree (the crate `matchit`), however many there are.
//!
//! ```text
//!   request ─▶ Router ─▶ PathRouter ─▶ MethodRouter ─▶ Route ─▶ handler ─▶ response
//!                 │           │              │            ╰ inside the layers that were put
//!                 │           │              ╰ no handler for the method: 405, Allow   around it
//!                 │           ╰ no such path: the fallback of the nested router
//!                 ╰ else: the router's own fallback, 404
//! ```
//!
//! | file | what it is about |
//! |---|---|
//! | `path_router` | which route a path leads to; nesting and merging |
//! | `method_router`, `methods`, `method_filter` | what answers which method; `get`, `post`, … |
//! | `endpoint` | what answers one method, and where it was named |
//! | `stated` | a handler that still misses its state |
//! | `route` | a service without its type, and what its response needs at the end |
//! | `compose`, `layers` | routers in routers; layers around routes |
//! | `call`, `as_service` | routers as services |
//! | `matched` | what a request remembers of its way |
//! | `strip_prefix` | what a nested router sees of a path |
//! | `list` | all routes of a router, for people |
//!
//! Names and behaviour are those of the crate axum.

mod as_service;
mod call;
mod compose;
mod endpoint;
pub(crate) mod into_make_service;
mod layers;
mod list;
mod matched;
mod method_filter;
mod method_router;
mod methods;
mod path_router;
pub(crate) mod route;
mod router;
mod stated;
mod strip_prefix;

pub use as_service::{RouterAsService, RouterIntoService, RouterService};
pub use into_make_service::IntoMakeService;
pub use list::RouteInfo;
pub use method_filter::{MethodFilter, NoMatchingMethodFilter};
pub use method_router::MethodRouter;
pub use methods::{
    any, any_service, connect, connect_service, delete, delete_service, get, get_service, head,
    head_service, on, on_service, options, options_service, patch, patch_service, post,
    post_service, put, put_service, query, query_service, trace, trace_service,
};
pub use route::{InfallibleRouteFuture, Route, RouteFuture};
pub use router::Router;

/// The answers of routes under way, under axum's path.
pub mod future {
    pub use super::{InfallibleRouteFuture, RouteFuture};
}

/// The parts that read like a `MethodRouter` by themselves, under axum's path.
pub mod method_routing {
    pub use super::methods::*;
    pub use super::{MethodFilter, MethodRouter};
}
