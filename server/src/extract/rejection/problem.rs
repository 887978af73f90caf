//! Refusals for machines: problem details in JSON (RFC 9457).

use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, VARY};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::define::Rejection;
use crate::response::{IntoResponse, Response};

/// A hook that answers with `application/problem+json` (RFC 9457) if the client prefers JSON,
/// and else with the text as it is.
///
/// A client prefers JSON if its `Accept` names `application/json`,
/// `application/problem+json` or `application/*`, with at least the weight of
/// `text/plain`. `*/*` names nothing.
///
/// ```
/// use server::extract::rejection::{OnRejection, problem};
/// use server::{Json, Router, routing::post};
/// use server::testing::TestClient;
///
/// // Accept: application/json  ->  {"type":"about:blank","title":"Bad Request","status":400,
/// //                                "detail":"Failed to parse …","rejection":"JsonSyntaxError"}
/// let app: Router = Router::new()
///     .route("/", post(|Json(n): Json<u8>| async move { n.to_string() }))
///     .layer(OnRejection::new(problem));
/// # #[runtime::main(start_paused = true)] async fn test(app: Router) {
/// let request = TestClient::new(app).post("/").json(&256);
/// let response = request.header("accept", "application/json").await;
/// assert_eq!(response.header("content-type"), Some("application/problem+json"));
/// # }
/// # test(app);
/// ```
#[must_use]
pub fn problem(rejection: &Rejection, head: &Parts) -> Response {
    let vary = [(VARY, HeaderValue::from_static("accept"))];
    let status = rejection.status();
    if !prefers_json(&head.headers) {
        return (status, vary, rejection.text().to_owned()).into_response();
    }
    let details = Details {
        kind: "about:blank",
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail: rejection.text(),
        rejection: rejection.name(),
    };
    match serde_json::to_vec(&details) {
        Ok(json) => {
            let kind = HeaderValue::from_static("application/problem+json");
            (status, vary, [(CONTENT_TYPE, kind)], json).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

/// The members of RFC 9457, section 3.1, and one of our own.
#[derive(Debug)]
struct Details<'a> {
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    rejection: &'static str,
}

impl Serialize for Details<'_> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = to.serialize_map(Some(5))?;
        map.serialize_entry("type", self.kind)?;
        map.serialize_entry("title", self.title)?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry("detail", self.detail)?;
        map.serialize_entry("rejection", self.rejection)?;
        map.end()
    }
}

/// Whether the client takes JSON at least as gladly as text (RFC 9110, section 12.5.1).
fn prefers_json(headers: &HeaderMap) -> bool {
    let (mut json, mut text, mut anything) = (None, None, None);
    for range in ranges(headers) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = weight(parts);
        match name.as_str() {
            "application/json" | "application/problem+json" | "application/*" => {
                json = json.max(Some(weight));
            }
            "text/plain" | "text/*" => text = text.max(Some(weight)),
            "*/*" => anything = anything.max(Some(weight)),
            _ => {}
        }
    }
    let text = text.or(anything).unwrap_or(0);
    json.is_some_and(|json| json > 0 && json >= text)
}

fn ranges(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(ACCEPT).iter();
    let values = values.filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(','))
}

/// The weight among the parameters of a media range, in thousandths; 1000 if there is none.
fn weight<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let weight = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    let weight = weight.map(|weight| weight.parse::<f32>().unwrap_or(0.0));
    weight.map_or(1000, |weight| (weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_names_json_gets_it_unless_text_is_liked_better() {
        let table = [
            ("", false),
            ("*/*", false),
            ("text/html, */*;q=0.8", false),
            ("application/json", true),
            ("Application/JSON", true),
            ("application/problem+json", true),
            ("application/*", true),
            ("application/json, text/plain, */*", true),
            ("text/plain, application/json", true),
            ("application/json;q=0.5, text/plain", false),
            ("application/json;q=0.5, text/plain;q=0.5", true),
            ("application/json;q=0.5, */*", false),
            ("application/json;q=0", false),
            ("application/json;q=x", false),
            (
                "application/json; charset=utf-8; Q=0.9, text/*; q=0.8",
                true,
            ),
            ("application/xml", false),
        ];
        for (accept, expected) in table {
            let headers = HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())]);
            assert_eq!(prefers_json(&headers), expected, "{accept}");
        }
        assert!(!prefers_json(&HeaderMap::new()));
    }
}
