//! What goes wrong: now, by a method, or at a moment, by a plan.

use std::time::Duration;

use super::fault::Due;
use super::{Fault, Sim, Trouble};
use crate::fs::simulated::Troubles;
use crate::net::simulated::{Link, Network};
#[cfg(unix)]
use crate::signal::unix::SignalKind;
use crate::trace::Mark;

impl Sim {
    /// A trouble begins, or ends.
    pub(super) fn change(&mut self, trouble: &Trouble, begins: bool) {
        match trouble {
            Trouble::Apart(one, other) => change_links(&self.network, one, other, |link| {
                link.faults = more(link.faults, begins);
            }),
            Trouble::OneWay(from, to) => change_link(&self.network, from, to, |link| {
                link.faults = more(link.faults, begins);
            }),
            Trouble::Down(host) => self.down(host, begins),
            Trouble::Ahead(host, by) if begins => self.named(host).jump(*by),
            Trouble::Ahead(..) => {}
            Trouble::Slow(one, other, by) => change_links(&self.network, one, other, |link| {
                link.slower = longer(link.slower, *by, begins);
            }),
            Trouble::Behind(host, by) => {
                let wall = &self.named(host).wall;
                wall.set_behind(|behind| longer(behind, *by, begins));
            }
            Trouble::DiskFull(host) => self.trouble_disk(host, |it| {
                it.full = more(it.full, begins);
            }),
            Trouble::DiskBroken(host) => self.trouble_disk(host, |it| {
                it.broken = more(it.broken, begins);
            }),
            Trouble::DiskSlow(host, by) => self.trouble_disk(host, |it| {
                it.slower = longer(it.slower, *by, begins);
            }),
        }
    }

    /// In the recordings of the hosts that it concerns, a fault is a stretch of its own.
    pub(super) fn tell_fault(&mut self, due: &Due) {
        let what = match due.begins {
            true => Mark::Begin,
            false => Mark::End,
        };
        for host in due.trouble.hosts() {
            self.named(host)
                .mark_fault(due.number as u64 + 1, what, || due.trouble.to_string());
        }
    }

    fn trouble_disk(&mut self, host: &str, change: impl FnOnce(&mut Troubles)) {
        self.named(host).disk.trouble(change);
    }

    /// A host is down as long as any fault has it down.
    fn down(&mut self, host: &str, begins: bool) {
        let named = self.named(host);
        if begins {
            named.downs += 1;
            return named.crash();
        }
        named.downs = named.downs.saturating_sub(1);
        if named.downs == 0 {
            self.bounce(host);
        }
    }

    /// The program of a host dies where it is: its tasks are dropped, its connections are reset, its listeners
    /// are gone. Its disk loses what was [not synced](super::Unsynced), by chance. A client that is down counts as not ended.
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

    /// Sends a signal to the program of a host, and says how many of its tasks listen to it. (What it does to a program that
    /// does not listen is not modelled: [`crash`](Sim::crash) is what SIGKILL does.)
    ///
    /// ```
    /// use runtime::signal::unix::SignalKind;
    /// use runtime::sim::Builder;
    /// use runtime::time::Duration;
    ///
    /// let mut sim = Builder::new().build();
    /// sim.client("server", async { Ok(runtime::signal::ctrl_c().await?) });
    /// sim.run_for(Duration::from_secs(1))?;
    /// assert_eq!(sim.signal("server", SignalKind::interrupt()), 1);
    /// sim.run()?; // it has heard it, and ends
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If there is no host of that name.
    #[cfg(unix)]
    #[track_caller]
    pub fn signal(&mut self, host: &str, kind: SignalKind) -> usize {
        self.named(host).ears.send(kind.as_raw_value())
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

    /// Nothing gets through from one host to another from now on; what the other sends does: see
    /// [`partition_oneway`](super::partition_oneway()).
    ///
    /// # Panics
    ///
    /// If there is no host of one of the names.
    #[track_caller]
    pub fn partition_oneway(&mut self, from: &str, to: &str) {
        change_link(&self.network, from, to, |link| link.broken = true);
    }

    /// Ends a [`partition_oneway`](Sim::partition_oneway), and that half of a [`partition`](Sim::partition).
    ///
    /// # Panics
    ///
    /// If there is no host of one of the names.
    #[track_caller]
    pub fn repair_oneway(&mut self, from: &str, to: &str) {
        change_link(&self.network, from, to, |link| link.broken = false);
    }

    /// Plans a fault. A moment that is over counts as now.
    ///
    /// [`run`](Sim::run) panics when it comes to a fault that names a host that is not there. If [`seeds`](super::seeds())
    /// runs the test, a fault that a failure does not need is left out of the runs that look for those that it needs.
    pub fn fault(&mut self, fault: Fault) {
        self.plan(Some(fault));
    }

    /// The faults that are planned, and those that are over.
    pub fn faults(&self) -> &[Fault] {
        self.schedule.all()
    }
}

/// How many faults do it now: one more, or one less.
fn more(faults: u32, begins: bool) -> u32 {
    match begins {
        true => faults + 1,
        false => faults.saturating_sub(1),
    }
}

/// How much longer something takes now: `by` more, or less.
fn longer(now: Duration, by: Duration, begins: bool) -> Duration {
    match begins {
        true => now.saturating_add(by),
        false => now.saturating_sub(by),
    }
}

/// Has nothing get through between two hosts, or all.
#[track_caller]
pub(super) fn set_broken(network: &Network, one: &str, other: &str, broken: bool) {
    change_links(network, one, other, |link| link.broken = broken);
}

/// Changes the links between two hosts.
#[track_caller]
pub(super) fn change_links(network: &Network, one: &str, other: &str, change: impl Fn(&mut Link)) {
    change_link(network, one, other, &change);
    change_link(network, other, one, &change);
}

/// Changes the link from one host to another.
#[track_caller]
pub(super) fn change_link(network: &Network, from: &str, to: &str, change: impl Fn(&mut Link)) {
    let id = |name: &str| match network.named(name) {
        Some(id) => id,
        None => panic!("the simulation has no host {name:?}"),
    };
    network.change_link(id(from), id(to), change);
}
