//! Derives on what cannot be an extractor, or a state.

use std::rc::Rc;

use server::extract::{FromRef, FromRequest, FromRequestParts, Path, State};
use server::{Extension, Json};

#[derive(FromRef)]
struct Generic<T>(T); //~ error: needs a state without type parameters

#[derive(FromRef)]
enum NoStruct {} //~ error: takes the fields of a struct

#[derive(FromRef, Clone)]
struct App {
    #[from_ref(leave)] //~ error: a field may have one `#[from_ref(skip)]`
    name: Rc<str>,
}

#[derive(FromRef)]
struct NotClone {
    held: Held, //~ error: the trait bound `Held: Clone` is not satisfied
}

struct Held;

#[derive(FromRequest)]
struct BodyFirst {
    body: Json<u8>, //~ error: `Json<u8>` is not an extractor that reads the head of a request
    path: Path<u8>,
}

#[derive(FromRequestParts)]
struct BodyInHead {
    path: Path<u8>,
    body: String, //~ error: `String` is not an extractor that reads the head of a request
}

#[derive(FromRequest)]
struct NoExtractor {
    held: Held, //~ error: `Held` is not an extractor
}

#[derive(FromRequest)]
struct TypeParameter<T>(Extension<T>); //~ error: allows type parameters only on a struct with one unnamed field

#[derive(FromRequest)]
#[from_request(via(Json))]
struct TwoFields<T>(T, u8); //~ error: `via` needs a struct with one unnamed field

#[derive(FromRequest)]
enum Unsaid {} //~ error: needs to know how an enum is extracted

#[derive(FromRequest)]
#[from_request(via(Json))]
enum InVariant {
    #[from_request(via(Json))] //~ error: stands on the enum, not on a variant
    One,
}

#[derive(FromRequest)]
#[from_request(via(Json), via(Path))] //~ error: was given before
struct Twice;

#[derive(FromRequest)]
#[from_request(reject(Mine))] //~ error: expected `via(..)`, `rejection(..)` or `state(..)`
struct Unknown;

#[derive(FromRequest)]
#[from_request(via(Json))]
struct OnBoth {
    #[from_request(via(Path))] //~ error: `via` stands on the whole type already
    number: u8,
}

#[derive(FromRequest)]
struct OnField {
    #[from_request(rejection(u8))] //~ error: this stands on the struct, not on a field
    number: Path<u8>,
}

#[derive(FromRequestParts)]
struct TwoStates {
    one: State<u8>,
    other: State<u16>, //~ error: the state may be `u8` or `u16`
}

fn main() {}
