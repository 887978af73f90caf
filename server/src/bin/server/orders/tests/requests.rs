//! What a client sees.

use runtime::task::JoinSet;
use serde_json::{Value, json};

use super::shop::{Shop, each};

#[runtime::test]
async fn an_order_is_accepted_and_its_jobs_are_done() {
    each(&[], async |shop: Shop| {
        let made = shop.order("warp", 3).await;
        assert_eq!(made.status(), 201);
        assert_eq!(made.header("location"), Some("/orders/1"));
        let made: Value = made.json().await;
        assert_eq!(made["customer"], "Ada");
        assert_eq!(made["status"], "pending");
        assert_eq!(shop.get("/orders/jobs").await["counts"]["queued"], 3);

        shop.work().await;
        assert_eq!(shop.get("/orders/1").await["status"], "processing");
        let numbers = shop.get("/orders/metrics").await;
        assert_eq!(numbers["stock"]["warp"], 999_997);
        let done = json!({"process": 1, "inventory": 1, "notify": 1});
        assert_eq!(numbers["jobs"]["done"], done);
        let waiting = json!({"queued": 0, "running": 0, "dead": 0});
        assert_eq!(numbers["waiting"], waiting);
        let told = std::fs::read_to_string(shop.folder.path().join("notifications.log"));
        let told: Value = serde_json::from_str(told.unwrap().trim_end()).unwrap();
        assert_eq!(told["key"], "order-1-accepted");
        assert_eq!(shop.get("/orders/health").await["status"], "ok");
    })
    .await;
}

#[runtime::test]
async fn an_order_with_a_mistake_is_told_which_and_is_not_kept() {
    each(&[], async |shop: Shop| {
        let long = "a".repeat(101);
        for (status, says, order) in [
            (
                422,
                "quantity",
                json!({"customer": "A", "product": "warp", "quantity": 0}),
            ),
            (
                422,
                "quantity",
                json!({"customer": "A", "product": "warp", "quantity": 1001}),
            ),
            (
                422,
                "customer is empty",
                json!({"customer": " ", "product": "warp", "quantity": 1}),
            ),
            (
                422,
                "longer than 100",
                json!({"customer": long, "product": "warp", "quantity": 1}),
            ),
            (
                422,
                "cannot be seen",
                json!({"customer": "A\u{0}", "product": "warp", "quantity": 1}),
            ),
            (
                422,
                "cannot be seen",
                json!({"customer": "A\u{202e}B", "product": "warp", "quantity": 1}),
            ),
            (
                422,
                "cannot be seen",
                json!({"customer": "A", "product": "wa\u{200b}rp", "quantity": 1}),
            ),
            (
                422,
                "there are: broken, flaky",
                json!({"customer": "A", "product": "gold", "quantity": 1}),
            ),
            (
                422,
                "missing field",
                json!({"customer": "A", "product": "warp"}),
            ),
            (
                422,
                "unknown field",
                json!({"customer": "A", "product": "warp", "quantity": 1, "id": 7}),
            ),
            (422, "expected a JSON object", json!(["A", "warp", 1])),
            (
                413,
                "",
                json!({"customer": "a".repeat(4096), "product": "warp", "quantity": 1}),
            ),
        ] {
            let answer = shop.post("/orders", order.clone()).await;
            assert_eq!(answer.status(), status, "{order}");
            let text = answer.text().await;
            assert!(text.contains(says), "{text}");
        }
        assert_eq!(shop.client.post("/orders").body("{").await.status(), 415);
        assert_eq!(shop.get("/orders").await, json!([]));
        assert_eq!(shop.get("/orders/jobs").await["counts"]["queued"], 0);
    })
    .await;
}

#[runtime::test]
async fn a_request_that_is_made_again_with_its_key_gets_the_same_answer_and_no_second_order() {
    each(&[], async |shop: Shop| {
        let ask = async |key: &str, quantity: i64| {
            let new = json!({"customer": "Ada", "product": "warp", "quantity": quantity});
            let request = shop.client.post("/orders").header("idempotency-key", key);
            let answer = request.json(&new).await;
            let location = answer.header("location").map(str::to_owned);
            (answer.status().as_u16(), location, answer.text().await)
        };
        let first = ask("once", 3).await;
        assert_eq!(first.0, 201);
        shop.work().await;
        assert_eq!(
            ask("once", 3).await,
            first,
            "though it is processing by now"
        );
        let other = ask("once", 4).await;
        assert_eq!(other.0, 422, "{}", other.2);
        assert_eq!(ask("", 3).await.0, 400);
        assert_eq!(ask(&"k".repeat(101), 3).await.0, 400);
        assert_eq!(ask(&"k".repeat(100), 3).await.0, 201);
        assert_eq!(shop.get("/orders").await.as_array().unwrap().len(), 2);
        assert_eq!(
            shop.get("/orders/metrics").await["orders"],
            json!({"created": 2, "repeated": 1})
        );
    })
    .await;
}

#[runtime::test]
async fn a_key_is_visible_ascii_of_a_fair_length() {
    each(&[], async |shop: Shop| {
        let new = json!({"customer": "A", "product": "warp", "quantity": 1});
        let (fits, long) = ("k".repeat(100), "k".repeat(101));
        for (key, status) in [
            ("!~", 201),
            (&*fits, 201),
            (&*long, 400),
            ("", 400),
            ("a\tb", 400),
            ("a b", 400),
            ("\u{e9}", 400),
        ] {
            let request = shop.client.post("/orders").header("idempotency-key", key);
            assert_eq!(request.json(&new).await.status(), status, "{key:?}");
        }
        let request = shop.client.post("/orders").header("idempotency-key", "a");
        let twice = request.header("idempotency-key", "a").json(&new).await;
        assert_eq!(twice.status(), 400);
    })
    .await;
}

#[runtime::test]
async fn of_ten_requests_with_one_key_at_once_one_makes_an_order() {
    each(&[], async |shop: Shop| {
        let mut requests = JoinSet::new();
        for _ in 0..10 {
            let new = json!({"customer": "Ada", "product": "warp", "quantity": 1});
            let request = shop
                .client
                .post("/orders")
                .header("idempotency-key", "k")
                .json(&new);
            requests.spawn(async move { request.await.text().await });
        }
        let mut answers = requests.join_all().await;
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(shop.get("/orders").await.as_array().unwrap().len(), 1);
        assert_eq!(shop.get("/orders/jobs").await["counts"]["queued"], 3);
    })
    .await;
}

#[runtime::test]
async fn an_order_comes_from_the_cache_until_it_changes() {
    each(&[], async |shop: Shop| {
        shop.order("warp", 1).await;
        let find = async || {
            let answer = shop.client.get("/orders/1").await;
            let from = answer.header("x-cache").unwrap().to_owned();
            let order: Value = answer.json().await;
            (from, order["status"].as_str().unwrap().to_owned())
        };
        let pair = |from: &str, status: &str| (from.to_owned(), status.to_owned());
        assert_eq!(find().await, pair("miss", "pending"));
        assert_eq!(find().await, pair("hit", "pending"));
        shop.work().await;
        assert_eq!(
            find().await,
            pair("miss", "processing"),
            "a job has changed it"
        );
        assert_eq!(find().await, pair("hit", "processing"));
        shop.post("/orders/1/status", json!({"status": "shipped"}))
            .await;
        assert_eq!(find().await, pair("miss", "shipped"));
        assert_eq!(shop.client.get("/orders/2").await.status(), 404);
        let cache = shop.get("/orders/metrics").await["cache"].clone();
        assert_eq!(cache, json!({"hits": 2, "misses": 4, "entries": 1}));
    })
    .await;
}

#[runtime::test]
async fn a_status_follows_the_arrows() {
    const ALL: [&str; 5] = ["pending", "processing", "shipped", "delivered", "cancelled"];
    each(&[], async |shop: Shop| {
        for (way, may) in [
            (&[][..], &["pending", "processing", "cancelled"][..]),
            (&["processing"], &["processing", "shipped", "cancelled"]),
            (&["processing", "shipped"], &["shipped", "delivered"]),
            (&["processing", "shipped", "delivered"], &["delivered"]),
            (&["cancelled"], &["cancelled"]),
        ] {
            for next in ALL {
                let made: Value = shop.order("warp", 1).await.json().await;
                let path = format!("/orders/{}/status", made["id"]);
                for step in way {
                    assert_eq!(
                        shop.post(&path, json!({"status": step})).await.status(),
                        200
                    );
                }
                let answer = shop.post(&path, json!({"status": next})).await;
                let expected = if may.contains(&next) { 200 } else { 409 };
                assert_eq!(answer.status(), expected, "{way:?} and then {next}");
            }
        }
        let path = "/orders/1/status";
        assert_eq!(
            shop.post(path, json!({"status": "lost"})).await.status(),
            422
        );
        assert_eq!(shop.post(path, json!(["cancelled"])).await.status(), 422);
        let unknown = shop
            .post("/orders/999/status", json!({"status": "shipped"}))
            .await;
        assert_eq!(unknown.status(), 404);
    })
    .await;
}

#[runtime::test]
async fn the_list_has_the_last_hundred_the_newest_first() {
    each(&[], async |shop: Shop| {
        for _ in 0..101 {
            shop.order("warp", 1).await;
        }
        let orders = shop.get("/orders").await;
        let ids: Vec<_> = orders
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["id"].as_i64().unwrap())
            .collect();
        assert_eq!(ids, (2..=101).rev().collect::<Vec<_>>());
    })
    .await;
}

#[runtime::test]
async fn when_too_many_jobs_wait_an_order_is_refused_and_accepted_later() {
    each(&["--order-queue", "4"], async |shop: Shop| {
        assert_eq!(shop.order("warp", 1).await.status(), 201);
        assert_eq!(shop.order("warp", 1).await.status(), 201);
        let refused = shop.order("warp", 1).await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.header("retry-after"), Some("1"));
        shop.work().await;
        assert_eq!(shop.order("warp", 1).await.status(), 201);
    })
    .await;
}

#[runtime::test]
async fn a_full_disk_is_said_to_be_one_and_nothing_is_half_written() {
    each(&[], async |shop: Shop| {
        if shop.orders.0.store.name() != "sqlite" {
            return;
        }
        // As many pages as the file has: no room for another one.
        shop.sql("PRAGMA max_page_count = 1").await;
        let mut accepted = 0;
        let refused = loop {
            let answer = shop.order("warp", 1).await;
            match answer.status().as_u16() {
                201 => accepted += 1,
                _ => break answer,
            }
            assert!(accepted < 10_000, "the disk has an end");
        };
        assert_eq!(refused.status(), 507);
        assert!(
            refused
                .text()
                .await
                .contains("The disk of the server is full")
        );
        assert_eq!(
            shop.get("/orders/jobs").await["counts"]["queued"],
            3 * accepted
        );
        shop.sql("PRAGMA max_page_count = 100000").await;
        assert_eq!(shop.order("warp", 1).await.status(), 201);
    })
    .await;
}

#[runtime::test]
async fn of_ten_who_cancel_an_order_at_once_one_gives_back_what_it_took() {
    each(&[], async |shop: Shop| {
        shop.order("warp", 7).await;
        shop.work().await;
        assert_eq!(shop.stock("warp").await, 999_993);
        let mut requests = JoinSet::new();
        for _ in 0..10 {
            let request = shop.client.post("/orders/1/status");
            let request = request.json(&json!({"status": "cancelled"}));
            requests.spawn(async move { request.await.status().as_u16() });
        }
        assert_eq!(requests.join_all().await, [200; 10]);
        assert_eq!(shop.stock("warp").await, 1_000_000);
    })
    .await;
}
