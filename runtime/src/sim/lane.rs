//! What a recording of a host says of the simulation around it.

use crate::net::simulated::{HostId, Network};
use crate::runtime::Runtime;
use crate::trace::{Arrival, Deed, Lane, Recording, Run};

/// A life of a host that is recorded.
pub(super) struct Noted {
    lane: Lane,
    /// How many events are kept.
    capacity: usize,
}

impl Noted {
    /// Records the life that begins now.
    pub(super) fn begin(
        (name, id): (&str, HostId),
        (seed, life): (u64, u32),
        network: &Network,
        runtime: &Runtime,
        capacity: usize,
    ) -> Noted {
        runtime.trace().start(capacity);
        let trace = runtime.trace();
        network.record(id, life, move || trace.next_seq());
        let lane = Lane {
            host: name.to_owned(),
            life,
            seed: Some(seed),
            ..Lane::default()
        };
        Noted { lane, capacity }
    }

    /// The simulation runs the host.
    pub(super) fn run(&mut self, id: HostId, network: &Network, runtime: &Runtime) {
        let run = present(network, runtime);
        let runs = &mut self.lane.runs;
        // In the run before, nothing happened.
        if runs.last().is_some_and(|last| last.seq == run.seq) {
            runs.pop();
        }
        runs.push(run);
        forget(runs, self.capacity);
        let came = network.take_came(id).into_iter().map(|came| Arrival {
            seq: came.seq,
            source: came.source,
            direction: came.direction,
            from: Deed {
                host: network.name(came.from.host),
                life: came.from.life,
                seq: came.from.seq,
                at: came.from.at,
                is_end: came.from.is_end,
            },
        });
        self.lane.arrivals.extend(came);
        forget(&mut self.lane.arrivals, self.capacity);
    }

    /// What is recorded so far.
    pub(super) fn recording(&self, runtime: &Runtime) -> Recording {
        runtime.trace().recording().in_lane(self.lane.clone())
    }

    /// What is recorded, of a host that crashes.
    pub(super) fn crashed(mut self, network: &Network, runtime: &Runtime) -> Recording {
        self.lane.crash = Some(present(network, runtime));
        self.recording(runtime)
    }
}

fn present(network: &Network, runtime: &Runtime) -> Run {
    Run {
        seq: runtime.trace().next_seq(),
        order: network.next_run(),
        at: network.now(),
    }
}

/// Each run has an event at least, so as many are enough as events are kept.
fn forget<T>(noted: &mut Vec<T>, most: usize) {
    if noted.len() > 2 * most {
        noted.drain(..noted.len() - most);
    }
}
