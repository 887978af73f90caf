use super::*;

#[test]
fn the_commands_name_the_address_that_was_asked_at() {
    for addr in [
        "example.org",
        "localhost:8080",
        "[::1]:3000",
        "10.0.0.1:80",
        "a_b-c",
    ] {
        let page = text(addr.as_bytes());
        assert!(
            page.contains(&format!("curl -i 'http://{addr}/api/data'\n")),
            "{addr}"
        );
        assert!(!page.contains(DEFAULT));
        assert_eq!(page.matches(addr).count(), TEXT.matches(DEFAULT).count());
    }
}

#[test]
fn an_address_that_could_be_anything_else_is_not_repeated() {
    let long = "a".repeat(256);
    for addr in [
        "",
        "<script>alert(1)</script>",
        "x\"onload=y",
        "x'y",
        "x&lt;",
        "x;reboot",
        "$(reboot)",
        "`reboot`",
        "x%3Cb%3E",
        "x y",
        "x/y",
        "-o",
        "sch\u{f6}n.de",
        &long,
    ] {
        assert_eq!(text(addr.as_bytes()), TEXT, "{addr:?}");
    }
    assert_eq!(text(b"\xff\xfe"), TEXT);
}

#[test]
fn the_icon_is_one_picture_of_16_by_16() {
    let word = |at: usize| u32::from_le_bytes(ICON[at..at + 4].try_into().expect("four bytes"));
    assert_eq!(ICON[..8], [0, 0, 1, 0, 1, 0, 16, 16]);
    assert_eq!((word(14) + word(18)) as usize, ICON.len());
}

#[runtime::test(start_paused = true)]
async fn health_is_one_word_and_json_for_those_who_ask_for_it() {
    let client = server::testing::TestClient::new(routes());
    for accept in ["*/*", "text/html", "application/jsonx"] {
        let answer = client.get("/health").header("accept", accept).await;
        assert_eq!(answer.text().await, "ok\n", "{accept}");
    }
    let asked = "text/html;q=0.5, Application/JSON;q=0.9";
    let answer = client.get("/health").header("accept", asked).await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let health: serde_json::Value = answer.json().await;
    assert_eq!(health["status"], "ok");
    assert!(
        health["timestamp"].as_u64() > Some(1_700_000_000_000),
        "{health}"
    );
}
