//! What the macros take: no complaint, not even a warning.

#![deny(warnings)]

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Future, Ready, ready};
use std::rc::Rc;

use server::extract::rejection::{ExtensionRejection, JsonRejection, PathRejection};
use server::extract::{FromRef, FromRequest, FromRequestParts, Path, Query, Request, State};
use server::http::request::Parts;
use server::http::{HeaderMap, Method, StatusCode};
use server::middleware::{Next, from_fn_with_state};
use server::response::{IntoResponse, Response};
use server::routing::{get, post};
use server::{Extension, Json, Router, debug_handler, debug_middleware};

#[derive(Clone, FromRef)]
struct App {
    name: Rc<str>,
    limit: u8,
    label: &'static str,
    #[from_ref(skip)]
    other: u8,
}

#[derive(Clone, FromRef)]
struct Small(u64);

#[derive(FromRequestParts)]
struct Nothing;

#[derive(FromRequest)]
struct Empty {}

#[derive(FromRequestParts)]
struct Head {
    method: Method,
    #[from_request(via(Path))]
    number: Option<u8>,
    #[from_request(via(Extension))]
    known: Result<u8, ExtensionRejection>,
    query: Query<HashMap<String, String>>,
}

#[derive(FromRequest)]
struct Whole(Head, #[from_request(via(Json))] Vec<u8>);

#[derive(FromRequest)]
struct OnlyHeads(Method, HeaderMap);

#[derive(FromRequest)]
#[from_request(rejection(Refused))]
struct Refusing {
    number: Path<u8>,
    body: Json<u8>,
}

struct Refused;

impl From<PathRejection> for Refused {
    fn from(_: PathRejection) -> Self {
        Refused
    }
}

impl From<JsonRejection> for Refused {
    fn from(_: JsonRejection) -> Self {
        Refused
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        StatusCode::IM_A_TEAPOT.into_response()
    }
}

#[derive(FromRequest)]
#[from_request(via(Json), rejection(Refused))]
struct Sent<S>(S);

#[derive(Clone, FromRequestParts)]
#[from_request(via(Extension))]
enum Known {}

#[derive(Clone, FromRequest)]
#[from_request(via(Extension))]
enum KnownToo {}

#[derive(FromRequestParts)]
struct TakesState {
    #[from_request(via(State))]
    app: App,
}

#[derive(Clone, FromRequest)]
#[from_request(via(State))]
struct IsState;

fn is_extractor<T: FromRequest<T, M>, M>() {}

async fn takes_state_itself(_: (), _: IsState) {}

#[derive(FromRequestParts)]
#[from_request(state(App))]
struct TakesParts {
    limit: State<u8>,
    name: State<Rc<str>>,
}

struct NeedsSmall;

impl FromRequestParts<Small> for NeedsSmall {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &Small) -> Result<Self, Infallible> {
        Ok(NeedsSmall)
    }
}

#[derive(FromRequest)]
#[from_request(state(Small))]
struct Concrete(NeedsSmall, String);

#[debug_handler]
async fn all(_: Nothing, _: Head, _: Known, _: Empty) {}

#[debug_handler]
fn future() -> Ready<Json<u8>> {
    ready(Json(7))
}

#[debug_handler]
fn some_future() -> impl Future<Output = ()> {
    ready(())
}

#[debug_handler]
async fn some_response() -> impl IntoResponse {}

#[debug_handler]
async fn tuple(mut limit: State<App>, Sent(body): Sent<u8>) -> Result<(StatusCode, HeaderMap, Json<u8>), Refused> {
    limit.0.limit += body;
    Ok((StatusCode::OK, HeaderMap::new(), Json(limit.0.limit)))
}

#[debug_handler(state = App)]
async fn parts(State(_): State<u8>, State(_): State<&'static str>, _: TakesState, _: TakesParts) {
}

#[debug_handler(state = Small)]
async fn concrete(_: Concrete) {}

#[debug_middleware]
async fn middleware(State(app): State<App>, request: Request, next: Next) -> Response {
    let here = Rc::new(app.other);
    let response = next.run(request).await;
    drop(here);
    response
}

impl Known {
    #[debug_handler]
    async fn with_self(self, _: String) -> Result<Self, StatusCode> {
        Ok(self)
    }

    #[debug_handler]
    async fn without_self(_: Method) {}
}

impl IntoResponse for Known {
    fn into_response(self) -> Response {
        match self {}
    }
}

async fn whole(Whole(head, body): Whole) {
    let _ = (head.method, head.number, head.known, head.query, body);
}

async fn only_heads(heads: OnlyHeads) {
    let _ = (heads.0, heads.1);
}

async fn refusing(refusing: Refusing) {
    let _ = (refusing.number, refusing.body);
}

async fn known_too(_: Known, _: KnownToo) {
}

fn main() {
    let app = App { name: "".into(), limit: 1, label: "", other: 2 };
    let _: Router = Router::new()
        .route("/all", get(all).post(Known::with_self).put(Known::without_self))
        .route("/tuple", post(tuple).get(parts))
        .route("/future", get(future).post(some_future).put(some_response))
        .route("/whole", post(whole).put(refusing).get(known_too).patch(only_heads))
        .layer(from_fn_with_state(app.clone(), middleware))
        .with_state(app);
    let _: Router = Router::new().route("/", post(concrete)).with_state(Small(1));
    let _ = |taken: TakesState, parts: TakesParts| (taken.app, parts.limit, parts.name);
    is_extractor::<IsState, _>();
    let _: Router = Router::new().route("/", get(takes_state_itself)).with_state(IsState);
    let _ = |Concrete(a, b): Concrete| (a, b);
}
