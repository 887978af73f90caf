//! The server that is watched, as the inspector's thread knows it: its last events, and its gate.

use std::cell::{Cell, Ref, RefCell};
use std::rc::Rc;
use std::time::Duration;

use runtime::runtime::{Gate, Handle, Runtime};
use runtime::time::{Instant, sleep};
use runtime::trace::{Fed, Feed, Film, Record, Recording, Trace};
use story::accounts::Accounts;

use super::lag::Lag;
use super::sums::Sums;
use super::trouble::Trouble;

/// So many events wait between the threads at most.
const QUEUE: usize = 1 << 17;

/// So many events are kept.
const KEPT: usize = 1 << 18;

/// So many requests are kept that have ended.
const REQUESTS: usize = 1000;

/// So much of the past goes into a file.
const PAST: Duration = Duration::from_secs(30);

/// How often events are taken out of the queue.
const EACH: Duration = Duration::from_millis(20);

/// How long a step may take before it is said to be under way.
const PATIENCE: Duration = Duration::from_millis(500);

/// How long the server is held, unless the page says otherwise.
pub(super) const HELD: Duration = Duration::from_secs(60);

/// How long to wait for a state after a loss before it is asked for again.
const ASKED: Duration = Duration::from_secs(1);

thread_local! {
    /// On the thread that serves: its recorder, for the task that hands over a state.
    static TRACE: RefCell<Option<Trace>> = const { RefCell::new(None) };
}

/// What reaches from the inspector's thread into the runtime that serves.
pub(super) struct Ends {
    feed: Feed,
    gate: Gate,
    handle: Handle,
}

impl Ends {
    /// To be called on the thread that serves. Its events are handed over from now on.
    pub(super) fn of(runtime: &Runtime) -> Self {
        TRACE.set(Some(runtime.trace()));
        Ends {
            feed: runtime.trace().feed(QUEUE),
            gate: runtime.gate(),
            handle: runtime.handle().clone(),
        }
    }
}

/// See the heading of the file.
pub(super) struct Watched {
    /// `None`: it is a recording that is shown.
    ends: Option<Ends>,
    /// That recording, as it was read.
    recording: Option<Rc<Recording>>,
    film: RefCell<Film>,
    accounts: RefCell<Accounts>,
    trouble: RefCell<Trouble>,
    sums: Cell<Sums>,
    lag: RefCell<Lag>,
    /// Until when the server is held.
    held: Cell<Option<Instant>>,
    /// When a state was last asked for.
    asked: Cell<Option<Instant>>,
    /// The server was asked to end.
    is_ending: Cell<bool>,
    /// What was known before events were lost, until it is written down.
    before_loss: RefCell<Option<Recording>>,
    /// Whether what led to a loss is written down.
    pub(super) keeps_losses: Cell<bool>,
    /// About how long an event takes the thread that serves.
    pub(super) cost: Cell<Duration>,
}

/// Whether the server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Runs,
    /// It ran some time, and a recording is shown.
    Recorded,
    /// It is held, and stands between two steps.
    Held,
    /// It is held, and its last step is not over: a long poll, or a sleep until something comes.
    InAStep,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.release();
    }
}

impl Watched {
    pub(super) fn new(ends: Ends) -> Self {
        Watched::with(Some(ends), Film::new(KEPT))
    }

    /// What a recording tells, of a server that ran some time.
    pub(super) fn recorded(recording: Rc<Recording>) -> Self {
        let mut watched = Watched::with(None, Film::of(&recording));
        watched.accounts.borrow_mut().begin(&recording.state_at(0));
        watched.add_records(recording.records(), false);
        watched.recording = Some(recording);
        watched
    }

    fn with(ends: Option<Ends>, film: Film) -> Self {
        Watched {
            ends,
            recording: None,
            film: RefCell::new(film),
            accounts: RefCell::new(Accounts::new(REQUESTS)),
            trouble: RefCell::default(),
            sums: Cell::default(),
            lag: RefCell::default(),
            held: Cell::new(None),
            asked: Cell::new(None),
            is_ending: Cell::new(false),
            before_loss: RefCell::default(),
            keeps_losses: Cell::new(false),
            cost: Cell::default(),
        }
    }

    /// Takes what has happened, again and again, and lets the server go when it was held for long enough.
    pub(super) async fn follow(self: Rc<Self>) {
        loop {
            self.take();
            if self.held.get().is_some_and(|until| until <= Instant::now()) {
                self.release();
            }
            sleep(EACH).await;
        }
    }

    /// Takes what has happened.
    pub(super) fn take(&self) {
        let Some(ends) = &self.ends else { return };
        let fed: Fed = ends.feed.take();
        self.add_up(&fed);
        let mut film = self.film.borrow_mut();
        if fed.lost > 0 && self.keeps_losses.get() {
            let mut kept = self.before_loss.borrow_mut();
            kept.get_or_insert_with(|| past(&film));
        }
        film.add(fed);
        let is_asked = self
            .asked
            .get()
            .is_some_and(|asked| asked.elapsed() < ASKED);
        // One that is held would be given one task after another.
        if film.is_cut() && !is_asked && self.standing() == Standing::Runs {
            self.ask_for_state(ends);
        }
    }

    fn add_up(&self, fed: &Fed) {
        // After a loss, what comes before the next state says nothing of the accounts.
        let mut is_cut = self.film.borrow().is_cut() || fed.lost > 0;
        if fed.lost > 0 {
            // What is lost came before the blocks.
            self.lag.borrow_mut().forget();
        }
        for block in &fed.blocks {
            if let Some(state) = &block.state {
                self.accounts.borrow_mut().begin(state);
                is_cut = false;
            }
            self.add_records(&block.records, is_cut);
        }
        let mut sums = self.sums.get();
        sums.events += fed.lost;
        self.sums.set(sums);
        self.trouble.borrow_mut().tell();
    }

    fn add_records(&self, records: &[Record], is_cut: bool) {
        let mut sums = self.sums.get();
        let mut accounts = self.accounts.borrow_mut();
        let mut trouble = self.trouble.borrow_mut();
        let mut lag = self.lag.borrow_mut();
        for record in records {
            sums.add(record);
            lag.add(record);
            let marked = (!is_cut).then(|| accounts.add(record)).flatten();
            marked
                .into_iter()
                .for_each(|account| trouble.look_at(account));
        }
        self.sums.set(sums);
    }

    /// What is kept of the last seconds before the first loss of events since this was asked for.
    pub(super) fn before_loss(&self) -> Option<Recording> {
        self.before_loss.take()
    }

    /// Why there is something to keep: a request failed or was slow, since this was asked last.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.borrow_mut().why()
    }

    /// All that is kept.
    pub(super) fn all(&self) -> Recording {
        self.take();
        match &self.recording {
            Some(recording) => Recording::clone(recording),
            None => self.film.borrow().recording(0),
        }
    }

    /// What is kept of the last seconds.
    pub(super) fn past(&self) -> Recording {
        self.take();
        past(&self.film.borrow())
    }

    /// What is kept from an event on, if that is still kept; or else of the last seconds.
    pub(super) fn since(&self, event: Option<u64>) -> Option<Recording> {
        self.take();
        let film = self.film.borrow();
        match event {
            None => Some(past(&film)),
            Some(event) => film.range().contains(&event).then(|| film.recording(event)),
        }
    }

    /// What requests did with their time.
    pub(super) fn accounts(&self) -> Ref<'_, Accounts> {
        self.accounts.borrow()
    }

    /// After a loss: a task on the thread that serves hands over the state as it is then.
    fn ask_for_state(&self, ends: &Ends) {
        self.asked.set(Some(Instant::now()));
        drop(ends.handle.spawn(async {
            TRACE.with_borrow(|trace| {
                if let Some(trace) = trace {
                    trace.feed_state();
                }
            });
        }));
    }

    pub(super) fn film(&self) -> Ref<'_, Film> {
        self.film.borrow()
    }

    pub(super) fn sums(&self) -> Sums {
        self.sums.get()
    }

    /// How long 99 of 100 of the last tasks that were woken stood in the run queue, at most.
    pub(super) fn lag(&self) -> Option<Duration> {
        self.lag.borrow().of_99_percent()
    }

    pub(super) fn standing(&self) -> Standing {
        let Some(ends) = &self.ends else {
            return Standing::Recorded;
        };
        match self.held.get() {
            None => Standing::Runs,
            Some(_) if ends.gate.is_stopped() => Standing::Held,
            Some(_) => Standing::InAStep,
        }
    }

    /// How long the server will be held from now on.
    pub(super) fn held_for(&self) -> Option<Duration> {
        let until = self.held.get()?;
        Some(until.saturating_duration_since(Instant::now()))
    }

    /// Holds the server before its next step, for so long. False: it has been asked to end, and is not
    /// kept from that; or it is a recording.
    pub(super) async fn hold(&self, how_long: Duration) -> bool {
        let Some(ends) = self.ends.as_ref().filter(|_| !self.is_ending.get()) else {
            return false;
        };
        self.trouble.borrow_mut().hold();
        ends.gate.hold();
        self.held.set(Some(Instant::now() + how_long));
        self.settled().await;
        true
    }

    /// Lets the server make one step, if it is held and stands.
    pub(super) async fn step(&self) {
        let Some(ends) = self
            .ends
            .as_ref()
            .filter(|_| self.standing() == Standing::Held)
        else {
            return;
        };
        let left = self.held_for().unwrap_or_default().max(HELD);
        self.held.set(Some(Instant::now() + left));
        ends.gate.let_through(1);
        self.settled().await;
    }

    /// Lets the server go.
    pub(super) fn release(&self) {
        self.held.set(None);
        if let Some(ends) = &self.ends {
            let last = self.film.borrow().present().time;
            self.trouble.borrow_mut().let_go(last);
            ends.gate.release();
        }
    }

    /// Lets the server go, and holds it no more.
    pub(super) fn end(&self) {
        self.is_ending.set(true);
        self.release();
    }

    /// Waits, but not for long, until the server stands; and takes what has happened.
    async fn settled(&self) {
        let end = Instant::now() + PATIENCE;
        while self.standing() == Standing::InAStep && Instant::now() < end {
            sleep(Duration::from_millis(1)).await;
        }
        self.take();
    }
}

fn past(film: &Film) -> Recording {
    let from = film.present().time.saturating_sub(PAST);
    film.recording(film.event_at(from))
}
