//! A head is read alike however it was cut into packets.

use super::tests::{Reader, status_of};
use super::*;
use crate::h1::codec::methods::Methods;
use proptest::prelude::*;

/// Heads that are refused, with what, and `¦` behind the byte that makes it certain.
static REFUSED: &[(u16, &str)] = &[
    // The request line, byte by byte.
    (400, "\x16¦\x03\x01"),
    (400, " ¦GET / HTTP/1.1\r\n\r\n"),
    (400, "G@¦T / HTTP/1.1\r\n\r\n"),
    (400, "GET\t¦/ HTTP/1.1\r\n\r\n"),
    (400, "GET\r¦\n\r\n"),
    (400, "GET  ¦/ HTTP/1.1\r\n\r\n"),
    (400, "GET /\r¦\n\r\n"),
    (400, "GET /\n¦\n"),
    (400, "GET /a\t¦b HTTP/1.1\r\n\r\n"),
    (400, "GET /\u{7f}¦ HTTP/1.1\r\n\r\n"),
    (400, "GET /  ¦HTTP/1.1\r\n\r\n"),
    (400, "GET /a b¦ HTTP/1.1\r\n\r\n"),
    (400, "GET / h¦ttp/1.1\r\n\r\n"),
    (400, "GET / HTTP/11¦\r\n\r\n"),
    (400, "GET / HTTP/x¦.1\r\n\r\n"),
    (400, "GET / HTTP/1.x¦\r\n\r\n"),
    (400, "GET / HTTP/1.1 ¦\r\n\r\n"),
    (400, "GET / HTTP/1.1\n¦\n"),
    (400, "GET / HTTP/1.1\rA¦\n\r\n"),
    (400, "GET / HTTP/1.10¦\r\n\r\n"),
    (505, "GET / HTTP/2.0¦\r\n\r\n"),
    (505, "GET / HTTP/0.9¦\r\n\r\n"),
    (505, "PRI * HTTP/2.0¦\r\n\r\nSM\r\n\r\n"),
    // What the request line means.
    (501, "BREW / HTTP/1.1\r\n¦\r\n"),
    (501, "get / HTTP/1.1\r\n¦\r\n"),
    (501, "CONNECT x:443 HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET * HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET a/b HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET /#a HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET /% HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET /%zz?a HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET http://u@x/ HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (400, "GET http://x%2/ HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    (421, "GET https://x/ HTTP/1.1\r\n¦Host: x\r\n\r\n"),
    // Header lines, byte by byte.
    (400, "GET / HTTP/1.1\r\n ¦Host: x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\n:¦ x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\n\n¦"),
    (400, "GET / HTTP/1.1\r\n\rA¦"),
    (400, "GET / HTTP/1.1\r\nHost ¦: x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost\r¦\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHo(¦st: x\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\n¦\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\rA¦: b\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nA: \0¦\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n ¦c\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\t¦c\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\n\r\r¦"),
    // What the header lines mean.
    (400, "GET / HTTP/1.1\r\n\r\n¦"),
    (400, "GET / HTTP/1.1\r\nA: b\r\n\r\n¦"),
    (400, "GET / HTTP/1.1\r\nHost: a%4\r\n¦\r\n"),
    (400, "GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n¦\r\n"),
    (417, "GET / HTTP/1.1\r\nExpect: x\r\n¦Host: a b\r\n\r\n"),
    (400, "GET / HTTP/1.1\r\nContent-Length: a\r\n¦\r\n"),
    (
        400,
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n¦\r\n",
    ),
    (
        400,
        "GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n¦\r\n",
    ),
    (400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n¦\r\n"),
    (
        501,
        "GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n¦\r\n",
    ),
    (
        413,
        "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n¦\r\n",
    ),
];

#[test]
fn a_refusal_does_not_depend_on_the_cut_and_comes_with_the_byte_that_makes_it_certain() {
    for (expected, marked) in REFUSED {
        let (before, after) = marked.split_once('¦').expect("a mark");
        let wire = format!("{before}{after}");
        let whole = Reader::default().read(wire.as_bytes()).unwrap_err();
        assert_eq!(whole.status().as_u16(), *expected, "{wire:?}: {whole}");
        for cut in 0..=wire.len() {
            let mut reader = Reader::default();
            let first = reader.read(&wire.as_bytes()[..cut]);
            if cut < before.len() {
                assert!(
                    matches!(first, Ok(None)),
                    "{wire:?} cut at {cut}: {first:?}"
                );
                assert_eq!(reader.read(wire.as_bytes()).unwrap_err(), whole);
            } else {
                assert_eq!(first.unwrap_err(), whole, "{wire:?} cut at {cut}");
            }
        }
        let mut reader = Reader::default();
        let steps = 1..=wire.len();
        let first = steps.map(|end| reader.read(&wire.as_bytes()[..end]));
        let refused = first.take_while(Result::is_ok).count() + 1;
        assert_eq!(refused, before.len(), "{wire:?} byte by byte");
    }
}

#[test]
fn limits_do_not_depend_on_the_cut() {
    let config = Config {
        max_head: 60,
        max_target: 20,
        ..Config::default()
    };
    for (expected, wire) in [
        (414, format!("GET /{} HTTP/1.1\r\n", "a".repeat(20))),
        (
            431,
            format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(60)),
        ),
        (
            431,
            format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "a".repeat(35)),
        ),
    ] {
        for cut in 0..=wire.len() {
            let mut reader = Reader::new(&config);
            let refused = match reader.read(&wire.as_bytes()[..cut]) {
                Err(refusal) => refusal,
                Ok(_) => reader.read(wire.as_bytes()).unwrap_err(),
            };
            assert_eq!(refused.status().as_u16(), expected, "{wire:?} cut at {cut}");
        }
    }
}

#[test]
fn a_connect_is_refused_alike_however_it_is_cut() {
    let config = Config {
        methods: Methods::And(vec![Method::CONNECT]),
        ..Config::default()
    };
    for (marked, is_well) in [
        ("CONNECT / HTTP/1.1\r\n¦Host: x\r\n\r\n", false),
        ("CONNECT x HTTP/1.1\r\n¦Host: x\r\n\r\n", false),
        ("CONNECT x:0 HTTP/1.1\r\n¦Host: x\r\n\r\n", false),
        (
            "CONNECT x:1 HTTP/1.1\r\nContent-Length: 1\r\n¦Host: x\r\n\r\n",
            false,
        ),
        (
            "CONNECT x:1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n¦\r\n",
            false,
        ),
        (
            "CONNECT x:1 HTTP/1.1\r\nContent-Length: 0\r\nHost: x\r\n\r\n¦",
            true,
        ),
    ] {
        let (before, after) = marked.split_once('¦').expect("a mark");
        let wire = format!("{before}{after}");
        for cut in 0..=wire.len() {
            let mut reader = Reader::new(&config);
            let first = reader.read(&wire.as_bytes()[..cut]);
            if cut < before.len() {
                assert!(matches!(first, Ok(None)), "{wire:?} cut at {cut}");
                assert_eq!(reader.read(wire.as_bytes()).is_ok(), is_well, "{wire:?}");
            } else {
                assert_eq!(first.is_ok(), is_well, "{wire:?} cut at {cut}");
            }
        }
    }
}

#[test]
fn a_later_minor_version_is_read_as_ours_however_it_is_cut() {
    for minor in '2'..='9' {
        let wire =
            format!("POST /a HTTP/1.{minor}\r\nHost: x\r\nA: b\r\nContent-Length: 3\r\n\r\nabc");
        for cut in 0..wire.len() {
            let mut reader = Reader::default();
            let first = reader.read(&wire.as_bytes()[..cut]).unwrap();
            let head = first
                .or_else(|| reader.read(wire.as_bytes()).unwrap())
                .unwrap();
            assert_eq!(head.length, wire.len() - 3);
            assert_eq!(head.request.version(), Version::HTTP_11);
            assert_eq!(head.request.headers()["a"], "b");
            assert_eq!(head.facts.framing, Framing::Length(3));
        }
    }
    let pipelined =
        "GET /a HTTP/1.2\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: y\r\n\r\n".repeat(2);
    let heads = super::tests::read_all(pipelined.as_bytes()).unwrap();
    let seen: Vec<_> = heads
        .iter()
        .map(|head| format!("{:?}{}", head.request.headers()["host"], head.request.uri()))
        .collect();
    assert_eq!(seen, ["\"x\"/a", "\"y\"/b", "\"x\"/a", "\"y\"/b"]);
    assert_eq!(status_of("GET /a HTTP/1.2\r\n\r\n"), 400, "no Host");
}

static HEADS: &[&str] = &[
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /a%41/b?c=%d HTTP/1.2\r\nHost: a%41.example:80\r\nContent-Length: 12\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nExpect: 100-continue,\r\nA:  \tb\u{e9} \t\r\n\r\n",
    "HEAD http://x/ HTTP/1.0\r\nConnection: , close\r\nX!-~: \r\n\r\n",
    "PUT /a HTTP/1.1\r\nhost:\r\nTransfer-Encoding: ,chunked\r\n\r\n",
];

/// A head with a few bytes changed, removed or added.
fn almost_right() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(&b" \r\n\t:,/%;=\"#@x1\0\x7f"[..])
    ];
    let change = (0usize..3, any::<prop::sample::Index>(), byte);
    let head = prop::sample::select(HEADS);
    (head, prop::collection::vec(change, 0..4)).prop_map(|(head, changes)| {
        let mut head = head.as_bytes().to_vec();
        for (kind, at, byte) in changes {
            let at = at.index(head.len());
            match kind {
                0 => head[at] = byte,
                1 => head.insert(at, byte),
                _ => drop(head.remove(at)),
            }
        }
        head
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn parser_and_slow_reader_agree(head in almost_right()) {
        // Empty lines in front of a head are taken away before it is read.
        prop_assume!(!matches!(head.first(), Some(b'\r' | b'\n') | None));
        let mut scan = Scan::default();
        let slow = scan.advance(&head, &Config::default());
        let mut reader = Reader::default();
        match reader.read(&head) {
            Ok(Some(fast)) => {
                prop_assert_eq!(slow, Ok(true));
                prop_assert_eq!(scan.length(), fast.length);
            }
            Ok(None) => prop_assert_eq!(slow, Ok(false)),
            Err(refusal) => prop_assert_eq!(slow, Err(refusal), "the parser alone refuses"),
        }
    }

    #[test]
    fn no_cut_changes_what_is_read(head in almost_right(), cut in any::<prop::sample::Index>()) {
        prop_assume!(!matches!(head.first(), Some(b'\r' | b'\n') | None));
        let whole = Reader::default().read(&head);
        let mut reader = Reader::default();
        let first = reader.read(&head[..cut.index(head.len())]);
        let cut = match first {
            Ok(None) => reader.read(&head),
            known => known,
        };
        prop_assert_eq!(format!("{cut:?}"), format!("{whole:?}"));
    }
}
