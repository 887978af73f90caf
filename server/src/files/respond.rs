//! From what was found to a response.

use std::io::{Seek, SeekFrom};

use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    HeaderValue, VARY,
};
use http::{HeaderMap, Method, StatusCode};
use runtime::fs::File;
use runtime::task::spawn_blocking;

use super::body::FileBody;
use super::conditions::{Verdict, Version};
use super::encoding::Encoding;
use super::find::Opened;
use super::range::{Wanted, wanted};
use crate::body::Body;
use crate::message::Response;
use crate::response::IntoResponse;

/// How a file is sent.
#[derive(Debug, Clone)]
pub(super) struct Manner {
    /// The type, if it is not the one that goes with the file's name.
    pub(super) kind: Option<HeaderValue>,
    /// Bytes in a piece.
    pub(super) piece: usize,
    /// More than one range means the whole file, and not 416.
    pub(super) ignore_multi_range: bool,
    /// The response may be another one for another `Accept-Encoding`.
    pub(super) varies: bool,
}

/// The response to a request with this method and these headers, for a file that is open.
pub(super) async fn respond(
    opened: Opened,
    (method, asked): (&Method, &HeaderMap),
    manner: Manner,
) -> Response {
    let length = opened.metadata.len();
    let variant = opened.encoding.map_or("", Encoding::extension);
    let version = Version::new(length, opened.metadata.modified().ok(), variant);
    let varies = manner.varies;
    let mut response = match version.verdict(asked) {
        Verdict::Failed => return StatusCode::PRECONDITION_FAILED.into_response(),
        Verdict::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        // Only GET has parts (RFC 9110, section 14.2).
        Verdict::Send => match method == Method::GET && version.allows_range(asked) {
            true => part(opened, wanted(asked, length), length, manner).await,
            false => part(opened, Wanted::Whole, length, manner).await,
        },
    };
    if method == Method::HEAD {
        *response.body_mut() = Body::empty();
    }
    let headers = response.headers_mut();
    version.tell(headers);
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if varies {
        headers.insert(VARY, ACCEPT_ENCODING.into());
    }
    response
}

/// The response with the part that is wanted.
async fn part(opened: Opened, wanted: Wanted, length: u64, manner: Manner) -> Response {
    let part = match wanted {
        Wanted::Whole => None,
        Wanted::Part(part) => Some(part),
        Wanted::Parts if manner.ignore_multi_range => None,
        Wanted::Parts | Wanted::Nothing => return not_satisfiable(length),
    };
    let guessed = || mime_guess::from_path(&opened.path).first_or_octet_stream();
    let kind = manner
        .kind
        .map_or_else(|| HeaderValue::from_str(guessed().as_ref()), Ok);
    let encoding = opened.encoding;
    let sent = part.clone().unwrap_or(0..length);
    let file = match positioned(opened, sent.start).await {
        Ok(file) => file,
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let count = sent.end - sent.start;
    let mut response = Response::new(Body::new(FileBody::new(file, count, manner.piece)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, count.into());
    headers.extend(kind.map(|kind| (CONTENT_TYPE, kind)).ok());
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    }
    if let Some(part) = part {
        let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
        headers.extend(
            HeaderValue::from_str(&range)
                .map(|range| (CONTENT_RANGE, range))
                .ok(),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// The file, standing at the byte `at`.
async fn positioned(opened: Opened, at: u64) -> std::io::Result<File> {
    let mut file = opened.file;
    if at > 0 {
        let moved = spawn_blocking(move || file.seek(SeekFrom::Start(at)).map(|_| file)).await;
        file = moved??;
    }
    Ok(File::from_std(file))
}

/// 416, with the length that there is (RFC 9110, section 15.5.17).
fn not_satisfiable(length: u64) -> Response {
    let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
    let range = HeaderValue::from_str(&format!("bytes */{length}"));
    let headers = response.headers_mut();
    headers.extend(range.map(|range| (CONTENT_RANGE, range)).ok());
    response
}
