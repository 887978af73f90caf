//! Data lost by a cancelled read.
//!
//! *What people write.* A loop that reads messages of a fixed length with `read_exact`, in a `select!`
//! beside something else: a heartbeat, a shutdown, a timeout.
//!
//! *Why it is wrong.* `read_exact` reads as often as it must. The bytes that it has are in its own
//! future. If another branch wins in the middle of a message, that future is dropped, and these bytes
//! are gone: the next read begins in the middle of a message, and every message after it is wrong.
//! The field says that `read_exact` is not *cancel safe*. A report of such a bug:
//! <https://github.com/vnvo/pgwire-replication/pull/6>.
//!
//! *The repair.* The reads get a task of their own, which no branch cancels, and the messages come
//! through a channel: `recv` is cancel safe. (Or: one `read` at a time into a buffer that outlives
//! the rounds.)
//!
//! *What an observer sees.* A task that waits for a socket and for a timer at the same time, and is woken
//! by the timer: what its read had is dropped. (Such a wait is no fault if the read is cancel safe.)

use std::io;

use runtime::io::{AsyncReadExt, AsyncWriteExt};
use runtime::net::UnixStream;
use runtime::sync::mpsc;
use runtime::time::{Duration, Instant, interval_at, sleep};
use runtime::trace::{Cause, Direction, Event, Wait, WaitView};

use crate::seen::{Seen, named, say};

type Message = [u8; 8];

/// How often the heart beats.
const BEAT: Duration = Duration::from_millis(70);

pub(crate) async fn broken() {
    let (mut near, far) = UnixStream::pair().expect("a pair of sockets");
    drop(named("sender", send(far)));
    let mut heart = interval_at(Instant::now() + BEAT, BEAT);
    loop {
        let mut message = Message::default();
        runtime::select! {
            read = near.read_exact(&mut message) => match read {
                Ok(_) => tell(message),
                Err(error) => return say(format!("the stream ends: {error}")),
            },
            _ = heart.tick() => say("the heart beats, and the read is dropped"),
        }
    }
}

pub(crate) async fn repaired() {
    let (near, far) = UnixStream::pair().expect("a pair of sockets");
    drop(named("sender", send(far)));
    let (sender, mut messages) = mpsc::channel(1);
    let reader = named("reader", read_all(near, sender));
    let mut heart = interval_at(Instant::now() + BEAT, BEAT);
    loop {
        runtime::select! {
            message = messages.recv() => match message {
                Some(message) => tell(message),
                None => break,
            },
            _ = heart.tick() => say("the heart beats"),
        }
    }
    if let Ok(Err(error)) = reader.await {
        say(format!("the stream ends: {error}"));
    }
}

/// Reads messages until the stream ends or the receiver is gone. Nothing cancels it.
async fn read_all(mut stream: UnixStream, messages: mpsc::Sender<Message>) -> io::Result<()> {
    loop {
        let mut message = Message::default();
        stream.read_exact(&mut message).await?;
        if messages.send(message).await.is_err() {
            return Ok(());
        }
    }
}

/// Three messages. Each is sent in two halves, as a network may deliver it.
async fn send(mut stream: UnixStream) -> io::Result<()> {
    for half in ["AAAA", "aaaa", "BBBB", "bbbb", "CCCC", "cccc"] {
        sleep(Duration::from_millis(20)).await;
        stream.write_all(half.as_bytes()).await?;
    }
    Ok(())
}

fn tell(message: Message) {
    say(format!("a message: {}", String::from_utf8_lossy(&message)));
}

/// How often a task that waited for a socket was woken by a timer instead. The task went on without
/// what it had read so far.
pub(crate) fn reads_given_up(seen: &Seen) -> usize {
    let is_socket = |wait: &WaitView| matches!(wait.on, Wait::Source(_, Direction::Read));
    let mut given_up = 0;
    seen.with_states(|record, state| {
        if let Event::Woken {
            task,
            by: Cause::Timer(_),
        } = record.event
        {
            given_up += usize::from(state.tasks[&task].waits.iter().any(is_socket));
        }
    });
    given_up
}

pub(crate) fn evidence(seen: &Seen) -> Vec<String> {
    vec![format!(
        "reads that were given up because a timer woke their task: {}",
        reads_given_up(seen)
    )]
}
