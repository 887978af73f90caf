//! Which connection has been idle longest.
//!
//! A server that is full makes room for a newcomer: it closes the connection that has waited
//! longest for its next request (see [`gate`](super::gate)). To find that connection must
//! cost the same with ten connections and with a hundred thousand, so the idle connections
//! stand in a queue. A connection joins at the end when it begins to wait, and leaves from
//! wherever it is when it has something to do.
//!
//! There are two queues. A connection that has been served stands in the first. A new
//! connection that has sent nothing yet stands in the second, which is looked at only when
//! the first is empty: its request is probably on the way.
//!
//! ```text
//!   links:    [0] served ──▶ 5 ──▶ 2 ──▶ back to 0      each number is a node, and each
//!             [1] new ─────▶ 4 ──▶ back to 1            node knows both its neighbours
//!             [3] nobody's neighbour: points to itself
//! ```
//!
//! Both queues are circles in one table of neighbours. Node 0 and node 1 are the ends of the
//! queues, and a connection's node is the number of its seat plus two. A node in no queue is
//! a circle of its own. So to leave is the same two writes for every node, without a case
//! for the first, the last, or the one that was in no queue.

/// The queue in which an idle connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// It has been served at least once.
    Served = 0,
    /// Not a byte of a request has come yet.
    New = 1,
}

/// The idle connections, by the numbers of their seats.
#[derive(Debug)]
pub(crate) struct Idle {
    links: Vec<Link>,
}

/// The neighbours of a node.
#[derive(Clone, Copy, Debug)]
struct Link {
    before: u32,
    after: u32,
}

/// Nodes that are ends of queues, and belong to no seat.
const ENDS: u32 = 2;

impl Default for Idle {
    fn default() -> Self {
        let links = (0..ENDS).map(Link::alone).collect();
        Idle { links }
    }
}

impl Link {
    fn alone(node: u32) -> Self {
        Link {
            before: node,
            after: node,
        }
    }
}

impl Idle {
    /// The connection goes to the end of a queue, wherever it was before.
    #[inline]
    pub(crate) fn join(&mut self, seat: u32, queue: Queue) {
        let (node, end) = (seat + ENDS, queue as u32);
        self.reach(node);
        self.unlink(node);
        let last = self.link(end).before;
        *self.link(node) = Link {
            before: last,
            after: end,
        };
        self.link(last).after = node;
        self.link(end).before = node;
    }

    /// The connection leaves its queue, if it stands in one.
    #[inline]
    pub(crate) fn leave(&mut self, seat: u32) {
        let node = seat + ENDS;
        if (node as usize) < self.links.len() {
            self.unlink(node);
        }
    }

    /// Only so many seats are left; the others were vacant.
    pub(crate) fn cut(&mut self, seats: usize) {
        self.links.truncate(seats + ENDS as usize);
        self.links.shrink_to_fit();
    }

    /// Whether the connection stands in a queue.
    #[inline]
    pub(crate) fn contains(&self, seat: u32) -> bool {
        let node = seat + ENDS;
        let link = self.links.get(node as usize);
        link.is_some_and(|link| link.after != node)
    }

    /// The first of those that have been served; without any, the first of the new ones.
    pub(crate) fn longest(&mut self) -> Option<u32> {
        [Queue::Served, Queue::New].into_iter().find_map(|queue| {
            let first = self.link(queue as u32).after;
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
        let Link { before, after } = *self.link(node);
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

    #[test]
    fn the_served_go_before_the_new_and_each_in_the_order_in_which_they_came() {
        let mut idle = Idle::default();
        for (seat, queue) in [(3, Queue::New), (0, Queue::Served), (7, Queue::Served)] {
            idle.join(seat, queue);
        }
        idle.join(0, Queue::Served);
        let order: Vec<_> = std::iter::from_fn(|| {
            let first = idle.longest()?;
            idle.leave(first);
            Some(first)
        })
        .collect();
        assert_eq!(order, [7, 0, 3]);
    }

    proptest! {
        #[test]
        fn it_behaves_as_two_plain_lists(
            moves in prop::collection::vec((0u32..8, 0u8..3), 0..200),
        ) {
            let mut idle = Idle::default();
            let (mut served, mut new) = (Vec::new(), Vec::new());
            for (seat, action) in moves {
                served.retain(|other| *other != seat);
                new.retain(|other| *other != seat);
                match action {
                    0 => idle.leave(seat),
                    1 => {
                        idle.join(seat, Queue::Served);
                        served.push(seat);
                    }
                    _ => {
                        idle.join(seat, Queue::New);
                        new.push(seat);
                    }
                }
                prop_assert_eq!(idle.longest(), served.first().or(new.first()).copied());
                prop_assert_eq!(idle.contains(seat), action != 0);
            }
        }
    }
}
