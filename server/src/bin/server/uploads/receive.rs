//! A form with files, from the connection to the disk.
//!
//! A file may be larger than the memory, so it is never there as a whole. Its first bytes are collected,
//! because they say what it is: a file that is not taken never touches the disk. Then each piece is
//! written as it arrives, and the client waits when the disk is slower.
//!
//! All files of a form are kept, or none: they stay parts until the form is whole. Only if the process is
//! killed while it gives them their names, some have got theirs and others not.

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_DISPOSITION;
use http::{HeaderMap, HeaderValue, StatusCode};
use runtime::fs::File;
use runtime::io::AsyncWriteExt;
use server::extract::Multipart;
use server::extract::multipart::{Field, MultipartError};

use super::folder::{Arrived, Folder, taken};
use super::kind;
use super::name::FileName;
use super::options::FILES;
use crate::pages::Problem;

/// How many fields a form may have that are no files.
const OTHERS: usize = 20;

/// Receives a form. Returns the names of the files, which are on the disk.
pub(super) async fn receive(folder: &Folder, form: Multipart) -> Result<Vec<FileName>, Problem> {
    folder
        .measure()
        .await
        .map_err(|error| folder.disk_failed(&error))?;
    let broken = |error: MultipartError| form_failed(folder, &error);
    let largest = folder.options.largest_file();
    let mut form = form.max_fields(FILES + OTHERS).max_field_size(largest);
    let mut arrived = Vec::new();
    while let Some(mut field) = form.next_field().await.map_err(broken)? {
        let Some(name) = field.file_name().map(str::to_owned) else {
            if is_file(field.headers()) {
                let detail = "The name of a file cannot be used: it is not UTF-8. Rename the file.";
                return Err(Problem::bad_request(detail));
            }
            continue;
        };
        let (head, is_whole) = head(&mut field).await.map_err(broken)?;
        if name.is_empty() && head.is_empty() {
            continue; // A browser sends this where no file was chosen.
        }
        if arrived.len() == FILES {
            let detail = format!("A form may have {FILES} files. Send the others in another one.");
            return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        let name = FileName::new(&name)?;
        let kind = kind::by_name(name.as_str())?;
        kind::check(name.as_str(), kind, &head, is_whole)?;
        arrived.push(save(folder, name, head, field).await?);
    }
    if arrived.is_empty() {
        let detail = "The form has no file. Send one in a field of multipart/form-data.";
        return Err(Problem::bad_request(detail));
    }
    folder.keep(arrived).await
}

/// Whether a field has the name of a file, which perhaps cannot be read.
fn is_file(headers: &HeaderMap) -> bool {
    const PARAMETER: &[u8] = b"filename=";
    let disposition = headers.get(CONTENT_DISPOSITION).map(HeaderValue::as_bytes);
    let mut parameters = disposition.unwrap_or_default().split(|byte| *byte == b';');
    parameters.any(|parameter| {
        let begin = parameter.trim_ascii_start().get(..PARAMETER.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(PARAMETER))
    })
}

/// The first bytes of a file, and whether these are all.
async fn head(field: &mut Field<'_>) -> Result<(Bytes, bool), MultipartError> {
    let mut head = BytesMut::new();
    while head.len() < kind::HEAD {
        match field.chunk().await? {
            Some(piece) => head.extend_from_slice(&piece),
            None => return Ok((head.freeze(), true)),
        }
    }
    Ok((head.freeze(), false))
}

/// Writes a file that begins with `head` into a part.
async fn save(
    folder: &Folder,
    name: FileName,
    head: Bytes,
    mut field: Field<'_>,
) -> Result<Arrived, Problem> {
    let failed = |error| folder.disk_failed(&error);
    // A client with a large file hears early that it cannot have the name. It is decided when the file
    // gets its name (`Folder::keep`).
    if folder.has(&name).await.map_err(failed)? {
        return Err(taken(&name));
    }
    let (part, file, mut charge) = folder.begin().await?;
    let mut file = File::from_std(file);
    let mut next = Some(head);
    while let Some(piece) = next {
        charge.add(piece.len() as u64)?;
        file.write_all(&piece).await.map_err(failed)?;
        let read = field.chunk().await;
        next = read.map_err(|error| form_failed(folder, &error))?;
    }
    file.flush().await.map_err(failed)?;
    let file = file.into_std().await;
    Ok(Arrived {
        name,
        part,
        file,
        charge,
    })
}

/// What is answered to a form that broke off, or has passed a limit.
fn form_failed(folder: &Folder, error: &MultipartError) -> Problem {
    let options = &folder.options;
    let detail = match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => format!(
            "The upload is too large. A form may have {} bytes, each file in it {} bytes, and there may be \
             {FILES} files, and {OTHERS} fields that are no files.",
            options.max_upload,
            options.largest_file()
        ),
        StatusCode::BAD_REQUEST => {
            "The form broke off, or it is no multipart/form-data. Nothing was kept; send it again."
                .to_owned()
        }
        _ => error.body_text(),
    };
    Problem::new(error.status(), detail)
}
