//! What handlers return, beside axum: the same expression becomes the same response.

mod beside_axum;

use std::borrow::Cow;

use beside_axum::{seen_of_axums, seen_of_ours};
use bytes::{Buf, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, StatusCode};
use server::response::{IntoResponse, Redirect, Response};

/// Evaluates each expression with `web` as our crate and as axum, and compares.
macro_rules! same {
    ($($expression:expr;)*) => {
        runtime::runtime::Runtime::new().unwrap().block_on(async {
            $(
                let ours = {
                    use ::server as web;
                    let _: Option<web::body::Body> = None;
                    seen_of_ours($expression).await
                };
                let axums = {
                    use ::axum as web;
                    let _: Option<web::body::Body> = None;
                    seen_of_axums($expression).await
                };
                assert_eq!(ours, axums, "{}", stringify!($expression));
            )*
        })
    };
}

#[test]
fn text_and_bytes_have_their_types() {
    same! {
        ();
        "text";
        String::from("text");
        Box::<str>::from("text");
        Cow::Borrowed("text");
        Cow::<'static, str>::Owned("text".into());
        Bytes::from_static(b"bytes");
        BytesMut::from(&b"bytes"[..]);
        vec![1_u8, 2, 3];
        Box::<[u8]>::from([1_u8, 2, 3]);
        &b"bytes"[..];
        b"bytes";
        [1_u8, 2, 3];
        Cow::Borrowed(&b"bytes"[..]);
        Cow::<'static, [u8]>::Owned(vec![7]);
        (&b"first"[..]).chain(&b"second"[..]);
        web::body::Body::from("a body has no type");
        web::body::Body::empty();
    }
}

#[test]
fn heads_become_responses() {
    same! {
        StatusCode::IM_A_TEAPOT;
        web::response::NoContent;
        HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("a/b"))]);
        [("x-one", "1"), ("x-two", "2"), ("x-one", "3")];
        [(CONTENT_TYPE, HeaderValue::from_static("a/b"))];
        web::response::AppendHeaders([("x-one", "1"), ("x-one", "2")]);
        web::response::AppendHeaders(Some(("x-one", "1")));
        http::Extensions::new();
        http::Response::builder().status(202).header("a", "b").body(()).unwrap().into_parts().0;
        http::Response::builder().status(202).body(web::body::Body::from("x")).unwrap();
        web::Extension(7);
    }
}

#[test]
fn tuples_set_parts_and_the_first_that_fails_answers() {
    let head = || http::Response::builder().status(202).header("a", "b");
    let one = || [("x-one", "1")];
    let bad_name = || [("no name", "1")];
    let bad_value = || [("x-bad", "\n")];
    same! {
        ("alone",);
        (StatusCode::CREATED, "made");
        (StatusCode::CREATED, ());
        (StatusCode::CREATED, (StatusCode::ACCEPTED, "the first is the outermost"));
        (one(), "one");
        (StatusCode::CREATED, one(), "one");
        (StatusCode::CREATED, one(), [("x-one", "2")], "the last is set");
        (one(), web::response::AppendHeaders([("x-one", "2")]), "both are there");
        (one(), HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("a/b"))]), "text");
        (bad_name(), "never");
        (bad_value(), "never");
        (bad_value(), bad_name(), "never");
        (one(), bad_name(), bad_value(), "never");
        (StatusCode::CREATED, bad_name(), "never");
        (head().body(()).unwrap(), bad_name(), "never");
        (web::response::AppendHeaders([("no name", "1")]), "never");
        (head().body(()).unwrap(), "under a head");
        (head().body(()).unwrap(), [("a", "c")], "the head is set last");
        (head().body(()).unwrap().into_parts().0, "under parts");
        (head().body(()).unwrap().into_parts().0, one(), (), "under parts");
        (Some(one()), None::<HeaderMap>, (), "options");
        ((one(), [("x-two", "2")]), ((), (one(),)), "tuples of parts");
        ((bad_name(), one()), "tuples of parts");
        (web::Extension(1), http::Extensions::new(), "extensions");
    }
}

#[test]
fn a_tuple_has_up_to_sixteen_parts() {
    let part = |at: u32| {
        [(
            HeaderName::try_from(format!("x-{at}")).unwrap(),
            HeaderValue::from(at),
        )]
    };
    same! {
        (
            StatusCode::CREATED, part(1), part(2), part(3), part(4), part(5), part(6), part(7),
            part(8), part(9), part(10), part(11), part(12), part(13), part(14), part(15),
            part(16), "sixteen",
        );
        (
            (
                part(1), part(2), part(3), part(4), part(5), part(6), part(7), part(8), part(9),
                part(10), part(11), part(12), part(13), part(14), part(15), part(16),
            ),
            "sixteen",
        );
    }
}

#[test]
fn results_are_what_they_hold() {
    same! {
        Ok::<_, StatusCode>("fine");
        Err::<&str, _>(StatusCode::NOT_FOUND);
        Err::<(), _>((StatusCode::CONFLICT, "taken"));
        {
            #[allow(clippy::result_large_err, reason = "axum's is")]
            fn fails() -> web::response::Result<&'static str> {
                Err::<(), _>((StatusCode::CONFLICT, [("x-one", "1")], "taken"))?;
                Ok("never")
            }
            fails()
        };
        {
            let fine: web::response::Result<&str> = Ok("fine");
            fine
        };
    }
}

#[test]
fn pages_and_redirects() {
    same! {
        web::response::Html("<p>");
        web::response::Html::from("<p>".to_owned());
        web::response::Html(StatusCode::NOT_FOUND);
        web::response::Redirect::to("/there?a=b");
        web::response::Redirect::temporary("https://example.com/ä");
        web::response::Redirect::permanent("/there");
        web::response::Redirect::to("not\na header");
    }
    let redirect = server::response::Redirect::permanent("/there");
    assert_eq!(
        (redirect.status_code().as_u16(), redirect.location()),
        (308, "/there")
    );
}

/// A value that cannot be written.
struct Broken;

impl serde::Serialize for Broken {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is broken"))
    }
}

#[test]
fn json_and_forms() {
    #[derive(serde::Serialize)]
    struct Item {
        name: &'static str,
        size: Option<u32>,
    }
    let item = || Item {
        name: "a \"b\" & ü",
        size: Some(7),
    };
    same! {
        web::Json(item());
        web::Json(vec![1, 2, 3]);
        web::Json(Broken);
        web::Json(std::collections::BTreeMap::from([((1, 2), "not a key")]));
        (StatusCode::CREATED, web::Json(Broken));
        web::Form(item());
        web::Form([("a", "b"), ("a", "c d")]);
        web::Form(Broken);
        (StatusCode::CREATED, [("x-one", "1")], web::Form(item()));
    }
}

#[test]
fn an_extension_lies_in_the_response() {
    use server::response::IntoResponse as _;
    let response = (server::Extension(7_u32), server::Extension("x"), "text").into_response();
    assert_eq!(response.extensions().get::<u32>(), Some(&7));
    assert_eq!(response.extensions().get::<&str>(), Some(&"x"));
}

#[test]
fn a_body_of_text_knows_its_length() {
    use server::response::IntoResponse as _;
    let chain = (&b"first"[..]).chain(&b"second"[..]).into_response();
    assert_eq!(chain.body().exact_length(), Some(11));
    let json = server::Json([1, 2]).into_response();
    assert_eq!(json.body().exact_length(), Some(5));
}

#[test]
fn a_redirect_may_have_a_body_and_a_status_that_stands_first_has_the_last_word() {
    // As axum's next version.
    let seen = |response: Response| {
        let location = response.headers().get("location").cloned();
        (response.status().as_u16(), location)
    };
    let to = |uri| Redirect::to(uri);
    let moved = seen((to("/new"), "go to /new").into_response());
    assert_eq!(moved, (303, Some(HeaderValue::from_static("/new"))));
    assert_eq!(
        seen((StatusCode::FOUND, to("/new"), "go").into_response()).0,
        302
    );
    assert_eq!(seen((to("\n"), "go").into_response()), (500, None));
    let bytes: Cow<'static, [u8]> = Cow::Borrowed(b"x");
    assert_eq!(
        http_body::Body::size_hint(&server::Body::from(bytes)).exact(),
        Some(1)
    );
}
