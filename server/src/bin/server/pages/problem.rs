//! What went wrong, said to programs as JSON and to people as a page.
//!
//! A service returns a [`Problem`]: a status and a sentence. It becomes *problem details* (RFC 9457),
//! which any client can read. A layer around all services ([`negotiate`]) looks at what the
//! request would rather have, and makes a page of it for a browser. It treats the library's refusals
//! in the same way, which are plain text: a body that is no JSON, a path that does not exist.

use std::fmt::Display;

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, RETRY_AFTER, VARY};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use server::body::{Body, to_bytes};
use server::extract::Request;
use server::middleware::Next;
use server::response::{IntoResponse, Response};

use crate::complaints::complain;
use crate::sqlite;

use super::frame::{escape, page};

/// The answer to a request that failed: a status, and one sentence that says what was wrong and
/// what to do.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    detail: String,
    /// In a box, as results carry a problem around.
    headers: Box<HeaderMap>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Problem {
            status,
            detail: detail.into(),
            headers: Box::default(),
        }
    }

    /// With one more header field.
    pub(crate) fn with(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.append(name, value.into());
        self
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, detail)
    }

    /// The request may be made again, so many seconds from now.
    pub(crate) fn unavailable(detail: impl Into<String>, seconds: u32) -> Self {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, detail).with(RETRY_AFTER, seconds)
    }

    /// There is no room on the disk. It is logged.
    pub(crate) fn disk_full(subject: &'static str, error: impl Display) -> Self {
        complain(subject, error);
        let detail = "The disk of the server is full. Nothing was changed.";
        Problem::new(StatusCode::INSUFFICIENT_STORAGE, detail)
    }

    /// Something failed that is none of the client's business. It is logged.
    pub(crate) fn internal(subject: &'static str, error: impl Display) -> Self {
        complain(subject, error);
        let detail = "The server could not do it. Its log says why.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// This machine lacks something for the moment: descriptors, say. It is logged.
    pub(crate) fn short(subject: &'static str, error: impl Display) -> Self {
        complain(subject, error);
        Problem::unavailable("The server has too much to do now. Try again.", 1)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::NOT_FOUND, detail)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    fn title(&self) -> &'static str {
        self.status.canonical_reason().unwrap_or("Unknown status")
    }

    fn as_page(&self) -> Response {
        let title = format!("{} {}", self.status.as_u16(), self.title());
        let text = format!(
            "<h1>{title}</h1>\n<p class=\"lead\">{}</p>\n<p><a href=\"/\">To the home page</a></p>",
            escape(&self.detail)
        );
        page(&title, &text, None)
    }
}

/// In an answer's extensions: the answer is not ours to change. It comes from another server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AsItIs;

/// The members of RFC 9457, section 3.1.
#[derive(Serialize)]
struct Details<'a> {
    r#type: &'a str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let details = Details {
            r#type: "about:blank",
            title: self.title(),
            status: self.status.as_u16(),
            detail: &self.detail,
        };
        let mut text = serde_json::to_string(&details).unwrap_or_default();
        text.push('\n');
        let kind = HeaderValue::from_static("application/problem+json");
        let heads = (HeaderMap::clone(&self.headers), [(CONTENT_TYPE, kind)]);
        let mut response = (self.status, heads.0, heads.1, text).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What a client is told when the database has no answer.
impl From<sqlite::Error> for Problem {
    fn from(error: sqlite::Error) -> Self {
        if error.is_busy() {
            return Problem::unavailable("The database is busy. Try again.", 1);
        }
        match error {
            error if error.is_full() => Problem::disk_full("items", error),
            error if error.is_short() => Problem::short("items", error),
            error => Problem::internal("items", error),
        }
    }
}

/// The layer: an answer with an error's status becomes a page, if the request asks for one, else
/// problem details. An answer that has a body of its own kind stays as it is.
pub(crate) async fn negotiate(request: Request, next: Next) -> Response {
    let wants_page = wants_page(request.headers());
    let response = next.run(request).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if !is_error || response.extensions().get::<AsItIs>().is_some() {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let problem = match head.extensions.remove::<Problem>() {
        Some(problem) => problem,
        None if is_plain(&head.headers) => {
            let said = text(body).await;
            Problem::new(head.status, or_usual(said, head.status))
        }
        None => return Response::from_parts(head, body),
    };
    let answer = match wants_page {
        true => problem.as_page(),
        false => problem.into_response(),
    };
    let (made, body) = answer.into_parts();
    head.headers.remove(CONTENT_LENGTH);
    head.headers.extend(made.headers);
    head.headers
        .append(VARY, HeaderValue::from_static("accept"));
    Response::from_parts(head, body)
}

/// What the library said of the failure.
async fn text(body: Body) -> String {
    const MOST: usize = 4096;
    let bytes = to_bytes(body, MOST).await.unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// What the library said; where it said nothing, what is usually meant.
fn or_usual(said: String, status: StatusCode) -> String {
    let usual = match status {
        _ if !said.is_empty() => return said,
        StatusCode::NOT_FOUND => "There is nothing at this path. GET /routes lists all paths.",
        StatusCode::METHOD_NOT_ALLOWED => {
            "This path does not answer that method. `Allow` names its methods."
        }
        status => status.canonical_reason().unwrap_or_default(),
    };
    usual.to_owned()
}

/// Whether the answer is plain text, or has no kind: then the library made it.
fn is_plain(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_none_or(|kind| kind.starts_with(b"text/plain"))
}

/// Whether the request names HTML among what it would take, and no JSON that it likes better. Browsers do; curl and
/// programs do not.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let page = weight(headers, "text/html");
    let json = ["application/json", "application/problem+json"];
    page > 0.0 && json.iter().all(|json| weight(headers, json) <= page)
}

/// Whether `Accept` names this kind as one to take. A wildcard does not.
pub(crate) fn names(headers: &HeaderMap, wanted: &str) -> bool {
    weight(headers, wanted) > 0.0
}

/// How much the request likes this kind, by its name (RFC 9110, section 12.4.2): from 0, not at all, to 1.
fn weight(headers: &HeaderMap, wanted: &str) -> f32 {
    let values = headers.get_all(ACCEPT).into_iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let kinds = texts.flat_map(|text| text.split(','));
    let weights = kinds.filter_map(|kind| {
        let mut parts = kind.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        name.eq_ignore_ascii_case(wanted)
            .then(|| weight.map_or(1.0, |it| it.parse().unwrap_or(0.0)))
    });
    weights.fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use server::middleware::from_fn;
    use server::routing::get;
    use server::testing::TestClient;
    use server::{Json, Router};

    fn client() -> TestClient {
        let own = || async { (StatusCode::CONFLICT, Json(1)) };
        let router: Router = Router::new()
            .route("/ok", get(|| async { "ok" }))
            .route(
                "/full",
                get(|| async { Problem::bad_request("<b>").with(RETRY_AFTER, 3) }),
            )
            .route("/own", get(own))
            .route(
                "/number/{number}",
                get(async |_: server::extract::Path<u8>| "ok"),
            )
            .layer(from_fn(negotiate));
        TestClient::new(router)
    }

    #[runtime::test(start_paused = true)]
    async fn programs_get_problem_details_and_browsers_a_page() {
        let client = client();
        for (path, status, detail) in [
            ("/full", 400, "<b>"),
            (
                "/nowhere",
                404,
                "There is nothing at this path. GET /routes lists all paths.",
            ),
            ("/number/x", 400, "Invalid URL: Cannot parse `x` to a `u8`"),
        ] {
            let answer = client.get(path).await;
            assert_eq!(answer.status(), status, "{path}");
            assert_eq!(
                answer.header("content-type"),
                Some("application/problem+json")
            );
            assert_eq!(answer.header("vary"), Some("accept"));
            let problem: serde_json::Value = answer.json().await;
            assert_eq!(
                (&problem["status"], &problem["detail"]),
                (&status.into(), &detail.into())
            );
            let page = client
                .get(path)
                .header("accept", "text/html,*/*;q=0.8")
                .await;
            assert_eq!(page.status(), status);
            assert!(page.header("content-security-policy").is_some());
            let html = page.text().await;
            assert!(
                html.contains(&escape(detail)) && !html.contains("<b>"),
                "{html}"
            );
        }
    }

    #[test]
    fn a_page_is_for_those_who_like_it_at_least_as_much_as_json() {
        for (accept, is_page) in [
            ("text/html", true),
            ("TEXT/HTML;level=1", true),
            ("text/html, application/json", true),
            ("application/json;q=0.9, text/html", true),
            ("application/json, text/html;q=0", false),
            ("text/html;q=0.0", false),
            ("text/html;q=0.1, application/json", false),
            ("application/problem+json, text/html; Q=0.5", false),
            ("text/html;q=much", false),
            ("*/*", false),
            ("text/*", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(wants_page(&headers), is_page, "{accept}");
        }
    }

    #[runtime::test(start_paused = true)]
    async fn fields_of_a_problem_stay_and_answers_of_another_kind_too() {
        let client = client();
        for accept in ["text/html", "*/*"] {
            let ask = |path: &str| client.get(path).header("accept", accept);
            assert_eq!(ask("/full").await.header("retry-after"), Some("3"));
            assert_eq!(ask("/own").await.text().await, "1");
            assert_eq!(ask("/ok").await.text().await, "ok");
        }
        let refused = client.post("/ok").await;
        let problem: serde_json::Value = refused.json().await;
        assert_eq!(problem["status"], 405);
    }
}
