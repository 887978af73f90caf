//! Faults that chance chooses.

use std::time::Duration;

use super::{Fault, Sim, Trouble};

impl Sim {
    /// Plans so many faults, which chance chooses, that begin within `within` and last for a quarter of it
    /// at most. Hosts crash, clients do not; any two hosts come apart or are slow. Add the hosts first.
    pub fn random_faults(&mut self, count: usize, within: Duration) {
        for _ in 0..count {
            if let Some(fault) = self.choose(within) {
                let number = self.chosen;
                self.chosen += 1;
                let only = self.settings.only.as_ref();
                if only.is_none_or(|only| only.contains(&number)) {
                    self.schedule.add(fault);
                }
            }
        }
    }

    fn choose(&mut self, within: Duration) -> Option<Fault> {
        let part = |n: u64| within.mul_f64(self.network.below(1000) as f64 / 1000.0 / n as f64);
        let (at, lasts) = (part(1), part(4));
        let count = self.hosts.len() as u64;
        let one = self.network.below(count) as usize;
        let other = (one + 1 + self.network.below(count.saturating_sub(1)) as usize)
            % self.hosts.len().max(1);
        let name = |host: usize| self.hosts.get(host).map(|host| host.name.clone());
        let (one_name, other_name) = (name(one)?, name(other)?);
        let what = match self.network.below(3) {
            0 if !self.hosts[one].is_client => Trouble::Down(one_name),
            1 => Trouble::Slow(one_name, other_name, part(8)),
            _ => Trouble::Apart(one_name, other_name),
        };
        Some(Fault { at, lasts, what })
    }
}
