//! Which backend gets a request.

use super::*;

#[runtime::test(start_paused = true)]
async fn round_robin_takes_each_in_turn() {
    let site = site("", vec![named("one"), named("two"), named("three")]);
    let mut said = Vec::new();
    for _ in 0..6 {
        said.push(site.get("/proxy/").await.text().await);
    }
    assert_eq!(said, ["one", "two", "three", "one", "two", "three"]);
}

#[runtime::test(start_paused = true)]
async fn round_robin_passes_over_what_is_full() {
    let (backend, mut backstage) = by_hand();
    let site = site(
        "--backend-connections 1 --backend-tries 1",
        vec![backend, named("two")],
    );
    let asked = site.ask("/proxy/");
    let mut hand = backstage.accept().await;
    for _ in 0..3 {
        assert_eq!(site.get("/proxy/").await.text().await, "two");
    }
    hand.head().await;
    hand.say(EMPTY).await;
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
}

#[runtime::test(start_paused = true)]
async fn least_connections_takes_the_one_with_the_fewest_requests_and_equals_in_turn() {
    let (slow, mut backstage) = by_hand();
    let backends = vec![slow, named("two"), named("three")];
    let site = site("--balance least-connections", backends);
    let asked = site.ask("/proxy/");
    let mut hand = backstage.accept().await;
    let mut said = Vec::new();
    for _ in 0..4 {
        said.push(site.get("/proxy/").await.text().await);
    }
    assert_eq!(said, ["two", "three", "two", "three"]);
    hand.head().await;
    hand.say(EMPTY).await;
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
    let asked = site.ask("/proxy/");
    hand.head().await;
    hand.say(EMPTY).await;
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
}
