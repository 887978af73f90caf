//! The bodies of the fuzz targets, with random bytes: see `fuzz_bodies`.
//!
//! Each gets 256 inputs, or as many as the variable `PROPTEST_CASES` says. A finding of the fuzzer
//! becomes a line of `findings/` (`corpora.rs`).

#![forbid(unsafe_code)]

use fuzz_bodies::{chunked_body, client_response, macros, request_head, response, timers};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Pieces of which requests are made, many of them wrong.
const HEADS: [&str; 40] = [
    "GET / HTTP/1.1\r\n",
    "POST /a?b=c HTTP/1.1\r\n",
    "HEAD /x HTTP/1.0\r\n",
    "OPTIONS * HTTP/1.1\r\n",
    "GET http://h/p HTTP/1.1\r\n",
    "CONNECT h:1 HTTP/1.1\r\n",
    "PUT /%zz HTTP/1.1\r\n",
    "BREW / HTTP/1.1\r\n",
    "GET / HTTP/1.2\r\n",
    "GET / HTTP/2.0\r\n",
    "GET  / HTTP/1.1\r\n",
    "GET /\u{e9} HTTP/1.1\r\n",
    "Host: x\r\n",
    "Host: x\r\n",
    "Host: x\r\n",
    "Host: a%zz\r\n",
    "Host:\r\n",
    "hOST: y:80\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: , chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Expect: 100-continue\r\n",
    "Expect: x, 100-continue\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "X: y\n",
    " folded\r\n",
    "X:\0\r\n",
    "\r\n",
    "\r\n",
    "\r\n",
];

/// Pieces of which chunked bodies are made.
const CHUNKS: [&str; 24] = [
    "0\r\n",
    "0\r\n",
    "0\r\n\r\n",
    "1\r\nx\r\n",
    "3\r\nabc\r\n",
    "5\r\nhello\r\n",
    "A\r\n0123456789\r\n",
    "003\r\nabc\r\n",
    "00000000000000003\r\nabc\r\n",
    "3;a\r\nabc\r\n",
    "3 ; a = \"b;\\\"\" \r\nabc\r\n",
    "3;a=\"b\r\nabc\r\n",
    "3;\r\nabc\r\n",
    "3;;;\r\nabc\r\n",
    "3 \r\nabc\r\n",
    "3;a=b;c\r\nabc\r\n",
    "3;a=\r\nabc\r\n",
    "3\nabc\n",
    "4\r\nabc\r\n",
    "2\r\nabc\r\n",
    "g\r\n",
    "A: b\r\n",
    "\r\n",
    "hello",
];

/// Pieces of which responses are made, many of them wrong.
const RESPONSES: [&str; 44] = [
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching\r\n\r\n",
    "HTTP/1.1 204 No\r\n",
    "HTTP/1.1 304 Not\r\n",
    "HTTP/1.0 200 OK\r\n",
    "HTTP/1.1 404\r\n",
    "HTTP/1.1 99 x\r\n",
    "HTTP/1.2 200 OK\r\n",
    "HTTP/2 200\r\n",
    "ICY 200 OK\r\n",
    "\r\n",
    "\r\n",
    "\r\n",
    "\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: 05\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: 0\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "X: y\n",
    " folded\r\n",
    "X:\0\r\n",
    "5\r\nhello\r\n",
    "3;a=b\r\nabc\r\n",
    "3;\r\nabc\r\n",
    "0\r\n\r\n",
    "0\r\nA: b\r\n\r\n",
    "0\r\n",
    "hello",
    "world",
    "\n",
];

/// Some of these pieces in a row, a few bytes between them changed, and cuts before it all.
fn text(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let cuts = (0..8_u8).prop_flat_map(|cuts| {
        vec(any::<u8>(), usize::from(cuts) * 2)
            .prop_map(move |places| [vec![cuts], places].concat())
    });
    let changes = vec((any::<usize>(), any::<u8>()), 0..3);
    (cuts, vec(select(pieces), 0..14), changes).prop_map(|(cuts, pieces, changes)| {
        let mut wire = pieces.concat().into_bytes();
        for (place, byte) in changes {
            if !wire.is_empty() && byte < 64 {
                let place = place % wire.len();
                wire[place] = byte;
            }
        }
        [cuts, wire].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_are_read_as_another_parser_reads_them_however_they_are_cut(data in text(&HEADS)) {
        request_head(&data);
    }

    #[test]
    fn chunked_bodies_are_read_to_the_letter_of_the_grammar(data in text(&CHUNKS)) {
        chunked_body(&data);
    }

    #[test]
    fn a_client_reads_the_answer_that_the_handler_gave(data in vec(any::<u8>(), 0..120)) {
        response(&data);
    }

    #[test]
    fn responses_are_read_as_another_parser_reads_them_however_they_are_cut(
        method in any::<u8>(),
        data in text(&RESPONSES),
    ) {
        client_response(&[&[method], &data[..]].concat());
    }

    #[test]
    fn timers_fire_as_an_ordered_map_says(data in vec(any::<u8>(), 0..400)) {
        timers(&data);
    }

    #[test]
    fn macros_do_what_their_rule_says(data in vec(any::<u8>(), 0..12)) {
        macros(&data);
    }
}
