//! What is taken of a response's head, and what is refused, at every cut.

use super::*;

fn read_cut(
    head: &str,
    cut: usize,
    asked: &Method,
) -> Result<(u16, ResponseFacts, usize), Refusal> {
    let (mut reader, mut pool) = (ResponseReader::default(), BufferPool::default());
    let mut result = Ok(None);
    let bytes = head.as_bytes();
    for end in [cut, bytes.len()] {
        result = reader.read(&bytes[..end], asked, 64 * 1024, &mut pool);
        if !matches!(result, Ok(None)) {
            break;
        }
    }
    match result? {
        Some((response, facts, length)) => Ok((response.status().as_u16(), facts, length)),
        None => Err(Refusal::bad("incomplete")),
    }
}

/// Read in one piece, after it has been read with every cut: to the same result.
fn read_as(head: &str, asked: &Method) -> Result<(u16, ResponseFacts, usize), Refusal> {
    let whole = read_cut(head, head.len(), asked);
    for cut in 0..head.len() {
        assert_eq!(read_cut(head, cut, asked), whole, "{head:?} cut at {cut}");
    }
    whole
}

fn with(lines: &str) -> Result<(u16, ResponseFacts, usize), Refusal> {
    read_as(&format!("HTTP/1.1 200 OK\r\n{lines}\r\n"), &Method::GET)
}

fn facts(framing: Framing, keep_alive: bool) -> ResponseFacts {
    ResponseFacts {
        framing,
        keep_alive,
    }
}

#[test]
fn the_framing_follows_the_head() {
    let until_close = facts(Framing::UntilClose, false);
    for (lines, expected) in [
        ("", until_close),
        ("Content-Length: 7\r\n", facts(Framing::Length(7), true)),
        (
            "Content-Length: 7\r\nConnection: x, Close\r\n",
            facts(Framing::Length(7), false),
        ),
        (
            "Transfer-Encoding: Chunked\r\n",
            facts(Framing::Chunked, true),
        ),
        ("Host: a\r\nHost: b\r\nExpect: x\r\nTE: y\r\n", until_close),
    ] {
        let (status, facts, _) = with(lines).unwrap();
        assert_eq!((status, facts), (200, expected), "{lines:?}");
    }
    let old = "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n";
    let (_, old, _) = read_as(old, &Method::GET).unwrap();
    assert_eq!(old, facts(Framing::Length(1), false));
    let kept = "HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n";
    let (_, kept, _) = read_as(kept, &Method::GET).unwrap();
    assert_eq!(kept, facts(Framing::Length(1), true));
}

#[test]
fn some_responses_have_no_body_whatever_they_say() {
    for (status, asked) in [
        (100, Method::GET),
        (103, Method::GET),
        (204, Method::GET),
        (304, Method::GET),
        (200, Method::HEAD),
        (404, Method::HEAD),
        (200, Method::CONNECT),
    ] {
        for lines in [
            "",
            "Content-Length: 7\r\n",
            "Transfer-Encoding: chunked\r\n",
        ] {
            let head = format!("HTTP/1.1 {status} X\r\n{lines}\r\n");
            let (_, read, length) = read_as(&head, &asked).unwrap();
            assert_eq!(read, facts(Framing::Length(0), true), "{head:?} to {asked}");
            assert_eq!(length, head.len());
        }
    }
    let refused = "HTTP/1.1 407 X\r\nContent-Length: 7\r\n\r\n";
    let (_, refused, _) = read_as(refused, &Method::CONNECT).unwrap();
    assert_eq!(refused.framing, Framing::Length(7));
}

#[test]
fn whatever_leaves_the_end_of_the_body_in_doubt_is_refused() {
    for lines in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length:\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "A: b\r\n Transfer-Encoding: chunked\r\n",
        "A: b\r\n\tfolded\r\n",
        " A: b\r\n",
        "A: b\nB: c\r\n",
        "A: b\rB: c\r\n",
        ": b\r\n",
        "A b\r\n",
        "A(: b\r\n",
        "A: \0\r\n",
    ] {
        assert!(with(lines).is_err(), "{lines:?}");
        let head = format!("HTTP/1.1 304 X\r\n{lines}\r\n");
        assert!(read_as(&head, &Method::GET).is_err(), "{head:?}");
    }
    let old = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert!(read_as(old, &Method::GET).is_err());
}

#[test]
fn the_first_line_is_taken_at_its_word() {
    for (line, status) in [
        ("HTTP/1.1 200 OK", 200),
        ("HTTP/1.1 200 ", 200),
        ("HTTP/1.1 200", 200),
        ("HTTP/1.0 299 Any thing, \u{e9}", 299),
        ("HTTP/1.1 599 x", 599),
    ] {
        let (read, ..) = read_as(&format!("{line}\r\n\r\n"), &Method::GET).unwrap();
        assert_eq!(read, status, "{line:?}");
    }
    for line in [
        "HTTP/1.1  200 OK",
        "HTTP/1.1 20 OK",
        "HTTP/1.1 2000 OK",
        "HTTP/1.1 099 OK",
        "HTTP/1.1 abc OK",
        "HTTP/1.1",
        "HTTP/2.0 200 OK",
        "http/1.1 200 OK",
        "ICY 200 OK",
        "\r\nHTTP/1.1 200 OK",
        "SSH-2.0-OpenSSH_9.6",
        "HTTP/1.1 200 O\0K",
    ] {
        let head = format!("{line}\r\n\r\n");
        assert!(read_as(&head, &Method::GET).is_err(), "{line:?}");
    }
}

#[test]
fn another_protocol_is_noticed_before_a_line_ends() {
    for start in ["S", "\x15\x03", "HTTP/2", "\n"] {
        let (mut reader, mut pool) = (ResponseReader::default(), BufferPool::default());
        let read = reader.read(start.as_bytes(), &Method::GET, 1024, &mut pool);
        assert!(read.is_err(), "{start:?}");
    }
}

#[test]
fn limits_are_exact() {
    let lines = |count: usize| "A: b\r\n".repeat(count);
    assert!(with(&lines(MAX_HEADERS)).is_ok());
    assert!(with(&lines(MAX_HEADERS + 1)).is_err());
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (most, is_taken) in [(head.len(), true), (head.len() - 1, false)] {
        let (mut reader, mut pool) = (ResponseReader::default(), BufferPool::default());
        let read = reader.read(head.as_bytes(), &Method::GET, most, &mut pool);
        assert_eq!(read.is_ok(), is_taken, "{most}");
    }
}
