//! What good clients ask. Each of them is a loop of its own on a connection of its own.

use std::net::SocketAddr;
use std::rc::Rc;

use runtime::task::JoinSet;
use runtime::time::{Duration, Instant, sleep};
use serde_json::{Value, json};

use crate::client::{Client, check};
use crate::sockets;
use crate::table::Table;

/// Pages, scripts and lists that need nothing but to be asked for.
const PAGES: [&str; 28] = [
    "/",
    "/favicon.ico",
    "/api/data",
    "/api/stats",
    "/assets/chat.js",
    "/assets/events.js",
    "/assets/home.js",
    "/assets/items.js",
    "/assets/lab-pictures.js",
    "/assets/lab.js",
    "/assets/orders.js",
    "/assets/proxy.js",
    "/assets/style.css",
    "/assets/uploads.js",
    "/chat",
    "/events/page",
    "/health",
    "/items/page",
    "/lab",
    "/lab/state",
    "/metrics",
    "/orders/health",
    "/orders/metrics",
    "/orders/page",
    "/proxy",
    "/ready",
    "/routes",
    "/source",
];

/// Starts `$work(&mut client, number of the round)` again and again, with this pause.
macro_rules! again {
    ($clients:expr, $address:expr, $table:expr, $until:expr, $pause:expr, $work:path) => {{
        let mut client = Client::new($address, $table);
        let until = $until;
        $clients.spawn(async move {
            let mut round = 0;
            while Instant::now() < until {
                round += 1;
                if let Err(error) = $work(&mut client, round).await {
                    let work = stringify!($work);
                    let error = format!("{work}, round {round}: {error}");
                    client.table.fail(error);
                }
                sleep(Duration::from_millis($pause)).await;
            }
        });
    }};
}

pub(crate) fn begin(
    clients: &mut JoinSet<()>,
    address: SocketAddr,
    table: &Rc<Table>,
    until: Instant,
) {
    again!(clients, address, table, until, 5, pages);
    again!(clients, address, table, until, 5, echoes);
    again!(clients, address, table, until, 5, items);
    again!(clients, address, table, until, 5, items);
    again!(clients, address, table, until, 500, orders);
    again!(clients, address, table, until, 20, uploads);
    again!(clients, address, table, until, 5, proxied);
    again!(clients, address, table, until, 20, proxied_upload);
    again!(clients, address, table, until, 100, lab);
    again!(clients, address, table, until, 20, sockets::pipelined);
    again!(clients, address, table, until, 20, sockets::echo);
    again!(clients, address, table, until, 20, sockets::proxied_echo);
    again!(clients, address, table, until, 50, sockets::chat);
    again!(clients, address, table, until, 50, sockets::events);
}

async fn pages(client: &mut Client, _round: u64) -> Result<(), String> {
    for page in PAGES {
        let answer = client.get(page, page).await?;
        check(!answer.body.is_empty(), "an empty page")?;
    }
    let answer = client.get("/source/{*path}", "/source/main.rs").await?;
    check(
        answer.body.starts_with(b"//! "),
        "the source is not a program's",
    )
}

async fn echoes(client: &mut Client, round: u64) -> Result<(), String> {
    let long = "echo ".repeat(usize::try_from(round % 1000).unwrap_or(0) * 10 + 1);
    let (route, plain) = ("/api/echo", [("content-type", "text/plain")]);
    let sent = long.clone().into_bytes();
    let answer = client
        .send("POST", route, route, &plain, sent, &[200])
        .await?;
    check(answer.body == long.as_bytes(), "the echo is another text")?;
    let said = json!({ "name": "soak", "message": format!("round {round}") });
    let answer = client
        .post("/submit", "/submit", &said.to_string(), &[200])
        .await?;
    check(answer.json()? == said, "what was submitted came back other")
}

async fn items(client: &mut Client, round: u64) -> Result<(), String> {
    const ONE: &str = "/items/{id}";
    let new = json!({ "name": format!("soak {round}"), "quantity": 1 }).to_string();
    let made = client.post("/items", "/items", &new, &[201]).await?;
    let (path, tag) = (made.header("location"), made.header("etag"));
    let read = client.get(ONE, &path).await?;
    check(read.json()? == made.json()?, "another item than was made")?;
    let known = [("if-none-match", tag.as_str())];
    client.send("GET", ONE, &path, &known, "", &[304]).await?;

    let json = ("content-type", "application/json");
    let current = [json, ("if-match", tag.as_str())];
    let put = json!({ "name": format!("again {round}") }).to_string();
    let put = client
        .send("PUT", ONE, &path, &current, put, &[200])
        .await?;
    let patch = r#"{"quantity":7}"#;
    client
        .send("PATCH", ONE, &path, &current, patch, &[412])
        .await?;
    let tag = put.header("etag");
    let current = [json, ("if-match", tag.as_str())];
    let changed = client
        .send("PATCH", ONE, &path, &current, patch, &[200])
        .await?;
    check(changed.json()?["quantity"] == 7, "the change is not there")?;

    client.get("/items", "/items?page=1&per_page=20").await?;
    let found = client.get("/api/search", "/api/search?q=again").await?;
    check(found.json()?["total"] != 0, "the search found nothing")?;
    client.send("DELETE", ONE, &path, &[], "", &[204]).await?;
    client.send("GET", ONE, &path, &[], "", &[404]).await?;
    Ok(())
}

async fn orders(client: &mut Client, round: u64) -> Result<(), String> {
    let new = json!({ "customer": "soak", "product": "weft", "quantity": round % 9 + 1 });
    let made = client
        .post("/orders", "/orders", &new.to_string(), &[201])
        .await?;
    let id = made.json()?["id"].clone();
    let path = format!("/orders/{id}");
    let read = client.get("/orders/{id}", &path).await?.json()?;
    check(read["product"] == "weft", "another order than was made")?;
    // The workers may have been quicker than the client, and a shipped order stays shipped.
    let (route, path) = ("/orders/{id}/status", format!("{path}/status"));
    let cancel = r#"{"status":"cancelled"}"#;
    client.post(route, &path, cancel, &[200, 409]).await?;
    let newest = client.get("/orders", "/orders").await?.json()?;
    let newest = newest.as_array().map_or(&[][..], |it| it);
    let is_there = newest.iter().any(|order| order["id"] == id);
    check(is_there, "the order is not among the newest")?;
    client.get("/orders/jobs", "/orders/jobs").await?;
    // There is no such job, or it has not failed: nothing to try again.
    let retry = "/orders/jobs/999999999/retry";
    client
        .post("/orders/jobs/{id}/retry", retry, "", &[404])
        .await?;
    Ok(())
}

/// A form with one file.
fn form(name: &str, text: &str) -> String {
    format!(
        "--soak\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/plain\r\n\r\n{text}\r\n--soak--\r\n"
    )
}

/// Uploads, lists, downloads whole and in part, deletes.
async fn upload(
    client: &mut Client,
    proxied: Option<&'static str>,
    name: &str,
    text: &str,
) -> Result<(), String> {
    let prefix = proxied.map_or("", |_| "/proxy");
    let (upload, list) = (format!("{prefix}/upload"), format!("{prefix}/uploads"));
    let path = format!("{list}/{name}");
    let route = |own| proxied.unwrap_or(own);
    let kind = [("content-type", "multipart/form-data; boundary=soak")];
    let body = form(name, text);
    client
        .send("POST", route("/upload"), &upload, &kind, body, &[201])
        .await?;
    let json = [("accept", "application/json")];
    let listed = client
        .send("GET", route("/uploads"), &list, &json, "", &[200])
        .await?;
    let is_listed = String::from_utf8_lossy(&listed.body).contains(name);
    check(is_listed, "the upload is not listed")?;
    let one = route("/uploads/{name}");
    let whole = client.get(one, &path).await?;
    check(whole.body == text.as_bytes(), "another file came back")?;
    let range = [("range", "bytes=5-9")];
    let part = client.send("GET", one, &path, &range, "", &[206]).await?;
    check(part.body == text.as_bytes()[5..10], "another part")?;
    client.send("DELETE", one, &path, &[], "", &[204]).await?;
    client.send("GET", one, &path, &[], "", &[404]).await?;
    Ok(())
}

async fn uploads(client: &mut Client, round: u64) -> Result<(), String> {
    let length = usize::try_from(round % 50).unwrap_or(0) * 2000 + 1;
    let text = format!("round {round} ").repeat(length.div_ceil(8).max(2));
    upload(client, None, &format!("soak{round}.txt"), &text).await
}

/// The same at the backend.
async fn proxied_upload(client: &mut Client, round: u64) -> Result<(), String> {
    let text = format!("round {round} ").repeat(5000);
    let name = format!("behind{round}.txt");
    upload(client, Some("/proxy/… (upload)"), &name, &text).await
}

async fn proxied(client: &mut Client, round: u64) -> Result<(), String> {
    const ROUTE: &str = "/proxy/…";
    let answer = client.get(ROUTE, "/proxy/api/data").await?;
    let message = &answer.json()?["message"];
    check(message == "Hello from Treadle", "another message")?;
    let said = format!("round {round}").repeat(500);
    let answer = client.post(ROUTE, "/proxy/api/echo", &said, &[200]).await?;
    check(answer.body == said.as_bytes(), "the echo is another text")?;
    client
        .send("GET", ROUTE, "/proxy/nothing", &[], "", &[404])
        .await?;
    Ok(())
}

/// The lab refuses and fails on purpose. So only that it answers in one of its ways is checked.
async fn lab(client: &mut Client, round: u64) -> Result<(), String> {
    const CALL: [u16; 5] = [200, 429, 502, 503, 409];
    for call in [
        "/lab/rate",
        "/lab/shed",
        "/lab/breaker",
        "/lab/retry",
        "/lab/cancel/start",
    ] {
        client.post(call, call, "", &CALL).await?;
    }
    for (route, path) in [
        ("/lab/bulkhead/{priority}", "/lab/bulkhead/high"),
        ("/lab/bulkhead/{priority}", "/lab/bulkhead/low"),
        ("/lab/cancel/{branch}", "/lab/cancel/all"),
        ("/lab/supervisor/crash/{worker}", "/lab/supervisor/crash/1"),
        ("/lab/supervisor/start", "/lab/supervisor/start"),
    ] {
        client.post(route, path, "", &CALL).await?;
    }
    for settings in [
        "/lab/rate/settings",
        "/lab/shed/settings",
        "/lab/bulkhead/settings",
        "/lab/breaker/settings",
        "/lab/retry/settings",
        "/lab/cancel/settings",
        "/lab/supervisor/settings",
    ] {
        let state: Value = client
            .post(settings, settings, "{}", &[200])
            .await?
            .json()?;
        check(state.is_object(), &format!("no state in round {round}"))?;
    }
    Ok(())
}
