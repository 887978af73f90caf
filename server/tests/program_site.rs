//! The program, from outside: what it answers.

#![cfg(unix)]

mod support;

use support::program::Program;

#[test]
fn it_answers_what_it_promises() {
    let program = Program::start();
    let page = program.get("/");
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(page.contains("\r\ncontent-type: text/html; charset=utf-8\r\n"));
    assert!(page.contains("<title>Home \u{2013} Treadle</title>"));
    for link in ["/api/data", "/api/echo", "/health"] {
        assert!(
            page.contains(&format!("\"{link}\"")),
            "the page links to {link}"
        );
    }
    for elsewhere in [
        "src=\"http",
        "src=\"//",
        "href=\"http",
        "href=\"//",
        "url(",
        "@import",
    ] {
        assert!(
            !page.contains(elsewhere),
            "the page loads something from elsewhere: {elsewhere}"
        );
    }

    let scripts = page.matches("<script").count();
    let ours = page.matches("<script src=\"/assets/").count();
    assert_eq!(scripts, ours, "no script is inside the page");

    let data = program.get("/api/data");
    assert!(data.contains("content-type: application/json\r\n"));
    assert!(data.contains("\"message\":\"Hello from Treadle\""));

    assert!(program.get("/health").ends_with("\r\n\r\nok\n"));
    assert!(program.get("/nowhere").starts_with("HTTP/1.1 404 "));
    assert!(program.get("/health/").starts_with("HTTP/1.1 404 "));
    assert!(program.get("/health?now").starts_with("HTTP/1.1 200 "));
}

#[test]
fn it_sends_back_what_it_gets() {
    let program = Program::start();
    let answer = program.ask(
        "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/x-test\r\n\
         Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    );
    assert!(answer.contains("content-type: text/x-test\r\n"), "{answer}");
    assert!(answer.contains("content-length: 11\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nhello world"), "{answer}");
    let empty = program.ask("POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert!(
        empty.contains("content-type: application/octet-stream\r\n"),
        "{empty}"
    );
    assert!(empty.contains("content-length: 0\r\n"), "{empty}");
}

#[test]
fn text_that_a_form_sends_comes_back_as_the_text_that_it_was() {
    let program = Program::start();
    let echo = |kind: &str, body: &str| {
        let length = body.len();
        program.ask(&format!(
            "POST /api/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {kind}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    };
    let answer = echo("text/plain", "text=Schu\u{df} \u{2013} \u{7e54}\r\n");
    assert!(
        answer.contains("content-type: text/plain; charset=utf-8\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with("\r\n\r\ntext=Schu\u{df} \u{2013} \u{7e54}\r\n"),
        "{answer}"
    );
    for said in [
        "text/plain; charset=iso-8859-1",
        "text/html",
        "application/json",
    ] {
        let answer = echo(said, "x");
        assert!(
            answer.contains(&format!("content-type: {said}\r\n")),
            "{answer}"
        );
    }
}

#[test]
fn the_page_names_the_address_that_it_was_asked_at_and_repeats_nothing_else() {
    let program = Program::start();
    let ask = |head: &str| program.ask(&format!("GET / {head}Connection: close\r\n\r\n"));
    let addr = program.addr.to_string();
    assert!(ask(&format!("HTTP/1.1\r\nHost: {addr}\r\n")).contains(&format!("'http://{addr}/")));
    for hostile in ["x'$(reboot)", "x;reboot", "&lt;script"] {
        let page = ask(&format!("HTTP/1.1\r\nHost: {hostile}\r\n"));
        assert!(page.starts_with("HTTP/1.1 "), "{page}");
        assert!(!page.contains("reboot") && !page.contains("&lt;"), "{page}");
    }
    assert!(ask("HTTP/1.0\r\n").contains("'http://127.0.0.1:3000/"));
}

#[test]
fn a_browser_that_asks_for_an_icon_gets_one() {
    let program = Program::start();
    let head = "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = program.ask(&format!("HEAD /favicon.ico {head}"));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(
        answer.contains("content-type: image/x-icon\r\n"),
        "{answer}"
    );
}

#[test]
fn a_wrong_method_is_told_the_right_one() {
    let program = Program::start();
    let ask = |method: &str, path: &str| {
        program.ask(&format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        ))
    };
    for (method, path, allow) in [
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("DELETE", "/api/data", "GET, HEAD, OPTIONS"),
        ("PUT", "/health", "GET, HEAD, OPTIONS"),
        ("GET", "/api/echo", "POST, OPTIONS"),
        ("PROPFIND", "/api/echo", "POST, OPTIONS"),
    ] {
        let answer = ask(method, path);
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.contains(&format!("allow: {allow}\r\n")), "{answer}");
    }
    for (path, allow) in [
        ("*", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
        ("/api/echo", "POST, OPTIONS"),
    ] {
        let answer = ask("OPTIONS", path);
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
        assert!(answer.contains(&format!("allow: {allow}\r\n")), "{answer}");
    }
    let answer = ask("BREW", "/api/echo");
    assert!(answer.starts_with("HTTP/1.1 501 "), "{answer}");
    for path in ["/", "/api/data", "/health"] {
        let answer = ask("HEAD", path);
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n"),
            "{answer}"
        );
        assert!(
            !answer.contains("content-length: 0"),
            "as long as the answer to a GET"
        );
    }
}
