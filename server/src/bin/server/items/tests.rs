use std::collections::BTreeSet;

use runtime::task::JoinSet;
use serde_json::{Value, json};
use server::testing::{TestClient, TestResponse};
use tempfile::TempDir;

use super::*;

async fn client() -> (TestClient, TempDir) {
    let folder = TempDir::new().unwrap();
    (TestClient::new(open(folder.path()).await.unwrap()), folder)
}

async fn add(client: &TestClient, name: &str) -> TestResponse {
    client.post("/items").json(&json!({"name": name})).await
}

#[runtime::test]
async fn an_item_is_made_read_replaced_changed_and_deleted() {
    let (client, _folder) = client().await;
    let made = client
        .post("/items")
        .json(&json!({"name": " wool ", "quantity": 3}))
        .await;
    assert_eq!(made.status(), 201);
    assert_eq!(made.header("location"), Some("/items/1"));
    assert_eq!(made.header("etag"), Some("\"1-1\""));
    let made: Item = made.json().await;
    assert_eq!((made.name.as_str(), made.quantity), ("wool", 3));

    let new = json!({"name": "flax", "description": "blue"});
    let replaced: Item = client.put("/items/1").json(&new).await.json().await;
    assert_eq!((replaced.name.as_str(), replaced.quantity), ("flax", 0));
    let change = json!({"description": null, "quantity": 9});
    let changed: Item = client.patch("/items/1").json(&change).await.json().await;
    assert_eq!(
        (changed.description, changed.quantity, changed.version),
        (None, 9, 3)
    );

    for nothing in [json!({"name": null}), json!({"quantity": null})] {
        let refused = client.patch("/items/1").json(&nothing).await;
        assert_eq!(refused.status(), 422, "{nothing}");
    }

    let list = json!(["silk", null, 1]);
    assert_eq!(client.post("/items").json(&list).await.status(), 422);
    for request in [client.put("/items/1"), client.patch("/items/1")] {
        assert_eq!(request.json(&list).await.status(), 422);
    }
    let same: Item = client.get("/items/1").await.json().await;
    assert_eq!((same.name.as_str(), same.version), ("flax", 3));

    assert_eq!(client.delete("/items/1").await.status(), 204);
    assert_eq!(client.get("/items/1").await.status(), 404);
    assert_eq!(client.delete("/items/1").await.status(), 404);
    let next: Item = add(&client, "silk").await.json().await;
    assert_eq!(next.id, 2, "an id is not given twice");
}

#[runtime::test]
async fn of_two_who_change_one_version_the_second_is_refused() {
    let (client, _folder) = client().await;
    add(&client, "wool").await;
    let change = async |tag: &str, quantity: u32| {
        let request = client.patch("/items/1").header("if-match", tag);
        request
            .json(&json!({"quantity": quantity}))
            .await
            .status()
            .as_u16()
    };
    assert_eq!(change("\"1-1\"", 5).await, 200);
    assert_eq!(change("\"1-1\"", 6).await, 412);
    assert_eq!(
        change("W/\"1-2\"", 6).await,
        412,
        "a weak tag is not enough"
    );
    assert_eq!(change("\"9-9\", \"1-2\"", 7).await, 200);
    assert_eq!(change("*", 8).await, 200);
    assert_eq!(
        change("\"a,*,b\"", 9).await,
        412,
        "one tag with commas in it"
    );
    for no_list in [
        "*, \"1-4\"",
        "*, *",
        "1-4",
        "w/\"1-4\"",
        "\"1-4",
        "\"1-4\" \"1-3\"",
        "x, \"1-4\"",
    ] {
        assert_eq!(change(no_list, 9).await, 400, "{no_list}");
        let request = client.patch("/items/1").header("if-none-match", no_list);
        let refused = request.json(&json!({"quantity": 9})).await;
        assert_eq!(refused.status(), 400, "{no_list}");
    }
    let other = client.get("/items/1").header("if-match", "\"1-1\"").await;
    assert_eq!(other.status(), 412);
    let second = client.patch("/items/1").header("if-none-match", "\"zz\"");
    let second = second
        .header("if-none-match", "W/\"1-4\"")
        .json(&json!({"quantity": 9}));
    assert_eq!(second.await.status(), 412, "the second line counts, too");
    let any = client.patch("/items/1").header("if-none-match", "*");
    let any = any.json(&json!({"quantity": 9})).await;
    assert_eq!(any.status(), 412);
    let said = any.text().await;
    assert!(
        said.contains("There is an item") && !said.contains("changed"),
        "{said}"
    );
    let late = client
        .delete("/items/1")
        .header("if-match", "\"1-1\"")
        .await;
    assert_eq!(late.status(), 412);
    let item: Item = client.get("/items/1").await.json().await;
    assert_eq!((item.quantity, item.version), (8, 4));
}

#[runtime::test]
async fn who_has_an_item_already_is_not_sent_it_again() {
    let (client, _folder) = client().await;
    add(&client, "wool").await;
    for (tags, status) in [
        ("\"1-1\"", 304),
        ("W/\"1-1\"", 304),
        ("*", 304),
        ("\"1-2\"", 200),
    ] {
        let answer = client.get("/items/1").header("if-none-match", tags).await;
        assert_eq!(answer.status(), status, "{tags}");
        assert_eq!(answer.header("etag"), Some("\"1-1\""));
    }
}

#[runtime::test]
async fn a_version_that_is_wanted_is_weighed_before_one_that_is_known() {
    let (client, _folder) = client().await;
    add(&client, "wool").await;
    for (wanted, known, status) in [
        ("\"zz\"", "*", 412),
        ("\"zz\"", "\"1-1\"", 412),
        ("\"1-1\"", "*", 304),
        ("*", "\"1-1\"", 304),
        ("\"1-1\"", "\"zz\"", 200),
    ] {
        let request = client.get("/items/1").header("if-match", wanted);
        let answer = request.header("if-none-match", known).await;
        assert_eq!(answer.status(), status, "{wanted}, {known}");
    }
}

#[runtime::test]
async fn what_is_no_item_and_no_id_is_refused_with_the_reason() {
    let (client, _folder) = client().await;
    let long = "x".repeat(101);
    for body in [
        json!({"name": ""}),
        json!({"name": long}),
        json!({"name": "a\u{7}"}),
        json!({"name": "a\nb"}),
        json!({"name": "\u{200b}"}),
    ] {
        let answer = client.post("/items").json(&body).await;
        assert_eq!(answer.status(), 422, "{body}");
        let problem: Value = answer.json().await;
        assert!(
            problem["detail"].as_str().unwrap().contains("`name`"),
            "{problem}"
        );
    }
    for body in [
        json!({}),
        json!({"name": "a", "colour": 1}),
        json!({"name": "a", "quantity": -1}),
    ] {
        assert_eq!(
            client.post("/items").json(&body).await.status(),
            422,
            "{body}"
        );
    }
    assert_eq!(client.post("/items").body("{").await.status(), 415);
    for (path, status) in [
        ("/items/abc", 400),
        ("/items/0", 400),
        ("/items/-1", 400),
        ("/items/7", 404),
    ] {
        assert_eq!(client.get(path).await.status(), status, "{path}");
    }
    for query in [
        "page=0",
        "per_page=0",
        "per_page=101",
        "page=x",
        "page=18446744073709551615",
    ] {
        assert_eq!(
            client.get(&format!("/items?{query}")).await.status(),
            400,
            "{query}"
        );
    }
}

#[runtime::test]
async fn a_list_has_pages_and_says_where_the_others_are() {
    let (client, _folder) = client().await;
    for number in 1..=5 {
        add(&client, &format!("item {number}")).await;
    }
    let answer = client.get("/items?page=2&per_page=2").await;
    let links = answer.header("link").unwrap().to_owned();
    for link in [
        "</items?page=1&per_page=2>; rel=\"first\"",
        "</items?page=1&per_page=2>; rel=\"prev\"",
        "</items?page=3&per_page=2>; rel=\"next\"",
        "</items?page=3&per_page=2>; rel=\"last\"",
    ] {
        assert!(links.contains(link), "{links}");
    }
    let page: Value = answer.json().await;
    assert_eq!(page["total"], 5);
    assert_eq!(page["items"][0]["name"], "item 3");
    let beyond: Value = client.get("/items?page=9&per_page=2").await.json().await;
    assert_eq!(
        (&beyond["total"], &beyond["items"]),
        (&json!(5), &json!([]))
    );
}

#[runtime::test]
async fn a_search_finds_words_and_takes_no_sign_for_a_pattern() {
    let (client, _folder) = client().await;
    for name in ["100 % wool", "100 metres of wool", "a_b"] {
        add(&client, name).await;
    }
    for (query, names) in [
        ("wool", vec!["100 % wool", "100 metres of wool"]),
        ("100+%25", vec!["100 % wool"]),
        ("_", vec!["a_b"]),
        ("%5C", vec![]),
        ("'%20OR%201=1", vec![]),
    ] {
        let page: Value = client
            .get(&format!("/api/search?q={query}"))
            .await
            .json()
            .await;
        let found: Vec<_> = page["items"].as_array().unwrap().iter().collect();
        let found: Vec<_> = found
            .iter()
            .map(|it| it["name"].as_str().unwrap())
            .collect();
        assert_eq!(found, names, "{query}");
        assert_eq!(page["total"], names.len());
    }
    for query in ["", "?q=", "?q=%20", "?q=%00wool", "?q=a%0Ab"] {
        assert_eq!(
            client.get(&format!("/api/search{query}")).await.status(),
            400
        );
    }
}

#[runtime::test]
async fn items_that_are_made_at_once_are_distinct() {
    let (client, _folder) = client().await;
    let mut tasks = JoinSet::new();
    for number in 0..40 {
        let client = client.clone();
        tasks.spawn(async move {
            add(&client, &number.to_string())
                .await
                .json::<Item>()
                .await
                .id
        });
    }
    let ids: BTreeSet<_> = tasks.join_all().await.into_iter().collect();
    assert_eq!(ids, (1..=40).collect());
}
