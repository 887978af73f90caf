//! The simulation: its hosts, and the loop that runs them and moves the time.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::failure::Reason;
use super::fault::Schedule;
use super::host::{Host, Make};
use super::patience::Patience;
use super::{Builder, Failure, Result};
use crate::base::chance::Chance;
use crate::net::simulated::Network;
use crate::trace::{Dump, Recording};

/// Hosts that wake each other (by a channel of the test's, for instance) do so this often before the time goes on.
const ROUNDS: u32 = 100_000;

/// Makes the seed of the faults another one than the network's.
const FATES: u64 = 0xFA7E;

/// Makes the seed of the hosts' order another one than the network's.
const ORDER: u64 = 0x0DE5 << 48;

/// Several hosts, the network between them, and the time. See the [module](super).
pub struct Sim {
    pub(super) settings: Builder,
    pub(super) network: Rc<Network>,
    pub(super) hosts: Vec<Host>,
    pub(super) schedule: Schedule,
    /// Which host is run first, at this moment: see [`first_at`].
    first: u64,
    /// The source of faults by chance. It is their own, so that a fault that is left out changes no other.
    pub(super) fates: Chance,
    /// How many faults are planned so far, those that were left out included.
    pub(super) chosen: usize,
    patience: Patience,
}

impl Builder {
    /// The simulation, without hosts.
    pub fn build(&self) -> Sim {
        let network = Network::new(self.seed, self.link.clone());
        Sim {
            settings: self.clone(),
            network: Rc::new(network),
            hosts: Vec::new(),
            schedule: Schedule::default(),
            first: 0,
            fates: Chance::new(self.seed ^ FATES),
            chosen: 0,
            patience: Patience::default(),
        }
    }
}

impl Sim {
    /// Adds a host, such as a server. `program` makes its future, now and whenever the host is started again.
    ///
    /// If it ends with an error, or panics, the simulation fails. (The panic of a task that it has spawned is for that task's
    /// handle, as on any runtime: a program that awaits its tasks, or a `JoinSet`, hears of it.)
    ///
    /// # Panics
    ///
    /// If there is a host of that name, or the operating system gives no descriptors for another runtime.
    #[track_caller]
    pub fn host<F, Fut>(&mut self, name: &str, mut program: F)
    where
        F: FnMut() -> Fut + 'static,
        Fut: Future<Output = Result> + 'static,
    {
        self.add(name, false, Box::new(move || Some(Box::pin(program()))));
    }

    /// Adds a host whose program runs once. The simulation runs until the programs of all clients have ended.
    ///
    /// # Panics
    ///
    /// As [`host`](Sim::host).
    #[track_caller]
    pub fn client<Fut>(&mut self, name: &str, program: Fut)
    where
        Fut: Future<Output = Result> + 'static,
    {
        let mut program = Some(program);
        let once = move || program.take().map(|program| Box::pin(program) as _);
        self.add(name, true, Box::new(once));
    }

    #[track_caller]
    fn add(&mut self, name: &str, is_client: bool, make: Make) {
        assert!(
            self.network.named(name).is_none(),
            "the simulation has a host {name:?} already"
        );
        let settings = (self.settings.seed, &self.settings.disk);
        let mut host = Host::new(&self.network, settings, name, is_client, make);
        if let Err(error) = host.start(self.settings.record) {
            panic!("no runtime for the host {name:?} can be built: {error}");
        }
        self.hosts.push(host);
    }

    /// Runs until the programs of all clients have ended.
    ///
    /// # Errors
    ///
    /// If a program fails or panics; if the [limit](Builder::simulation_duration) is reached; if nothing will
    /// happen any more although a client has not ended; if a host polls tasks without end while the time stands
    /// still. The text says which, at what time, and, if the simulation is [recorded](Builder::record), which task waits
    /// for what.
    ///
    /// # Panics
    ///
    /// If a program cannot be started again after a crash, or what it drops in a crash panics.
    pub fn run(&mut self) -> Result<(), Failure> {
        self.go(None).map_err(|reason| self.failure(reason))
    }

    /// Runs for so much simulated time, whether or not the clients have ended.
    ///
    /// # Errors
    ///
    /// If a program fails or panics, or a host polls tasks without end while the time stands still.
    ///
    /// # Panics
    ///
    /// As [`run`](Sim::run).
    pub fn run_for(&mut self, duration: Duration) -> Result<(), Failure> {
        let end = self.network.now() + duration;
        self.go(Some(end)).map_err(|reason| self.failure(reason))
    }

    fn go(&mut self, end: Option<Duration>) -> Result<(), Reason> {
        let (mut now, mut turns) = (self.network.now(), 0);
        loop {
            self.run_all()?;
            let ended = self.have_clients_ended()?;
            if end.is_none() && ended {
                return Ok(());
            }
            if self.wait_for_jobs() {
                continue;
            }
            match (self.next_moment(), end) {
                (Some(next), None) if next > self.settings.limit => {
                    let (limit, waiting) = (self.settings.limit, self.waiting());
                    return Err(Reason::TooLong { limit, waiting });
                }
                (Some(next), None) => self.move_time(next),
                (Some(next), Some(end)) if next <= end => self.move_time(next),
                (_, Some(end)) => {
                    self.move_time(end);
                    return Ok(());
                }
                (None, None) => {
                    let waiting = self.waiting();
                    return Err(Reason::Stuck { waiting });
                }
            }
            turns = if self.network.now() > now {
                0
            } else {
                turns + 1
            };
            if turns > ROUNDS {
                return Err(Reason::Busy("the network".to_owned()));
            }
            now = self.network.now();
        }
    }

    /// Waits for work on another thread, if a host has any. Returns whether one had.
    fn wait_for_jobs(&mut self) -> bool {
        let Some(host) = self.hosts.iter().find(|host| host.has_jobs()) else {
            return false;
        };
        let (name, seed, at) = (&host.name, self.settings.seed, self.network.now());
        let text = format!(
            "seed {seed}, after {at:?}: {name} has work on another thread that takes very long. The simulation waits \
             for it, and no simulated time passes: work that waits for the program never ends"
        );
        self.patience.during(text, || host.wait_for_jobs());
        true
    }

    /// Runs the hosts until all of them rest.
    fn run_all(&mut self) -> Result<(), Reason> {
        for _ in 0..ROUNDS {
            if !self.run_hosts()? {
                return Ok(());
            }
        }
        Err(Reason::Busy("the simulation".to_owned()))
    }

    /// Runs each host until it rests. Returns whether anything was done.
    fn run_hosts(&mut self) -> Result<bool, Reason> {
        let count = self.hosts.len();
        let first = self.first as usize % count.max(1);
        let mut done = false;
        for place in 0..count {
            done |= self.hosts[(first + place) % count].run()?;
        }
        Ok(done)
    }

    fn have_clients_ended(&mut self) -> Result<bool, Reason> {
        let mut all = true;
        for host in &mut self.hosts {
            let ended = host.ended()?;
            all &= ended || !host.is_client;
        }
        Ok(all)
    }

    fn next_moment(&self) -> Option<Duration> {
        let hosts = self.hosts.iter().filter_map(Host::until);
        let disks = self.hosts.iter().filter_map(|host| host.disk.next_due());
        let others = [self.network.next_due(), self.schedule.next()];
        let next = hosts.chain(disks).chain(others.into_iter().flatten()).min();
        next.map(|next| next.max(self.network.now()))
    }

    fn move_time(&mut self, to: Duration) {
        self.network.advance(to);
        self.first = first_at(self.settings.seed, to);
        for host in &mut self.hosts {
            host.move_clock(to);
            host.disk.advance(to);
        }
        while let Some(due) = self.schedule.take_due(to) {
            self.change(&due.trouble, due.begins);
            self.tell_fault(&due);
        }
    }

    fn failure(&self, reason: Reason) -> Failure {
        Failure {
            seed: self.settings.seed,
            at: self.network.now(),
            reason,
        }
    }

    /// Who has not ended, and, if it is recorded, what its tasks wait for.
    fn waiting(&mut self) -> String {
        let mut text = String::new();
        for host in self.hosts.iter_mut().filter(|host| host.is_client) {
            if matches!(host.ended(), Ok(false)) {
                let state = match host.runtime() {
                    Some(_) => "has not ended",
                    None => "is down, and has not ended",
                };
                text.push_str(&format!("{} {state}. ", host.name));
                let runtime = host.runtime().filter(|_| self.settings.record.is_some());
                if let Some(runtime) = runtime {
                    text.push_str(&Dump::new(Some(runtime.snapshot())).to_string());
                }
            }
        }
        text.trim_end().to_owned()
    }

    #[track_caller]
    pub(super) fn named(&mut self, name: &str) -> &mut Host {
        match self.hosts.iter_mut().find(|host| host.name == name) {
            Some(host) => host,
            None => panic!("the simulation has no host {name:?}"),
        }
    }

    /// The number from which all chance comes.
    pub fn seed(&self) -> u64 {
        self.settings.seed
    }

    /// The simulated time since the simulation began.
    pub fn elapsed(&self) -> Duration {
        self.network.now()
    }

    /// How many simulated sockets there are, those included that are dropped and still have something on its
    /// way. When all programs have closed what they opened, and time has passed, there are none.
    pub fn sockets(&self) -> usize {
        self.network.sockets()
    }

    /// What was [recorded](Builder::record) of each host, by its name: what happened since it was started the last
    /// time, or, if it is down, from then to its crash. Its times count from its start; its
    /// [lane](Recording::lane) says how they lie on the simulation's clock.
    pub fn recordings(&self) -> BTreeMap<String, Recording> {
        let hosts = self.hosts.iter();
        let recorded =
            hosts.filter_map(|host| Some((host.name.clone(), host.recordings().next()?)));
        recorded.collect()
    }

    /// What was recorded of each life of each host.
    #[cfg(feature = "serde")]
    pub(super) fn lives(&self) -> impl Iterator<Item = Recording> {
        self.hosts.iter().flat_map(Host::recordings)
    }
}

/// Chance decides once a moment which host is run first: how often the hosts are run in one depends on other threads,
/// if they have work there. The number is the moment's own. So a fault that is left out, which takes two moments away,
/// changes nothing for hosts that it does not concern.
fn first_at(seed: u64, moment: Duration) -> u64 {
    let moment = moment.as_nanos() as u64;
    Chance::new(seed ^ ORDER ^ moment).below(u64::MAX)
}

impl fmt::Debug for Sim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.hosts.iter().map(|host| &*host.name).collect();
        f.debug_struct("Sim")
            .field("seed", &self.settings.seed)
            .field("elapsed", &self.elapsed())
            .field("hosts", &names)
            .finish_non_exhaustive()
    }
}
