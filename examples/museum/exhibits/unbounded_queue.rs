//! A queue without a bound, which grows.
//!
//! *What people write.* An unbounded channel between a task that makes things and one that works on them,
//! because `send` is then no `async fn` and never waits.
//!
//! *Why it is wrong.* When more is made than done, nothing slows the maker down. The queue grows until
//! the memory ends. Before that, what is worked on is already old: the queue has turned a lack of speed
//! into a delay that grows. The field's word for what is missing is *backpressure*.
//!
//! *The repair.* A bounded channel: `send(…).await` waits for a place when it is full. The maker goes as
//! fast as the worker. (If it cannot wait, `try_send`, and it decides itself what to leave out.)
//!
//! *What an observer sees.* How many messages lie in the channel, and whether the maker ever waits for a
//! place in it. Tokio's tutorial has a
//! chapter on this: <https://tokio.rs/tokio/tutorial/channels#backpressure-and-bounded-channels>.

use runtime::sync::mpsc;
use runtime::time::{Duration, sleep};
use runtime::trace::{Event, Shared, Wait};

use crate::seen::{Seen, named, say};

/// How many frames the camera takes.
const FRAMES: u32 = 50;

pub(crate) async fn broken() {
    let (sender, mut frames) = mpsc::unbounded_channel();
    drop(named("camera", async move {
        for frame in 1..=FRAMES {
            take_picture().await;
            let _ = sender.send(frame); // never waits
        }
    }));
    let mut most = 0;
    while frames.recv().await.is_some() {
        encode().await;
        most = most.max(frames.len());
    }
    say(format!("most frames that have waited: {most}"));
}

pub(crate) async fn repaired() {
    let (sender, mut frames) = mpsc::channel(4);
    drop(named("camera", async move {
        for frame in 1..=FRAMES {
            take_picture().await;
            let _ = sender.send(frame).await; // waits for a place
        }
    }));
    let mut most = 0;
    while frames.recv().await.is_some() {
        encode().await;
        most = most.max(frames.len());
    }
    say(format!("most frames that have waited: {most}"));
}

async fn take_picture() {
    sleep(Duration::from_millis(10)).await;
}

/// Five times as slow as the camera.
async fn encode() {
    sleep(Duration::from_millis(50)).await;
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let waits = seen.count(|event| {
        matches!(
            event,
            Event::Waiting {
                on: Wait::Shared(Shared::MpscPlace, _),
                ..
            }
        )
    });
    let sent = seen.all(|event| match event {
        Event::Sent { length, bound, .. } => Some((*length, *bound)),
        _ => None,
    });
    let most = sent.iter().map(|(length, _)| *length).max().unwrap_or(0);
    let bound = sent.first().and_then(|(_, bound)| *bound);
    let bound = bound.map_or("none".to_owned(), |bound| bound.to_string());
    vec![
        format!("the most messages that lay in the channel: {most}; its bound: {bound}"),
        format!("waits of the camera for a place in the channel: {waits}"),
    ]
}
