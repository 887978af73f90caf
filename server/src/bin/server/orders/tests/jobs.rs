//! Claims, leases, retries and dead letters.

use serde_json::{Value, json};

use super::super::database::Db;
use super::super::error::Error;
use super::super::job::{Job, Kind, MOST_FAILURES, MOST_LEFT, backoff};
use super::super::{outbox, worker};
use super::shop::{Shop, each};
use crate::background::Background;

const LEASE: i64 = 30_000;

async fn claim(shop: &Shop, worker: &'static str) -> Option<Job> {
    let (now, until) = (shop.now(), shop.now() + LEASE);
    let claim = async move |db: Db<'_>| outbox::claim(&db, worker, now, until).await;
    shop.orders.0.store.write(claim).await.unwrap()
}

async fn finish(shop: &Shop, job: &Job) -> Result<(), Error> {
    let (job, now) = (job.clone(), shop.now());
    let finish = async move |db: Db<'_>| outbox::finish(&db, &job, now).await;
    shop.orders.0.store.write(finish).await
}

/// Leaves this kind of job only.
async fn only(shop: &Shop, kind: Kind) {
    shop.sql(match kind {
        Kind::Process => "UPDATE jobs SET state = 'done' WHERE kind <> 'process'",
        Kind::Inventory => "UPDATE jobs SET state = 'done' WHERE kind <> 'inventory'",
        Kind::Notify => "UPDATE jobs SET state = 'done' WHERE kind <> 'notify'",
    })
    .await;
}

#[runtime::test]
async fn a_job_of_a_dead_worker_is_claimed_after_its_lease_and_the_dead_one_can_do_nothing_more() {
    each(&[], async |shop: Shop| {
        shop.order("warp", 3).await;
        only(&shop, Kind::Inventory).await;
        let first = claim(&shop, "first").await.unwrap();
        shop.wait(29);
        assert!(claim(&shop, "second").await.is_none(), "it has its lease");
        shop.wait(2);
        let second = claim(&shop, "second").await.unwrap();
        assert_eq!((second.id, second.attempts), (first.id, 2));

        assert!(matches!(finish(&shop, &first).await, Err(Error::LeaseLost)));
        assert_eq!(
            shop.stock("warp").await,
            1_000_000,
            "what it did is taken back"
        );
        finish(&shop, &second).await.unwrap();
        assert_eq!(shop.stock("warp").await, 999_997);
        assert!(matches!(
            finish(&shop, &second).await,
            Err(Error::LeaseLost)
        ));
        assert!(matches!(finish(&shop, &first).await, Err(Error::LeaseLost)));
        assert_eq!(shop.stock("warp").await, 999_997);
    })
    .await;
}

#[runtime::test]
async fn the_same_worker_is_another_one_after_it_has_lost_its_lease() {
    each(&[], async |shop: Shop| {
        shop.order("warp", 3).await;
        only(&shop, Kind::Inventory).await;
        let early = claim(&shop, "a worker").await.unwrap();
        shop.wait(31);
        let late = claim(&shop, "a worker").await.unwrap();
        assert!(matches!(finish(&shop, &early).await, Err(Error::LeaseLost)));
        finish(&shop, &late).await.unwrap();
    })
    .await;
}

#[runtime::test]
async fn a_job_that_kills_its_workers_becomes_a_dead_letter() {
    each(&[], async |shop: Shop| {
        shop.order("warp", 1).await;
        only(&shop, Kind::Process).await;
        for _ in 0..=MOST_LEFT {
            assert!(claim(&shop, "a worker that dies").await.is_some());
            shop.wait(31);
        }
        assert!(claim(&shop, "a worker that dies").await.is_none());
        let jobs = shop.get("/orders/jobs").await;
        assert_eq!(
            jobs["counts"],
            json!({"queued": 0, "running": 0, "dead": 1})
        );
        assert_eq!(jobs["dead"][0]["error"], "each worker that had it died");
    })
    .await;
}

#[runtime::test]
async fn a_job_that_fails_is_tried_again_later_and_then_is_a_dead_letter_that_can_be_brought_back()
{
    each(&[], async |shop: Shop| {
        shop.order("broken", 1).await;
        shop.work().await;
        for failures in 1..MOST_FAILURES {
            let jobs = shop.get("/orders/jobs").await;
            assert_eq!(
                jobs["counts"],
                json!({"queued": 1, "running": 0, "dead": 0})
            );
            assert_eq!(jobs["queued"][0]["failures"], failures);
            assert_eq!(jobs["queued"][0]["error"], "the product is broken");
            assert!(jobs["queued"][0]["due_at"].as_i64().unwrap() > shop.now());
            shop.wait(31);
            shop.work().await;
        }
        let jobs = shop.get("/orders/jobs").await;
        assert_eq!(
            jobs["counts"],
            json!({"queued": 0, "running": 0, "dead": 1})
        );
        let path = format!("/orders/jobs/{}/retry", jobs["dead"][0]["id"]);
        shop.wait(3600);
        shop.work().await;
        assert_eq!(
            shop.get("/orders/jobs").await,
            jobs,
            "it waits for a person"
        );

        assert_eq!(shop.client.post(&path).await.status(), 200);
        assert_eq!(shop.client.post(&path).await.status(), 409);
        assert_eq!(
            shop.client.post("/orders/jobs/999/retry").await.status(),
            404
        );
        assert_eq!(shop.get("/orders/jobs").await["queued"][0]["failures"], 0);
        let numbers = shop.get("/orders/metrics").await;
        assert_eq!(numbers["jobs"]["failed"]["process"], MOST_FAILURES - 1);
        assert_eq!(numbers["jobs"]["dead"]["process"], 1);
    })
    .await;
}

#[runtime::test]
async fn what_fails_twice_is_done_at_the_third_attempt() {
    each(&[], async |shop: Shop| {
        shop.order("flaky", 2).await;
        for _ in 0..3 {
            shop.work().await;
            shop.wait(1);
        }
        assert_eq!(shop.stock("flaky").await, 999_998);
        assert_eq!(shop.get("/orders/jobs").await["counts"]["queued"], 0);
    })
    .await;
}

#[runtime::test]
async fn a_cancelled_order_gives_back_what_it_took_and_takes_nothing_later() {
    each(&[], async |shop: Shop| {
        shop.order("loom", 3).await;
        shop.order("loom", 3).await;
        for _ in 0..MOST_FAILURES {
            shop.work().await;
            shop.wait(31);
        }
        let jobs = shop.get("/orders/jobs").await;
        assert_eq!(jobs["dead"][0]["error"], "there is not enough of loom");
        assert_eq!(shop.stock("loom").await, 2, "never half an order");

        for _ in 0..2 {
            let cancelled = shop
                .post("/orders/1/status", json!({"status": "cancelled"}))
                .await;
            assert_eq!(cancelled.status(), 200);
            assert_eq!(shop.stock("loom").await, 5, "once");
        }
        shop.client
            .post(&format!("/orders/jobs/{}/retry", jobs["dead"][0]["id"]))
            .await;
        shop.work().await;
        assert_eq!(shop.stock("loom").await, 2, "the other one has it now");

        let third: Value = shop.order("loom", 1).await.json().await;
        let path = format!("/orders/{}/status", third["id"]);
        shop.post(&path, json!({"status": "cancelled"})).await;
        shop.work().await;
        assert_eq!(shop.stock("loom").await, 2);
        assert_eq!(shop.get("/orders/jobs").await["counts"]["dead"], 0);
    })
    .await;
}

#[runtime::test]
async fn each_job_is_claimed_once_by_workers_that_claim_at_the_same_time() {
    each(&[], async |shop: Shop| {
        for _ in 0..10 {
            shop.order("warp", 1).await;
        }
        let mut workers = runtime::task::JoinSet::new();
        for _ in 0..8 {
            let (store, now) = (shop.orders.0.store.clone(), shop.now());
            workers.spawn(async move {
                let mut claimed = Vec::new();
                let claim = async move |db: Db<'_>| outbox::claim(&db, "w", now, now + LEASE).await;
                while let Some(job) = store.write(claim).await.unwrap() {
                    claimed.push(job.id);
                }
                claimed
            });
        }
        let mut claimed = workers.join_all().await.concat();
        claimed.sort_unstable();
        assert_eq!(claimed, (1..=30).collect::<Vec<_>>());
    })
    .await;
}

#[runtime::test]
async fn the_wait_doubles_and_half_of_it_is_chance() {
    for (failures, whole) in [
        (1, 200),
        (2, 400),
        (3, 800),
        (4, 1600),
        (8, 25_600),
        (9, 30_000),
        (99, 30_000),
    ] {
        for _ in 0..50 {
            let wait = backoff(failures).as_millis();
            assert!((whole / 2..=whole).contains(&wait), "{failures}: {wait} ms");
        }
    }
    let waits: std::collections::BTreeSet<_> = (0..50).map(|_| backoff(9)).collect();
    assert!(waits.len() > 1, "not all the same");
}

#[runtime::test]
async fn a_job_that_panics_does_not_take_its_worker_along() {
    each(&[], async |shop: Shop| {
        shop.sql("INSERT INTO inventory VALUES ('panics', 1)").await;
        shop.order("panics", 1).await;
        only(&shop, Kind::Process).await;
        let background = Background::new();
        worker::start(&shop.orders, &background, 1);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let counts = async || shop.get("/orders/jobs").await["counts"].clone();
        while counts().await["running"] != 1 {
            assert!(std::time::Instant::now() < until, "the job is not claimed");
        }
        shop.order("warp", 1).await;
        while counts().await != json!({"queued": 0, "running": 1, "dead": 0}) {
            assert!(std::time::Instant::now() < until, "no worker is left");
        }
        background.shutdown(std::time::Duration::from_secs(5)).await;
    })
    .await;
}

#[runtime::test]
async fn workers_do_what_comes_and_begin_nothing_more_when_the_program_stops() {
    each(&[], async |shop: Shop| {
        let background = Background::new();
        worker::start(&shop.orders, &background, 4);
        shop.order("warp", 1).await;
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while shop.get("/orders/jobs").await["counts"]
            != json!({"queued": 0, "running": 0, "dead": 0})
        {
            assert!(std::time::Instant::now() < until, "the workers do not work");
        }
        shop.orders.look().await;
        let mut text = crate::metrics::Text::default();
        shop.orders.write(&mut text);
        let text = text.into_string();
        let done = "orders_jobs_total{kind=\"notify\",outcome=\"done\"} 1\n";
        assert!(text.contains(done), "{text}");
        assert!(
            text.contains("orders_jobs_waiting{state=\"queued\"} 0\n"),
            "{text}"
        );
        let is_postgres = shop.orders.0.store.usage().is_some();
        assert_eq!(
            text.contains("orders_connections{state=\"in_use\"} "),
            is_postgres
        );
        for _ in 0..20 {
            shop.order("warp", 1).await;
        }
        let left = background
            .shutdown(std::time::Duration::from_secs(20))
            .await;
        assert_eq!(left, 0, "each has ended by itself");
        assert_eq!(shop.orders.0.figures.running.get(), 0);
        let jobs = shop.get("/orders/jobs").await;
        assert_eq!(jobs["counts"]["running"], 0, "nothing was left half done");
        // What is not begun is there for the next program.
        shop.work().await;
        assert_eq!(shop.stock("warp").await, 1_000_000 - 21);
    })
    .await;
}

/// `/dev/full` is a disk without room.
#[cfg(target_os = "linux")]
#[runtime::test]
async fn a_notification_that_finds_no_room_is_put_off_and_is_never_a_dead_letter() {
    each(&[], async |shop: Shop| {
        let log = shop.folder.path().join("notifications.log");
        std::os::unix::fs::symlink("/dev/full", &log).unwrap();
        shop.order("warp", 1).await;
        only(&shop, Kind::Notify).await;
        for _ in 0..MOST_LEFT + 5 {
            shop.work().await;
            shop.wait(3600);
        }
        let jobs = shop.get("/orders/jobs").await;
        let queued = json!({"queued": 1, "running": 0, "dead": 0});
        assert_eq!(jobs["counts"], queued, "{jobs}");
        std::fs::remove_file(&log).unwrap();
        shop.work().await;
        let jobs = shop.get("/orders/jobs").await;
        let done = json!({"queued": 0, "running": 0, "dead": 0});
        assert_eq!(jobs["counts"], done, "{jobs}");
    })
    .await;
}
