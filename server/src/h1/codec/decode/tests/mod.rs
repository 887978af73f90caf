//! What is taken and what is not: whole heads, and heads that follow one another.

mod fields;
mod request_line;

use super::*;
use bytes::Buf;
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
    pool: BufferPool,
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
            pool: &mut self.pool,
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
    assert_eq!(status_of(&"M".repeat(300)), 501);
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
