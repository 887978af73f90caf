//! A member: its client says something, and hears what the others say.
//!
//! The task of a member waits for three things at once: a message of its client, a line of the room,
//! and the time for a ping. While it sends, it waits for its client only, [`PATIENCE`] at most: what the
//! room says meanwhile waits in the room, and when that is too much, the member has missed a line and has
//! to leave. So a slow client costs the others nothing, neither time nor memory.
//!
//! A client that is gone without a word (its power failed, say) sends no byte that would say so. So it
//! is asked by a ping every half minute, and has to leave if it has not answered one before the next. (How long it has
//! said nothing does not count: the server may have been stopped meanwhile, and not have asked.)

use std::time::Duration;

use runtime::select;
use runtime::time::{Instant, sleep_until, timeout};
use serde::Serialize;
use server::ws::{CloseFrame, Message, WebSocket, WebSocketError, close_code};

use super::rate::Rate;
use super::room::{Lines, Seat};

/// How long a client may take no byte of what is sent to it.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How often a client is asked whether it is there.
pub(super) const PING: Duration = Duration::from_secs(30);

/// How many characters a line may have.
pub(super) const LONGEST_LINE: usize = 500;

/// A client may say so many lines at once, and then one each [`EACH`].
pub(super) const BURST: u32 = 10;
pub(super) const EACH: Duration = Duration::from_millis(500);

/// How many messages in a row may be refused before the client is sent away.
pub(super) const MOST_REFUSED: u32 = 20;

/// Why a member left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Its client closed, or its connection broke, or the server stops.
    Gone,
    /// Its client took no byte for too long, or it was so far behind the others that it missed a line.
    Slow,
    /// It went on after its messages were refused.
    TooMany,
    /// It sent bytes instead of text.
    Binary,
    /// No answer to pings.
    Silent,
}

/// What a client is told when its message did not reach the room.
#[derive(Serialize)]
struct Refused {
    kind: &'static str,
    text: &'static str,
}

/// What a member does next.
enum Next {
    Send(Message),
    /// Its client has said something, or nothing more.
    Heard(Option<Result<Message, server::Error>>),
}

/// Serves a member until it leaves.
pub(super) async fn member(
    socket: &mut WebSocket,
    seat: &Seat,
    first: Message,
    mut lines: Lines,
) -> End {
    if let Err(error) = socket.send(first).await {
        return End::of(error);
    }
    let (mut rate, mut refused) = (Rate::new(BURST, EACH), 0);
    let (mut ping_at, mut unanswered) = (Instant::now() + PING, None::<Instant>);
    loop {
        let next = select! {
            line = lines.next() => match line {
                Some(line) => Next::Send(line),
                None => return End::Slow,
            },
            message = socket.recv() => Next::Heard(message),
            () = sleep_until(ping_at) => match unanswered {
                // Its answer may lie in the socket: this process may have been stopped meanwhile.
                Some(asked) if asked.elapsed() >= PING => {
                    match timeout(Duration::ZERO, socket.recv()).await {
                        Ok(message) => Next::Heard(message),
                        Err(_) => return End::Silent,
                    }
                }
                _ => {
                    let now = Instant::now();
                    unanswered.get_or_insert(now);
                    ping_at = now + PING;
                    Next::Send(Message::Ping("".into()))
                }
            },
        };
        let answer = match next {
            Next::Send(message) => message,
            Next::Heard(message) => {
                unanswered = None;
                let said = match message {
                    Some(Ok(Message::Text(text))) => say(seat, &text, &mut rate),
                    Some(Ok(Message::Binary(_))) => return End::Binary,
                    // The socket answers pings and close frames by itself.
                    Some(Ok(_)) => continue,
                    Some(Err(error)) => return End::of(error),
                    None => return End::Gone,
                };
                let Err(why) = said else {
                    refused = 0;
                    continue;
                };
                refused += 1;
                if refused > MOST_REFUSED {
                    return End::TooMany;
                }
                note(why)
            }
        };
        if let Err(error) = socket.send(answer).await {
            return End::of(error);
        }
    }
}

/// Has the member say this, if it may.
fn say(seat: &Seat, text: &str, rate: &mut Rate) -> Result<(), &'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Err("An empty message is not sent.");
    }
    if text.chars().count() > LONGEST_LINE {
        return Err("The message was not sent: it has more than 500 characters.");
    }
    if !rate.allows() {
        return Err("The message was not sent: you write too fast. Wait a moment.");
    }
    seat.say(text);
    Ok(())
}

fn note(text: &'static str) -> Message {
    let kind = "refused";
    Message::text(serde_json::to_string(&Refused { kind, text }).unwrap_or_default())
}

impl End {
    /// What the error of a socket means.
    fn of(error: server::Error) -> Self {
        match error.into_inner().downcast_ref() {
            Some(WebSocketError::Timeout) => End::Slow,
            _ => End::Gone,
        }
    }

    /// What the client is told, and the name under which it is counted. `None`: it has gone by itself.
    pub(super) fn farewell(self) -> Option<(Message, &'static str)> {
        let (code, reason, name) = match self {
            End::Gone => return None,
            End::Slow => (close_code::POLICY, "you read too slowly", "slow"),
            End::TooMany => (close_code::POLICY, "you write too fast", "rate"),
            End::Binary => (close_code::UNSUPPORTED, "text only", "binary"),
            End::Silent => (close_code::AWAY, "no sign of life", "silent"),
        };
        let reason = reason.into();
        Some((Message::Close(Some(CloseFrame { code, reason })), name))
    }
}
