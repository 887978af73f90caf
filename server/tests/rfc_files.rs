//! Conditional requests and ranges of files (RFC 9110, sections 13 and 14); the rows of `rfc.md`
//! name these tests.

use std::fs::{self, File};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    ETAG, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED,
    RANGE, VARY,
};
use http::{HeaderMap, HeaderName, Request};
use httpdate::{fmt_http_date, parse_http_date};
use runtime::runtime::Runtime;
use server::files::ServeDir;
use server::{Body, Router, Service};
use tempfile::TempDir;

/// When the file was changed: Sun, 06 Nov 1994 08:49:37 GMT.
const CHANGED: u64 = 784_111_777;
const EXACTLY: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A folder with one file of ten digits, and its compressed variant.
fn folder(changed: SystemTime) -> (TempDir, Router) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("digits.txt", "0123456789"),
        ("digits.txt.gz", "compressed"),
    ] {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(changed).unwrap();
    }
    let service = ServeDir::new(dir.path()).precompressed_gzip();
    (dir, Router::new().fallback_service(service))
}

/// The status, the header lines and the body.
fn ask(
    app: &Router,
    method: &str,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> (u16, HeaderMap, String) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    Runtime::new().unwrap().block_on(async {
        let (parts, body) = app.call(request).await.into_parts();
        let bytes = server::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        (parts.status.as_u16(), parts.headers, text)
    })
}

fn status(app: &Router, headers: &[(HeaderName, &str)]) -> u16 {
    ask(app, "GET", "/digits.txt", headers).0
}

#[test]
fn only_get_has_ranges() {
    let (_dir, app) = folder(at(CHANGED));
    let (status, headers, text) = ask(&app, "HEAD", "/digits.txt", &[(RANGE, "bytes=2-4")]);
    assert_eq!(text, "");
    assert_eq!(
        (status, &headers[CONTENT_LENGTH]),
        (200, &"10".parse().unwrap())
    );
    assert!(!headers.contains_key(CONTENT_RANGE));
    let (status, ..) = ask(&app, "HEAD", "/digits.txt", &[(RANGE, "bytes=99-")]);
    assert_eq!(status, 200);
}

#[test]
fn a_file_from_the_future_was_changed_now() {
    let (_dir, app) = folder(SystemTime::now() + Duration::from_secs(100_000));
    let (_, headers, _) = ask(&app, "GET", "/digits.txt", &[]);
    let told = parse_http_date(headers[LAST_MODIFIED].to_str().unwrap()).unwrap();
    assert!(told <= SystemTime::now(), "{told:?}");
    assert_eq!(status(&app, &[(IF_UNMODIFIED_SINCE, EXACTLY)]), 412);
}

#[test]
fn all_three_forms_of_a_date_are_understood() {
    let (_dir, app) = folder(at(CHANGED));
    for date in [
        EXACTLY,
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ] {
        assert_eq!(status(&app, &[(IF_MODIFIED_SINCE, date)]), 304, "{date}");
        assert_eq!(status(&app, &[(IF_UNMODIFIED_SINCE, date)]), 200, "{date}");
    }
}

/// A date with a year of two digits.
fn with_two_digits(moment: SystemTime) -> String {
    let whole = fmt_http_date(moment);
    let days = ["Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur", "Sun"];
    let day = days.iter().find(|day| day[..3] == whole[..3]).unwrap();
    let (date, time) = (&whole[5..16], &whole[17..]);
    let (month, year) = (&date[..6].replace(' ', "-"), &date[9..]);
    format!("{day}day, {month}-{year} {time}")
}

#[test]
fn a_year_of_two_digits_is_at_most_fifty_years_to_come() {
    let (_dir, app) = folder(at(CHANGED));
    let years = |count: u64| Duration::from_secs(count * 31_556_952);
    let since = |moment| status(&app, &[(IF_MODIFIED_SINCE, &with_two_digits(moment))]);
    let now = SystemTime::now();
    assert_eq!(since(now + years(48)), 304, "after 1994");
    assert_eq!(since(now - years(48)), 200, "before 1994");
    assert_eq!(since(now), 304);
}

#[test]
fn what_is_not_one_date_is_ignored() {
    let (_dir, app) = folder(at(CHANGED));
    for date in [
        "yesterday",
        "",
        "Sun, 06 Nov 1994 08:49:36 GMT, Sun, 06 Nov 1994 08:49:36 GMT",
    ] {
        assert_eq!(status(&app, &[(IF_UNMODIFIED_SINCE, date)]), 200, "{date}");
        assert_eq!(status(&app, &[(IF_MODIFIED_SINCE, date)]), 200, "{date}");
    }
    let twice = |name: HeaderName, date| [(name.clone(), date), (name, date)];
    assert_eq!(status(&app, &twice(IF_UNMODIFIED_SINCE, BEFORE)), 200);
    assert_eq!(status(&app, &twice(IF_MODIFIED_SINCE, AFTER)), 200);
}

#[test]
fn a_date_counts_only_where_no_tag_is_named() {
    let (_dir, app) = folder(at(CHANGED));
    let other = "\"other\"";
    let tag = ask(&app, "GET", "/digits.txt", &[]).1[ETAG].clone();
    let tag = tag.to_str().unwrap();
    for (conditions, expected) in [
        ([(IF_NONE_MATCH, other), (IF_MODIFIED_SINCE, AFTER)], 200),
        ([(IF_NONE_MATCH, tag), (IF_MODIFIED_SINCE, BEFORE)], 304),
        ([(IF_MATCH, tag), (IF_UNMODIFIED_SINCE, BEFORE)], 200),
        ([(IF_MATCH, other), (IF_UNMODIFIED_SINCE, AFTER)], 412),
        ([(IF_MATCH, tag), (IF_NONE_MATCH, tag)], 304),
        ([(IF_UNMODIFIED_SINCE, BEFORE), (IF_NONE_MATCH, tag)], 412),
    ] {
        assert_eq!(status(&app, &conditions), expected, "{conditions:?}");
    }
}

#[test]
fn a_star_stands_alone_and_a_tag_may_hold_anything() {
    let (_dir, app) = folder(at(CHANGED));
    let tag = ask(&app, "GET", "/digits.txt", &[]).1[ETAG].clone();
    let tag = tag.to_str().unwrap();
    for (list, matches) in [
        ("*".to_owned(), true),
        (" * ".to_owned(), true),
        ("\"a,*,b\"".to_owned(), false),
        ("\"a\", *".to_owned(), false),
        (format!("\"a,b\", {tag}"), true),
        (format!(",,\"a\" ,\t{tag},"), true),
        (format!("W/\"a\",W/{tag}"), true),
        (tag.trim_matches('"').to_owned(), false),
        (format!("w/{tag}"), false),
    ] {
        let expected = if matches { 304 } else { 200 };
        assert_eq!(status(&app, &[(IF_NONE_MATCH, &list)]), expected, "{list}");
        let strongly = matches && !list.contains("W/");
        let expected = if strongly { 200 } else { 412 };
        assert_eq!(status(&app, &[(IF_MATCH, &list)]), expected, "{list}");
    }
}

#[test]
fn a_range_counts_only_for_the_version_that_the_client_has() {
    let (_dir, app) = folder(at(CHANGED));
    let tag = ask(&app, "GET", "/digits.txt", &[]).1[ETAG].clone();
    let weak = format!("W/{}", tag.to_str().unwrap());
    for (condition, expected) in [
        (tag.to_str().unwrap(), 206),
        (&*weak, 200),
        ("\"other\"", 200),
        (EXACTLY, 200),
        (AFTER, 200),
        ("nonsense", 200),
    ] {
        let headers = [(RANGE, "bytes=0-1"), (IF_RANGE, condition)];
        assert_eq!(status(&app, &headers), expected, "{condition}");
    }
    assert_eq!(
        status(&app, &[(IF_RANGE, "\"other\"")]),
        200,
        "no range is asked for"
    );
    // A condition that has failed goes before the range.
    let headers = [(IF_NONE_MATCH, tag.to_str().unwrap()), (RANGE, "bytes=99-")];
    assert_eq!(status(&app, &headers), 304);
    let headers = [(IF_MATCH, "\"other\""), (RANGE, "bytes=0-1")];
    assert_eq!(status(&app, &headers), 412);
}

#[test]
fn what_is_no_range_of_bytes_is_ignored() {
    let (_dir, app) = folder(at(CHANGED));
    for range in ["lines=0-1", "bytes=4-2", "bytes=x", "bytes", ""] {
        assert_eq!(status(&app, &[(RANGE, range)]), 200, "{range}");
    }
    for huge in [
        "bytes=0-99999999999999999999999999",
        "bytes=-99999999999999999999999999",
    ] {
        let (status, headers, text) = ask(&app, "GET", "/digits.txt", &[(RANGE, huge)]);
        assert_eq!((status, &*text), (206, "0123456789"), "{huge}");
        assert_eq!(headers[CONTENT_RANGE], "bytes 0-9/10");
    }
    assert_eq!(
        status(&app, &[(CONTENT_RANGE, "bytes 0-1/10")]),
        200,
        "not of a request"
    );
}

#[test]
fn a_part_says_all_that_the_whole_would_say_and_where_it_belongs() {
    let (_dir, app) = folder(at(CHANGED));
    let (_, whole, _) = ask(&app, "GET", "/digits.txt", &[]);
    let (status, mut part, text) = ask(&app, "GET", "/digits.txt", &[(RANGE, "bytes=2-4")]);
    assert_eq!((status, &*text), (206, "234"));
    assert_eq!(part.remove(CONTENT_RANGE).unwrap(), "bytes 2-4/10");
    assert_eq!(part[CONTENT_LENGTH], "3");
    part.insert(CONTENT_LENGTH, "10".parse().unwrap());
    assert_eq!(part, whole);
    let (status, headers, _) = ask(&app, "GET", "/digits.txt", &[(RANGE, "bytes=10-")]);
    assert_eq!(status, 416);
    assert_eq!(headers[CONTENT_RANGE], "bytes */10");
}

#[test]
fn a_304_says_what_a_200_would_say_of_the_version_and_nothing_of_a_length() {
    let (_dir, app) = folder(at(CHANGED));
    let gzip = (ACCEPT_ENCODING, "gzip");
    let (_, whole, _) = ask(&app, "GET", "/digits.txt", std::slice::from_ref(&gzip));
    assert_eq!(whole[CONTENT_ENCODING], "gzip");
    let tag = whole[ETAG].to_str().unwrap();
    let (status, headers, text) = ask(&app, "GET", "/digits.txt", &[gzip, (IF_NONE_MATCH, tag)]);
    assert_eq!((status, &*text), (304, ""));
    for name in [ETAG, VARY, LAST_MODIFIED, ACCEPT_RANGES] {
        assert_eq!(headers.get(&name), whole.get(&name), "{name}");
    }
    for name in [
        CONTENT_LENGTH,
        CONTENT_TYPE,
        CONTENT_ENCODING,
        CONTENT_RANGE,
    ] {
        assert!(!headers.contains_key(&name), "{name}");
    }
}

#[test]
fn conditions_count_only_where_the_answer_would_be_a_success() {
    let (_dir, app) = folder(at(CHANGED));
    for condition in [(IF_MATCH, "\"other\""), (IF_NONE_MATCH, "*")] {
        let condition = [condition];
        assert_eq!(ask(&app, "GET", "/none", &condition).0, 404);
        assert_eq!(ask(&app, "POST", "/digits.txt", &condition).0, 405);
        assert_eq!(ask(&app, "OPTIONS", "/digits.txt", &condition).0, 405);
    }
    let head = ask(&app, "HEAD", "/digits.txt", &[(IF_NONE_MATCH, "*")]);
    assert_eq!(head.0, 304);
}

#[test]
fn dates_are_written_in_the_one_form() {
    let (_dir, app) = folder(at(CHANGED));
    let (_, headers, _) = ask(&app, "GET", "/digits.txt", &[]);
    assert_eq!(headers[LAST_MODIFIED], fmt_http_date(at(CHANGED)));
    assert_eq!(headers[LAST_MODIFIED], EXACTLY);
}
