use server::testing::TestClient;

use super::*;

fn client() -> TestClient {
    TestClient::new(routes())
}

#[runtime::test(start_paused = true)]
async fn a_file_is_text_byte_for_byte() {
    let answer = client().get("/source/source/tests.rs").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.text().await, include_str!("tests.rs"));
    // A page is shown as its source, and not as a page.
    let answer = client().get("/source/chat/page.html").await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/plain; charset=utf-8")
    );
    let answer = client().get("/source/home/favicon.ico").await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/octet-stream")
    );
}

#[runtime::test(start_paused = true)]
async fn a_folder_is_a_list_whose_entries_can_be_asked_for() {
    let client = client();
    let mut folders = vec![String::new()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let path = format!("/source/{folder}");
        let names: Vec<String> = client.get(path.trim_end_matches('/')).await.json().await;
        assert!(names.is_sorted(), "{names:?}");
        for name in names {
            if name.ends_with('/') {
                folders.push(name);
                continue;
            }
            let answer = client.get(&format!("/source/{name}")).await;
            assert_eq!(answer.status(), 200, "{name}");
            files += 1;
        }
    }
    assert!(files > 100, "{files} files");
}

#[runtime::test(start_paused = true)]
async fn a_browser_gets_a_page_with_links() {
    let client = client();
    for (path, link) in [
        ("/source", "/source/lab/"),
        ("/source/lab/", "/source/lab/retry.rs"),
    ] {
        let answer = client.get(path).header("accept", "text/html").await;
        assert_eq!(answer.header("vary"), Some("accept"));
        let page = answer.text().await;
        assert!(page.contains(&format!("href=\"{link}\"")), "{path}: {page}");
    }
}

#[runtime::test(start_paused = true)]
async fn what_is_not_there_is_not_found() {
    for path in [
        "none.rs",
        "../Cargo.toml",
        "%2e%2e/lib.rs",
        "/etc/passwd",
        "main.rs/x",
    ] {
        let answer = client().get(&format!("/source/{path}")).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
}

/// The home page links to services, not to sources. The inspector's is served at another address.
const WITHOUT: [&str; 2] = ["home/page.html", "inspect/page.html"];

/// A page that names a file which has moved would send its reader to nothing.
#[runtime::test(start_paused = true)]
async fn each_page_links_to_source_that_exists() {
    let pages = PROGRAM
        .dirs()
        .filter_map(|folder| folder.get_file(folder.path().join("page.html")));
    let mut linked = 0;
    for page in pages {
        let text = page.contents_utf8().unwrap();
        let name = page.path().to_string_lossy();
        let links: Vec<_> = text.split("href=\"/source/").skip(1).collect();
        assert!(
            !links.is_empty() || WITHOUT.contains(&&*name),
            "{name} has no link"
        );
        for link in links {
            let (path, _) = link.split_once('"').unwrap();
            assert!(PROGRAM.get_entry(path).is_some(), "{name} links to {path}");
            linked += 1;
        }
    }
    assert!(linked >= 13, "{linked} links");
}
