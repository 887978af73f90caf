//! `TypedHeader`, as in axum-extra: the header parsed, missing, malformed, and set.

mod beside_axum;

use beside_axum::{Ask, answered_by_ours};
use server::headers::{ContentLength, ContentType, Cookie, UserAgent};
use server::response::IntoResponse;
use server::{Router, TypedHeader, routing::get};

async fn handler(
    TypedHeader(agent): TypedHeader<UserAgent>,
    TypedHeader(cookies): TypedHeader<Cookie>,
    length: Option<TypedHeader<ContentLength>>,
) -> impl IntoResponse {
    let cookies: Vec<_> = cookies.iter().collect();
    let text = format!("{agent} {cookies:?} {:?}", length.map(|it| it.0.0));
    (
        [("content-type", "a/b")],
        TypedHeader(ContentType::html()),
        text,
    )
}

#[runtime::test]
async fn a_header_is_parsed_refused_or_missing_as_in_axum_extra() {
    let app = Router::new().route("/", get(handler));
    let agent = Ask::get("/").header("user-agent", "loom/1");
    let table = [
        (agent.clone(), 200, "loom/1 [] None"),
        (
            agent
                .clone()
                .header("cookie", "a=1; b=2")
                .header("content-length", "7"),
            200,
            "loom/1 [(\"a\", \"1\"), (\"b\", \"2\")] Some(7)",
        ),
        (
            Ask::get("/"),
            400,
            "Header of type `user-agent` was missing",
        ),
        (
            agent.header("content-length", "seven"),
            400,
            "invalid HTTP header (content-length)",
        ),
    ];
    for (ask, status, text) in table {
        let seen = answered_by_ours(&app, &ask).await;
        assert_eq!(
            (seen.status.as_u16(), &*seen.body),
            (status, text.as_bytes())
        );
        let kind = if status == 200 {
            "text/html"
        } else {
            "text/plain; charset=utf-8"
        };
        let kinds: Vec<_> = seen.headers.get_all("content-type").iter().collect();
        assert_eq!(kinds, [kind], "one, and it is the last");
    }
    let alone = TypedHeader(ContentType::json()).into_response();
    assert_eq!(alone.headers()["content-type"], "application/json");
}
