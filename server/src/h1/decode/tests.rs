//! The table of what is taken and what is not, and why.

use super::*;
use bytes::Buf;
use http::Method;
use proptest::prelude::*;

#[derive(Debug)]
pub(super) struct Head {
    pub(super) request: Request<Body>,
    pub(super) facts: Facts,
    pub(super) length: usize,
}

/// What a connection keeps for the reading of heads.
#[derive(Default)]
pub(super) struct Reader {
    config: Config,
    spares: Spares,
    progress: Progress,
    copy: Bytes,
}

impl Reader {
    pub(super) fn new(config: &Config) -> Self {
        Reader {
            config: config.clone(),
            ..Reader::default()
        }
    }

    /// Reads a head from the front of `input`, which has grown if it was read before.
    pub(super) fn read(&mut self, input: &[u8]) -> Result<Option<Head>, Refusal> {
        let (mut place, mut facts) = (None, Facts::default());
        let mut reader = HeadReader {
            config: &self.config,
            spares: &mut self.spares,
            progress: &mut self.progress,
            copy: &mut self.copy,
            place: &mut place,
            facts: &mut facts,
        };
        let read = reader.read(input)?;
        Ok(read.map(|length| Head {
            request: place.expect("a complete head is a request"),
            facts,
            length,
        }))
    }
}

fn read(head: impl AsRef<[u8]>) -> Result<Option<Head>, Refusal> {
    Reader::default().read(head.as_ref())
}

/// Reads the heads that follow one another, as one turn does, until one is not complete.
pub(super) fn read_all(mut input: &[u8]) -> Result<Vec<Head>, Refusal> {
    let mut reader = Reader::default();
    let mut heads = Vec::new();
    while let Some(head) = reader.read(input)? {
        input = &input[head.length..];
        reader.copy.advance(head.length);
        heads.push(head);
    }
    Ok(heads)
}

fn whole(head: &str) -> Head {
    read(head)
        .unwrap()
        .unwrap_or_else(|| panic!("not complete: {head:?}"))
}

pub(super) fn status_of(head: &str) -> u16 {
    match read(head) {
        Err(refusal) => refusal.status().as_u16(),
        Ok(head) => panic!("not refused: {head:?}"),
    }
}

/// A request with one header more.
fn with(header: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n")
}

#[test]
fn a_head_becomes_a_request() {
    let head = whole("POST /a/b?c=d HTTP/1.1\r\nHost: x:80\r\nX-Y:  z \r\nx-y:\r\n\r\nbody");
    assert_eq!(head.length, 54);
    let request = head.request;
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri(), "/a/b?c=d");
    assert_eq!(request.version(), Version::HTTP_11);
    assert_eq!(request.headers()["host"], "x:80");
    let values: Vec<_> = request.headers().get_all("x-y").iter().collect();
    assert_eq!(values, ["z", ""]);
}

#[test]
fn framing_follows_the_two_headers() {
    assert_eq!(whole(&with("A: b")).facts.framing, Framing::Length(0));
    assert_eq!(
        whole(&with("content-length: 007")).facts.framing,
        Framing::Length(7)
    );
    assert_eq!(
        whole(&with("TRANSFER-ENCODING: Chunked")).facts.framing,
        Framing::Chunked
    );
}

#[test]
fn an_empty_element_of_a_list_counts_for_nothing() {
    for list in ["chunked,", ", chunked", ",,\t,Chunked , ,"] {
        let head = whole(&with(&format!("Transfer-Encoding: {list}")));
        assert_eq!(head.facts.framing, Framing::Chunked, "{list:?}");
    }
    assert!(!whole(&with("Connection: ,, close ,")).facts.keep_alive);
    assert!(whole(&with("Connection: ,")).facts.keep_alive);
    let many = "Transfer-Encoding: ".to_owned() + &",".repeat(60_000) + "chunked";
    assert_eq!(whole(&with(&many)).facts.framing, Framing::Chunked);
}

#[test]
fn whatever_leaves_the_end_of_the_body_in_doubt_is_refused() {
    for header in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 0x5",
        "Content-Length: 5 5",
        "Content-Length:",
        "Content-Length: \u{665}",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked;q=1",
        "Transfer-Encoding:",
        "Transfer-Encoding: ,",
        "Transfer-Encoding: chunked,,chunked",
        "Transfer-Encoding: ,gzip",
        "Transfer-Encoding: chun,ked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding: chun\0ked",
        "A: b\r\n Transfer-Encoding: chunked",
        "A: b\r\n\tfolded",
        "A: b\nTransfer-Encoding: chunked",
        "A: b\rTransfer-Encoding: chunked",
        " A: b",
        ": b",
        "A b",
        "A(: b",
        "A\u{e9}: b",
        "A: \u{7f}",
    ] {
        assert_eq!(status_of(&with(header)), 400, "{header:?}");
    }
    assert_eq!(status_of(&with("Transfer-Encoding: gzip, chunked")), 501);
    assert_eq!(
        status_of(&with("Content-Length: 99999999999999999999")),
        413
    );
    assert_eq!(
        status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        400
    );
}

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
fn garbage_is_noticed_before_it_ends() {
    for start in [
        "\x16\x03\x01",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "GET / HTTP/3.0",
        "{\"json\"",
        "\0",
    ] {
        assert!(read(start).is_err(), "{start:?}");
    }
}

#[test]
fn a_host_is_named_exactly_once() {
    let with_hosts = |hosts: &str| format!("GET / HTTP/1.1\r\n{hosts}\r\n");
    for good in [
        "x",
        "",
        "x:80",
        "x:",
        "127.0.0.1:3000",
        "[::1]:80",
        "[::1]",
        "a-b_c.d%41",
        "%41%e9:80",
    ] {
        assert!(
            read(with_hosts(&format!("Host: {good}\r\n"))).is_ok(),
            "{good:?}"
        );
    }
    for bad in [
        "",
        "Host: x\r\nHost: x\r\n",
        "Host: a b\r\n",
        "Host: a/b\r\n",
        "Host: a@b\r\n",
        "Host: a,b\r\n",
        "Host: x:8a\r\n",
        "Host: x:65536\r\n",
        "Host: :80\r\n",
        "Host: [::1\r\n",
        "Host: [x]\r\n",
        "Host: [::1]80\r\n",
        "Host: a?b\r\n",
        "Host: a#b\r\n",
        "Host: \u{e9}\r\n",
        "Host: a\\b\r\n",
        "Host: x:80:80\r\n",
        "Host: %\r\n",
        "Host: a%4\r\n",
        "Host: a%zz:80\r\n",
        "Host: a%4:80\r\n",
        "Host: a%41/\r\n",
        "Host: a%41:8a\r\n",
    ] {
        assert_eq!(status_of(&with_hosts(bad)), 400, "{bad:?}");
    }
    assert!(
        read("GET / HTTP/1.0\r\n\r\n").is_ok(),
        "1.0 did not know it"
    );
}

#[test]
fn a_target_that_names_its_host_outranks_the_header() {
    let head = whole("GET http://a.example:81/p?q HTTP/1.1\r\nHost: b.example\r\n\r\n");
    assert_eq!(head.request.headers()["host"], "a.example:81");
    assert_eq!(head.request.uri().path(), "/p");
    let head = whole("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(head.request.uri(), "*");
}

#[test]
fn whether_the_connection_stays_depends_on_version_and_header() {
    let keeps = |version: &str, connection: &str| {
        whole(&format!(
            "GET / HTTP/{version}\r\nHost: x\r\n{connection}\r\n"
        ))
        .facts
        .keep_alive
    };
    assert!(keeps("1.1", ""));
    assert!(!keeps("1.0", ""));
    assert!(keeps("1.0", "Connection: Keep-Alive\r\n"));
    assert!(!keeps("1.1", "Connection: upgrade, Close\r\n"));
    assert!(!keeps(
        "1.0",
        "Connection: keep-alive\r\nConnection: close\r\n"
    ));
    assert!(keeps("1.1", "Connection: closed\r\n"));
}

#[test]
fn only_one_expectation_is_known() {
    assert!(whole(&with("Expect: 100-Continue")).facts.expects_continue);
    for list in [
        "100-continue, 100-CONTINUE",
        ",100-continue,",
        "100-continue\r\nExpect: 100-continue",
    ] {
        let head = whole(&with(&format!("Expect: {list}")));
        assert!(head.facts.expects_continue, "{list:?}");
    }
    for nothing in ["", ","] {
        let head = whole(&with(&format!("Expect: {nothing}")));
        assert!(!head.facts.expects_continue, "{nothing:?}");
    }
    for other in ["x", "100-continue;a", "100-continue=a", "\"100-continue\""] {
        assert_eq!(
            status_of(&with(&format!("Expect: {other}"))),
            417,
            "{other:?}"
        );
    }
    assert_eq!(status_of(&with("Expect: 100-continue\r\nExpect: x")), 417);
    assert_eq!(status_of(&with("Expect: 200-ok")), 417);
    assert_eq!(status_of(&with("Expect: 100-continue, x")), 417);
    let old = whole("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n");
    assert!(
        !old.facts.expects_continue,
        "1.0 does not wait for an answer"
    );
}

#[test]
fn limits_are_exact() {
    let target = |length: usize| {
        format!(
            "GET /{} HTTP/1.1\r\nHost: x\r\n\r\n",
            "a".repeat(length - 1)
        )
    };
    assert!(read(target(16 * 1024)).is_ok());
    assert_eq!(status_of(&target(16 * 1024 + 1)), 414);
    assert_eq!(
        status_of(&target(16 * 1024 + 1)[..16 * 1024 + 5]),
        414,
        "before it ends"
    );

    let filler = |length: usize| {
        let rest = "GET / HTTP/1.1\r\nHost: x\r\nA: \r\n\r\n".len();
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n",
            "a".repeat(length - rest)
        )
    };
    assert!(read(filler(64 * 1024)).is_ok());
    assert_eq!(status_of(&filler(64 * 1024 + 1)), 431);
    assert_eq!(
        status_of(&filler(70 * 1024)[..64 * 1024]),
        431,
        "before it ends"
    );

    let headers = |count: usize| {
        format!(
            "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
            "A: b\r\n".repeat(count - 1)
        )
    };
    assert!(read(headers(100)).is_ok());
    assert_eq!(status_of(&headers(101)), 431);
    assert_eq!(status_of(&"M".repeat(300)), 400);
}

#[test]
fn heads_that_follow_one_another_are_read_as_if_alone() {
    let lines = "Host: x\r\nA: b\r\nA: c\r\nConnection: close\r\n\r\n";
    let first = [
        "GET /one HTTP/1.1",
        "POST /two?x HTTP/1.1",
        "HEAD http://y/ HTTP/1.0",
        "GET / HTTP/1.1",
        "GET / HTTP/1.1",
        "GET /one HTTP/1.1",
        "GET /one HTTP/1.1",
    ];
    let together = first.map(|line| format!("{line}\r\n{lines}")).concat();
    let heads = read_all(together.as_bytes()).unwrap();
    assert_eq!(heads.len(), first.len());
    for (head, line) in heads.iter().zip(first) {
        let alone = whole(&format!("{line}\r\n{lines}"));
        assert_eq!(head.facts, alone.facts, "{line}");
        assert_eq!(head.length, alone.length);
        assert_eq!(head.request.headers(), alone.request.headers());
        assert_eq!(head.request.uri(), alone.request.uri());
        assert_eq!(head.request.method(), alone.request.method());
        assert_eq!(head.request.version(), alone.request.version());
    }
}

#[test]
fn a_later_head_is_refused_for_its_own_first_line() {
    let lines = "Host: x\r\n\r\n";
    for (line, status) in [
        ("GET / HTTP/2.0\r\n", 505),
        ("GET /\r\n", 400),
        ("GET / HTTP/1.1\n", 400),
        ("\r\n", 400),
        ("CONNECT x:1 HTTP/1.1\r\n", 501),
        ("GET /#a HTTP/1.1\r\n", 400),
    ] {
        let wire = format!("GET / HTTP/1.1\r\n{lines}{line}{lines}");
        let refusal = read_all(wire.as_bytes()).unwrap_err();
        assert_eq!(refusal.status().as_u16(), status, "{line:?}");
    }
    let long = format!(
        "GET / HTTP/1.1\r\n{lines}GET /{} HTTP/1.1\r\n{lines}",
        "a".repeat(16_384)
    );
    assert_eq!(
        read_all(long.as_bytes()).unwrap_err().status().as_u16(),
        414
    );
}

#[test]
fn old_requests_without_headers_follow_one_another() {
    let heads =
        read_all(b"GET /a HTTP/1.0\r\n\r\nGET /b HTTP/1.0\r\n\r\nGET /c HTTP/1.0\r\n\r\n").unwrap();
    let paths: Vec<_> = heads.iter().map(|head| head.request.uri().path()).collect();
    assert_eq!(paths, ["/a", "/b", "/c"]);
}

proptest! {
    #[test]
    fn no_input_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }

    #[test]
    fn nothing_almost_right_makes_it_panic(
        parts in prop::collection::vec(prop::sample::select(&[
            "GET", "POST", " ", "/", "*", "http://", "[::1]", ":80", " HTTP/1.1", "\r\n", "\n",
            "Host", ": ", "x", "\r\n\r\n", "Content-Length: 1", "Transfer-Encoding: chunked",
            "Connection: close", "Expect: 100-continue", "@", "#", "?", "%", "\u{e9}", "\0",
        ][..]), 0..20),
    ) {
        let text = parts.concat();
        if let Ok(Some(head)) = read(&text) {
            prop_assert!(head.length <= text.len());
            prop_assert!(head.request.headers().contains_key("host")
                || head.request.version() == Version::HTTP_10);
        }
    }

    #[test]
    fn a_head_cut_short_is_never_complete(cut in 0usize..88) {
        let head = "GET /path HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\nContent-Length: 10\r\nX: y\r\n\r\n";
        prop_assume!(cut < head.len());
        prop_assert!(read(&head[..cut]).unwrap().is_none());
    }
}
