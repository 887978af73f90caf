//! Clients that say nothing, and those that only seem to.

use runtime::time::timeout;

use super::*;

#[runtime::test(start_paused = true)]
async fn a_client_without_a_sign_of_life_is_found() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    let _dan = site.try_join("dan").await.unwrap();
    assert_eq!(line(&mut ada).await, "join dan ");
    // The pings of the first client are answered while it receives, those of the second are not.
    let begin = runtime::time::Instant::now();
    assert_eq!(line(&mut ada).await, "leave dan ");
    assert_eq!(begin.elapsed().as_secs(), 2 * member::PING.as_secs());
    assert!(site.number("chat_dropped_total{reason=\"silent\"} 1").await);
}

/// As if the process had been stopped, or held at its gate.
#[runtime::test(start_paused = true)]
async fn a_client_that_was_not_asked_is_not_silent() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    advance(10 * member::PING).await;
    ada.send(Message::text("still here")).await.unwrap();
    assert_eq!(line(&mut ada).await, "say ada still here");
}

/// The same, while its answer is on the way. (The member's task looks at what is ready in a random order.)
#[runtime::test(start_paused = true)]
async fn a_client_whose_answer_has_come_is_not_silent() {
    let site = Site::new();
    let mut ada = site.join("ada").await;
    for _ in 0..20 {
        advance(member::PING).await;
        // The member's task has no turn between this and the end of the minute.
        answer_pings(&mut ada, Duration::ZERO).await;
        ada.send(Message::text("still here")).await.unwrap();
        advance(2 * member::PING).await;
        assert_eq!(line(&mut ada).await, "say ada still here");
        answer_pings(&mut ada, Duration::from_millis(1)).await;
    }
}

/// A socket answers pings while it is read.
async fn answer_pings(socket: &mut WebSocket, within: Duration) {
    while let Ok(heard) = timeout(within, socket.recv()).await {
        heard.unwrap().unwrap();
    }
}
