//! OPTIONS: what may be asked of a path (RFC 9110, section 9.3.7).
//!
//! The router knows the methods of each path, and says them with a 405. A layer makes the answer to an
//! OPTIONS of that. It stands around the whole router: inside, the methods are not written yet.

use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};
use server::extract::Request;
use server::middleware::Next;
use server::response::{IntoResponse, Response};

use super::problem::AsItIs;

/// The layer: OPTIONS of a path, or of `*` (the server), is 204 with `Allow`.
pub(crate) async fn answer_options(request: Request, next: Next) -> Response {
    let is_options = request.method() == Method::OPTIONS;
    if is_options && request.uri().path() == "*" {
        let all = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        return allowed(all);
    }
    let mut response = next.run(request).await;
    let is_ours = response.extensions().get::<AsItIs>().is_none();
    if response.status() != StatusCode::METHOD_NOT_ALLOWED || !is_ours {
        return response;
    }
    let Some(allow) = with_options(response.headers().get(ALLOW)) else {
        return response;
    };
    if is_options {
        return allowed(allow);
    }
    response.headers_mut().insert(ALLOW, allow);
    response
}

fn allowed(methods: HeaderValue) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, methods)]).into_response()
}

/// The router's methods, and OPTIONS.
fn with_options(allow: Option<&HeaderValue>) -> Option<HeaderValue> {
    let methods = allow?.to_str().ok()?;
    let methods = methods.split(',').map(str::trim);
    let others = methods.filter(|method| !["", "OPTIONS"].contains(method));
    let methods: Vec<_> = others.chain(["OPTIONS"]).collect();
    HeaderValue::from_str(&methods.join(", ")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use server::Router;
    use server::middleware::from_fn;
    use server::routing::{get, options, post};
    use server::testing::TestClient;
    use tower_layer::Layer;

    #[runtime::test(start_paused = true)]
    async fn each_path_and_the_server_say_what_may_be_asked() {
        let theirs = || async {
            let mut response = StatusCode::METHOD_NOT_ALLOWED.into_response();
            let allow = HeaderValue::from_static("BREW");
            response.headers_mut().insert(ALLOW, allow);
            response.extensions_mut().insert(AsItIs);
            response
        };
        let router: Router = Router::new()
            .route("/", get(|| async { "ok" }).post(|| async { "ok" }))
            .route("/in", post(|| async { "ok" }))
            .route("/theirs", get(theirs))
            .route(
                "/options",
                options(|| async { StatusCode::METHOD_NOT_ALLOWED }),
            );
        let client = TestClient::new(from_fn(answer_options).layer(router));
        let ask = async |method: Method, path: &str| {
            let answer = client.request(method, path).await;
            let allow = answer.header("allow").unwrap_or_default().to_owned();
            (answer.status().as_u16(), allow)
        };
        for (method, path, status, allow) in [
            (Method::OPTIONS, "/", 204, "GET, HEAD, POST, OPTIONS"),
            (Method::OPTIONS, "/in", 204, "POST, OPTIONS"),
            (Method::GET, "/in", 405, "POST, OPTIONS"),
            (Method::GET, "/theirs", 405, "BREW"),
            (Method::POST, "/options", 405, "OPTIONS"),
            (Method::OPTIONS, "/nowhere", 404, ""),
        ] {
            assert_eq!(
                ask(method, path).await,
                (status, allow.to_owned()),
                "{path}"
            );
        }
    }
}
