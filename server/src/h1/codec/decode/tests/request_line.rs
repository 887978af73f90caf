//! The first line of a request: which are taken, and which are refused.

use super::*;

#[test]
fn the_request_line_is_taken_at_its_word() {
    for line in [
        "GET / HTTP/1.1 ",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "GET / FTP/1.1",
        "GET / http/1.1",
        "GET / HTTP/11",
        "GET / HTTP/a.b",
        "GET /",
        "G@T / HTTP/1.1",
        "GET /a b HTTP/1.1",
        "GET /a#b HTTP/1.1",
        "GET /\u{e9} HTTP/1.1",
        "GET /a?\u{e9} HTTP/1.1",
        "GET http://x/\u{e9} HTTP/1.1",
        "GET /% HTTP/1.1",
        "GET /a%4 HTTP/1.1",
        "GET /%zz?a HTTP/1.1",
        "GET http://x%zz/ HTTP/1.1",
        "GET a/b HTTP/1.1",
        "GET example.com HTTP/1.1",
        "GET ftp://example.com/ HTTP/1.1",
        "GET http:/// HTTP/1.1",
        "GET http://me@example.com/ HTTP/1.1",
        "GET * HTTP/1.1",
        "\x16\x03\x01\x02\x00\x01\x00\x01\x7f HTTP/1.1",
    ] {
        assert_eq!(
            status_of(&format!("{line}\r\nHost: x\r\n\r\n")),
            400,
            "{line:?}"
        );
    }
    assert_eq!(status_of("GET / HTTP/1.1\nHost: x\n\n"), 400);
    assert_eq!(
        status_of("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n"),
        501
    );
    for line in ["/%41%c3%a9?%", "/?100%&%zz", "/a|b^c{d}\"e"] {
        let head = whole(&format!("GET {line} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(
            line.ends_with(&head.request.uri().to_string()[..]),
            "{line:?}"
        );
    }
    for line in ["PRI * HTTP/2.0", "GET / HTTP/2.0", "GET / HTTP/0.9"] {
        assert_eq!(status_of(&format!("{line}\r\n\r\n")), 505, "{line:?}");
    }
}

#[test]
fn a_target_that_names_its_host_outranks_the_header() {
    let head = whole("GET http://a.example:81/p?q HTTP/1.1\r\nHost: b.example\r\n\r\n");
    assert_eq!(head.request.headers()["host"], "a.example:81");
    assert_eq!(head.request.uri().path(), "/p");
    let head = whole("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(head.request.uri(), "*");
}
