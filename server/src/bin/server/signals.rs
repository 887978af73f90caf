//! Signals: what are you doing, and finish.

use std::future::poll_fn;
use std::io;
use std::process::exit;
use std::task::Poll;

use runtime::runtime::Handle;
use runtime::select;
use runtime::signal::unix::{Signal, SignalKind, signal};
use server::console;

use crate::leash::Leash;

/// On SIGUSR1, says on standard error what every task is doing: `kill -USR1 PID`.
pub(crate) fn dump_when_asked() -> io::Result<()> {
    let mut asked = signal(SignalKind::user_defined1())?;
    drop(runtime::spawn(async move {
        while asked.recv().await.is_some() {
            let dump = Handle::current().dump().await;
            console::stderr().print(format!("server: {dump}"));
        }
    }));
    Ok(())
}

/// The signals that ask a program to end.
pub(crate) struct Stop {
    signals: Vec<(SignalKind, Signal)>,
    /// Of a worker.
    leash: Option<Leash>,
}

/// The kinds of signals that ask this program to end. Call it before any of them is listened to: who
/// listens to a signal does not ignore it any more.
pub(crate) fn that_end() -> Vec<SignalKind> {
    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    // `nohup` starts a program that is to stay when its terminal goes.
    if !is_ignored(SignalKind::hangup()) {
        kinds.push(SignalKind::hangup());
    }
    kinds
}

impl Stop {
    /// Listens to these [kinds](that_end).
    pub(crate) fn new(kinds: Vec<SignalKind>) -> io::Result<Self> {
        let signals = kinds.into_iter().map(|kind| Ok((kind, signal(kind)?)));
        let signals = signals.collect::<io::Result<_>>()?;
        Ok(Stop {
            signals,
            leash: None,
        })
    }

    /// As if the end of the leash were the first signal.
    pub(crate) fn or(self, leash: Option<Leash>) -> Self {
        Stop { leash, ..self }
    }

    /// Waits for the first signal, or for the end of the leash, which is no signal. From then on
    /// a second signal ends the process at once, with the exit code that a shell shows for a program
    /// that a signal has ended.
    pub(crate) async fn first(mut self) {
        let mut leash = self.leash.take();
        let is_signal = select! {
            _ = self.next() => true,
            () = Leash::ended(&mut leash) => false,
        };
        if leash.is_none() {
            say_finishing();
        }
        drop(runtime::spawn(async move {
            if !is_signal {
                self.next().await;
            }
            exit(128 + self.next().await)
        }));
    }

    /// Waits for any of them, and says which it was.
    pub(crate) async fn next(&mut self) -> i32 {
        poll_fn(|cx| {
            for (kind, signal) in &mut self.signals {
                if signal.poll_recv(cx).is_ready() {
                    return Poll::Ready(kind.as_raw_value());
                }
            }
            Poll::Pending
        })
        .await
    }
}

/// Says that the first signal was heard. Of several workers, their supervisor says it once for all.
pub(crate) fn say_finishing() {
    console::stderr().print(
        "server: finishes the requests that are under way; a second signal stops it at once\n",
    );
}

/// Whether the signal was ignored when the program was started. Linux says so, in a line
/// with a bit for each signal; elsewhere it counts as not ignored.
fn is_ignored(kind: SignalKind) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let bits = line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok());
    bits.is_some_and(|bits| bits >> (kind.as_raw_value() - 1) & 1 == 1)
}
