//! `GET /proxy`: the backends, as a page for people and as JSON for programs.

use std::fmt::Write;

use http::HeaderMap;
use http::header::{CACHE_CONTROL, HeaderValue, VARY};
use serde::Serialize;
use server::Json;
use server::response::{IntoResponse, Response};

use super::backend::Backend;
use super::state::Proxy;
use crate::pages::{escape, page, wants_page};

/// A backend, as it is shown.
#[derive(Serialize)]
struct Row<'a> {
    backend: &'a str,
    healthy: bool,
    in_use: usize,
    idle: usize,
    requests: u64,
    failures: u64,
}

impl<'a> Row<'a> {
    fn of(backend: &'a Backend) -> Self {
        Row {
            backend: &backend.name,
            healthy: backend.health.is_up(),
            in_use: backend.in_use(),
            idle: backend.idle(),
            requests: backend.counts.requests.get(),
            failures: backend.counts.failures.get(),
        }
    }

    fn write(&self, text: &mut String) {
        let health = if self.healthy { "healthy" } else { "fails" };
        let _ = write!(
            text,
            "<tr><th scope=\"row\">{}</th><td>{health}</td><td>{}</td><td>{}</td><td>{}</td>\
             <td>{}</td></tr>",
            escape(self.backend),
            self.in_use,
            self.idle,
            self.requests,
            self.failures
        );
    }
}

/// Shows the backends.
pub(crate) fn show(proxy: &Proxy, headers: &HeaderMap) -> Response {
    let backends = proxy.balancer.backends().iter();
    let rows: Vec<_> = backends.map(|backend| Row::of(backend)).collect();
    let heads = [
        (VARY, HeaderValue::from_static("accept")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    if !wants_page(headers) {
        let json = serde_json::json!({ "backends": rows, "retries": proxy.retries.get() });
        return (heads, Json(json)).into_response();
    }
    let mut table = String::new();
    for row in &rows {
        row.write(&mut table);
    }
    if rows.is_empty() {
        let text = "No backend. Start the server with --backend HOST:PORT.";
        let _ = write!(table, "<tr><td colspan=\"6\">{text}</td></tr>");
    }
    let text = include_str!("page.html").replace("{{rows}}", &table);
    (heads, page("Proxy", &text, Some("/assets/proxy.js"))).into_response()
}
