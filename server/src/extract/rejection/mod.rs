//! Why an extractor could not be made: one type for each reason.
//!
//! An extractor refuses with an enum of its own, such as [`JsonRejection`]; each of its
//! variants holds a type for one reason. All of them have `status()` and `body_text()`,
//! implement [`Error`](std::error::Error), and become a response of `text/plain` by
//! themselves. The statuses and texts are those of the crate axum.
//!
//! A handler that wants to answer for itself takes the extractor as a `Result`:
//!
//! ```
//! use server::extract::rejection::JsonRejection;
//! use server::testing::TestClient;
//! use server::{Json, Router, routing::post};
//!
//! async fn create(item: Result<Json<String>, JsonRejection>) -> String {
//!     match item {
//!         Ok(Json(name)) => format!("made {name}"),
//!         Err(JsonRejection::MissingJsonContentType(_)) => "JSON, please".to_owned(),
//!         Err(other) => other.body_text(),
//!     }
//! }
//!
//! # #[runtime::main(start_paused = true)] async fn main() {
//! let client = TestClient::new(Router::new().route("/", post(create)));
//! assert_eq!(client.post("/").json("cloth").await.text().await, "made cloth");
//! assert_eq!(client.post("/").body("cloth").await.text().await, "JSON, please");
//! # }
//! ```

mod buffer;
pub(crate) mod define;
mod hook;
mod problem;

pub use super::multipart::{InvalidBoundary, MultipartError, MultipartRejection};
pub use super::path::{FailedToDeserializePathParams, InvalidUtf8InPathParam};
pub(crate) use buffer::is_too_large;
pub use buffer::{FailedToBufferBody, LengthLimitError, UnknownBodyError};
pub use define::Rejection;
pub(crate) use define::{one_of, refuse, rejections};
pub use hook::{OnRejection, OnRejectionFuture, OnRejectionService};
pub use problem::problem;

rejections! {
    /// The body was to be text and is not UTF-8.
    InvalidUtf8(error) => BAD_REQUEST, "Request body didn't contain valid UTF-8";
    /// The body is JSON, but not of the type that was asked for.
    JsonDataError(error) => UNPROCESSABLE_ENTITY,
        "Failed to deserialize the JSON body into the target type";
    /// The body is not JSON.
    JsonSyntaxError(error) => BAD_REQUEST, "Failed to parse the request body as JSON";
    /// The request does not say that its body is JSON.
    MissingJsonContentType => UNSUPPORTED_MEDIA_TYPE,
        "Expected request with `Content-Type: application/json`";
    /// No layer has put such a value into the request.
    MissingExtension(error) => INTERNAL_SERVER_ERROR, "Missing request extension";
    /// The router has put no captures into the request: the extractor ran outside a route.
    MissingPathParams => INTERNAL_SERVER_ERROR, "No paths parameters found for matched route";
    /// The request does not say that its body is a form.
    InvalidFormContentType => UNSUPPORTED_MEDIA_TYPE,
        "Form requests must have `Content-Type: application/x-www-form-urlencoded`";
    /// The query is a form that is not of the type that was asked for.
    FailedToDeserializeForm(error) => BAD_REQUEST, "Failed to deserialize form";
    /// The body is a form that is not of the type that was asked for.
    FailedToDeserializeFormBody(error) => UNPROCESSABLE_ENTITY,
        "Failed to deserialize form body";
    /// The query is not of the type that was asked for.
    FailedToDeserializeQueryString(error) => BAD_REQUEST,
        "Failed to deserialize query string";
    /// The router has put no path into the request: the extractor ran outside a route.
    MatchedPathMissing => INTERNAL_SERVER_ERROR, "No matched path found";
    /// The route is not inside a nested router.
    NestedPathRejection => INTERNAL_SERVER_ERROR, "The matched route is not nested";
}

one_of! {
    /// Why `Bytes` could not be made.
    BytesRejection { FailedToBufferBody }

    /// Why a `String` could not be made.
    StringRejection { FailedToBufferBody, InvalidUtf8 }

    /// Why a [`Json`](crate::Json) could not be made.
    JsonRejection { JsonDataError, JsonSyntaxError, MissingJsonContentType, BytesRejection }

    /// Why a [`Form`](crate::Form) could not be made.
    FormRejection {
        InvalidFormContentType,
        FailedToDeserializeForm,
        FailedToDeserializeFormBody,
        BytesRejection,
    }

    /// Why a [`RawForm`](super::RawForm) could not be made.
    RawFormRejection { InvalidFormContentType, BytesRejection }

    /// Why a [`Query`](super::Query) could not be made.
    QueryRejection { FailedToDeserializeQueryString }

    /// Why an [`Extension`](crate::Extension) could not be made.
    ExtensionRejection { MissingExtension }

    /// Why a [`Path`](super::Path) could not be made.
    PathRejection { FailedToDeserializePathParams, MissingPathParams }

    /// Why a [`RawPathParams`](super::RawPathParams) could not be made.
    RawPathParamsRejection { InvalidUtf8InPathParam, MissingPathParams }

    /// Why a [`MatchedPath`](super::MatchedPath) could not be made.
    MatchedPathRejection { MatchedPathMissing }
}
