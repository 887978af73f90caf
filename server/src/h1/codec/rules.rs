//! Where the rules stand that a refused request has broken.

/// The reason of a refusal, and the rule.
const RULES: &[(&str, &str)] = &[
    (
        "a blank stands before the colon of a header",
        "RFC 9112, section 5.1",
    ),
    ("a header line is folded", "RFC 9112, section 5.2"),
    ("a line does not end in CR LF", "RFC 9112, section 2.2"),
    (
        "the request line does not end in a version",
        "RFC 9112, section 3",
    ),
    (
        "the request target holds what it must not",
        "RFC 9112, section 3.2",
    ),
    (
        "Content-Length and Transfer-Encoding exclude each other",
        "RFC 9112, section 6.3",
    ),
    (
        "HTTP/1.0 does not know Transfer-Encoding",
        "RFC 9112, section 6.1",
    ),
    ("a header's name is malformed", "RFC 9112, section 5.1"),
    ("a header's value is malformed", "RFC 9110, section 5.5"),
    ("a line ends in LF without CR", "RFC 9112, section 2.2"),
    ("more than one Content-Length", "RFC 9112, section 6.3"),
    ("more than one Host header", "RFC 9112, section 3.2"),
    ("more than one Transfer-Encoding", "RFC 9112, section 6.1"),
    (
        "the Content-Length is not a number",
        "RFC 9110, section 8.6",
    ),
    ("the Host header is malformed", "RFC 9112, section 3.2"),
    ("the Host header is missing", "RFC 9112, section 3.2"),
    (
        "the Transfer-Encoding does not end in one chunked",
        "RFC 9112, section 6.3",
    ),
    (
        "the body is larger than allowed",
        "RFC 9110, section 15.5.14",
    ),
    ("the body is malformed", "RFC 9112, section 7.1"),
    ("the body took too long", "RFC 9110, section 15.5.9"),
    (
        "the head of the request is malformed",
        "RFC 9112, section 2.1",
    ),
    (
        "the head of the request is too large",
        "RFC 6585, section 5",
    ),
    (
        "the head of the request took too long",
        "RFC 9110, section 15.5.9",
    ),
    ("the method is malformed", "RFC 9112, section 3.1"),
    (
        "the only expectation this server knows is 100-continue",
        "RFC 9110, section 10.1.1",
    ),
    (
        "the request does not begin with a method",
        "RFC 9112, section 3",
    ),
    ("the request has too many headers", "RFC 6585, section 5"),
    ("the request target is malformed", "RFC 9112, section 3.2"),
    (
        "the request target is too long",
        "RFC 9110, section 15.5.15",
    ),
    (
        "the server holds as many bodies as it may",
        "RFC 9110, section 15.6.4",
    ),
    (
        "the target * is for OPTIONS only",
        "RFC 9112, section 3.2.4",
    ),
    (
        "the target holds a byte beyond ASCII",
        "RFC 3986, section 2",
    ),
    ("the target holds a fragment", "RFC 9112, section 3.2"),
    (
        "the target of CONNECT is not a host and a port",
        "RFC 9110, section 9.3.6",
    ),
    ("a CONNECT has no content", "RFC 9110, section 9.3.6"),
    (
        "an https address was asked for on a connection that is not secure",
        "RFC 9110, section 7.4",
    ),
    (
        "the target's percent-encoding is broken",
        "RFC 3986, section 2.1",
    ),
    (
        "this server does not know the method",
        "RFC 9110, section 15.6.2",
    ),
    ("this server is not a proxy", "RFC 9110, section 9.3.6"),
    (
        "this server knows no Transfer-Encoding but chunked",
        "RFC 9112, section 6.1",
    ),
    (
        "this server speaks HTTP/1.1 and HTTP/1.0",
        "RFC 9110, section 15.6.6",
    ),
    (
        "too many empty lines before the request",
        "RFC 9112, section 2.2",
    ),
];

/// The rule behind a reason.
pub(super) fn rule(reason: &str) -> Option<&'static str> {
    let found = RULES.iter().find(|(known, _)| *known == reason);
    found.map(|(_, rule)| *rule)
}
