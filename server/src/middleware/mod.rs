//! What stands between a router and its handlers.
//!
//! A middleware sees each request before the handler does, and each response after it. Any
//! [`Layer`](tower_layer::Layer) of the `tower` family can be one
//! ([`Router::layer`](crate::Router::layer)); neither the layer nor its service has to be
//! `Send`. Most middleware is simplest as an async function:
//!
//! ```
//! use server::{Router, routing::get, middleware::{self, Next}};
//! use server::extract::Request;
//! use server::response::Response;
//! use server::testing::TestClient;
//!
//! async fn stamp(request: Request, next: Next) -> Response {
//!     let mut response = next.run(request).await;
//!     response.headers_mut().insert("x-loom", "treadle".parse().unwrap());
//!     response
//! }
//!
//! let app: Router = Router::new()
//!     .route("/", get(|| async { "hello" }))
//!     .layer(middleware::from_fn(stamp));
//! # #[runtime::main(start_paused = true)] async fn test(app: Router) {
//! assert_eq!(TestClient::new(app).get("/").await.header("x-loom"), Some("treadle"));
//! # }
//! # test(app);
//! ```

mod access_entry;
mod access_log;
pub(crate) mod arguments;
mod body_limit;
mod body_timeout;
mod catch_panic;
mod concurrency_limit;
mod detach;
mod from_extractor;
mod from_fn;
mod map_request;
mod map_response;
mod next;
mod rate_limit;
mod server_timing;
mod timeout;

pub use access_log::AccessLogLayer;
pub use body_limit::RequestBodyLimitLayer;
pub use body_timeout::{RequestBodyTimeoutLayer, ResponseBodyTimeoutLayer};
pub use catch_panic::CatchPanicLayer;
pub use concurrency_limit::ConcurrencyLimitLayer;
pub use detach::{ClientGone, DetachLayer};
pub use from_extractor::{FromExtractorLayer, from_extractor, from_extractor_with_state};
pub use from_fn::{FromFn, FromFnLayer, from_fn, from_fn_with_state};
pub use map_request::{IntoMapRequestResult, MapRequestLayer, map_request, map_request_with_state};
pub use map_response::{MapResponseLayer, map_response, map_response_with_state};
pub use next::Next;
pub use rate_limit::RateLimitLayer;
pub use server_timing::ServerTimingLayer;
pub use timeout::TimeoutLayer;

pub use crate::extension::AddExtension;
pub use crate::local_extension::AddLocalExtension;
