//! An odd system: the real one, which answers some calls in a way that is unusual and legal.
//!
//! A program meets these answers once in a month, on a busy machine. Here chance brings them, as often as a test
//! wants, below everything that waits for the operating system (crate feature `sim`,
//! [`Builder::odd_answers`](crate::runtime::Builder::odd_answers)):
//!
//! | asked | the odd answer | what must come of it |
//! |---|---|---|
//! | an operation on a source | "would block", though it would not; news of it come some turns later | the task waits, and is woken |
//! | the same | a signal interrupted it (`EINTR`) | it is made again at once |
//! | a transfer of bytes | a part of them; news come some turns later | the rest is transferred later, once |
//! | accept | `ECONNABORTED`, `EMFILE` | the listener goes on |
//! | a new socket | `EMFILE` | an error, and nothing is left behind |
//! | what is ready? | a signal interrupted it; news some turns late; news that are not true | no wait is for ever, nothing is lost |
//! | what time is it? | later than it can be: the clock has jumped | what is due fires, once |
//!
//! Late means some turns of the reactor. While news are held back, the thread does not park, so they are never
//! held for ever. An odd "would block" is true for the system, as far as the machine can tell, so it promises
//! news: they say also that the stream is at its end, if that was known.
//!
//! A call is not interrupted twice in a row.

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use mio::Token;

use super::news::News;
use crate::base::chance::Chance;
use crate::base::odd::{Refusal, Telling};
use crate::base::os_error::{os_error, too_many_files};
use crate::trace::Direction;

/// News are late by so many turns, at most.
const LATE: u64 = 8;

/// How many odd answers of each kind there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OddAnswers {
    /// Operations that would have to wait, though they would not.
    pub would_block: u64,
    /// Operations that a signal interrupted.
    pub interrupted: u64,
    /// Transfers for which the system had less than the whole buffer.
    pub short: u64,
    /// Accepts that gave no connection, for its client had given up (`ECONNABORTED`).
    pub aborted: u64,
    /// Accepts and new sockets for which there was no descriptor (`EMFILE`).
    pub no_descriptor: u64,
    /// Questions what is ready, interrupted by a signal.
    pub waits_interrupted: u64,
    /// News that were held back for some turns.
    pub late: u64,
    /// News that came although nothing had happened.
    pub untrue: u64,
    /// Jumps of the clock.
    pub jumps: u64,
}

/// Which answers are odd.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts {
    /// How many of a million, of those that a program need not notice.
    pub(crate) answers: u32,
    /// How many accepts and new sockets of a million are refused.
    pub(crate) refusals: u32,
    /// How far the clock jumps at most, if its answer is odd.
    pub(crate) furthest: Duration,
}

/// See the file's heading.
pub(crate) struct Odd {
    parts: Cell<Parts>,
    chance: RefCell<Chance>,
    held: RefCell<Vec<Held>>,
    counts: Cell<OddAnswers>,
    /// The last answer was that a signal had interrupted the call.
    interrupted: Cell<bool>,
}

/// News that are held back.
struct Held {
    /// For so many turns.
    turns: u64,
    news: News,
    is_urgent: bool,
}

impl Default for Odd {
    /// A system that is as always.
    fn default() -> Odd {
        Odd {
            parts: Cell::default(),
            chance: RefCell::new(Chance::new(0)),
            held: RefCell::default(),
            counts: Cell::default(),
            interrupted: Cell::new(false),
        }
    }
}

impl Odd {
    /// From now on these answers are odd, which `chance` chooses.
    pub(crate) fn begin(&self, parts: Parts, chance: Chance) {
        self.parts.set(parts);
        self.chance.replace(chance);
    }

    pub(crate) fn counts(&self) -> OddAnswers {
        self.counts.get()
    }

    /// What an operation on a source is answered, if not what the system would say. `ended`: the direction is
    /// known to be at its end.
    pub(super) fn answer(
        &self,
        token: Token,
        want: Direction,
        ended: bool,
        accepts: bool,
    ) -> Option<io::Error> {
        let was_interrupted = self.interrupted.replace(false);
        if accepts && self.refuses() {
            return Some(self.refusal());
        }
        if !self.is_odd() {
            return None;
        }
        if !was_interrupted && self.below(2) == 0 {
            self.interrupted.set(true);
            self.count(|counts| &mut counts.interrupted);
            return Some(os_error(io::ErrorKind::Interrupted));
        }
        self.count(|counts| &mut counts.would_block);
        self.hold(news_of(token, want, ended), false);
        Some(os_error(io::ErrorKind::WouldBlock))
    }

    fn refusal(&self) -> io::Error {
        let refusal = Refusal::choose(&mut self.chance.borrow_mut());
        self.count(|counts| match refusal {
            Refusal::NoDescriptors => &mut counts.no_descriptor,
            Refusal::GivenUp => &mut counts.aborted,
        });
        refusal.error()
    }

    /// How many of `len` the system takes or gives at once.
    pub(super) fn offered(&self, token: Token, want: Direction, ended: bool, len: usize) -> usize {
        if len < 2 || !self.is_odd() {
            return len;
        }
        self.count(|counts| &mut counts.short);
        self.hold(news_of(token, want, ended), false);
        self.chance.borrow_mut().less_than(len)
    }

    /// Whether a socket can be made.
    pub(crate) fn give_descriptor(&self) -> io::Result<()> {
        if !self.refuses() {
            return Ok(());
        }
        self.count(|counts| &mut counts.no_descriptor);
        Err(too_many_files())
    }

    /// A source has come, of which the system may say what is not true.
    pub(super) fn registered(&self, token: Token) {
        if self.is_odd() {
            self.say_untrue(token);
        }
    }

    /// Whether the system keeps these news to itself for some turns.
    pub(super) fn holds_back(&self, news: News, is_urgent: bool) -> bool {
        let odd = self.parts.get().answers;
        let telling = Telling::choose(&mut self.chance.borrow_mut(), odd);
        match telling {
            Telling::Usual => {}
            Telling::Late => {
                self.count(|counts| &mut counts.late);
                self.hold(news, is_urgent);
            }
            Telling::Twice => self.say_untrue(news.token),
        }
        telling == Telling::Late
    }

    fn say_untrue(&self, token: Token) {
        self.count(|counts| &mut counts.untrue);
        let both = News {
            token,
            ..News::BOTH
        };
        self.hold(both, false);
    }

    fn hold(&self, news: News, is_urgent: bool) {
        let turns = 1 + self.below(LATE);
        self.held.borrow_mut().push(Held {
            turns,
            news,
            is_urgent,
        });
    }

    /// A turn has come: the news that are told with it.
    pub(super) fn due(&self) -> Vec<(News, bool)> {
        let mut due = Vec::new();
        self.held.borrow_mut().retain_mut(|held| {
            held.turns -= 1;
            if held.turns == 0 {
                due.push((held.news, held.is_urgent));
            }
            held.turns > 0
        });
        due
    }

    pub(super) fn holds_any(&self) -> bool {
        !self.held.borrow().is_empty()
    }

    /// For how long the question what is ready may wait; or it is interrupted.
    pub(super) fn before_poll(&self, timeout: Option<Duration>) -> io::Result<Option<Duration>> {
        let was_interrupted = self.interrupted.replace(false);
        if !was_interrupted && self.is_odd() {
            self.interrupted.set(true);
            self.count(|counts| &mut counts.waits_interrupted);
            return Err(os_error(io::ErrorKind::Interrupted));
        }
        match self.holds_any() {
            true => Ok(Some(Duration::ZERO)),
            false => Ok(timeout),
        }
    }

    /// How far the clock jumps now, if it does. Short jumps and long ones are as likely.
    pub(crate) fn jump(&self) -> Option<Duration> {
        let furthest = self.parts.get().furthest;
        if furthest.is_zero() || !self.is_odd() {
            return None;
        }
        self.count(|counts| &mut counts.jumps);
        let shorter = 1_u32 << self.below(20);
        Some(furthest / shorter)
    }

    fn is_odd(&self) -> bool {
        let part = self.parts.get().answers;
        part > 0 && self.chance.borrow_mut().is_in(part)
    }

    fn refuses(&self) -> bool {
        self.chance.borrow_mut().is_in(self.parts.get().refusals)
    }

    fn below(&self, n: u64) -> u64 {
        self.chance.borrow_mut().below(n)
    }

    fn count(&self, kind: impl FnOnce(&mut OddAnswers) -> &mut u64) {
        let mut counts = self.counts.get();
        *kind(&mut counts) += 1;
        self.counts.set(counts);
    }
}

/// That a direction is ready, and whether it is at its end.
fn news_of(token: Token, want: Direction, ended: bool) -> News {
    let news = match want {
        Direction::Read => News::READ,
        Direction::Write => News::WRITE,
    };
    News {
        token,
        read_end: ended && want == Direction::Read,
        write_end: ended && want == Direction::Write,
        ..news
    }
}
