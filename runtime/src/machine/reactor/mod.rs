//! The reactor: learns from the operating system what has become ready.
//!
//! A socket that has nothing to read answers "would block". The runtime does not ask it
//! again and again; instead the operating system is told once that this socket is of interest, and
//! tells us, for all sockets in one call, which of them have become ready. That call is
//! epoll on Linux and kqueue on the BSDs and macOS; the crate mio gives both one shape.
//!
//! A **source** is registered once, *edge-triggered*: a stream for both directions, a listener or a pipe for one. The system
//! speaks up when something changes, not for as long as there is something to read. So
//! what it said must be remembered, and forgotten only when an operation finds nothing
//! more. That memory, and who waits for it, is in `side.rs`; `registration.rs` is how
//! the rest of the crate holds a source.
//!
//! An event carries a **token**: the source's place in our slab and the number of the
//! source. An event that was on its way when its source was dropped, and whose place
//! another source has taken since, names the wrong number and is thrown away.
//!
//! One **turn** asks the system once, notes what it says at each source, and only then,
//! with nothing borrowed any more, wakes those who waited.

mod interest;
mod news;
#[cfg(feature = "sim")]
mod odd;
mod registration;
mod side;
mod source;
#[cfg(feature = "sim")]
mod told;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use mio::event::Event as MioEvent;
use mio::{Events, Poll, Registry, Token};

use crate::base::foreign::for_each_quietly;
use crate::base::room::{KEPT, Slots};
use crate::machine::inspect::snapshot::SourceView;
use crate::trace::{
    Cause, Direction, Event, Line, Place, SourceKind, Switch, Wait, emit, emit_next,
};
pub use interest::{Interest, Ready};
pub(crate) use news::News;
#[cfg(feature = "sim")]
use news::Told;
#[cfg(feature = "sim")]
pub use odd::OddAnswers;
#[cfg(feature = "sim")]
pub(crate) use odd::{Odd, Parts};
pub(crate) use registration::Registration;
pub(crate) use source::{Kind, says_gone};
use source::{Source, gone};

/// The token of the eventfd by which other threads unpark this one.
const UNPARK: Token = Token(usize::MAX);

/// A token's lower half is the place in the slab, the upper half the source's number.
const HALF: u32 = usize::BITS / 2;

/// See the file's heading.
pub(crate) struct Reactor {
    poll: RefCell<Poll>,
    registry: Registry,
    events: RefCell<Events>,
    sources: RefCell<Slots<Rc<Source>>>,
    /// The number of the next source.
    next: Cell<usize>,
    /// Who is to be woken in this turn, and by what; kept for its memory.
    woken: Cell<Vec<(Cause, Waker)>>,
    /// What a simulated network has to tell, for the next turn.
    #[cfg(feature = "sim")]
    told: Told,
    /// What the system is made to answer.
    #[cfg(feature = "sim")]
    pub(crate) odd: Odd,
    /// The runtime is gone: no event will come any more.
    closed: Cell<bool>,
    trace: Rc<Switch>,
}

impl Reactor {
    /// `events`: how many are taken from the operating system in one turn; the rest come with the
    /// next.
    pub(crate) fn new(trace: Rc<Switch>, events: usize) -> io::Result<Reactor> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        Ok(Reactor {
            poll: RefCell::new(poll),
            registry,
            events: RefCell::new(Events::with_capacity(events)),
            sources: RefCell::default(),
            next: Cell::new(0),
            woken: Cell::default(),
            #[cfg(feature = "sim")]
            told: Told::default(),
            #[cfg(feature = "sim")]
            odd: Odd::default(),
            closed: Cell::new(false),
            trace,
        })
    }

    /// What gets this thread out of a turn that waits; may be called from any thread.
    pub(crate) fn unparker(&self) -> io::Result<impl Fn() + Send + Sync + use<>> {
        let waker = Arc::new(mio::Waker::new(&self.registry, UNPARK)?);
        // Writing to an eventfd fails only when its counter is full, and then the thread
        // has been told often enough.
        Ok(move || drop(waker.wake()))
    }

    /// Asks the operating system what is ready, waiting for at most `timeout` (`None`: as
    /// long as it takes), and wakes who waited for it. Returns the number of events.
    pub(crate) fn turn(&self, timeout: Option<Duration>) -> io::Result<usize> {
        let mut woken = self.woken.take();
        let count = self.ask(timeout, &mut woken);
        emit!(self.trace => self.report_turned(&count));
        for_each_quietly(woken.drain(..), |(cause, waker)| {
            self.trace.on_behalf_of(cause);
            waker.wake();
        });
        self.trace.on_behalf_of(Cause::Owner);
        self.woken.set(woken);
        count
    }

    fn ask(&self, timeout: Option<Duration>, woken: &mut Vec<(Cause, Waker)>) -> io::Result<usize> {
        let mut events = self.events.borrow_mut();
        self.fetch(&mut events, timeout)?;
        let noted = events.iter().map(|event| self.note_event(event, woken));
        let count = noted.count();
        #[cfg(feature = "sim")]
        let count = count + self.note_told(woken);
        Ok(count)
    }

    /// Has the system say what is ready. If a signal interrupts it, it has said nothing, and is asked again, without
    /// waiting: a process that was stopped and goes on (SIGSTOP, SIGCONT) hears first what has come meanwhile, and then
    /// looks at the clock.
    fn fetch(&self, events: &mut Events, mut timeout: Option<Duration>) -> io::Result<()> {
        let is_interrupted = |error: &io::Error| error.kind() == io::ErrorKind::Interrupted;
        loop {
            match self.poll_system(events, timeout) {
                Err(error) if is_interrupted(&error) => timeout = Some(Duration::ZERO),
                answer => return answer,
            }
        }
    }

    fn poll_system(&self, events: &mut Events, timeout: Option<Duration>) -> io::Result<()> {
        #[cfg(feature = "sim")]
        let timeout = self.odd.before_poll(timeout)?;
        self.poll.borrow_mut().poll(events, timeout)
    }

    #[cold]
    #[track_caller]
    fn report_turned(&self, told: &io::Result<usize>) {
        let Ok(events) = *told else {
            return;
        };
        let is_inbox = |event: &MioEvent| event.token() == UNPARK;
        let inbox = self.events.borrow().iter().any(is_inbox);
        let turned = Event::Turned { events, inbox };
        self.trace.record(turned, Place::above_caller());
    }

    /// Remembers at the source what an event says.
    fn note_event(&self, event: &MioEvent, woken: &mut Vec<(Cause, Waker)>) {
        let (news, is_urgent) = (News::of(event), event.is_priority());
        #[cfg(feature = "sim")]
        if news.token != UNPARK && self.odd.holds_back(news, is_urgent) {
            return;
        }
        self.note(news, is_urgent, woken);
    }

    #[inline]
    fn note(&self, news: News, is_urgent: bool, woken: &mut Vec<(Cause, Waker)>) {
        let sources = self.sources.borrow();
        let source = match sources.get(place_of(news.token)) {
            Some(source) if source.token() == news.token => source,
            _ => return,
        };
        if is_urgent {
            self.urgent_data_came(source);
        }
        if news.read || news.read_end {
            self.note_ready(source, Direction::Read, news.read_end, woken);
        }
        if news.write || news.write_end {
            self.note_ready(source, Direction::Write, news.write_end, woken);
        }
    }

    /// From now on a short read of this source proves nothing, so the system need not speak of urgent
    /// data again. It would, with each event, as long as no read has passed the mark by; and a
    /// task that waits to peek or to read would be woken for nothing.
    fn urgent_data_came(&self, source: &Source) {
        source.read.short_is_no_proof();
        #[cfg(any(target_os = "linux", target_os = "android"))]
        if let Some(fd) = source.descriptor() {
            let both = mio::Interest::READABLE | mio::Interest::WRITABLE;
            let mut io = mio::unix::SourceFd(&fd);
            // If it fails, those wakes remain.
            let _ = self.registry.reregister(&mut io, source.token(), both);
        }
    }

    fn note_ready(
        &self,
        source: &Source,
        direction: Direction,
        end: bool,
        woken: &mut Vec<(Cause, Waker)>,
    ) {
        let (side, source) = (source.side(direction), source.id());
        let cause = Cause::Source(source, direction);
        emit_next!(self.trace, Event::Ready { source, direction });
        side.became_ready(end, |waker| woken.push((cause, waker)));
    }

    /// Registers a source for `interest`, edge-triggered.
    fn register(
        &self,
        io: &mut impl Kind,
        interest: mio::Interest,
        at: Line,
    ) -> io::Result<Rc<Source>> {
        if self.closed.get() {
            return Err(gone());
        }
        let vacant = self.sources.borrow().vacant_key();
        let token = self.new_token(vacant)?;
        self.registry.register(io, token, interest)?;
        let (number, kind) = (self.next.get() as u64, io.kind());
        let source = Rc::new(Source::new(token, number, io, interest, at));
        self.sources.borrow_mut().insert(Rc::clone(&source));
        emit!(self.trace => self.report_registered(&source, kind, at));
        #[cfg(feature = "sim")]
        self.odd.registered(token);
        Ok(source)
    }

    #[cold]
    #[track_caller]
    fn report_registered(&self, source: &Source, kind: SourceKind, at: Line) {
        let registered = Event::SourceRegistered {
            source: source.id(),
            kind,
            interest: source.interests(),
            at: at.into(),
        };
        self.trace.record(registered, Place::above_caller());
    }

    fn deregister(&self, io: &mut impl mio::event::Source, source: &Source) -> io::Result<()> {
        let removed = {
            let mut sources = self.sources.borrow_mut();
            let place = place_of(source.token());
            let ours = sources
                .get(place)
                .is_some_and(|s| s.token() == source.token());
            ours.then(|| sources.remove(place))
        };
        drop(removed);
        let source = source.id();
        emit_next!(self.trace, Event::SourceDropped { source });
        self.registry.deregister(io)
    }

    /// A place that is used again gets another number. Numbers come round after 2^31
    /// registrations, when no event of the first is on its way any more.
    fn new_token(&self, place: usize) -> io::Result<Token> {
        let number = self.next.replace(self.next.get().wrapping_add(1));
        if place >> HALF != 0 {
            return Err(io::Error::other(
                "the reactor has no place for another source",
            ));
        }
        // The highest bit stays clear, so that no token is `UNPARK`.
        let number = number & (usize::MAX >> (HALF + 1));
        Ok(Token(number << HALF | place))
    }

    /// Every source as an observer sees it, by its number.
    pub(crate) fn snapshot(&self) -> BTreeMap<u64, SourceView> {
        let sources = self.sources.borrow();
        let shown = sources
            .iter()
            .map(|(_, source)| (source.id(), source.snapshot()));
        shown.collect()
    }

    /// Shows each wait for a source, with the waker that will be called.
    pub(crate) fn waits(&self, mut show: impl FnMut(Wait, &Waker)) {
        for (_, source) in self.sources.borrow().iter() {
            source.waits(&mut show);
        }
    }

    /// Gives back what a burst of sources took.
    pub(crate) fn give_back(&self) {
        self.sources.borrow_mut().give_back(KEPT);
    }

    /// Whether there is nothing to ask the operating system about.
    pub(crate) fn is_empty(&self) -> bool {
        self.sources.borrow().is_empty()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// No event will come any more: wakes all who wait for one, to be told so.
    pub(crate) fn shut_down(&self) {
        self.closed.set(true);
        let mut woken = Vec::new();
        for (_, source) in self.sources.borrow().iter() {
            source.read.became_ready(true, |waker| woken.push(waker));
            source.write.became_ready(true, |waker| woken.push(waker));
        }
        for_each_quietly(woken, Waker::wake);
    }
}

/// The number of the source that a token is of: sources count from 1, tokens from 0.
#[cfg(feature = "sim")]
pub(crate) fn source_of(token: Token) -> u64 {
    (token.0 >> HALF) as u64 + 1
}

fn place_of(token: Token) -> usize {
    token.0 & (usize::MAX >> HALF)
}
