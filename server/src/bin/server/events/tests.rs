use runtime::time::{Instant, advance, sleep};
use server::testing::{TestClient, TestResponse, TestServer};

use super::feed::HISTORY;
use super::subscriber::SUBSCRIBERS;
use super::*;

const RUN: u64 = 7;

/// More ticks than a connection has buffers for.
const NEWEST: u64 = 20 * HISTORY as u64;

/// A feed whose ticks the test makes.
fn app() -> (Rc<Feed>, Router) {
    let feed = Feed::new(RUN);
    feed.is_ticking.set(true);
    let background = Background::new();
    let ticker = Ticker {
        feed: feed.clone(),
        background,
    };
    (
        feed,
        Router::new().route("/events", get(events).with_state(ticker)),
    )
}

fn site() -> (Rc<Feed>, TestServer, TestClient) {
    let (feed, app) = app();
    let server = TestServer::new(app);
    let client = server.client();
    (feed, server, client)
}

async fn listen(client: &TestClient, last: &str) -> TestResponse {
    let mut response = client.get("/events").header("last-event-id", last).await;
    assert_eq!(response.status(), 200);
    let begin = response.read_until("\n\n").await.unwrap();
    assert_eq!(begin, ": one tick a second\nretry: 2000\n\n");
    response
}

async fn next(response: &mut TestResponse) -> String {
    response.read_until("\n\n").await.expect("an event")
}

fn tick_text(number: u64) -> String {
    format!(
        "id: 7-{number}\ndata: {{\"number\":{number},\"at\":{}}}\n\n",
        1000 * number
    )
}

fn tick_up_to(feed: &Feed, number: u64) {
    let begin = *feed.newest.borrow() + 1;
    (begin..=number).for_each(|number| feed.tick(1000 * number));
}

#[runtime::test(start_paused = true)]
async fn there_is_a_tick_each_second_until_the_program_ends() {
    let (background, metrics) = (Background::new(), Metrics::default());
    let app = routes(&background, &metrics).merge(metrics.routes());
    let client = TestClient::new(app);
    let mut response = listen(&client, "").await;
    let begin = Instant::now();
    for number in 1..=3 {
        let event = next(&mut response).await;
        let expected = format!("-{number}\ndata: {{\"number\":{number},\"at\":");
        assert!(event.contains(&expected), "{event}");
    }
    assert_eq!(begin.elapsed(), Duration::from_secs(2));
    let text = client.get("/metrics").await.text().await;
    assert!(text.contains("\nevents_subscribers 1\n"), "{text}");
    assert!(text.contains("\nevents_sent_total 3\n"), "{text}");
    assert_eq!(background.shutdown(Duration::from_secs(1)).await, 0);
}

#[runtime::test(start_paused = true)]
async fn without_clients_the_ticks_go_on_for_as_long_as_they_are_kept_and_then_they_rest() {
    let background = Background::new();
    let client = TestClient::new(routes(&background, &Metrics::default()));
    let mut response = listen(&client, "").await;
    next(&mut response).await;
    drop(response);
    sleep(Duration::from_secs(100_000)).await;
    // New clients begin with the next tick, so its number says how many there were.
    let begin = Instant::now();
    let mut response = listen(&client, "").await;
    let event = next(&mut response).await;
    let number = event
        .split_once("\"number\":")
        .and_then(|(_, rest)| rest.split_once(','));
    let number: usize = number.and_then(|(number, _)| number.parse().ok()).unwrap();
    assert!((HISTORY..HISTORY + 10).contains(&number), "{event}");
    next(&mut response).await;
    assert_eq!(begin.elapsed(), Duration::from_secs(1));
}

#[runtime::test(start_paused = true)]
async fn a_client_that_comes_back_gets_what_it_missed() {
    let (feed, _server, client) = site();
    tick_up_to(&feed, 5);
    let mut response = listen(&client, "7-2").await;
    for number in 3..=5 {
        assert_eq!(next(&mut response).await, tick_text(number));
    }
    drop(response);
    tick_up_to(&feed, 8);
    let mut response = client.get("/events?after=7-5").await;
    next(&mut response).await;
    for number in 6..=8 {
        assert_eq!(next(&mut response).await, tick_text(number));
    }
    // A client that is new begins with what comes next.
    let mut response = listen(&client, "").await;
    feed.tick(9000);
    assert_eq!(next(&mut response).await, tick_text(9));
}

#[runtime::test(start_paused = true)]
async fn a_client_that_was_away_for_too_long_is_told_how_much_is_missing() {
    let (feed, _server, client) = site();
    let kept = HISTORY as u64;
    tick_up_to(&feed, kept + 10);
    let mut response = listen(&client, "7-4").await;
    assert_eq!(
        next(&mut response).await,
        "event: gap\ndata: {\"missed\":6}\n\n"
    );
    assert_eq!(next(&mut response).await, tick_text(11));
    assert_eq!(feed.gaps.get(), 1);
}

#[runtime::test(start_paused = true)]
async fn an_id_of_another_run_or_of_none_is_a_gap_of_unknown_length() {
    let (feed, _server, client) = site();
    for last in [
        "6-1",
        "7-1",
        "7-99",
        "7",
        "-1",
        "x",
        "7-x",
        "18446744073709551615-18446744073709551615",
    ] {
        let mut response = listen(&client, last).await;
        let event = next(&mut response).await;
        assert_eq!(event, "event: gap\ndata: {\"missed\":null}\n\n", "{last}");
    }
    tick_up_to(&feed, 2);
    let mut response = listen(&client, "6-1").await;
    next(&mut response).await;
    assert_eq!(next(&mut response).await, tick_text(1));
}

#[runtime::test(start_paused = true)]
async fn a_slow_reader_costs_nothing_and_is_told_what_it_missed() {
    let (feed, app) = app();
    let server = TestServer::builder().buffer(64).serve(app);
    let client = server.client();
    let mut response = listen(&client, "").await;
    for number in 1..=NEWEST {
        feed.tick(1000 * number);
        runtime::task::yield_now().await;
    }
    let (mut ticks, mut missed, mut last) = (0, 0, 0);
    while last < NEWEST {
        let event = next(&mut response).await;
        match event.split_once("\"missed\":") {
            Some((_, rest)) => {
                missed += rest.trim_end_matches("}\n\n").parse::<u64>().unwrap();
            }
            None => {
                let id = event.lines().next().unwrap();
                let number: u64 = id.strip_prefix("id: 7-").unwrap().parse().unwrap();
                assert_eq!(number, ticks + missed + 1);
                (ticks, last) = (ticks + 1, number);
            }
        }
    }
    assert!(missed > 0);
}

#[runtime::test(start_paused = true)]
async fn a_silence_is_broken_by_comments() {
    let (_feed, _server, client) = site();
    let mut response = listen(&client, "").await;
    let begin = Instant::now();
    assert_eq!(next(&mut response).await, ": still here\n\n");
    assert_eq!(begin.elapsed(), Duration::from_secs(15));
}

#[runtime::test(start_paused = true)]
async fn the_stream_ends_at_once_when_the_server_stops() {
    let (feed, server, client) = site();
    let mut response = listen(&client, "").await;
    feed.tick(1000);
    next(&mut response).await;
    let begin = Instant::now();
    server.shutdown().await;
    assert_eq!(response.read_until("\n\n").await, None);
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert_eq!(feed.subscribers.get(), 0);
}

#[runtime::test(start_paused = true)]
async fn there_may_be_so_many_subscribers_and_a_place_becomes_free() {
    let (feed, _server, client) = site();
    let mut all = Vec::new();
    for _ in 0..SUBSCRIBERS {
        all.push(listen(&client, "").await);
    }
    let refused = client.get("/events").await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.header("retry-after"), Some("10"));
    drop(all.pop());
    while feed.subscribers.get() == SUBSCRIBERS {
        advance(Duration::from_millis(1)).await;
        sleep(Duration::from_millis(1)).await;
    }
    listen(&client, "").await;
}

#[runtime::test(start_paused = true)]
async fn the_page_and_its_script_are_there() {
    let app = routes(&Background::new(), &Metrics::default());
    let client = TestClient::new(app);
    let page = client.get("/events/page").await.text().await;
    assert!(page.contains("<script src=\"/assets/events.js\" defer>"));
    let script = client.get("/assets/events.js").await;
    assert!(
        script
            .text()
            .await
            .contains("new EventSource(`/events${query}`)")
    );
}
