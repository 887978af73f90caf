//! Files: what a folder's service answers, and what it never does.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use http::header::{
    ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG,
    IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED,
    LOCATION, RANGE, VARY,
};
use http::{HeaderMap, HeaderName, Request, StatusCode};
use runtime::runtime::Runtime;
use server::files::{ServeDir, ServeFile};
use server::{Body, Router, Service};
use tempfile::TempDir;

/// A folder with some files.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    fs::create_dir_all(dir.path().join("sub/empty")).unwrap();
    write("page.html", "<p>page</p>");
    write("digits.txt", "0123456789");
    write("digits.txt.gz", "compressed");
    write("index.html", "the index");
    write("sub/index.html", "the index of sub");
    write("a b.txt", "a space");
    dir
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    /// Nothing if the body broke off.
    text: Option<String>,
}

fn ask(app: &Router, method: &str, uri: &str, headers: &[(HeaderName, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    Runtime::new().unwrap().block_on(async {
        let (parts, body) = app.call(request).await.into_parts();
        let bytes = server::body::to_bytes(body, usize::MAX).await.ok();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
        }
    })
}

fn serve(service: ServeDir) -> Router {
    Router::new().fallback_service(service)
}

#[track_caller]
fn assert_answers(app: &Router, table: &[(&str, u16, &str)]) {
    for (uri, status, text) in table {
        let answer = ask(app, "GET", uri, &[]);
        assert_eq!(
            (answer.status, answer.text.as_deref()),
            (*status, Some(*text)),
            "{uri}"
        );
    }
}

#[test]
fn a_file_comes_with_its_type_length_and_version() {
    let dir = folder();
    let app = serve(ServeDir::new(dir.path()));
    let answer = ask(&app, "GET", "/page.html", &[]);
    assert_eq!(answer.text.as_deref(), Some("<p>page</p>"));
    assert_eq!(answer.headers[CONTENT_TYPE], "text/html");
    assert_eq!(answer.headers[CONTENT_LENGTH], "11");
    assert!(answer.headers.contains_key(ETAG) && answer.headers.contains_key(LAST_MODIFIED));
    let head = ask(&app, "HEAD", "/page.html", &[]);
    assert_eq!(head.headers[CONTENT_LENGTH], "11");
}

#[test]
fn paths_lead_to_files_index_pages_and_nowhere() {
    let dir = folder();
    assert_answers(
        &serve(ServeDir::new(dir.path())),
        &[
            ("/", 200, "the index"),
            ("/sub/", 200, "the index of sub"),
            ("/sub", 307, ""),
            ("/a%20b.txt", 200, "a space"),
            ("/none", 404, ""),
            ("/sub/empty/", 404, ""),
            ("/page.html/", 404, ""),
            ("/page.html/x", 404, ""),
            ("/page", 404, ""),
            ("/../Cargo.toml", 404, ""),
            ("/%2e%2e/Cargo.toml", 404, ""),
            ("/digits%00.txt", 404, ""),
        ],
    );
    assert_answers(
        &serve(ServeDir::new(dir.path()).append_index_html_on_directories(false)),
        &[
            ("/", 404, ""),
            ("/sub", 404, ""),
            ("/sub/index.html", 200, "the index of sub"),
        ],
    );
    assert_answers(
        &serve(ServeDir::new(dir.path()).html_as_default_extension(true)),
        &[("/page", 200, "<p>page</p>"), ("/none", 404, "")],
    );
    let long = format!("/{}", "x".repeat(300));
    assert_answers(&serve(ServeDir::new(dir.path())), &[(&long, 404, "")]);
}

#[test]
fn a_redirect_keeps_the_query_and_works_below_a_prefix() {
    let dir = folder();
    let app = Router::new().nest_service("/files", ServeDir::new(dir.path()));
    let answer = ask(&app, "GET", "/files/sub?q=1", &[]);
    assert_eq!(answer.headers[LOCATION], "./sub/?q=1");
    assert_eq!(ask(&app, "GET", "/files/sub/", &[]).status, 200);
    assert_eq!(ask(&app, "GET", "/files", &[]).text.unwrap(), "the index");
}

#[test]
fn a_link_leads_out_of_the_folder_only_if_it_may() {
    let (dir, outside) = (folder(), folder());
    let link = |target: &Path, name: &str| symlink(target, dir.path().join(name)).unwrap();
    link(&outside.path().join("digits.txt"), "out.txt");
    link(outside.path(), "out");
    link(Path::new("digits.txt"), "in.txt");
    link(Path::new("circle"), "circle");
    assert_answers(
        &serve(ServeDir::new(dir.path())),
        &[
            ("/out.txt", 404, ""),
            ("/out/digits.txt", 404, ""),
            ("/out/", 404, ""),
            ("/in.txt", 200, "0123456789"),
            ("/circle", 404, ""),
        ],
    );
    assert_answers(
        &serve(ServeDir::new(dir.path()).follow_links_out(true)),
        &[
            ("/out.txt", 200, "0123456789"),
            ("/out/digits.txt", 200, "0123456789"),
        ],
    );
}

#[test]
fn what_is_no_plain_file_is_not_opened() {
    let dir = folder();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert_answers(&serve(ServeDir::new(dir.path())), &[("/pipe", 404, "")]);
}

#[test]
fn a_client_gets_the_part_that_it_wants() {
    let dir = folder();
    let app = serve(ServeDir::new(dir.path()));
    let part = |range: &str| ask(&app, "GET", "/digits.txt", &[(RANGE, range)]);
    for (range, status, text, told) in [
        ("bytes=2-4", 206, "234", Some("bytes 2-4/10")),
        ("bytes=-3", 206, "789", Some("bytes 7-9/10")),
        ("bytes=8-", 206, "89", Some("bytes 8-9/10")),
        ("bytes=10-", 416, "", Some("bytes */10")),
        ("bytes=0-1,4-5", 416, "", Some("bytes */10")),
        ("nonsense", 200, "0123456789", None),
    ] {
        let answer = part(range);
        let shown = answer
            .headers
            .get(CONTENT_RANGE)
            .map(|value| value.to_str().unwrap());
        assert_eq!(
            (answer.status, answer.text.as_deref(), shown),
            (status, Some(text), told),
            "{range}"
        );
    }
    let lenient = serve(ServeDir::new(dir.path()).ignore_multi_range_requests(true));
    let answer = ask(&lenient, "GET", "/digits.txt", &[(RANGE, "bytes=0-1,4-5")]);
    assert_eq!(
        (answer.status, answer.text.as_deref()),
        (200, Some("0123456789"))
    );
}

#[test]
fn a_client_that_has_the_version_gets_nothing_again() {
    let dir = folder();
    let app = serve(ServeDir::new(dir.path()));
    let tag = ask(&app, "GET", "/digits.txt", &[]).headers[ETAG]
        .to_str()
        .unwrap()
        .to_owned();
    let answer = ask(&app, "GET", "/digits.txt", &[(IF_NONE_MATCH, &tag)]);
    assert_eq!(
        (answer.status, answer.headers[ETAG].to_str().unwrap()),
        (304, &*tag)
    );
    assert_eq!(
        ask(&app, "GET", "/digits.txt", &[(IF_MATCH, "\"x\"")]).status,
        412
    );

    let ranged = [(RANGE, "bytes=0-1"), (IF_RANGE, &*tag)];
    assert_eq!(ask(&app, "GET", "/digits.txt", &ranged).status, 206);
    fs::write(dir.path().join("digits.txt"), "0123456789x").unwrap();
    assert_eq!(
        ask(&app, "GET", "/digits.txt", &ranged).status,
        200,
        "another version: all of it"
    );
    assert_eq!(
        ask(&app, "GET", "/digits.txt", &[(IF_NONE_MATCH, &tag)]).status,
        200
    );
}

#[test]
fn a_client_that_takes_it_gets_the_compressed_variant() {
    let dir = folder();
    let app = serve(
        ServeDir::new(dir.path())
            .precompressed_gzip()
            .precompressed_br(),
    );
    let answer = ask(&app, "GET", "/digits.txt", &[(ACCEPT_ENCODING, "br, gzip")]);
    assert_eq!(answer.text.as_deref(), Some("compressed"));
    assert_eq!(answer.headers[CONTENT_ENCODING], "gzip");
    assert_eq!(answer.headers[CONTENT_TYPE], "text/plain");
    assert_eq!(answer.headers[VARY], "accept-encoding");
    let plain = ask(&app, "GET", "/digits.txt", &[]);
    assert_eq!(plain.text.as_deref(), Some("0123456789"));
    assert_eq!(plain.headers[VARY], "accept-encoding");
    assert_ne!(plain.headers[ETAG], answer.headers[ETAG]);
    let single = Router::new()
        .fallback_service(ServeFile::new(dir.path().join("digits.txt")).precompressed_gzip());
    let answer = ask(&single, "GET", "/whatever", &[(ACCEPT_ENCODING, "gzip")]);
    assert_eq!(answer.text.as_deref(), Some("compressed"));
}

#[test]
fn other_methods_and_absent_files_may_have_a_fallback() {
    let dir = folder();
    let plain = ServeDir::new(dir.path());
    let answer = ask(&serve(plain.clone()), "POST", "/page.html", &[]);
    assert_eq!(
        (answer.status, &answer.headers[ALLOW]),
        (405, &"GET,HEAD".parse().unwrap())
    );

    let page = ServeFile::new(dir.path().join("page.html"));
    assert_answers(
        &serve(plain.clone().fallback(page.clone())),
        &[("/none", 200, "<p>page</p>")],
    );
    assert_answers(
        &serve(plain.clone().not_found_service(page)),
        &[
            ("/none", 404, "<p>page</p>"),
            ("/digits.txt", 200, "0123456789"),
        ],
    );
    let teapot = server::routing::any(|| async { StatusCode::IM_A_TEAPOT });
    let every = plain
        .fallback(teapot)
        .call_fallback_on_method_not_allowed(true);
    assert_eq!(ask(&serve(every), "POST", "/page.html", &[]).status, 418);
}

/// A browser asks again for a page that it has, also if that came with a 404.
#[test]
fn the_page_of_a_404_comes_whole_whatever_the_client_has_of_it() {
    let dir = folder();
    let page = ServeFile::new(dir.path().join("page.html"));
    let app = serve(ServeDir::new(dir.path()).not_found_service(page));
    let first = ask(&app, "GET", "/none", &[]);
    let etag = first.headers[ETAG].to_str().unwrap();
    let date = first.headers[LAST_MODIFIED].to_str().unwrap();
    for condition in [
        (IF_NONE_MATCH, etag),
        (IF_MODIFIED_SINCE, date),
        (IF_MATCH, "\"another\""),
        (IF_UNMODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (RANGE, "bytes=0-2"),
        (RANGE, "bytes=99-"),
    ] {
        let again = ask(&app, "GET", "/none", std::slice::from_ref(&condition));
        assert_eq!(
            (again.status, again.text.as_deref()),
            (404, Some("<p>page</p>")),
            "{condition:?}"
        );
        assert!(!again.headers.contains_key(CONTENT_RANGE), "{condition:?}");
    }
}

#[test]
fn a_large_file_comes_piece_by_piece() {
    let dir = folder();
    let text: String = (0..100_000)
        .map(|n| char::from(b'a' + (n % 26) as u8))
        .collect();
    fs::write(dir.path().join("large.txt"), &text).unwrap();
    let app = serve(ServeDir::new(dir.path()).with_buf_chunk_size(1_000));
    assert_eq!(ask(&app, "GET", "/large.txt", &[]).text, Some(text));
}

#[test]
fn a_file_that_is_cut_meanwhile_breaks_the_response_off() {
    let dir = folder();
    let path = dir.path().join("digits.txt");
    let app = serve(ServeDir::new(dir.path()).with_buf_chunk_size(4));
    let request = Request::builder()
        .uri("/digits.txt")
        .body(Body::empty())
        .unwrap();
    Runtime::new().unwrap().block_on(async {
        let mut body = app.call(request).await.into_body();
        assert_eq!(body.chunk().await.unwrap().unwrap(), "0123");
        fs::write(&path, "").unwrap();
        while let Some(piece) = body.chunk().await {
            // What had been read ahead may still come; the end never does.
            if piece.is_err() {
                return;
            }
        }
        panic!("half a file was taken for a whole one");
    });
}

#[test]
fn a_file_may_have_another_type_than_its_name_says() {
    let dir = folder();
    let service = ServeFile::new_with_mime(dir.path().join("page.html"), &mime::TEXT_PLAIN);
    let app = Router::new().fallback_service(service.precompressed_gzip());
    let answer = ask(&app, "GET", "/", &[]);
    assert_eq!(answer.headers[CONTENT_TYPE], "text/plain");
    assert_eq!(answer.text.as_deref(), Some("<p>page</p>"));
}
