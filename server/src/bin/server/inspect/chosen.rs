//! Recordings that a person chooses or drops on the page.

use std::path::Path;

use bytes::Bytes;
use http::StatusCode;
use runtime::task::spawn_blocking;
use server::extract::Multipart;
use server::extract::multipart::{MultipartError, MultipartRejection};
use story::files::is_recording;

use super::files::{self, Read};
use crate::pages::Problem;

/// So many bytes all of them may have. They are in memory at once, and what is read from them, too.
pub(super) const LARGEST: usize = 512 << 20;

/// So many files are looked at. A folder may have others besides its recordings.
const FILES: usize = 1000;

/// The recordings of a form; at least one. Files that are none by their names are passed over.
pub(super) async fn read(
    form: Result<Multipart, MultipartRejection>,
) -> Result<Vec<Read>, Problem> {
    let form = form.map_err(|error| Problem::new(error.status(), error.body_text()))?;
    let mut form = form.max_fields(FILES).max_field_size(LARGEST as u64);
    let mut all = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = field.file_name().map(str::to_owned).unwrap_or_default();
        if is_recording(Path::new(&name)) {
            all.push((name, field.bytes().await.map_err(|error| broken(&error))?));
        }
    }
    if all.is_empty() {
        let detail = "There is no recording among the files: the name of one ends in .jsonl.";
        return Err(Problem::bad_request(detail));
    }
    // In the order of their names, as of a folder.
    all.sort_by(|left, right| left.0.cmp(&right.0));
    let read = spawn_blocking(move || all.into_iter().map(one).collect::<Result<Vec<_>, _>>());
    let read = read
        .await
        .map_err(|error| Problem::internal("cannot read recordings", error))?;
    read.map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, sentence(&why)))
}

fn one((name, bytes): (String, Bytes)) -> Result<Read, String> {
    files::read(Path::new(&name), &bytes[..])
}

/// The form cannot be read to its end.
fn broken(error: &MultipartError) -> Problem {
    let (status, mut detail) = (error.status(), error.body_text());
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        detail = format!(
            "The page opens {FILES} files at most, with {} MiB together. Without a limit opens them: server --show FOLDER.",
            LARGEST >> 20
        );
    }
    Problem::new(status, detail)
}

/// With a large letter and a stop.
fn sentence(why: &str) -> String {
    let mut letters = why.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let rest = letters.as_str();
    format!("{}{rest}.", first.map(String::from).unwrap_or_default())
}
