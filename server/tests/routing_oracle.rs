//! axum as the oracle: random tables of routes and random requests go to its router and to
//! ours, and both must answer the same, or refuse the table with the same words.
//!
//! Known differences are taken out before the comparison: ours lists a method once in `Allow`
//! (as axum 0.9 does), and the names of the captures that no handler sees are our own. A path
//! with an empty segment right behind a prefix (`/p//a`) is not asked for: axum drops that
//! segment, ours leaves it. Nor is `//`:
//! the `matchit` of axum 0.8 takes its first segment for an empty capture, the newer one does not.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use runtime::runtime::Runtime;

/// One step in putting a router together.
#[derive(Debug, Clone)]
enum Step {
    /// A path with handlers for some of GET, POST, HEAD, `any`: a bit each.
    Route(&'static str, u8),
    Nest(&'static str, Vec<Step>),
    NestService(&'static str, Vec<Step>),
    Merge(Vec<Step>),
    Fallback,
    ResetFallback,
    MethodFallback,
}

const PATHS: [&str; 14] = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/{x}",
    "/{x}/b",
    "/a/{y}",
    "/{*rest}",
    "/a/{*rest}",
    "/{x}/{y}",
    "",
    "a",
    "/{x",
    "/{{x}}",
];

const PREFIXES: [&str; 9] = [
    "/a", "/p", "/{q}", "/a/", "/p/q", "/p/{q}", "/", "/{*w}", "/{q}/a",
];

const URIS: [&str; 18] = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/",
    "/b",
    "/b/b",
    "/a/b/c",
    "/p",
    "/p/",
    "/p/a",
    "/p/a/b",
    "/x/a",
    "/a%20b",
    "/p/q",
    "/p/q/a?z=1",
    "/%FF/b",
    "/{x}",
];

const METHODS: [&str; 5] = ["GET", "POST", "HEAD", "DELETE", "PURGE"];

fn step() -> impl Strategy<Value = Step> {
    let leaf = prop_oneof![
        8 => (select(&PATHS[..]), 1..16_u8).prop_map(|(path, methods)| Step::Route(path, methods)),
        1 => Just(Step::Fallback),
        1 => Just(Step::ResetFallback),
        1 => Just(Step::MethodFallback),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            3 => (select(&PREFIXES[..]), vec(inner.clone(), 0..4)).prop_map(|(at, steps)| Step::Nest(at, steps)),
            2 => (select(&PREFIXES[..]), vec(inner.clone(), 0..4)).prop_map(|(at, steps)| Step::NestService(at, steps)),
            1 => vec(inner, 0..4).prop_map(Step::Merge),
        ]
    })
}

/// What both answer with: enough to tell which handler ran and what it saw.
macro_rules! house {
    ($name:ident, $krate:ident) => {
        mod $name {
            use super::{Step, panic_text};
            use std::panic::{AssertUnwindSafe, catch_unwind};
            use $krate::Router;
            use $krate::extract::{MatchedPath, NestedPath, OriginalUri, RawPathParams};
            use $krate::http::Uri;
            use $krate::response::IntoResponse;
            use $krate::routing::{any, get, head, post};

            /// A handler that answers its number and what it saw.
            macro_rules! handler {
                ($number:expr) => {{
                    let number = $number;
                    move |matched: Option<MatchedPath>,
                          nested: Result<
                        NestedPath,
                        $krate::extract::rejection::NestedPathRejection,
                    >,
                          params: Result<
                        RawPathParams,
                        $krate::extract::rejection::RawPathParamsRejection,
                    >,
                          OriginalUri(original): OriginalUri,
                          uri: Uri| async move {
                        let matched = matched.map(|path| path.as_str().to_owned());
                        let nested = nested.ok().map(|path| path.as_str().to_owned());
                        let params = match params {
                            Ok(params) => params
                                .iter()
                                .map(|(name, value)| format!("{name}={value};"))
                                .collect(),
                            Err(rejection) => refused(rejection),
                        };
                        format!("{number} {matched:?} {nested:?} {params} {original} {uri}")
                    }
                }};
            }

            fn refused(rejection: $krate::extract::rejection::RawPathParamsRejection) -> String {
                rejection.to_string()
            }

            fn build(steps: &[Step], number: &mut u32) -> Router {
                let mut app = Router::new();
                for step in steps {
                    *number += 1;
                    let n = *number;
                    app = match step {
                        Step::Route(path, methods) => {
                            let mut route = None;
                            let mut add = |one: $krate::routing::MethodRouter| {
                                route = Some(match route.take() {
                                    None => one,
                                    Some(present) => {
                                        $krate::routing::MethodRouter::merge(present, one)
                                    }
                                });
                            };
                            if methods & 1 != 0 {
                                add(get(handler!(n * 10 + 1)));
                            }
                            if methods & 2 != 0 {
                                add(post(handler!(n * 10 + 2)));
                            }
                            if methods & 4 != 0 {
                                add(head(handler!(n * 10 + 3)));
                            }
                            if methods & 8 != 0 {
                                add(any(handler!(n * 10 + 4)));
                            }
                            app.route(path, route.unwrap())
                        }
                        Step::Nest(at, steps) => app.nest(at, build(steps, number)),
                        Step::NestService(at, steps) => app.nest_service(at, build(steps, number)),
                        Step::Merge(steps) => app.merge(build(steps, number)),
                        Step::Fallback => app.fallback(handler!(n * 10)),
                        Step::ResetFallback => app.reset_fallback(),
                        Step::MethodFallback => {
                            app.method_not_allowed_fallback(handler!(n * 10 + 5))
                        }
                    };
                }
                app
            }

            /// The router, or why there is none.
            pub(crate) fn app(steps: &[Step]) -> Result<Router, String> {
                catch_unwind(AssertUnwindSafe(|| build(steps, &mut 0))).map_err(panic_text)
            }

            /// Status, `Allow` and body.
            pub(crate) async fn ask(
                app: &Router,
                method: &str,
                uri: &str,
            ) -> (u16, Vec<String>, String) {
                let request = $krate::http::Request::builder().method(method).uri(uri);
                let request = request.body($krate::body::Body::empty()).unwrap();
                let mut app = app.clone();
                let response = tower_service::Service::call(&mut app, request)
                    .await
                    .into_response();
                let status = response.status().as_u16();
                let allow = response
                    .headers()
                    .get("allow")
                    .map(|value| value.to_str().unwrap().to_owned());
                let mut methods: Vec<String> = Vec::new();
                for method in allow.iter().flat_map(|allow| allow.split(',')) {
                    if !methods.iter().any(|known| known == method) {
                        methods.push(method.to_owned());
                    }
                }
                let bytes = $krate::body::to_bytes(response.into_body(), usize::MAX)
                    .await
                    .unwrap();
                (status, methods, String::from_utf8(bytes.to_vec()).unwrap())
            }
        }
    };
}

house!(theirs, axum);
house!(ours, server);

/// Whether axum 0.8 forgets a fallback: that of a router nested in one that is nested itself
/// and has none. (0.9 keeps it, and so do we.)
fn forgets(steps: &[Step], depth: u32) -> bool {
    steps.iter().any(|step| match step {
        Step::Nest(_, steps) => forgets(steps, depth + 1),
        Step::Merge(steps) => forgets(steps, depth),
        Step::NestService(_, steps) => forgets(steps, 0),
        Step::Fallback => depth >= 2,
        _ => false,
    })
}

fn panic_text(panic: Box<dyn std::any::Any + Send>) -> String {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or("?".to_owned(), |text| (*text).to_owned()),
    };
    let text = text.replace("__private__axum_fallback", "fallback");
    // Which of several mistakes is named depends on the order of the routes, and axum's is that
    // of a hash map.
    let mistake = text.contains("due to conflict") || text.contains("already exists");
    match mistake {
        true if text.contains("{*fallback}") => "{*fallback} is in the way".to_owned(),
        true => "one is in the way of another".to_owned(),
        false => text,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_routers_answer_the_same(steps in vec(step(), 1..8)) {
        prop_assume!(!forgets(&steps, 0));
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let built = catch_unwind(AssertUnwindSafe(|| (theirs::app(&steps), ours::app(&steps))));
        std::panic::set_hook(quiet);
        let (theirs, ours) = match built.unwrap() {
            (Ok(theirs), Ok(ours)) => (theirs, ours),
            // A capture at the root of a prefix is in the way of the tree in which axum keeps
            // its fallbacks. Ours is no route, and nothing is in its way.
            (Err(why), _) if why.contains("{*fallback}") => return Ok(()),
            (theirs, ours) => {
                prop_assert_eq!(theirs.map(|_| "a router"), ours.map(|_| "a router"));
                return Ok(());
            }
        };
        let runtime = Runtime::new().unwrap();
        for method in METHODS {
            for uri in URIS {
                let expected = runtime.block_on(theirs::ask(&theirs, method, uri));
                let answered = runtime.block_on(ours::ask(&ours, method, uri));
                prop_assert_eq!(expected, answered, "{} {}", method, uri);
            }
        }
    }
}
