//! Extractors beside axum's: the same request makes the same value or the same refusal.

mod beside_axum;

use std::collections::BTreeMap;

use beside_axum::{Ask, answered_by_axums, answered_by_ours};
use beside_axum::{extracted_by_axums, extracted_by_ours};
use bytes::{Bytes, BytesMut};
use http::{Extensions, HeaderMap, Method, Uri, Version};
use proptest::prelude::*;
use runtime::runtime::Runtime;
use serde::Deserialize;

/// Makes extractors of requests with our crate and with axum, and compares.
macro_rules! same {
    ($($extractor:ty: $asks:expr;)*) => {
        Runtime::new().unwrap().block_on(async {
            $(
                for ask in $asks {
                    let ours = {
                        #[allow(unused_imports, reason = "not all extractors come from there")]
                        use ::server as web;
                        extracted_by_ours::<$extractor, _>(&ask).await
                    };
                    let axums = {
                        #[allow(unused_imports, reason = "not all extractors come from there")]
                        use ::axum as web;
                        extracted_by_axums::<$extractor, _>(&ask).await
                    };
                    assert_eq!(ours, axums, "{} of {ask:?}", stringify!($extractor));
                }
            )*
        })
    };
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is only printed")]
struct Item {
    name: String,
    size: u32,
    #[serde(default)]
    tags: Vec<String>,
    colour: Option<Colour>,
    part: Option<Box<Item>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Blue,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is only printed")]
struct Flat {
    name: String,
    size: u8,
    colour: Option<Colour>,
    ratio: Option<f32>,
    #[serde(default)]
    on: bool,
}

const FORM: &str = "application/x-www-form-urlencoded";

fn json(body: impl Into<Bytes>) -> Ask {
    Ask::post(body).of_type("application/json")
}

fn form(body: impl Into<Bytes>) -> Ask {
    Ask::post(body).of_type(FORM)
}

#[test]
fn the_head_and_the_body_as_they_are() {
    let asks = || {
        [
            Ask::get("/a/b?c=d"),
            Ask::post("text").of_type("text/plain"),
            Ask::post(&b"\xff\x00 not text"[..]),
            Ask::post("over \u{fc}ber").method(Method::PUT),
        ]
    };
    same! {
        Method: asks();
        Uri: asks();
        Version: asks();
        HeaderMap: asks();
        Extensions: asks();
        (): asks();
        (Method, Uri): asks();
        (Method, HeaderMap, String): asks();
        Bytes: asks();
        BytesMut: asks();
        String: asks();
        web::extract::RawQuery: asks();
        web::extract::OriginalUri: asks();
    }
}

#[test]
fn outside_a_router_there_is_no_path() {
    let asks = || [Ask::get("/a")];
    same! {
        web::extract::Path<String>: asks();
        Option<web::extract::Path<String>>: asks();
        web::extract::RawPathParams: asks();
        web::extract::MatchedPath: asks();
        Option<web::extract::MatchedPath>: asks();
        web::extract::NestedPath: asks();
        web::Extension<u32>: asks();
        Option<web::Extension<u32>>: asks();
        (web::extract::MatchedPath, web::Extension<String>): asks();
    }
}

#[test]
fn json_must_say_what_it_is() {
    let kinds = [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/problem+json",
        "application/vnd.a.b+json;v=1",
        "text/json",
        "application/jsonx",
        "application/x+xml",
        "application",
        "application/",
        "application/json;",
        "application/json; charset",
        "*/json",
        "",
    ];
    let asks = || {
        kinds
            .iter()
            .map(|kind| Ask::post("[1]").of_type(kind))
            .chain([Ask::post("[1]")])
    };
    same! {
        web::Json<Vec<u8>>: asks();
        Option<web::Json<Vec<u8>>>: asks();
        Result<web::Json<Vec<u8>>, web::extract::rejection::JsonRejection>: asks();
    }
}

#[test]
fn json_that_is_none_or_does_not_fit() {
    let texts = [
        "",
        "{",
        "{}",
        "null",
        "[]",
        r#"{"name": "a", "size": 7}"#,
        r#"{"name": "a", "size": 7} "#,
        r#"{"name": "a", "size": 7} x"#,
        r#"{"name": "a", "size": 7}{}"#,
        r#"{"name": "a", "size": -7}"#,
        r#"{"name": "a", "size": 7.5}"#,
        r#"{"name": "a", "size": 99999999999}"#,
        r#"{"name": "a", "size": 7, "colour": "red"}"#,
        r#"{"name": "a", "size": 7, "colour": "green"}"#,
        r#"{"name": "a", "size": 7, "tags": ["x", 1]}"#,
        r#"{"name": "a", "size": 7, "part": {"name": "b", "size": "7"}}"#,
        r#"{"name": "a", "name": "b", "size": 7}"#,
        r#"{"name": "\ud800", "size": 7}"#,
        "{\"name\": \"\u{1}\", \"size\": 7}",
        "{'name': 1}",
    ];
    same! {
        web::Json<Item>: texts.iter().copied().map(json);
        web::Json<serde_json::Value>: texts.iter().copied().map(json);
        web::Json<BTreeMap<String, u8>>: texts.iter().copied().map(json);
        web::Json<Item>: [json(&b"{\"name\": \"\xff\"}"[..]), json("[".repeat(1000))];
    }
}

#[test]
fn forms_come_in_the_query_or_in_the_body() {
    let asks = || {
        [
            form("name=a&size=7"),
            Ask::post("name=a&size=7"),
            Ask::post("name=a&size=7").of_type("text/plain"),
            Ask::post("name=a&size=7").of_type("application/x-www-form-urlencoded; charset=utf-8"),
            Ask::get("/?name=a&size=7"),
            Ask::get("/"),
            Ask::get("/?name=a&size=7").method(Method::HEAD),
            form("name=a&size=x"),
            Ask::get("/?name=a&size=x"),
            Ask::get("/?name=a").of_type(FORM).method(Method::HEAD),
        ]
    };
    same! {
        web::Form<Flat>: asks();
        web::extract::RawForm: asks();
        web::extract::Query<Flat>: asks();
    }
}

#[test]
fn what_a_query_says_of_its_misfits() {
    let texts = [
        "",
        "name=a",
        "size=7",
        "name=a&size=",
        "name=a&size=7&colour=red",
        "name=a&size=7&colour=green",
        "name=a&size=256",
        "name=a&size=7&on=true",
        "name=a&size=7&ratio=1.5",
        "name=a&size=7&ratio=x",
        "name=%FF&size=+7",
        "name=a+b%20c&size=7",
        "name=%C3%BC&size=7",
        "name&size=7",
        "&&name=a&&size=7&",
        "name=a=b&size=7",
        "other=1&name=a&size=7",
    ];
    same! {
        web::extract::Query<Flat>: texts.iter().map(|text| Ask::get(&format!("/?{text}")));
        web::extract::Query<BTreeMap<String, String>>:
            texts.iter().map(|text| Ask::get(&format!("/?{text}")));
        web::extract::Query<Vec<(String, String)>>:
            texts.iter().map(|text| Ask::get(&format!("/?{text}")));
        web::extract::Query<()>: texts.iter().map(|text| Ask::get(&format!("/?{text}")));
        web::extract::Query<u8>: texts.iter().map(|text| Ask::get(&format!("/?{text}")));
        web::Form<Flat>: texts.iter().copied().map(form);
    }
}

/// Where our texts come from another crate than axum 0.8's: as in axum's next version.
#[test]
fn queries_and_forms_read_what_html_sends() {
    async fn text<T: std::fmt::Debug + serde::de::DeserializeOwned>(query: &str) -> String {
        let ask = Ask::get(&format!("/?{query}"));
        match extracted_by_ours::<server::extract::Query<T>, _>(&ask).await {
            Ok(text) => text,
            Err(refusal) => {
                assert_eq!(refusal.status, 400);
                String::from_utf8(refusal.body.to_vec()).unwrap()
            }
        }
    }
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "it is only printed")]
    struct Many {
        #[serde(default)]
        tag: Vec<u8>,
        #[serde(default)]
        on: bool,
    }
    Runtime::new().unwrap().block_on(async {
        let many = |query| text::<Many>(query);
        assert_eq!(many("").await, "Query(Many { tag: [], on: false })");
        assert_eq!(many("tag=1").await, "Query(Many { tag: [1], on: false })");
        assert_eq!(
            many("tag=1&on=on&tag=2").await,
            "Query(Many { tag: [1, 2], on: true })"
        );
        assert_eq!(
            many("on=yes").await,
            "Failed to deserialize query string: on: invalid value: string \"yes\", \
             expected \"true\", \"on\" or \"false\""
        );
        assert_eq!(
            many("tag=1&tag=x").await,
            "Failed to deserialize query string: tag[1]: invalid digit found in string"
        );
        assert_eq!(
            text::<Flat>("name=a&size=1&ratio=").await,
            "Query(Flat { name: \"a\", size: 1, colour: None, ratio: None, on: false })"
        );
        assert_eq!(
            text::<Flat>("name=a&name=b&size=1").await,
            "Failed to deserialize query string: name: unsupported value"
        );
    });
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is only printed")]
struct Named<A, B> {
    a: A,
    b: B,
}

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is only printed")]
struct Wrapped<T>(T);

#[derive(Debug, Deserialize)]
struct Nothing;

#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is only printed")]
enum Content {
    Newtype(u8),
    Tuple(u8, u8),
    Struct { a: u8 },
}

/// A router in which every type is read from every number of captures.
macro_rules! paths {
    ($web:ident: $($name:literal $type:ty;)*) => {{
        use ::$web::extract::{MatchedPath, NestedPath, OriginalUri, Path, RawPathParams};
        let mut app = ::$web::Router::new();
        $(
            let read = || ::$web::routing::get(|Path(value): Path<$type>| async move {
                format!("{value:?}")
            });
            let optional = ::$web::routing::get(|value: Option<Path<$type>>| async move {
                format!("{value:?}")
            });
            app = app
                .route(concat!("/0/", $name), read())
                .route(concat!("/optional/", $name), optional)
                .route(concat!("/1/", $name, "/{a}"), read())
                .route(concat!("/2/", $name, "/{a}/{b}"), read())
                .route(concat!("/3/", $name, "/{a}/{b}/{*c}"), read());
        )*
        let seen = ::$web::routing::get(
            |matched: MatchedPath, OriginalUri(uri): OriginalUri, raw: RawPathParams| async move {
                let raw: Vec<_> = raw.iter().collect();
                format!("{} {uri} {raw:?}", matched.as_str())
            },
        );
        let nested = ::$web::routing::get(|nested: NestedPath| async move {
            nested.as_str().to_owned()
        });
        let inner = ::$web::Router::new()
            .route("/seen/{inner}", seen.clone())
            .route("/nested", nested.clone());
        app.route("/seen/{a}/{*b}", seen)
            .route("/nested", nested)
            .nest("/nest/{outer}", inner)
    }};
}

/// The names and types of [`paths`].
macro_rules! tables {
    ($web:ident) => {
        paths! { $web:
            "unit" ();
            "nothing" Nothing;
            "bool" bool;
            "char" char;
            "i8" i8;
            "u32" u32;
            "i128" i128;
            "u128" u128;
            "f64" f64;
            "string" String;
            "str" Box<str>;
            "option" Option<u8>;
            "wrapped" Wrapped<u8>;
            "colour" Colour;
            "content" Content;
            "one" (u8,);
            "pair" (u8, String);
            "colours" (Colour, Option<u8>);
            "three" (u8, u8, String);
            "list" Vec<u8>;
            "texts" Vec<String>;
            "pairs" Vec<(String, u8)>;
            "textpairs" Vec<(String, String)>;
            "triples" Vec<(String, u8, u8)>;
            "lists" Vec<Vec<u8>>;
            "maps" Vec<BTreeMap<String, u8>>;
            "map" BTreeMap<String, u8>;
            "oddmap" BTreeMap<u8, String>;
            "pairmap" BTreeMap<String, (u8, u8)>;
            "named" Named<u8, String>;
            "namedcolour" Named<Colour, Wrapped<i8>>;
            "namedlist" Named<u8, Vec<u8>>;
            "value" serde_json::Value;
            "uuid" std::net::Ipv4Addr;
        }
    };
}

const TYPES: &[&str] = &[
    "unit",
    "nothing",
    "bool",
    "char",
    "i8",
    "u32",
    "i128",
    "u128",
    "f64",
    "string",
    "str",
    "option",
    "wrapped",
    "colour",
    "content",
    "one",
    "pair",
    "colours",
    "three",
    "list",
    "texts",
    "pairs",
    "textpairs",
    "triples",
    "lists",
    "maps",
    "map",
    "oddmap",
    "pairmap",
    "named",
    "namedcolour",
    "namedlist",
    "value",
    "uuid",
];

const SEGMENTS: &[&str] = &[
    "7",
    "-1",
    "256",
    "true",
    "x",
    "%C3%BC",
    "%FF",
    "a%2Fb",
    "%41",
    "red",
    "Newtype",
    "Tuple",
    "Struct",
    "1.5",
    "127.0.0.1",
    "a+b",
    "%",
    "%2",
    "99999999999999999999999999999999999999999",
];

#[test]
fn captures_are_read_as_by_axum() {
    let (ours, axums): (server::Router, axum::Router) = (tables!(server), tables!(axum));
    let mut asks = vec![
        Ask::get("/nested"),
        Ask::get("/nest/x/nested"),
        Ask::get("/nest/%FF/nested"),
    ];
    for name in TYPES {
        asks.push(Ask::get(&format!("/0/{name}")));
        asks.push(Ask::get(&format!("/optional/{name}")));
        for (at, first) in SEGMENTS.iter().enumerate() {
            let second = SEGMENTS[(at * 7 + 3) % SEGMENTS.len()];
            asks.push(Ask::get(&format!("/1/{name}/{first}")));
            asks.push(Ask::get(&format!("/2/{name}/{first}/{second}")));
            asks.push(Ask::get(&format!("/2/{name}/7/{first}")));
            asks.push(Ask::get(&format!("/3/{name}/{first}/{second}/a/b")));
        }
    }
    for first in SEGMENTS {
        asks.push(Ask::get(&format!("/seen/{first}/y/z?q")));
        asks.push(Ask::get(&format!("/nest/{first}/seen/y?q")));
        asks.push(Ask::get(&format!("/nest/y/seen/{first}")));
    }
    Runtime::new().unwrap().block_on(async {
        for ask in asks {
            let ours = answered_by_ours(&ours, &ask).await;
            let axums = answered_by_axums(&axums, &ask).await;
            assert_eq!(ours, axums, "{ask:?}");
        }
    });
}

/// Text that is nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"name\"",
        "\"size\"",
        "\"tags\"",
        "\"part\"",
        "\"colour\"",
        "\"red\"",
        "1",
        "-1",
        "1.5",
        "null",
        "true",
        " ",
        "x",
        "\u{fc}",
        "{\"name\":\"a\",\"size\":1}",
        "\"part\":{",
    ]);
    prop::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

/// Text that is nearly a form, in which no name comes twice.
fn nearly_a_form() -> impl Strategy<Value = String> {
    let value = prop::sample::select(vec![
        "1", "256", "-1", "a", "%41", "%C3%BC", "%FF", "%", "a+b", "red", "1.5", "x=y", "true",
    ]);
    let pairs = ["name", "size", "colour", "ratio", "x"].map(|name| {
        let value = prop::option::of(value.clone());
        value.prop_map(move |value| value.map(|value| format!("{name}={value}")))
    });
    let pairs = pairs.into_iter().collect::<Vec<_>>().prop_shuffle();
    pairs.prop_map(|pairs| {
        let pairs: Vec<String> = pairs.into_iter().flatten().collect();
        pairs.join("&")
    })
}

proptest! {
    #[test]
    fn any_text_is_json_or_is_refused_as_by_axum(text in nearly_json(), cut in 0_usize..60) {
        let text = text.chars().take(cut).collect::<String>();
        same! {
            web::Json<Item>: [json(text.clone())];
            web::Json<serde_json::Value>: [json(text.clone())];
        }
    }

    #[test]
    fn any_bytes_are_json_or_are_refused_as_by_axum(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        same! {
            web::Json<Item>: [json(bytes.clone())];
            String: [json(bytes.clone())];
            web::extract::RawForm: [form(bytes.clone())];
            web::Form<Vec<(String, String)>>: [form(bytes.clone())];
        }
    }

    #[test]
    fn any_query_is_read_or_is_refused_as_by_axum(text in nearly_a_form()) {
        same! {
            web::extract::Query<Flat>: [Ask::get(&format!("/?{text}"))];
            web::Form<Flat>: [form(text.clone())];
        }
    }
}
