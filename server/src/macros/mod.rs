//! Attributes and derives for handlers and extractors, under the names of the crate axum-macros.
//!
//! | macro | what it does |
//! |---|---|
//! | [`#[debug_handler]`](macro@debug_handler) | says which argument, or which part of the result, keeps a function from being a handler |
//! | [`#[debug_middleware]`](macro@debug_middleware) | the same for the function of [`from_fn`](crate::middleware::from_fn()) |
//! | [`#[derive(FromRequest)]`](derive@FromRequest) | makes an extractor of a struct of extractors |
//! | [`#[derive(FromRequestParts)]`](derive@FromRequestParts) | the same, of the head only |
//! | [`#[derive(FromRef)]`](derive@FromRef) | lets `State<T>` take each field of a state |
//!
//! They come with the feature `macros`, which is on by default. The expansions are written by the
//! crate `server-macros`.

#[doc(hidden)]
pub mod check;

/// Says what is wrong with a function that is no [`Handler`](crate::handler::Handler).
///
/// Where the router says "`add` is not a handler", the attribute says which argument is no
/// extractor, which must be the last, and which part of the result is no response. It changes nothing
/// in the program.
///
/// ```compile_fail
/// use server::{Json, debug_handler, extract::Path};
///
/// #[debug_handler]
/// async fn rename(name: Json<String>, id: Path<u64>) {}
/// # fn main() {}
/// ```
///
/// ```text
/// error[E0277]: `Json<String>` takes the body of the request, so it must be the last argument
///   |
/// 5 | async fn rename(name: Json<String>, id: Path<u64>) {}
///   |                       ^^^^^^^^^^^^ move this argument to the end; ...
/// ```
///
/// # State
///
/// The state is what an argument of type `State<T>` takes, or else `()`. If the handler takes a part of
/// the state, or several, say the state:
///
/// ```
/// use std::rc::Rc;
/// use server::{debug_handler, extract::{FromRef, State}};
///
/// #[derive(Clone, FromRef)]
/// struct App {
///     name: Rc<str>,
///     limit: u32,
/// }
///
/// #[debug_handler(state = App)]
/// async fn about(State(name): State<Rc<str>>, State(limit): State<u32>) -> String {
///     format!("{name}: {limit}")
/// }
/// # let _: server::Router = server::Router::new()
/// #     .route("/", server::routing::get(about))
/// #     .with_state(App { name: "loom".into(), limit: 7 });
/// ```
///
/// # What it cannot see
///
/// A result with `impl` in its type has no name that could be checked. A function in an
/// `impl` block that says `Self` gets a hidden function beside it, so it cannot stand in the
/// implementation of a trait. Unlike axum's attribute it asks for no `Send`.
pub use server_macros::debug_handler;

/// Says what is wrong with a function that is no middleware
/// ([`from_fn`](crate::middleware::from_fn())). See [`debug_handler`](macro@debug_handler).
///
/// ```
/// use server::{debug_middleware, extract::Request, middleware::Next, response::Response};
///
/// #[debug_middleware]
/// async fn pass(request: Request, next: Next) -> Response {
///     next.run(request).await
/// }
/// # let _: server::Router = server::Router::new().layer(server::middleware::from_fn(pass));
/// ```
pub use server_macros::debug_middleware;

/// Makes an extractor of a struct: [`FromRequest`](trait@crate::extract::FromRequest).
///
/// # Each field by itself
///
/// The fields are extracted in their order. The last may take the body; the others are
/// [`FromRequestParts`](trait@crate::extract::FromRequestParts). With `#[from_request(via(..))]` a
/// field is what lies in another extractor, also behind an `Option` or a `Result`:
///
/// ```
/// use server::extract::{FromRequest, Json, Path, Query};
/// use server::{Router, http::Method, routing::post};
/// use std::collections::HashMap;
///
/// #[derive(FromRequest)]
/// struct Order {
///     method: Method,
///     #[from_request(via(Path))]
///     number: u64,
///     query: Query<HashMap<String, String>>,
///     #[from_request(via(Json))]
///     items: Vec<String>,
/// }
///
/// async fn place(order: Order) -> String {
///     format!("{} of order {}", order.items.len(), order.number)
/// }
///
/// let app: Router = Router::new().route("/orders/{number}", post(place));
/// # let _ = (app, |order: Order| (order.method, order.query));
/// ```
///
/// A field that cannot be extracted refuses the request. The rejection is the
/// [`Response`](crate::response::Response) that the field's rejection becomes.
/// With `#[from_request(rejection(Mine))]` on the struct it is `Mine`, which implements `From` for
/// the rejection of each field.
///
/// # The whole at once
///
/// With `via` on the struct, or on an enum, all of it is what lies in another extractor. This makes an
/// extractor with refusals of its own:
///
/// ```
/// use server::extract::{FromRequest, rejection::JsonRejection};
/// use server::http::StatusCode;
/// use server::response::{IntoResponse, Response};
///
/// #[derive(FromRequest)]
/// #[from_request(via(server::Json), rejection(Refused))]
/// struct Json<T>(T);
///
/// struct Refused(String);
///
/// impl From<JsonRejection> for Refused {
///     fn from(rejection: JsonRejection) -> Self {
///         Refused(rejection.body_text())
///     }
/// }
///
/// impl IntoResponse for Refused {
///     fn into_response(self) -> Response {
///         (StatusCode::BAD_REQUEST, [("x-refused", "json")], self.0).into_response()
///     }
/// }
/// # async fn handler(Json(number): Json<u8>) -> String { number.to_string() }
/// # let _: server::Router = server::Router::new().route("/", server::routing::post(handler));
/// ```
///
/// Type parameters are allowed in this form only: a struct with one unnamed field.
///
/// # State
///
/// The extractor works with every state. If a field is a `State<T>`, it works with the state `T`;
/// `#[from_request(state(App))]` on the struct says another one.
pub use server_macros::FromRequest;

/// Makes an extractor of a struct: [`FromRequestParts`](trait@crate::extract::FromRequestParts).
///
/// As [`FromRequest`](derive@FromRequest), with the same attributes, but no field may take the body.
///
/// ```
/// use server::extract::{FromRequestParts, Path, Query};
/// use std::collections::HashMap;
///
/// #[derive(FromRequestParts)]
/// struct Search {
///     #[from_request(via(Path))]
///     shelf: u32,
///     #[from_request(via(Query))]
///     words: HashMap<String, String>,
/// }
///
/// async fn search(search: Search) -> String {
///     format!("{} words on shelf {}", search.words.len(), search.shelf)
/// }
/// # let _: server::Router = server::Router::new().route("/{shelf}", server::routing::get(search));
/// ```
pub use server_macros::FromRequestParts;

/// Makes each field of a state a part that `State<T>` takes:
/// [`FromRef`](trait@crate::extract::FromRef).
///
/// The fields have different types. A field with `#[from_ref(skip)]` is left out.
///
/// ```
/// use server::{Router, extract::{FromRef, State}, routing::get};
/// use std::{cell::Cell, rc::Rc};
///
/// #[derive(Clone, FromRef)]
/// struct App {
///     visits: Rc<Cell<u32>>,
///     #[from_ref(skip)]
///     secret: String,
/// }
///
/// async fn count(State(visits): State<Rc<Cell<u32>>>) -> String {
///     visits.set(visits.get() + 1);
///     visits.get().to_string()
/// }
///
/// let app = App { visits: Rc::default(), secret: "x".to_owned() };
/// # let _ = &app.secret;
/// let router: Router = Router::new().route("/", get(count)).with_state(app);
/// # let _ = router;
/// ```
pub use server_macros::FromRef;
