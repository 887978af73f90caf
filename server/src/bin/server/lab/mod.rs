//! The lab: seven patterns of servers, live, each with a knob and a picture that moves.
//!
//! A pattern is a file of its own that knows nothing of HTTP: it can be read, and taken, alone.
//! `demo` puts each of them to work on calls that only sleep. The page shows all of them, and one
//! stream of events tells it what they do.
//!
//! | pattern | file | example |
//! |---|---|---|
//! | rate limit by token bucket | `token_bucket` | `examples/limited_calls.rs` |
//! | concurrency limit with shedding | `concurrency_limit`, `slots` | `examples/overload.rs` |
//! | bulkhead of two priorities | `bulkhead`, `slots` | `examples/resilient_client.rs` |
//! | circuit breaker | `circuit_breaker` | `examples/resilient_client.rs` |
//! | retry with backoff and jitter | `retry` | `examples/resilient_client.rs` |
//! | supervisor | `supervisor` | `examples/supervision_tree.rs` |
//! | cancellation by token | `task_tree` | `examples/cancellation_by_token.rs` |
//!
//! All visitors share one lab, and its state is gone when the program ends. How it can go wrong: a
//! visitor keeps the server busy. So calls, tasks, lines of a picture and viewers are bounded, and
//! no demo does more than sleep.

mod bulkhead;
mod circuit_breaker;
mod concurrency_limit;
mod count;
mod demo;
mod live;
mod retry;
mod slots;
mod supervisor;
mod task_tree;
mod token_bucket;

use server::Router;
use server::response::Response;
use server::routing::get;

use crate::background::Background;
use crate::pages;

pub(crate) use retry::Backoff;
pub(crate) use supervisor::RestartLimit;

/// The page, the stream, and all demos. Their tasks run in `background`.
pub(crate) fn routes(background: &Background) -> Router {
    let lab = live::Lab::new(background);
    Router::new()
        .route("/lab", get(page))
        .route("/assets/lab.js", pages::script(include_str!("page.js")))
        .route(
            "/assets/lab-pictures.js",
            pages::script(include_str!("pictures.js")),
        )
        .merge(lab.routes())
}

async fn page() -> Response {
    pages::page("Lab", include_str!("page.html"), Some("/assets/lab.js"))
}

#[cfg(test)]
mod tests;
