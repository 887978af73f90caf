//! What a stretch of work did with its time: an account that adds up.
//!
//! A program marks what it works on ([`runtime::trace::mark()`]); the server marks each request. The events
//! in between tell at each moment what the task of the work does: it runs, it stands in the run queue, or it
//! waits, and for what. So the whole time of the work, from its first mark to its last, is cut into pieces
//! without a gap, and each piece has one reason.

use std::time::Duration;

use runtime::trace::{Cause, Place, Scope, Shared, StretchView, Wait, WaitView};

pub use crate::sums::{Sum, in_words};

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It is being polled.
    Running,
    /// It was woken, and stands in the run queue.
    Queued,
    /// It waits for what its program does: a lock, a channel, a timer, a task, a job.
    Waiting(WaitView),
    /// It waits for a socket, a pipe or a signal: for the world outside.
    Outside(WaitView),
    /// The thread was held at the runtime's gate, by an inspector or a debugger.
    Held,
    /// No event says.
    Unknown,
}

impl Doing {
    pub(crate) fn waiting(view: WaitView) -> Doing {
        match view.on {
            Wait::Source(..) => Doing::Outside(view),
            _ => Doing::Waiting(view),
        }
    }
}

/// A part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The task that did it. While the task of the work waits for the end of one that it spawned, it is that one.
    pub task: u64,
    /// What the task did.
    pub doing: Doing,
    /// The number of the event with which it began. A spawned task may have begun before it was awaited: then this
    /// event is before the piece.
    pub seq: u64,
    /// From when on, by the runtime's clock.
    pub from: Duration,
    /// Until when.
    pub to: Duration,
}

impl Piece {
    /// The task for whose end it is waited. A set of tasks is told by the cause that ends the wait.
    pub(crate) fn awaits(&self, by: Option<Cause>) -> Option<u64> {
        let Doing::Waiting(view) = self.doing else {
            return None;
        };
        match (view.on, by) {
            (Wait::Task(task), _) | (Wait::Shared(Shared::JoinSet, _), Some(Cause::Task(task))) => {
                Some(task)
            }
            _ => None,
        }
    }

    /// It is a wait for whichever task of a set ends first.
    pub(crate) fn is_for_a_set(&self) -> bool {
        matches!(self.doing, Doing::Waiting(view) if matches!(view.on, Wait::Shared(Shared::JoinSet, _)))
    }
}

/// What was said on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When, by the runtime's clock.
    pub time: Duration,
    /// The number of the event.
    pub seq: u64,
    /// What.
    pub text: String,
    /// The line of the program that said it.
    pub at: Place,
}

/// A stretch of work, and what became of its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The task that works on it.
    pub task: u64,
    /// The kind of work.
    pub scope: Scope,
    /// Which one of that kind.
    pub id: u64,
    /// What the program said when it began, and what it said since.
    pub said: Vec<Said>,
    /// Whether it has ended.
    pub is_over: bool,
    /// The tasks that were spawned meanwhile, for this work.
    pub spawned: Vec<u64>,
    /// The time from the beginning to the end, or to the last event: no gap is in it.
    pub pieces: Vec<Piece>,
    /// So many pieces in the middle were put together with the one before them, because there were too
    /// many.
    pub merged: u64,
    /// A wait for a set that began before this time is over: a task has ended it.
    pub(crate) settled: Duration,
}

/// So many pieces an account has at most, and so many words.
pub(crate) const MOST: usize = 64;

impl Account {
    /// When it began.
    pub fn begin(&self) -> Duration {
        self.pieces
            .first()
            .map_or(Duration::ZERO, |piece| piece.from)
    }

    /// When it ended, or the time of the last event.
    pub fn end(&self) -> Duration {
        self.pieces.last().map_or(Duration::ZERO, |piece| piece.to)
    }

    /// When the program said something that begins so, after the beginning.
    pub fn time_of(&self, begins: &str) -> Option<Duration> {
        let mut said = self.said.iter().skip(1);
        let said = said.find(|said| said.text.starts_with(begins));
        said.map(|said| said.time)
    }

    /// Something more was said. Of too many words, only the last one is kept beside the first.
    pub(crate) fn say(&mut self, said: Said) -> &Account {
        self.extend(said.time);
        if self.said.len() == MOST {
            self.said.pop();
        }
        self.said.push(said);
        self
    }

    pub(crate) fn extend(&mut self, now: Duration) {
        if let Some(last) = self.pieces.last_mut() {
            last.to = last.to.max(now);
        }
    }

    pub(crate) fn change(&mut self, doing: Doing, now: Duration, seq: u64) {
        self.extend(now);
        let is_it = |last: &Piece| (last.task, last.doing) == (self.task, doing);
        let is_same = self.pieces.last().is_some_and(is_it);
        if is_same {
            return;
        }
        if self.pieces.len() >= MOST {
            self.merge();
        }
        // A file may say that time goes back.
        let end = self.end();
        self.pieces.push(Piece {
            task: self.task,
            doing,
            seq,
            from: now.max(end),
            to: now.max(end),
        });
    }

    /// From `from` until now the thread was held. Then all goes on as it was.
    pub(crate) fn held(&mut self, from: Duration, now: Duration, seq: u64) {
        let Some(last) = self.pieces.last().copied() else {
            return;
        };
        self.change(Doing::Held, from, seq);
        self.change(last.doing, now, last.seq);
    }

    /// The last piece, if the task of the work waits in it.
    pub(crate) fn rest(&self) -> Option<Piece> {
        let last = self.pieces.last()?;
        let is_rest = last.task == self.task && matches!(last.doing, Doing::Waiting(_));
        is_rest.then_some(*last)
    }

    /// Puts these pieces in the place of all. They take as long.
    pub(crate) fn set_pieces(&mut self, pieces: Vec<Piece>) {
        self.pieces = pieces;
        while self.pieces.len() > MOST {
            self.merge();
        }
    }

    /// This has ended the last wait. If it is a task, the wait was for that one.
    pub(crate) fn settle(&mut self, by: Option<Cause>) {
        if matches!(by, Some(Cause::Task(_))) {
            self.settled = self.end();
        }
    }

    /// A task has ended while this one did not rest, so nothing had to be woken.
    pub(crate) fn settle_unless_it_rests(&mut self) {
        if self.rest().is_none() {
            self.settled = self.end();
        }
    }

    /// Room for another piece: the shortest in the middle and the one before become one, with the reason of the
    /// longer.
    fn merge(&mut self) {
        let inner = 1..self.pieces.len() - 1;
        let length = |at: usize| self.pieces[at].to.saturating_sub(self.pieces[at].from);
        let Some(shortest) = inner.min_by_key(|at| length(*at)) else {
            return;
        };
        let is_longer = length(shortest) > length(shortest - 1);
        let piece = self.pieces.remove(shortest);
        let before = &mut self.pieces[shortest - 1];
        let from = before.from;
        match is_longer {
            true => *before = Piece { from, ..piece },
            false => before.to = piece.to,
        }
        self.merged += 1;
    }
}

impl Account {
    pub(crate) fn new(task: u64, scope: Scope, id: u64, said: Said) -> Account {
        let piece = Piece {
            task,
            doing: Doing::Running,
            seq: said.seq,
            from: said.time,
            to: said.time,
        };
        Account {
            task,
            scope,
            id,
            said: vec![said],
            is_over: false,
            spawned: Vec::new(),
            pieces: vec![piece],
            merged: 0,
            settled: Duration::ZERO,
        }
    }

    /// Of a task, all of whose time is meant, from now on.
    pub(crate) fn of_task(
        task: u64,
        at: Place,
        doing: Doing,
        (now, seq): (Duration, u64),
    ) -> Account {
        let said = Said {
            time: now,
            seq,
            text: String::new(),
            at,
        };
        let mut account = Account::new(task, Scope("task"), task, said);
        account.pieces[0].doing = doing;
        account
    }

    /// Of work that a state knows.
    pub(crate) fn of_view(task: u64, view: &StretchView) -> Account {
        let said = Said {
            time: view.since,
            seq: 0,
            text: view.text.to_string(),
            at: view.at,
        };
        let mut account = Account::new(task, view.scope, view.id, said);
        account.pieces[0].doing = Doing::Unknown;
        account
    }
}
