use std::cell::Cell;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

use futures_lite::{StreamExt, stream};
use http::StatusCode;
use runtime::time::sleep;
use serde_json::Value;
use server::Body;
use server::testing::{TestClient, TestResponse, TestServer};
use tempfile::TempDir;

use super::part::PREFIX;
use super::*;
use crate::form_of_files::{KIND, form};

mod refusals;

/// Little, so that a test can pass each limit. The longest text has more bytes than a head.
const LIMITS: Options = Options {
    max_upload: 64 * 1024,
    max_upload_file: Some(24 * 1024),
    max_uploads: 100 * 1024,
    max_uploaded_files: 5,
};

struct Site {
    data: TempDir,
    server: TestServer,
    client: TestClient,
}

impl Site {
    async fn new() -> Self {
        let data = TempDir::new().unwrap();
        Site::at(data, &LIMITS).await
    }

    async fn at(data: TempDir, limits: &Options) -> Self {
        let metrics = Metrics::default();
        let routes = open(data.path(), limits, &metrics).await.unwrap();
        let server = TestServer::new(routes.merge(metrics.routes()));
        let client = server.client();
        Site {
            data,
            server,
            client,
        }
    }

    async fn post(&self, form: Vec<u8>) -> TestResponse {
        let request = self.client.post("/upload").header("content-type", KIND);
        request.body(form).await
    }

    async fn upload(&self, name: &str, content: &[u8]) -> StatusCode {
        self.post(form(&[(name, content)])).await.status()
    }

    /// What is in the folder, parts as well.
    fn names(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(self.data.path().join("uploads")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    async fn tag(&self, path: &str) -> String {
        let response = self.client.get(path).await;
        response.header("etag").unwrap().to_owned()
    }

    async fn number(&self, line: &str) -> bool {
        let metrics = self.client.get("/metrics").await.text().await;
        metrics.lines().any(|found| found == line)
    }
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[runtime::test(start_paused = true)]
async fn what_was_uploaded_is_listed_sent_back_and_deleted() {
    let site = Site::new().await;
    let text = "wool ".repeat(4000);
    let response = site.post(form(&[("a b.txt", text.as_bytes())])).await;
    assert_eq!(response.status(), 201);
    assert_eq!(response.header("location"), Some("/uploads/a%20b.txt"));
    let files: Value = response.json().await;
    assert_eq!(files["files"][0]["name"], "a b.txt");
    assert_eq!(files["files"][0]["size"], 20_000);
    assert_eq!(files["files"][0]["type"], "text/plain");

    let list = site
        .client
        .get("/uploads")
        .header("accept", "application/json");
    let list: Value = list.await.json().await;
    assert_eq!(list["files"], files["files"]);

    let response = site.client.get("/uploads/a%20b.txt").await;
    assert_eq!(response.status(), 200);
    assert_eq!(
        response.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    let disposition = "attachment; filename=\"a b.txt\"; filename*=UTF-8''a%20b.txt";
    assert_eq!(response.header("content-disposition"), Some(disposition));
    let policy = response.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'; sandbox;"), "{policy}");
    assert_eq!(response.text().await, text);

    assert!(site.number("uploads_total 1").await);
    assert!(site.number("uploads_stored_bytes 20000").await);
    assert_eq!(site.client.delete("/uploads/a%20b.txt").await.status(), 204);
    assert_eq!(site.client.delete("/uploads/a%20b.txt").await.status(), 404);
    assert_eq!(site.client.get("/uploads/a%20b.txt").await.status(), 404);
    assert_eq!(site.names(), set(&[]));
    assert!(site.number("uploads_stored_bytes 0").await);
}

#[runtime::test(start_paused = true)]
async fn a_download_may_be_a_part_and_has_conditions() {
    let site = Site::new().await;
    site.upload("a.txt", b"0123456789").await;
    let get = || site.client.get("/uploads/a.txt");
    let part = get().header("range", "bytes=2-4").await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    let tag = part.header("etag").unwrap().to_owned();
    assert_eq!(part.text().await, "234");
    let beyond = get().header("range", "bytes=99-").await;
    assert_eq!(beyond.status(), 416);
    assert_eq!(beyond.header("content-disposition"), None);
    for parts in ["bytes=0-0,2-3", "bytes=0-1,30-40"] {
        let whole = get().header("range", parts).await;
        assert_eq!(whole.status(), 200, "{parts}");
        assert_eq!(whole.text().await, "0123456789", "{parts}");
    }
    assert_eq!(get().header("if-none-match", &*tag).await.status(), 304);
    let head = site.client.head("/uploads/a.txt").await;
    assert_eq!(head.header("content-length"), Some("10"));
}

#[runtime::test(start_paused = true)]
async fn a_form_of_a_browser_leads_back_to_the_page_which_shows_the_files() {
    let site = Site::new().await;
    let request = site.client.post("/upload").header("content-type", KIND);
    let request = request.header("accept", "text/html,*/*;q=0.8");
    let answer = request
        .body(form(&[("<b>.txt".replace(['<', '>'], "&").as_str(), b"x")]))
        .await;
    assert_eq!(answer.status(), 303);
    assert_eq!(answer.header("location"), Some("/uploads"));
    let page = site.client.get("/uploads").header("accept", "text/html");
    let page = page.await.text().await;
    assert!(
        page.contains("<a href=\"/uploads/%26b%26.txt\">&amp;b&amp;.txt</a>"),
        "{page}"
    );
    assert!(page.contains("64 KiB a form"), "{page}");
    assert!(page.contains("<script src=\"/assets/uploads.js\" defer>"));
    let script = site.client.get("/assets/uploads.js").await.text().await;
    assert!(script.contains("upload.onprogress"));
}

#[runtime::test(start_paused = true)]
async fn a_form_that_breaks_off_leaves_nothing_wherever_it_does() {
    let site = Site::new().await;
    let long = vec![b'x'; 20_000];
    let whole = form(&[("first.txt", b"x"), ("lost.txt", &long)]);
    for length in [
        0,
        20,
        90,
        120,
        200,
        4000,
        12_000,
        whole.len() - 20,
        whole.len() - 3,
    ] {
        assert_eq!(
            site.post(whole[..length].to_vec()).await.status(),
            400,
            "{length}"
        );
        assert_eq!(site.names(), set(&[]), "{length}");
    }
    assert!(site.number("uploads_in_progress 0").await);
    assert!(site.number("uploads_refused_total{status=\"400\"} 9").await);
    assert_eq!(site.post(whole).await.status(), 201);
    assert_eq!(site.names(), set(&["first.txt", "lost.txt"]));
}

#[runtime::test(start_paused = true)]
async fn a_client_that_leaves_in_the_middle_leaves_nothing() {
    let site = Site::new().await;
    let half = form(&[("lost.txt", &[b'x'; 20_000])])[..15_000].to_vec();
    let half = stream::once(Ok::<_, Infallible>(half)).chain(stream::pending());
    let request = site.client.post("/upload").header("content-type", KIND);
    let request = runtime::spawn(request.body(Body::from_stream(half)).send());
    while !site.number("uploads_in_progress 1").await {
        sleep(Duration::from_millis(1)).await;
    }
    let names = site.names();
    assert!(
        names.len() == 1 && names.first().unwrap().starts_with(PREFIX),
        "{names:?}"
    );
    request.abort();
    site.server.shutdown().await;
    assert_eq!(site.names(), set(&[]));
}

#[runtime::test(start_paused = true)]
async fn a_name_is_never_given_twice_also_by_two_uploads_at_once() {
    let site = Site::new().await;
    assert_eq!(site.upload("a.txt", b"first").await, 201);
    assert_eq!(site.upload("a.txt", b"second").await, 409);
    assert_eq!(
        site.client.get("/uploads/a.txt").await.text().await,
        "first"
    );
    // Both have been told that the name is free: only the end of the form is missing.
    let begin = |content: &'static [u8]| {
        let mut head = form(&[("b.txt", content)]);
        let tail = head.split_off(4200);
        let wait = stream::once_future(async move {
            sleep(Duration::from_secs(1)).await;
            tail
        });
        let body = stream::once(head).chain(wait).map(Ok::<_, Infallible>);
        let request = site.client.post("/upload").header("content-type", KIND);
        runtime::spawn(request.body(Body::from_stream(body)).send())
    };
    let both = [begin(&[b'1'; 9000]), begin(&[b'2'; 9000])];
    let mut statuses = Vec::new();
    for one in both {
        statuses.push(one.await.unwrap().unwrap().status().as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    // And twice in one form: then nothing of the form is kept.
    let twice = site
        .post(form(&[("c.txt", b"x"), ("d.txt", b"1"), ("d.txt", b"2")]))
        .await;
    assert_eq!(twice.status(), 409);
    assert_eq!(site.names(), set(&["a.txt", "b.txt"]));
}

#[runtime::test(start_paused = true)]
async fn a_file_of_a_slow_form_is_as_new_as_its_name() {
    let site = Site::new().await;
    let mut head = form(&[("slow.txt", b"slow"), ("end.txt", b"x")]);
    let tail = head.split_off(head.len() - 10);
    let ended = Rc::new(Cell::new(None));
    let end = ended.clone();
    let wait = stream::once_future(async move {
        sleep(Duration::from_secs(2)).await;
        end.set(Some(SystemTime::now()));
        tail
    });
    let body = stream::once(head).chain(wait).map(Ok::<_, Infallible>);
    let request = site.client.post("/upload").header("content-type", KIND);
    let slow = runtime::spawn(request.body(Body::from_stream(body)).send());
    // Meanwhile the name is another file's.
    sleep(Duration::from_secs(1)).await;
    let file = site.data.path().join("uploads/slow.txt");
    let date = || std::fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(site.upload("slow.txt", b"fast").await, 201);
    let (before, tag) = (date(), site.tag("/uploads/slow.txt").await);
    assert_eq!(site.client.delete("/uploads/slow.txt").await.status(), 204);
    assert_eq!(slow.await.unwrap().unwrap().status(), 201);
    assert!(date() > before && date() >= ended.get().unwrap());
    assert_ne!(site.tag("/uploads/slow.txt").await, tag);
}

#[runtime::test(start_paused = true)]
async fn parts_that_a_killed_process_has_left_are_removed_at_the_start_and_others_stay() {
    let data = TempDir::new().unwrap();
    let folder = data.path().join("uploads");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(format!("{PREFIX}1-0")), "half").unwrap();
    std::fs::write(folder.join("whole.txt"), "whole").unwrap();
    // This one is being written: it is locked.
    let (part, _file) = part::Part::create(&folder).unwrap();
    let site = Site::at(data, &LIMITS).await;
    let names = site.names();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains("whole.txt"), "{names:?}");
    drop(part);
    assert_eq!(site.names(), set(&["whole.txt"]));
}
