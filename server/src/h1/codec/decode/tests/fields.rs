//! The header lines that the connection obeys: which are taken, which are refused, and why.

use super::*;

/// A request with one header more.
fn with(header: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n")
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
