//! Why an extractor could not be made: one type for each reason.
//!
//! An extractor refuses with an enum of its own, such as [`MatchedPathRejection`]; each of its
//! variants holds a type for one reason. All of them have `status()` and `body_text()`,
//! implement [`Error`](std::error::Error), and become a response of `text/plain` by
//! themselves. The statuses and texts are those of the crate axum.
//!
//! A handler that wants to answer for itself takes `Result<T, T::Rejection>` as its argument.

mod define;

pub use define::Rejection;
pub(crate) use define::{one_of, rejections};

rejections! {
    /// The router has put no path into the request: the extractor ran outside a route.
    MatchedPathMissing => INTERNAL_SERVER_ERROR, "No matched path found";
    /// The route is not inside a nested router.
    NestedPathRejection => INTERNAL_SERVER_ERROR, "The matched route is not nested";
}

one_of! {
    /// Why a [`MatchedPath`](super::MatchedPath) could not be made.
    MatchedPathRejection { MatchedPathMissing }
}
