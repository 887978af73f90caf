//! What the derives and attributes make of their types, in requests.

mod beside_axum;

use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::rc::Rc;

use beside_axum::{Ask, answered_by_ours};
use http::request::Parts;
use server::extract::rejection::{JsonRejection, PathRejection};
use server::extract::{FromRef, FromRequest, FromRequestParts, Path, Query, Request, State};
use server::http::StatusCode;
use server::middleware::{Next, from_fn};
use server::response::{IntoResponse, Response};
use server::routing::{get, post};
use server::{Extension, Json, Router, debug_handler, debug_middleware};

thread_local! {
    static ORDER: Cell<u32> = const { Cell::new(0) };
}

/// The how-manieth extractor it is.
struct Turn(u32);

impl<S> FromRequestParts<S> for Turn {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Turn(ORDER.replace(ORDER.get() + 1)))
    }
}

#[derive(FromRequest)]
struct Order {
    second: Turn,
    #[from_request(via(Path))]
    number: u8,
    #[from_request(via(Query))]
    query: Result<HashMap<String, String>, server::extract::rejection::QueryRejection>,
    #[from_request(via(Extension))]
    missing: Option<u64>,
    third: Turn,
    #[from_request(via(Json))]
    items: Vec<u8>,
}

#[debug_handler]
async fn order(first: Turn, order: Order) -> String {
    assert!(order.query.is_ok_and(|it| it["a"] == "b") && order.missing.is_none());
    assert_eq!((first.0, order.second.0, order.third.0), (0, 1, 2));
    format!("{}: {:?}", order.number, order.items)
}

fn ask(app: &Router, ask: &Ask) -> (u16, String) {
    let seen = block_on(answered_by_ours(app, ask));
    let text = String::from_utf8(seen.body.to_vec()).unwrap();
    (seen.status.as_u16(), text)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    runtime::runtime::Runtime::new().unwrap().block_on(future)
}

fn json(path: &str, body: &'static str) -> Ask {
    let ask = Ask::post(body).of_type("application/json");
    ask.to(path)
}

#[test]
fn fields_are_extracted_in_their_order_and_the_first_that_fails_refuses() {
    let app = Router::new().route("/{number}", post(order));
    let answer = ask(&app, &json("/7?a=b", "[1,2]"));
    assert_eq!(answer, (200, "7: [1, 2]".to_owned()));

    ORDER.set(0);
    let (status, text) = ask(&app, &json("/x?a=b", "true"));
    assert_eq!((status, ORDER.get()), (400, 2), "the third was not asked");
    assert_eq!(text, "Invalid URL: Cannot parse `x` to a `u8`");
    assert_eq!(ask(&app, &json("/7?a=b", "true")).0, 422);
}

#[derive(FromRequest)]
#[from_request(rejection(Refused))]
struct Refusing {
    number: Path<u8>,
    body: Json<u8>,
}

#[derive(FromRequest)]
#[from_request(via(Json), rejection(Refused))]
struct Sent<T>(T);

struct Refused(&'static str);

impl From<PathRejection> for Refused {
    fn from(_: PathRejection) -> Self {
        Refused("the path")
    }
}

impl From<JsonRejection> for Refused {
    fn from(_: JsonRejection) -> Self {
        Refused("the body")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::IM_A_TEAPOT, self.0).into_response()
    }
}

#[debug_handler]
async fn refusing(Refusing { number, body }: Refusing) -> String {
    (number.0 + body.0).to_string()
}

#[debug_handler]
async fn sent(Sent(number): Sent<u8>) -> String {
    number.to_string()
}

#[test]
fn a_rejection_of_ones_own_takes_the_place_of_the_extractors() {
    let app = Router::new().route("/{number}", post(refusing).put(sent));
    assert_eq!(ask(&app, &json("/1", "2")), (200, "3".to_owned()));
    assert_eq!(ask(&app, &json("/x", "2")), (418, "the path".to_owned()));
    assert_eq!(ask(&app, &json("/1", "x")), (418, "the body".to_owned()));
    let put = |body| json("/1", body).method(http::Method::PUT);
    assert_eq!(ask(&app, &put("2")), (200, "2".to_owned()));
    assert_eq!(ask(&app, &put("x")), (418, "the body".to_owned()));
}

#[derive(Clone, FromRef)]
struct App {
    count: Rc<Cell<u32>>,
    label: &'static str,
}

#[derive(FromRequestParts)]
#[from_request(state(App))]
struct Labelled {
    label: State<&'static str>,
    #[from_request(via(State))]
    count: Rc<Cell<u32>>,
}

#[debug_handler(state = App)]
async fn labelled(State(app): State<App>, parts: Labelled) -> String {
    app.count.set(app.count.get() + 1);
    format!("{} {}", parts.label.0, parts.count.get())
}

#[debug_middleware]
async fn twice(request: Request, next: Next) -> (StatusCode, Response) {
    (StatusCode::ACCEPTED, next.run(request).await)
}

#[test]
fn parts_of_a_state_are_extracted_and_need_not_be_send() {
    let app = App {
        count: Rc::new(Cell::new(6)),
        label: "loom",
    };
    let app = Router::new()
        .route("/", get(labelled))
        .layer(from_fn(twice))
        .with_state(app);
    assert_eq!(ask(&app, &Ask::get("/")), (202, "loom 7".to_owned()));
}
