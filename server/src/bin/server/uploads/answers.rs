//! The answers: to an upload, a listing, a download, a deletion.

use http::header::{
    CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, LOCATION, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use mime::Mime;
use server::Json;
use server::extract::multipart::MultipartRejection;
use server::extract::{Multipart, Path, Request, State};
use server::files::ServeFile;
use server::response::{IntoResponse, Redirect, Response};
use tower_service::Service;

use super::folder::{Folder, Listed};
use super::kind;
use super::name::FileName;
use super::receive::receive;
use crate::pages::{self, Problem, escape, wants_page};

/// `POST /upload`.
pub(super) async fn upload(
    State(folder): State<Folder>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let received = match form {
        Ok(form) => receive(&folder, form).await,
        Err(_) => Err(Problem::bad_request(
            "Send the files as multipart/form-data: curl -F file=@NAME does.",
        )),
    };
    let names = received.inspect_err(|problem| {
        let mut refused = folder.refused.borrow_mut();
        *refused.entry(problem.status().as_u16()).or_default() += 1;
    })?;
    if wants_page(&headers) {
        return Ok(Redirect::to("/uploads").into_response());
    }
    // They are kept, and stay so, though the folder cannot be read now.
    let mut files = folder.list().await.unwrap_or_default();
    files.retain(|file| names.iter().any(|name| name.as_str() == file.name));
    let location = (names.len() == 1).then(|| HeaderValue::from_str(&names[0].url()));
    let mut response = (StatusCode::CREATED, list_json(&files)).into_response();
    if let Some(Ok(location)) = location {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// `GET /uploads`.
pub(super) async fn list(
    State(folder): State<Folder>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let files = folder
        .list()
        .await
        .map_err(|error| folder.disk_failed(&error))?;
    let mut response = match wants_page(&headers) {
        true => page(&folder, &files),
        false => list_json(&files).into_response(),
    };
    let accept = HeaderValue::from_static("accept");
    response.headers_mut().insert(VARY, accept);
    Ok(response)
}

fn list_json(files: &[Listed]) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "files": files }))
}

fn page(folder: &Folder, files: &[Listed]) -> Response {
    let rows: String = files.iter().map(row).collect();
    let options = &folder.options;
    let text = include_str!("page.html")
        .replacen("{{rows}}", &rows, 1)
        .replacen("{{form}}", &size(options.max_upload), 1)
        .replacen("{{file}}", &size(options.largest_file()), 1);
    pages::page("Uploads", &text, Some("/assets/uploads.js"))
}

/// A line of the table, for a reader without script. The script makes the same.
fn row(file: &Listed) -> String {
    format!(
        "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td><td></td></tr>\n",
        escape(&file.url),
        escape(&file.name),
        escape(file.r#type),
        size(file.size)
    )
}

fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut number, mut unit) = (bytes as f64, 0);
    while number >= 1024.0 && unit + 1 < UNITS.len() {
        (number, unit) = (number / 1024.0, unit + 1);
    }
    let number = format!("{number:.1}");
    format!("{} {}", number.trim_end_matches(".0"), UNITS[unit])
}

/// `GET /uploads/{name}`.
pub(super) async fn download(
    State(folder): State<Folder>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    let name = known(&name)?;
    let kind = kind::by_name(name.as_str()).unwrap_or("application/octet-stream");
    let kind = match kind.starts_with("text/") {
        true => format!("{kind}; charset=utf-8"),
        false => kind.to_owned(),
    };
    let kind = kind
        .parse::<Mime>()
        .unwrap_or(mime::APPLICATION_OCTET_STREAM);
    // Who asks for two parts gets the whole, which has both. A 416 would say that there is neither.
    let file = ServeFile::new_with_mime(folder.path_of(&name), &kind);
    let mut file = file.ignore_multi_range_requests(true);
    let Ok(mut response) = file.call(request).await;
    if response.status() == StatusCode::NOT_FOUND {
        return Err(absent());
    }
    let is_file = !response.status().is_client_error() && !response.status().is_server_error();
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static("default-src 'none'; sandbox; frame-ancestors 'none'");
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A page that says why there is no file is not saved under its name.
    if is_file && let Ok(disposition) = HeaderValue::from_str(&disposition(&name)) {
        headers.insert(CONTENT_DISPOSITION, disposition);
    }
    Ok(response)
}

/// A download under this name (RFC 6266): in ASCII for old clients, and as it is.
fn disposition(name: &FileName) -> String {
    let plain = name.as_str().chars();
    let plain: String = plain
        .map(|sign| if sign.is_ascii() { sign } else { '_' })
        .collect();
    let encoded = name.encoded();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

/// `DELETE /uploads/{name}`.
pub(super) async fn delete(
    State(folder): State<Folder>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let name = known(&name)?;
    let removed = folder.remove(&name).await;
    match removed.map_err(|error| folder.disk_failed(&error))? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(absent()),
    }
}

/// A name that a file can have. No other one is there.
fn known(name: &str) -> Result<FileName, Problem> {
    FileName::new(name).map_err(|_| absent())
}

fn absent() -> Problem {
    Problem::not_found("There is no such file. GET /uploads lists those that there are.")
}
