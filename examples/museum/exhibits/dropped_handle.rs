//! A handle dropped where abort was meant.
//!
//! *What people write.* A session keeps the `JoinHandle` of its heartbeat. When the session is dropped
//! the handle is dropped with it, and the heartbeat is believed to be over: other things end when
//! they are dropped, and so does a future.
//!
//! *Why it is wrong.* A task is not its handle. Dropping the handle *detaches* the task: it runs on, with
//! its timer, its socket and its memory, once for each session that ever was. (In some other
//! runtimes dropping the handle does cancel. A long discussion of which is better:
//! <https://github.com/tokio-rs/tokio/issues/1830>. A leak of this kind:
//! <https://github.com/kube-rs/kube/pull/1978>.)
//!
//! *The repair.* A guard that aborts when it is dropped. (A `JoinSet` is one: it aborts its tasks.)
//!
//! *What an observer sees.* The task goes on after its session; no `AbortRequested` names it.

use runtime::task::JoinHandle;
use runtime::time::{Duration, sleep};
use runtime::trace::Event;

use crate::seen::{Seen, named, say};

struct Session {
    _heartbeat: JoinHandle<()>,
}

pub(crate) async fn broken() {
    let session = Session {
        _heartbeat: named("heartbeat", beat()),
    };
    sleep(Duration::from_millis(250)).await;
    drop(session);
    say("the session is closed");
    sleep(Duration::from_millis(200)).await;
}

/// Ends its task when it is dropped.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct MendedSession {
    _heartbeat: AbortOnDrop,
}

pub(crate) async fn repaired() {
    let session = MendedSession {
        _heartbeat: AbortOnDrop(named("heartbeat", beat())),
    };
    sleep(Duration::from_millis(250)).await;
    drop(session);
    say("the session is closed");
    sleep(Duration::from_millis(200)).await;
}

async fn beat() {
    loop {
        sleep(Duration::from_millis(100)).await;
        say("a heartbeat is sent");
    }
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    let asked = seen.count(|event| matches!(event, Event::AbortRequested { .. }));
    let aborted = seen.count(|event| matches!(event, Event::Aborted { .. }));
    let left = seen.end.tasks.iter().map(|(task, view)| {
        let (name, polls) = (seen.name(*task), view.polls);
        format!("{name} is left at the end, polled {polls} times")
    });
    let sums = format!("aborts that were asked for: {asked}; tasks that were aborted: {aborted}");
    [sums].into_iter().chain(left).collect()
}
