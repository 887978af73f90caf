//! Requests and responses with our bodies, under the names that programs use.

use crate::body::Body;

/// A request whose body is ours unless said otherwise.
/// Its example is [`RequestExt::extract`](crate::RequestExt::extract)'s.
pub type Request<T = Body> = http::Request<T>;

/// A response whose body is ours unless said otherwise.
/// Its example is [`from_fn`](crate::middleware::from_fn())'s.
pub type Response<T = Body> = http::Response<T>;
