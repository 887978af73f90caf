//! Faults that chance chooses.

use std::time::Duration;

use super::host::Host;
use super::{Fault, Sim, Trouble};

impl Sim {
    /// Plans so many faults at most, which chance chooses, that begin within `within` from now and last for a quarter of it
    /// at most. Hosts crash, clients do not; any two hosts come apart or are slow. Add the hosts first.
    pub fn random_faults(&mut self, count: usize, within: Duration) {
        for _ in 0..count {
            let fault = self.choose(within);
            self.plan(fault);
        }
    }

    /// Plans so many faults of disks, which chance chooses, as [`random_faults`](Sim::random_faults) does: the disk of a host is
    /// full, fails, or is slow; that of a client is not.
    pub fn random_disk_faults(&mut self, count: usize, within: Duration) {
        for _ in 0..count {
            let fault = self.choose_of_disks(within);
            self.plan(fault);
        }
    }

    /// Unless it is one of those that are left out.
    pub(super) fn plan(&mut self, fault: Option<Fault>) {
        let Some(fault) = fault else {
            return;
        };
        let number = self.chosen;
        self.chosen += 1;
        let only = self.settings.only.as_ref();
        if only.is_none_or(|only| only.contains(&number)) {
            self.schedule.add(fault);
        }
    }

    /// `None`: there is no host.
    fn choose_of_disks(&mut self, within: Duration) -> Option<Fault> {
        let (at, lasts) = (self.part_of(within), self.part_of(within) / 4);
        let (kind, longer) = (self.fates.below(3), self.part_of(within) / 8);
        let is_host = |host: &&Host| !host.is_client;
        let count = self.hosts.iter().filter(is_host).count() as u64;
        let chosen = self.fates.below(count) as usize;
        let name = self.hosts.iter().filter(is_host).nth(chosen)?.name.clone();
        let what = match kind {
            0 => Trouble::DiskFull(name),
            1 => Trouble::DiskBroken(name),
            _ => Trouble::DiskSlow(name, longer),
        };
        let at = self.elapsed() + at;
        Some(Fault { at, lasts, what })
    }

    /// `None`: chance has chosen what cannot be.
    fn choose(&mut self, within: Duration) -> Option<Fault> {
        let (at, lasts) = (self.part_of(within), self.part_of(within) / 4);
        let count = self.hosts.len() as u64;
        let (one, step) = (
            self.fates.below(count),
            self.fates.below(count.saturating_sub(1)),
        );
        let (kind, longer) = (self.fates.below(3), self.part_of(within) / 8);
        let one_host = self.hosts.get(one as usize)?;
        let other_host = self.hosts.get(((one + 1 + step) % count.max(1)) as usize)?;
        let (one, other) = (one_host.name.clone(), other_host.name.clone());
        let what = match kind {
            0 if !one_host.is_client => Trouble::Down(one),
            _ if one == other => return None,
            1 => Trouble::Slow(one, other, longer),
            _ => Trouble::Apart(one, other),
        };
        let at = self.elapsed() + at;
        Some(Fault { at, lasts, what })
    }

    fn part_of(&mut self, whole: Duration) -> Duration {
        whole.mul_f64(self.fates.below(1000) as f64 / 1000.0)
    }
}
