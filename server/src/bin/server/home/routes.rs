//! `GET /routes`: all that the program serves, as the router knows it.

use http::HeaderMap;
use http::header::VARY;
use serde::Serialize;
use server::response::{IntoResponse, Response};
use server::routing::get;
use server::{Json, Router};

use crate::pages::{escape, page, wants_page};

/// A route in the list.
#[derive(Clone, Debug, Serialize)]
struct Listed {
    method: &'static str,
    path: String,
    handler: Option<&'static str>,
    /// The file and line that added it.
    source: Option<String>,
}

/// The router, with a list of its routes at `/routes`.
pub(crate) fn with_list(router: Router) -> Router {
    let mut routes: Vec<_> = router.routes().iter().map(listed).collect();
    routes.push(Listed {
        method: "GET",
        path: "/routes".to_owned(),
        handler: Some("list"),
        source: Some(format!("{}:{}", file!(), line!())),
    });
    routes.sort_by(|a, b| (&a.path, a.method).cmp(&(&b.path, b.method)));
    let list = async move |headers: HeaderMap| answer(&routes, &headers);
    router.route("/routes", get(list))
}

fn listed(route: &server::routing::RouteInfo) -> Listed {
    let source = route.location();
    Listed {
        method: route.method().unwrap_or("any"),
        path: route.path().to_owned(),
        handler: route.handler(),
        source: source.map(|(file, line)| format!("{file}:{line}")),
    }
}

fn answer(routes: &[Listed], headers: &HeaderMap) -> Response {
    let answer = match wants_page(headers) {
        true => page("Routes", &table(routes), None),
        false => Json(routes).into_response(),
    };
    ([(VARY, "accept")], answer).into_response()
}

fn table(routes: &[Listed]) -> String {
    let rows = routes.iter().map(|route| {
        format!(
            "<tr><td>{}</td><td><code>{}</code></td><td>{}</td></tr>\n",
            route.method,
            escape(&route.path),
            escape(route.source.as_deref().unwrap_or_default())
        )
    });
    format!(
        "<h1>Routes</h1>\n<p class=\"lead\">All that this program serves.</p>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Routes\"><table>\n\
         <caption>Each path, and the line that added it</caption>\n<thead><tr><th scope=\"col\">Method</th><th scope=\"col\">Path</th>\
         <th scope=\"col\">Added at</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n\
         <h2>From a terminal</h2>\n\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"Commands for a terminal\">\
         curl http://127.0.0.1:3000/routes</pre>\n\
         <p class=\"source\">Source: <a href=\"/source/home/routes.rs\"><code>server/src/bin/server/home/routes.rs</code></a></p>",
        rows.collect::<String>()
    )
}
