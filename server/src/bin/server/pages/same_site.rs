//! Requests that a page of another site makes in a visitor's browser.
//!
//! A browser lets any page send a form to any server, or open a WebSocket to it, and the server sees a
//! request of its visitor. So a foreign page could upload files here, or read the chat. A browser says
//! where such a request comes from: `Sec-Fetch-Site` (W3C Fetch Metadata), and `Origin` (RFC 6454). What
//! comes from elsewhere and would change something, or opens a WebSocket, is refused. A program sends
//! neither field and is no danger: it has no visitor.
//!
//! What goes to the proxy is left to the server behind it, which knows its own name.

use http::header::{HOST, HeaderName, ORIGIN, UPGRADE};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use server::extract::Request;
use server::middleware::Next;
use server::response::{IntoResponse, Response};

use super::problem::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The layer.
pub(crate) async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let acts = !request.method().is_safe() || headers.contains_key(UPGRADE);
    let is_proxied = request.uri().path().starts_with("/proxy/");
    if acts && !is_proxied && is_foreign(headers) {
        let detail = "This request was made by a page of another site. That is not allowed here.";
        return Problem::new(StatusCode::FORBIDDEN, detail).into_response();
    }
    next.run(request).await
}

fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    if let Some(site) = site {
        return !matches!(site, b"same-origin" | b"none");
    }
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let origin: Option<Uri> = origin.to_str().ok().and_then(|origin| origin.parse().ok());
    let scheme = origin
        .as_ref()
        .and_then(Uri::scheme_str)
        .unwrap_or_default();
    let origin = origin.as_ref().and_then(Uri::authority);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    match (origin, host) {
        (Some(origin), Some(host)) => {
            let (origin, host) = (
                without_port(origin.as_str(), scheme),
                without_port(host, scheme),
            );
            !origin.eq_ignore_ascii_case(host)
        }
        // `null`, or nothing to compare with.
        _ => true,
    }
}

/// A host without its port, if that is the scheme's usual one: some balancers write it, and browsers
/// do not.
fn without_port<'a>(host: &'a str, scheme: &str) -> &'a str {
    let usual = match scheme {
        "https" => ":443",
        _ => ":80",
    };
    host.strip_suffix(usual).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Method;
    use server::Router;
    use server::middleware::from_fn;
    use server::routing::any;
    use server::testing::TestClient;

    #[runtime::test(start_paused = true)]
    async fn what_another_site_would_change_is_refused_and_what_it_reads_is_not() {
        let router: Router = Router::new()
            .route("/", any(|| async { "ok" }))
            .route("/proxy/x", any(|| async { "ok" }))
            .layer(from_fn(refuse_other_sites));
        let client = TestClient::new(router);
        let ask = async |method: &Method, path: &str, fields: &[(&'static str, &'static str)]| {
            let mut request = client
                .request(method.clone(), path)
                .header("host", "here:80");
            for (name, value) in fields {
                request = request.header(*name, *value);
            }
            request.await.status().as_u16()
        };
        let (post, get) = (Method::POST, Method::GET);
        for (fields, status) in [
            (&[][..], 200),
            (&[("origin", "http://HERE:80")], 200),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("origin", "http://inside"),
                ],
                200,
            ),
            (&[("sec-fetch-site", "none")], 200),
            (&[("origin", "http://here")], 200),
            (&[("origin", "https://here")], 403),
            (&[("origin", "http://there")], 403),
            (&[("origin", "null")], 403),
            (&[("sec-fetch-site", "cross-site")], 403),
            (&[("sec-fetch-site", "same-site")], 403),
        ] {
            assert_eq!(ask(&post, "/", fields).await, status, "{fields:?}");
            assert_eq!(
                ask(&Method::DELETE, "/", fields).await,
                status,
                "{fields:?}"
            );
            assert_eq!(ask(&get, "/", fields).await, 200, "{fields:?}");
            assert_eq!(ask(&post, "/proxy/x", fields).await, 200, "{fields:?}");
            let upgrade = [fields, &[("upgrade", "websocket")]].concat();
            assert_eq!(ask(&get, "/", &upgrade).await, status, "{upgrade:?}");
        }
    }
}
