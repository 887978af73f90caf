//! Functions that are no handlers.

use server::extract::{FromRequest, FromRequestParts, Path, State};
use server::response::{IntoResponse, IntoResponseParts};
use server::routing::get;
use server::serve::MakeService;
use server::testing::TestListener;
use server::{Json, Router, Service};

struct Mine;

async fn takes_what_is_no_extractor(_: Mine) {}

async fn body_comes_first(_: String, _: Path<u8>) {}

async fn returns_what_is_no_response() -> Mine {
    Mine
}

fn is_not_async() -> Mine {
    Mine
}

async fn takes_a_state(_: State<u8>) {}

fn serves(_: impl MakeService<TestListener>) {}
fn answers(_: impl Service) {}
fn extracts<E: FromRequest<(), M>, M>() {}
fn extracts_head<E: FromRequestParts<()>>() {}
fn responds<R: IntoResponse>() {}
fn is_part<P: IntoResponseParts>() {}

fn main() {
    let _: Router = Router::new()
        .route("/a", get(takes_what_is_no_extractor)) //~ error: is not a handler
        .route("/b", get(body_comes_first)) //~ error: is not a handler
        .route("/c", get(returns_what_is_no_response)) //~ error: is not a handler
        .route("/d", get(is_not_async)); //~ error: is not a handler
    extracts::<Mine, _>(); //~ error: `Mine` is not an extractor
    extracts_head::<Json<u8>>(); //~ error: `Json<u8>` is not an extractor that reads the head of a request
    responds::<Mine>(); //~ error: `Mine` cannot become a response
    is_part::<Mine>(); //~ error: `Mine` cannot stand before the body of a response
    let misses_its_state = || Router::new().route("/", get(takes_a_state));
    serves(misses_its_state()); //~ error: `Router<u8>` cannot be served
    answers(misses_its_state()); //~ error: `Router<u8>` does not answer requests
    serves(misses_its_state().with_state(7));
}
