//! The accounts of all work, kept up event by event.
//!
//! A task that waits for several things at once (a connection waits for its handler's lock, and for its
//! client to go away) waits for the one that wakes it. As long as none has, the account names the one that
//! holds it up: a lock before a timer, a timer before a peer.
//!
//! Several stretches of one task share its polls and its waits: each account has them all. While a task waits
//! for the end of one that it spawned, its time is spent on what that one does: see `children.rs`.
//!
//! How it can be wrong: a recording that begins in the middle knows nothing of the work that was under way
//! but what its [state](Snapshot::stretches) says. The time before is then one piece, of which nothing is
//! known.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use runtime::trace::{Cause, Event, Mark, Record, Snapshot, WaitView};

use crate::account::{Account, Doing, MOST, Said};
use crate::children::Children;
use crate::worker::{Poll, Worker};

/// The accounts of all work: of what is under way, and of the last that has ended.
///
/// ```
/// use runtime::trace::{Mark, mark};
/// use story::{account::Doing, accounts::Accounts};
/// use std::time::Duration;
///
/// let runtime = runtime::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
/// runtime.trace().start(1000);
/// runtime.block_on(async {
///     mark("order", 7, Mark::Begin, || "two scarves");
///     runtime::time::sleep(Duration::from_millis(20)).await;
///     mark("order", 7, Mark::End, || "sent");
/// });
/// let recording = runtime.trace().recording();
/// let mut accounts = Accounts::new(100);
/// accounts.begin(&recording.state_at(0));
/// for record in recording.records() {
///     accounts.add(record);
/// }
/// let order = accounts.ended().next().unwrap();
/// let most = order.sums()[0];
/// assert!(matches!(most.doing, Doing::Waiting(_)), "it slept");
/// assert_eq!(most.took, Duration::from_millis(20));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Accounts {
    workers: BTreeMap<u64, Worker>,
    children: Children,
    ended: VecDeque<Account>,
    capacity: usize,
    poll: Option<Poll>,
    now: Duration,
    /// The number of the next event.
    seq: u64,
}

impl Accounts {
    /// None yet. Of the work that has ended, the last `capacity` accounts are kept.
    pub fn new(capacity: usize) -> Accounts {
        Accounts {
            workers: BTreeMap::new(),
            children: Children::default(),
            ended: VecDeque::new(),
            capacity,
            poll: None,
            now: Duration::ZERO,
            seq: 0,
        }
    }

    /// Goes on from a state: at the beginning, and after a loss of events. What was under way in the state
    /// and is not known begins with a piece of which nothing is known.
    pub fn begin(&mut self, state: &Snapshot) {
        let last = std::mem::replace(&mut self.now, state.time);
        self.poll = Poll::of(state);
        let mut known = std::mem::take(&mut self.workers);
        // Whose end was lost.
        let mut gone = Vec::new();
        for (task, stretches) in &state.stretches {
            let view = state.tasks.get(task);
            let mut worker = Worker::of(view);
            let mut old = known.remove(task).map(|it| it.open).unwrap_or_default();
            for view in stretches {
                let is_it = |it: &Account| {
                    (it.scope, it.id, it.begin()) == (view.scope, view.id, view.since)
                };
                let place = old.iter().position(is_it);
                let account = place.map(|place| old.remove(place));
                let account = account.unwrap_or_else(|| Account::of_view(*task, view));
                worker.open.push(account);
            }
            gone.extend(old);
            worker.change(Doing::Unknown, last.min(state.time), self.seq);
            let doing = worker.doing_of(view);
            worker.change(doing, state.time, self.seq);
            self.workers.insert(*task, worker);
        }
        gone.extend(known.into_values().flat_map(|worker| worker.open));
        gone.into_iter().for_each(|account| self.keep(account));
        self.children.begin(state, self.seq, &mut self.workers);
    }

    /// Adds an event. The answer is the work that it marks, if it is a [mark](Event::Mark).
    pub fn add(&mut self, record: &Record) -> Option<&Account> {
        let (now, seq) = (record.time, record.seq);
        self.now = self.now.max(now);
        self.seq = seq.saturating_add(1);
        match &record.event {
            Event::Mark { .. } => return self.marked(record),
            Event::Spawned { task, .. } => self.spawned(*task, record),
            Event::PollStart { task } => {
                self.poll = Some(Poll {
                    task: *task,
                    waits: Vec::new(),
                    is_woken: false,
                });
                self.with(Some(*task), |worker| {
                    worker.change(Doing::Running, now, seq);
                });
            }
            Event::Waiting { on, at } => {
                let poll = self.poll.as_mut();
                poll.into_iter()
                    .for_each(|poll| poll.waits.push(WaitView::new(*on, *at)));
            }
            Event::Woken { task, by } => match &mut self.poll {
                Some(poll) if poll.task == *task => poll.is_woken = true,
                _ => self.woken(*task, *by, now, seq),
            },
            Event::PollEnd { task, .. } => {
                let poll = self.poll.take().filter(|poll| poll.task == *task);
                self.with(Some(*task), |worker| {
                    worker.poll_ended(poll.as_ref(), now, seq);
                });
            }
            Event::Ended { task, .. } => self.task_ended(*task, now),
            Event::Held { took } => self.held(now.saturating_sub(*took), now, seq),
            _ => {}
        }
        None
    }

    fn with(&mut self, task: Option<u64>, work: impl Fn(&mut Worker)) {
        let Some(task) = task else { return };
        self.workers.get_mut(&task).into_iter().for_each(&work);
        self.children.worker(task).into_iter().for_each(&work);
    }

    /// The thread of all has stood still.
    fn held(&mut self, from: Duration, now: Duration, seq: u64) {
        let workers = self.workers.values_mut().chain(self.children.workers());
        let open = workers.flat_map(|worker| &mut worker.open);
        open.for_each(|account| account.held(from, now, seq));
    }

    fn spawned(&mut self, task: u64, record: &Record) {
        let Some(parent) = record.task else { return };
        if let Some(worker) = self.workers.get_mut(&parent) {
            let open = worker.open.iter_mut();
            open.filter(|account| account.spawned.len() < MOST)
                .for_each(|account| account.spawned.push(task));
        }
        let child = Worker::spawned(task, record);
        self.children.add(task, parent, child, &mut self.workers);
    }

    /// A wait is over. Now it is known for what.
    fn woken(&mut self, task: u64, by: Cause, now: Duration, seq: u64) {
        self.with(Some(task), |worker| {
            worker.correct(by);
            worker.extend(now);
        });
        self.split(task, Some(by));
        self.with(Some(task), |worker| worker.change(Doing::Queued, now, seq));
    }

    /// Where a task has waited for one that it spawned, what that one did.
    fn split(&mut self, task: u64, by: Option<Cause>) {
        let worker = self.workers.get_mut(&task);
        for account in worker.into_iter().flat_map(|worker| &mut worker.open) {
            self.children.split(account, by);
        }
        self.children.split_own(task, by);
    }

    fn marked(&mut self, record: &Record) -> Option<&Account> {
        let Event::Mark {
            scope,
            id,
            what,
            text,
        } = &record.event
        else {
            return None;
        };
        let (task, name) = (record.task?, (*scope, *id));
        let said = Said {
            time: record.time,
            seq: record.seq,
            text: text.to_string(),
            at: record.place,
        };
        match what {
            Mark::Begin => self.begun(Account::new(task, *scope, *id, said)),
            Mark::Point => {
                let worker = self.workers.get_mut(&task)?;
                let place = worker.place(name)?;
                Some(worker.open[place].say(said))
            }
            Mark::End => {
                let worker = self.workers.get_mut(&task)?;
                let mut account = worker.open.remove(worker.place(name)?);
                if worker.open.is_empty() {
                    let worker = self.workers.remove(&task);
                    self.children.forget(worker.as_ref());
                }
                account.say(said);
                self.keep(account);
                self.ended.back()
            }
        }
    }

    /// Of too much work of one task the oldest is given up.
    fn begun(&mut self, account: Account) -> Option<&Account> {
        let task = account.task;
        let open = &mut self.workers.entry(task).or_default().open;
        open.push(account);
        let oldest = (open.len() > MOST).then(|| open.remove(0));
        oldest.into_iter().for_each(|oldest| self.keep(oldest));
        self.workers.get(&task)?.open.last()
    }

    /// The work ends with its task.
    fn task_ended(&mut self, task: u64, now: Duration) {
        self.with(Some(task), |worker| worker.extend(now));
        self.split(task, None);
        self.children.end(task, &mut self.workers);
        let worker = self.workers.remove(&task);
        self.children.forget(worker.as_ref());
        let open = worker.into_iter().flat_map(|worker| worker.open);
        open.for_each(|account| self.keep(account));
    }

    fn keep(&mut self, mut account: Account) {
        account.is_over = true;
        self.ended.push_back(account);
        while self.ended.len() > self.capacity {
            self.ended.pop_front();
        }
    }

    /// The work that has ended, the last first.
    pub fn ended(&self) -> impl Iterator<Item = &Account> {
        self.ended.iter().rev()
    }

    /// The work that is under way, up to the last event of its task; that of the youngest task first.
    pub fn open(&self) -> impl Iterator<Item = &Account> {
        self.workers.values().rev().flat_map(|worker| &worker.open)
    }

    /// The account with the time since then, up to the last event of all.
    #[must_use]
    pub fn up_to_now(&self, account: &Account) -> Account {
        let mut account = account.clone();
        account.extend(self.now);
        self.children.split(&mut account, None);
        account
    }

    /// The time of the last event.
    pub fn now(&self) -> Duration {
        self.now
    }
}
