//! The first line of a request and what it asks for (RFC 9112, section 3, and RFC 9110, sections
//! 4 and 7); the rows of `rfc.md` name these tests.

mod support;

use server::Config;
use support::{connect, connect_to_site, site};

/// The status of a request with this first line.
async fn status(line: &str) -> u16 {
    let mut peer = connect(site);
    peer.send(format!("{line}\r\nHost: x\r\n\r\n")).await;
    peer.answer().await.status.as_u16()
}

/// RFC 9110, section 7.4: this connection is not a secure one.
#[runtime::test(start_paused = true)]
async fn an_https_address_is_refused_unless_the_connection_is_secure() {
    let ask = "GET https://x/a HTTP/1.1\r\nHost: x\r\n\r\n";
    for cut in [ask.len(), 25] {
        let mut peer = connect(site);
        peer.send(&ask[..cut]).await;
        runtime::task::yield_now().await;
        peer.send(&ask[cut..]).await;
        let answer = peer.answer().await;
        assert_eq!(answer.status, 421);
        assert!(answer.closes());
        let refusal = peer.end().await.unwrap_err().refusal().unwrap();
        assert_eq!(refusal.rule(), Some("RFC 9110, section 7.4"));
    }
    let mut peer = connect_to_site(Config {
        is_secure: true,
        ..Config::default()
    });
    peer.send(ask).await;
    assert_eq!(peer.answer().await.text(), "GET /a");
}

#[runtime::test(start_paused = true)]
async fn a_method_longer_than_any_other_is_not_implemented() {
    for length in [257, 300, 5000] {
        assert_eq!(
            status(&format!("{} / HTTP/1.1", "M".repeat(length))).await,
            501
        );
    }
    let mut peer = connect(site);
    peer.send("M".repeat(257)).await;
    assert_eq!(peer.answer().await.status, 501, "before it ends");
}

#[runtime::test(start_paused = true)]
async fn a_request_line_of_8000_bytes_is_served() {
    assert_eq!(
        status(&format!("GET /{} HTTP/1.1", "a".repeat(8000))).await,
        200
    );
    let address = format!("GET http://x/{} HTTP/1.1", "a".repeat(8000));
    assert_eq!(status(&address).await, 200);
}

#[runtime::test(start_paused = true)]
async fn an_address_without_a_host_or_with_a_user_is_refused() {
    for target in [
        "http:///",
        "http://:80/",
        "http://u@x/",
        "http://u:p@x/",
        "x:80",
        "x",
        "*",
        "http://x/#a",
    ] {
        assert_eq!(
            status(&format!("GET {target} HTTP/1.1")).await,
            400,
            "{target}"
        );
    }
}
