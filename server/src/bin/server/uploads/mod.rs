//! Uploads: files of strangers, kept, listed, sent back, deleted.
//!
//! | request | answer |
//! |---|---|
//! | `POST /upload`, multipart/form-data | 201 and the files as JSON; for a browser's form 303 to the page |
//! | `GET /uploads` | a list as JSON; a page for a browser |
//! | `GET /uploads/{name}` | the file, or the part of it that `Range` names |
//! | `DELETE /uploads/{name}` | 204 |
//!
//! How it can go wrong, and what happens then:
//!
//! | what | answer | file |
//! |---|---|---|
//! | a name with a path in it, or one that cannot be seen | 400 | `name` |
//! | a name that is taken: nothing is ever replaced, also if two uploads of it run at once | 409 | `folder` |
//! | a type that is not taken, or a name and a content that disagree | 415 | `kind` |
//! | too many bytes or files in a form | 413 | `receive` |
//! | too many bytes or files in the folder, or a full disk | 507 | `folder` |
//! | the client is gone, or the form breaks off: nothing is left | 400, if it still hears | `part` |
//! | the process is killed: what it had answered is there; parts are removed at the next start | | `part` |
//! | the process is killed while a form gets its names: those it had given by then stay, each with a whole file | | `folder` |
//! | the power fails: what was answered stays as it was answered | | `durable` |
//!
//! What comes back comes back as a download, never as a page of this site: with
//! `Content-Disposition: attachment`, with the type that was checked and no other (`nosniff`), and with a
//! policy under which nothing in it may run.

mod answers;
mod durable;
mod folder;
mod kind;
mod name;
mod options;
mod part;
mod receive;

use std::path::Path;

use runtime::signal::unix::{SignalKind, signal};
use server::Router;
use server::extract::DefaultBodyLimit;
use server::routing::{get, post};

use crate::metrics::{Kind, Metrics, Text};
use crate::pages;
use folder::Folder;
pub(crate) use options::Options;

/// Opens the folder `uploads` in the folder of all data.
pub(crate) async fn open(
    data: &Path,
    options: &Options,
    metrics: &Metrics,
) -> Result<Router, String> {
    outlive_file_limits().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let path = data.join("uploads");
    let opened = Folder::open(path.clone(), options.clone()).await;
    let folder =
        opened.map_err(|error| format!("cannot open the folder {}: {error}", path.display()))?;
    let counted = folder.clone();
    metrics.register(move |text| count(&counted, text));
    let most = usize::try_from(options.max_upload).unwrap_or(usize::MAX);
    Ok(Router::new()
        .route(
            "/upload",
            post(answers::upload).layer(DefaultBodyLimit::max(most)),
        )
        .route("/uploads", get(answers::list))
        .route(
            "/uploads/{name}",
            get(answers::download).delete(answers::delete),
        )
        .with_state(folder)
        .route("/assets/uploads.js", pages::script(include_str!("page.js"))))
}

/// A process may be forbidden to write long files (`ulimit -f`). The kernel then sends SIGXFSZ, which
/// ends a process, unless it listens. With a listener the write fails instead, as on a full disk. The
/// listener stays when what it would be told by is dropped.
fn outlive_file_limits() -> std::io::Result<()> {
    let number = rustix::process::Signal::XFSZ.as_raw();
    signal(SignalKind::from_raw(number)).map(drop)
}

fn count(folder: &Folder, text: &mut Text) {
    let (whole, parts, saved) = (folder.whole.get(), folder.parts.get(), folder.saved.get());
    let mut single = |name, kind, help, value| text.single(name, kind, help, value);
    single(
        "uploads_total",
        Kind::Counter,
        "Files that were uploaded.",
        saved.files,
    );
    single(
        "uploads_bytes_total",
        Kind::Counter,
        "Bytes of these files.",
        saved.bytes,
    );
    single(
        "uploads_stored",
        Kind::Gauge,
        "Files in the folder.",
        whole.files,
    );
    single(
        "uploads_stored_bytes",
        Kind::Gauge,
        "Bytes of these files.",
        whole.bytes,
    );
    single(
        "uploads_in_progress",
        Kind::Gauge,
        "Files that arrive now.",
        parts.files,
    );
    let name = "uploads_refused_total";
    text.family(name, Kind::Counter, "Forms that were refused.");
    for (status, count) in &*folder.refused.borrow() {
        text.sample(name, &[("status", &status.to_string())], count);
    }
}

#[cfg(test)]
mod tests;
