//! What `#[debug_handler]` says of functions that are no handlers.

use server::extract::{Path, Request, State};
use server::http::{HeaderMap, StatusCode};
use server::middleware::Next;
use server::response::Response;
use server::{Json, debug_handler, debug_middleware};

struct Mine;

#[debug_handler]
async fn no_extractor(_: Path<u8>, _: Mine, _: String) {} //~ error: `Mine` is not an extractor that reads the head of a request

#[debug_handler]
async fn last_is_none(_: Path<u8>, _: Mine) {} //~ error: `Mine` is not an extractor

#[debug_handler]
async fn body_first(_: Json<u8>, _: Path<u8>) {} //~ error: `Json<u8>` takes the body of the request, so it must be the last argument

#[debug_handler]
async fn two_bodies(_: String, _: Json<u8>) {} //~ error: `String` takes the body of the request, so it must be the last argument

#[debug_handler]
async fn not_deserialized(_: Json<Mine>) {} //~ error: the trait bound `Mine: serde::Deserialize<'de>` is not satisfied

#[debug_handler]
async fn type_parameter<T>(_: T) {} //~ error: a handler has no type parameters

#[debug_handler]
async fn lifetime<'a>(_: &'a str) {} //~ error: a handler has no lifetime parameters

#[debug_handler]
async fn unnamed(_: impl Sized) {} //~ error: `impl Trait` is a type parameter

#[debug_handler]
fn nothing() {} //~ error: a handler is an `async fn`: the `async` is missing

#[debug_handler]
fn text() -> &'static str { //~ error: a handler is an `async fn`, or returns a future: `&'static str` is none
    "hello"
}

#[debug_handler]
async fn wrong_result() -> Mine { //~ error: `Mine` cannot become a response
    Mine
}

#[debug_handler]
async fn wrong_error() -> Result<String, Mine> { //~ error: `Mine` cannot become a response
    Err(Mine)
}

#[debug_handler]
async fn wrong_part() -> (StatusCode, Mine, HeaderMap, String) { //~ error: `Mine` cannot stand before the body of a response
    (StatusCode::OK, Mine, HeaderMap::new(), String::new())
}

#[debug_handler]
async fn wrong_last() -> (StatusCode, HeaderMap, Mine) { //~ error: `Mine` cannot become a response
    (StatusCode::OK, HeaderMap::new(), Mine)
}

#[debug_handler]
async fn head_of_a_request() -> (server::http::request::Parts, String) { //~ error: `server::http::request::Parts` cannot stand first in a response
    (server::http::Request::new(()).into_parts().0, String::new())
}

#[debug_handler]
async fn never() -> ! { //~ error: a handler returns what can become a response: `!` never does
    loop {}
}

#[debug_handler]
async fn two_paths(_: Path<u8>, _: Path<u8>) {} //~ error: one `Path` extracts all parameters

#[debug_handler]
async fn two_states(_: State<u8>, _: State<u16>) {} //~ error: the state may be `u8` or `u16`

#[debug_handler(state = u32)]
async fn no_part_of_the_state(_: State<u8>) {} //~ error: the trait bound `u8: FromRef<u32>` is not satisfied

#[rustfmt::skip]
#[debug_handler]
async fn seventeen(
    _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap,
    _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap, _: HeaderMap,
    _: HeaderMap, _: HeaderMap,
    _: HeaderMap, //~ error: a handler has at most 16 extractors
) {}

#[debug_handler(states = u8)] //~ error: expected `state = YourState`
async fn unknown_argument() {}

#[debug_handler] //~ error: a handler is a function: this is none
struct NoFunction;

impl Mine {
    #[debug_handler]
    async fn borrows(&self) {} //~ error: a handler owns its arguments: write `self`

    #[debug_handler]
    async fn is_no_extractor(self) {} //~ error: `Mine` is not an extractor
}

#[debug_middleware]
async fn no_next(_: Request) {} //~ error: takes `server::middleware::Next` as its last argument

#[debug_middleware]
async fn next_first(_: Next, _: Request) {} //~ error: `Next` must be the last argument

#[debug_middleware]
async fn next_twice(_: Request, _: Next, _: Next) {} //~ error: this is the second

#[debug_middleware]
async fn request_first(_: Request, _: Path<u8>, next: Next) -> Response { //~ error: `server::http::Request<Body>` takes the body
    next.run(Request::default()).await
}

fn main() {}
