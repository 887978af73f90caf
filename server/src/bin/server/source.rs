//! `GET /source`: this program's own source, as it was compiled. Each page links to the files
//! that serve it.

use http::HeaderMap;
use http::header::VARY;
use include_dir::{Dir, include_dir};
use server::extract::Path;
use server::response::{IntoResponse, Response};
use server::routing::get;
use server::{Json, Router};

use crate::pages::{Problem, escape, of_kind, page, wants_page};

static PROGRAM: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/bin/server");

/// Where the folder lies in the repository.
const FOLDER: &str = "server/src/bin/server";

pub(crate) fn routes() -> Router {
    let root = async |headers: HeaderMap| list(&PROGRAM, &headers);
    Router::new()
        .route("/source", get(root))
        .route("/source/{*path}", get(show))
}

/// A file as text, a folder as a list.
async fn show(Path(path): Path<String>, headers: HeaderMap) -> Result<Response, Problem> {
    let path = path.trim_end_matches('/');
    if let Some(folder) = PROGRAM.get_dir(path) {
        return Ok(list(folder, &headers));
    }
    let file = PROGRAM.get_file(path).ok_or_else(|| {
        Problem::not_found("This program has no such source file. GET /source lists them.")
    })?;
    Ok(match file.contents_utf8() {
        Some(text) => of_kind("text/plain; charset=utf-8", text),
        None => of_kind("application/octet-stream", file.contents()),
    })
}

/// The text of a file, by the name that the compiler was given.
pub(crate) fn text(name: &str) -> Option<&'static str> {
    let path = name.strip_prefix(FOLDER)?.strip_prefix('/')?;
    PROGRAM.get_file(path)?.contents_utf8()
}

/// What lies in a folder. A folder's name ends with a slash.
fn list(folder: &Dir<'static>, headers: &HeaderMap) -> Response {
    let mut names: Vec<_> = folder.entries().iter().map(name).collect();
    names.sort();
    let answer = match wants_page(headers) {
        true => page("Source", &as_page(folder, &names), None),
        false => Json(names).into_response(),
    };
    ([(VARY, "accept")], answer).into_response()
}

/// The path from the program's folder on.
fn name(entry: &include_dir::DirEntry<'static>) -> String {
    let end = if entry.as_dir().is_some() { "/" } else { "" };
    format!("{}{end}", entry.path().display())
}

fn as_page(folder: &Dir<'static>, names: &[String]) -> String {
    let rows = names.iter().map(|name| {
        let name = escape(name);
        format!("<li><a href=\"/source/{name}\"><code>{name}</code></a></li>\n")
    });
    let here = format!("{FOLDER}/{}", folder.path().display());
    format!(
        "<h1>Source</h1>\n<p class=\"lead\">What this program was compiled from: \
         <code>{}</code></p>\n<ul>\n{}</ul>\n\
         <h2>From a terminal</h2>\n\
         <pre tabindex=\"0\" role=\"region\" aria-label=\"Commands for a terminal\">\
         curl http://127.0.0.1:3000/source/main.rs</pre>\n\
         <p class=\"source\">Source: <a href=\"/source/source.rs\"><code>{FOLDER}/source.rs</code></a></p>",
        escape(here.trim_end_matches('/')),
        rows.collect::<String>()
    )
}

#[cfg(test)]
mod tests;
