//! The simulation: its hosts, and the loop that runs them and moves the time.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use super::failure::Reason;
use super::fault::Schedule;
use super::host::{Host, Make};
use super::{Builder, Failure, Fault, Result, Trouble};
use crate::net::simulated::{Link, Network};
use crate::trace::{Dump, Recording};

/// Several hosts, the network between them, and the time. See the [module](super).
pub struct Sim {
    pub(super) settings: Builder,
    pub(super) network: Rc<Network>,
    pub(super) hosts: Vec<Host>,
    pub(super) schedule: Schedule,
    /// How many faults chance has chosen so far, those that were left out included.
    pub(super) chosen: usize,
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
            chosen: 0,
        }
    }
}

impl Sim {
    /// Adds a host, such as a server. `program` makes its future, now and whenever the host is started again.
    ///
    /// If it ends with an error, or panics, the simulation fails.
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
        let mut host = Host::new(&self.network, name, is_client, make);
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
    /// still. The text says which, at what time, and who waits for what.
    ///
    /// # Panics
    ///
    /// If the thread runs a runtime already.
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
        loop {
            while self.run_hosts()? {}
            let ended = self.have_clients_ended()?;
            if end.is_none() && ended {
                return Ok(());
            }
            if self.hosts.iter().any(Host::wait_for_jobs) {
                continue;
            }
            match (self.next_moment(), end) {
                (Some(next), None) if next > self.settings.limit => {
                    let (limit, waiting) = (self.settings.limit, self.waiting());
                    return Err(Reason::TooLong { limit, waiting });
                }
                (Some(next), None) => self.move_time(next)?,
                (Some(next), Some(end)) if next <= end => self.move_time(next)?,
                (_, Some(end)) => return self.move_time(end),
                (None, None) => {
                    let waiting = self.waiting();
                    return Err(Reason::Stuck { waiting });
                }
            }
        }
    }

    /// Runs each host until it rests. Which is first, chance decides. Returns whether anything was done.
    fn run_hosts(&mut self) -> Result<bool, Reason> {
        let count = self.hosts.len();
        let first = self.network.below(count as u64) as usize;
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
        let others = [self.network.next_due(), self.schedule.next()];
        let next = hosts.chain(others.into_iter().flatten()).min();
        next.map(|next| next.max(self.network.now()))
    }

    fn move_time(&mut self, to: Duration) -> Result<(), Reason> {
        self.network.advance(to);
        for host in &self.hosts {
            host.move_clock(to);
        }
        while let Some((trouble, begins)) = self.schedule.take_due(to) {
            self.change(&trouble, begins)?;
        }
        Ok(())
    }

    fn change(&mut self, trouble: &Trouble, begins: bool) -> Result<(), Reason> {
        match trouble {
            Trouble::Apart(one, other) => set_broken(&self.network, one, other, begins),
            Trouble::Down(host) if begins => self.crash(host),
            Trouble::Down(host) => self.bounce(host),
            Trouble::Slow(one, other, by) => change_links(&self.network, one, other, |link| {
                let (least, most) = link.latency;
                link.latency = match begins {
                    true => (least + *by, most + *by),
                    false => (least.saturating_sub(*by), most.saturating_sub(*by)),
                };
            }),
        }
        Ok(())
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
                text.push_str(&format!("{} has not ended. ", host.name));
                let runtime = host.runtime().filter(|_| self.settings.record.is_some());
                if let Some(runtime) = runtime {
                    text.push_str(&Dump::new(Some(runtime.snapshot())).to_string());
                }
            }
        }
        text
    }

    /// The program of a host dies where it is: its tasks are dropped, its connections are reset, its listeners
    /// are gone. A client that is down counts as not ended.
    ///
    /// # Panics
    ///
    /// If there is no host of that name, or what the program drops panics.
    #[track_caller]
    pub fn crash(&mut self, host: &str) {
        self.named(host).crash();
    }

    /// Starts the program of a host anew; if it runs, it [crashes](Sim::crash) first. The program of a client runs
    /// once only: it is not started again.
    ///
    /// # Panics
    ///
    /// As [`crash`](Sim::crash).
    #[track_caller]
    pub fn bounce(&mut self, host: &str) {
        let record = self.settings.record;
        let host = self.named(host);
        host.crash();
        if let Err(error) = host.start(record) {
            panic!(
                "no runtime for the host {:?} can be built: {error}",
                host.name
            );
        }
    }

    #[track_caller]
    fn named(&mut self, name: &str) -> &mut Host {
        match self.hosts.iter_mut().find(|host| host.name == name) {
            Some(host) => host,
            None => panic!("the simulation has no host {name:?}"),
        }
    }

    /// Nothing gets through between two hosts from now on: see [`partition`](super::partition()).
    ///
    /// # Panics
    ///
    /// If there is no host of one of the names.
    #[track_caller]
    pub fn partition(&mut self, one: &str, other: &str) {
        set_broken(&self.network, one, other, true);
    }

    /// Ends a [`partition`](Sim::partition).
    ///
    /// # Panics
    ///
    /// If there is no host of one of the names.
    #[track_caller]
    pub fn repair(&mut self, one: &str, other: &str) {
        set_broken(&self.network, one, other, false);
    }

    /// Plans a fault.
    pub fn fault(&mut self, fault: Fault) {
        self.schedule.add(fault);
    }

    /// The faults that are planned, and those that are over.
    pub fn faults(&self) -> &[Fault] {
        self.schedule.all()
    }

    pub(super) fn chosen(&self) -> usize {
        self.chosen
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
    /// time, or, if it is down, from then to its crash. Its times count from its start.
    pub fn recordings(&self) -> BTreeMap<String, Recording> {
        let hosts = self.hosts.iter();
        let recorded = hosts.filter_map(|host| Some((host.name.clone(), host.recording()?)));
        recorded.collect()
    }
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

/// Has nothing get through between two hosts, or all.
#[track_caller]
pub(super) fn set_broken(network: &Network, one: &str, other: &str, broken: bool) {
    change_links(network, one, other, |link| link.broken = broken);
}

#[track_caller]
fn change_links(network: &Network, one: &str, other: &str, change: impl Fn(&mut Link)) {
    let id = |name: &str| match network.named(name) {
        Some(id) => id,
        None => panic!("the simulation has no host {name:?}"),
    };
    let (one, other) = (id(one), id(other));
    network.change_link(one, other, &change);
    network.change_link(other, one, &change);
}
