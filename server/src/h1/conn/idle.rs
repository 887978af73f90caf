//! Which connection has been idle longest.
//!
//! A server that is full makes room for a newcomer: it closes the connection that has waited
//! longest (see [`tracker`](super::tracker)). To find that connection must cost the same with ten
//! connections and with a hundred thousand, so the idle connections stand in queues. A
//! connection joins at the end when it begins to wait, and leaves from wherever it is when it
//! has something to do.
//!
//! There are three queues: for connections that have been served and wait for their next
//! request, for those that have had their last answer and linger, and for those on which
//! nothing has come yet. Usually the served ones go first: they lose nothing, while a lingering
//! peer may lose its answer, and the request of a new one is probably on the way.
//!
//! How it can go wrong: strangers who open connections and say nothing, or let themselves be
//! refused and linger, would so take the place of every client. So the lingering and the new
//! ones together may be a [quarter](SHARE) of those in the queues. If they are more, they go
//! first.
//!
//! ```text
//!   links:    [0] served ───▶ 5 ──▶ 2 ──▶ back to 0     each number is a node, and each
//!             [1] parting ──▶ back to 1                 node knows both its neighbours
//!             [2] new ──────▶ 4 ──▶ back to 2           and the end of its queue
//!             [3] in no queue: points to itself
//! ```
//!
//! The queues are circles in one table of neighbours. The first nodes are the ends of the
//! queues, and a connection's node is its key in the registry plus their number. A node in no
//! queue is a circle of its own. So to leave is the same two writes for every node, without a
//! case for the first, the last, or the one that was in no queue.

/// The queue in which an idle connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Queue {
    /// It has been served at least once, and waits for its next request.
    Served = 0,
    /// It has had its last answer, and lingers.
    Parting = 1,
    /// Not a byte of a request has come yet.
    New = 2,
}

/// The idle connections, by their keys in the registry.
#[derive(Debug)]
pub(super) struct Idle {
    links: Vec<Link>,
    /// How many connections each queue has.
    lengths: [u32; ENDS as usize],
}

/// The neighbours of a node.
#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
    /// The end of its queue; of a node in no queue, the node.
    end: u32,
}

/// Nodes that are ends of queues, and belong to no connection.
const ENDS: u32 = 3;

/// The lingering and the new connections may be one in so many.
const SHARE: u64 = 4;

impl Default for Idle {
    fn default() -> Self {
        Idle {
            links: (0..ENDS).map(Link::alone).collect(),
            lengths: [0; ENDS as usize],
        }
    }
}

impl Link {
    fn alone(node: u32) -> Self {
        Link {
            before: node,
            after: node,
            end: node,
        }
    }
}

impl Idle {
    /// The connection goes to the end of a queue, wherever it was before.
    #[inline]
    pub(super) fn join(&mut self, key: u32, queue: Queue) {
        let (node, end) = (key + ENDS, queue as u32);
        self.reach(node);
        self.unlink(node);
        let last = self.link(end).before;
        *self.link(node) = Link {
            before: last,
            after: end,
            end,
        };
        self.link(last).after = node;
        self.link(end).before = node;
        self.lengths[end as usize] += 1;
    }

    /// The connection leaves its queue, if it stands in one.
    #[inline]
    pub(super) fn leave(&mut self, key: u32) {
        let node = key + ENDS;
        if (node as usize) < self.links.len() {
            self.unlink(node);
        }
    }

    /// Only so many keys are left; no connection had the others.
    pub(super) fn cut(&mut self, keys: usize) {
        self.links.truncate(keys + ENDS as usize);
        self.links.shrink_to_fit();
    }

    /// Whether the connection stands in a queue.
    #[inline]
    pub(super) fn contains(&self, key: u32) -> bool {
        let node = key + ENDS;
        let link = self.links.get(node as usize);
        link.is_some_and(|link| link.end != node)
    }

    /// Whether the connection stands in this queue.
    pub(super) fn stands_in(&self, key: u32, queue: Queue) -> bool {
        let link = self.links.get((key + ENDS) as usize);
        link.is_some_and(|link| link.end == queue as u32)
    }

    /// The connection that makes room for a newcomer.
    pub(super) fn longest(&self) -> Option<u32> {
        use Queue::{New, Parting, Served};
        let [served, parting, new] = self.lengths.map(u64::from);
        let others = parting + new;
        let order = match others * SHARE > served + others {
            true => [Parting, New, Served],
            false => [Served, Parting, New],
        };
        order.into_iter().find_map(|queue| {
            let first = self.links[queue as usize].after;
            first.checked_sub(ENDS)
        })
    }

    /// Makes the table so long that it has the node.
    #[inline]
    fn reach(&mut self, node: u32) {
        for next in self.links.len() as u32..=node {
            self.links.push(Link::alone(next));
        }
    }

    #[inline]
    fn unlink(&mut self, node: u32) {
        let Link { before, after, end } = *self.link(node);
        if end == node {
            return;
        }
        self.lengths[end as usize] -= 1;
        self.link(before).after = after;
        self.link(after).before = before;
        *self.link(node) = Link::alone(node);
    }

    #[inline]
    fn link(&mut self, node: u32) -> &mut Link {
        &mut self.links[node as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All of them, in the order in which they make room.
    fn order(mut idle: Idle) -> Vec<u32> {
        std::iter::from_fn(|| {
            let first = idle.longest()?;
            idle.leave(first);
            Some(first)
        })
        .collect()
    }

    #[test]
    fn the_served_go_before_the_others_and_each_in_the_order_in_which_they_came() {
        let mut idle = Idle::default();
        idle.join(20, Queue::New);
        idle.join(21, Queue::Parting);
        for key in 0..10 {
            idle.join(key, Queue::Served);
        }
        idle.join(0, Queue::Served);
        // Beside five served ones two others are too many, and beside two served ones one is.
        assert_eq!(order(idle), [1, 2, 3, 4, 5, 21, 6, 7, 8, 20, 9, 0]);
    }

    #[test]
    fn the_others_cannot_drive_out_more_of_the_served_than_their_share() {
        let mut idle = Idle::default();
        let served = 0..100;
        served.clone().for_each(|key| idle.join(key, Queue::Served));
        // A hundred places are taken, and strangers come on and on.
        for key in 100..10_000 {
            let first = idle.longest().unwrap();
            idle.leave(first);
            let queue = [Queue::New, Queue::Parting][key as usize % 2];
            idle.join(key, queue);
        }
        let left = served.filter(|key| idle.contains(*key)).count();
        assert_eq!(left, 74);
    }

    proptest! {
        #[test]
        fn it_behaves_as_three_plain_lists(
            moves in prop::collection::vec((0u32..12, 0usize..4), 0..200),
        ) {
            const QUEUES: [Queue; 3] = [Queue::Served, Queue::Parting, Queue::New];
            let mut idle = Idle::default();
            let mut lists: [Vec<u32>; 3] = Default::default();
            for (key, action) in moves {
                lists.iter_mut().for_each(|list| list.retain(|other| *other != key));
                match QUEUES.get(action) {
                    None => idle.leave(key),
                    Some(queue) => {
                        idle.join(key, *queue);
                        lists[action].push(key);
                    }
                }
                let [served, parting, new] = &lists;
                let others = parting.iter().chain(new);
                let longest = match others.clone().count() * 3 > served.len() {
                    true => others.chain(served).next(),
                    false => served.iter().chain(others).next(),
                };
                prop_assert_eq!(idle.longest(), longest.copied());
                prop_assert_eq!(idle.contains(key), action != 3);
                let is_in = QUEUES.map(|queue| idle.stands_in(key, queue));
                prop_assert_eq!(is_in.iter().position(|is| *is), (action != 3).then_some(action));
            }
        }
    }
}
