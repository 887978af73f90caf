//! One direction of a source: whether it is ready, and who waits.
//!
//! **Readiness** is what the operating system said last and no operation has refuted. It
//! is cleared by an operation that found nothing ("would block"). An operation that got less
//! than it asked for clears it too, where that proves that nothing is left (asking again would
//! only hear "would block"). The system reports changes only, so clearing too much would
//! mean waiting for ever:
//!
//! * A **generation** counts the events. A task that clears says which generation it has seen; if
//!   another event has come meanwhile, the new readiness stays.
//! * A short transfer **proves** nothing for most kinds of sources; `source.rs` says for
//!   which it does. And it proves nothing if the event spoke of an **end** of the stream, which the
//!   next read must find: it comes in one event with the bytes before it.
//!
//! Two kinds wait. The `poll_` methods of a stream have one slot per direction, as the
//! I/O traits demand: the last caller is woken. Futures such as `readable()` join a list,
//! any number of them, and leave it when dropped.

use std::cell::Cell;
use std::task::{Context, Waker};

use crate::machine::inspect::snapshot::SideView;
use crate::machine::wait_list::{WaitKey, WaitList};
use crate::machine::waker_cell::{WakerCell, register};

/// One direction of a source.
#[derive(Default)]
pub(crate) struct Side {
    state: Cell<State>,
    /// A short transfer proves that the direction is drained, unless it has an end.
    short_is_proof: Cell<bool>,
    /// The last caller of a `poll_` method.
    slot: WakerCell,
    /// All other waiters. Most sources never have one, so the cell is one word; it is taken out for
    /// each look (see [`Side::with_others`]).
    others: Cell<Option<Box<WaitList>>>,
}

#[derive(Clone, Copy, Default)]
struct State {
    ready: bool,
    /// An end or an error is to be found by a later operation.
    end: bool,
    generation: Generation,
}

/// Which event made a direction ready.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Generation(u16);

/// What a caller found at a direction when it came to wait there: in the slot, or under its key in
/// the list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    /// Its own waker: it waits there already.
    Held,
    /// Nothing.
    Taken,
    /// Another's waker, which will not be woken now.
    Displaced,
    /// It left none: at the second look there was nothing to wait for.
    Unused,
}

/// What an operation got that may prove a direction to be drained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// "Would block". Nothing is there, not even an end.
    Nothing,
    /// Less than it asked for.
    Less,
}

impl Side {
    /// Not ready. `short_is_proof`: see [`Kind::short_is_proof`](super::Kind::short_is_proof).
    pub(crate) fn new(short_is_proof: bool) -> Side {
        Side {
            short_is_proof: Cell::new(short_is_proof),
            ..Side::default()
        }
    }

    /// The generation of the readiness, if ready.
    #[inline]
    pub(crate) fn ready(&self) -> Option<Generation> {
        let state = self.state.get();
        state.ready.then_some(state.generation)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.get().end
    }

    /// Takes it as ready without having been told; an operation will find out.
    pub(crate) fn assume_ready(&self) {
        let state = self.state.get();
        self.state.set(State {
            ready: true,
            ..state
        });
    }

    /// An event has come: notes it, and hands out the wakers of all that wait. An end that it speaks
    /// of is there until an operation finds nothing.
    pub(crate) fn became_ready(&self, end: bool, mut wake: impl FnMut(Waker)) {
        let state = self.state.get();
        self.state.set(State {
            ready: true,
            end: state.end || end,
            generation: Generation(state.generation.0.wrapping_add(1)),
        });
        if let Some(waker) = self.slot.take() {
            wake(waker);
        }
        self.with_others(|others| {
            while let Some(waker) = others.as_mut().and_then(|list| list.pop()) {
                wake(waker);
            }
        });
    }

    /// Looks at the list, or makes it. Nothing foreign may run meanwhile: it would find no list.
    #[inline]
    fn with_others<T>(&self, look: impl FnOnce(&mut Option<Box<WaitList>>) -> T) -> T {
        let mut others = self.others.take();
        let seen = look(&mut others);
        let made_meanwhile = self.others.replace(others);
        debug_assert!(made_meanwhile.is_none(), "foreign code ran");
        seen
    }

    /// A short transfer is no proof here, whatever kind the source seems to be.
    pub(crate) fn short_is_no_proof(&self) {
        self.short_is_proof.set(false);
    }

    /// Forgets the readiness that was seen at `generation`, because an operation got `found`.
    /// True: the direction was ready and no longer is. False: there was nothing to forget, or a
    /// newer event has come, or `found` proves nothing.
    #[inline]
    pub(crate) fn clear(&self, generation: Generation, found: Found) -> bool {
        let state = self.state.get();
        let proven = found == Found::Nothing || (self.short_is_proof.get() && !state.end);
        let clears = proven && state.ready && state.generation == generation;
        if clears {
            self.state.set(State {
                ready: false,
                end: false,
                generation,
            });
        }
        clears
    }

    /// Shows the wakers of those who wait.
    pub(super) fn wakers(&self, mut show: impl FnMut(&Waker)) {
        self.slot.show(|slot| slot.into_iter().for_each(&mut show));
        self.with_others(|others| others.iter().flat_map(|list| list.iter()).for_each(show));
    }

    pub(super) fn snapshot(&self) -> SideView {
        let in_slot = self.slot.show(|slot| usize::from(slot.is_some()));
        let in_list = self.with_others(|others| others.iter().flat_map(|list| list.iter()).count());
        SideView {
            ready: self.ready().is_some(),
            waiters: in_slot + in_list,
        }
    }

    /// Puts the caller's waker into the slot, where it may lie already; or not, if `is_over` says
    /// at the second look that there is nothing to wait for.
    #[inline]
    pub(crate) fn wait_in_slot(&self, cx: &Context<'_>, is_over: impl FnOnce() -> bool) -> Slot {
        match self.slot.holds(cx.waker()) {
            true => Slot::Held,
            false => self.take_slot(cx, is_over),
        }
    }

    fn take_slot(&self, cx: &Context<'_>, is_over: impl FnOnce() -> bool) -> Slot {
        let mut found = Slot::Unused;
        let look = || is_over().then_some(());
        let _ = register(cx.waker(), look, |waker| {
            let old = self.slot.put(waker);
            found = match old {
                Some(_) => Slot::Displaced,
                None => Slot::Taken,
            };
            old
        });
        found
    }

    /// Puts the caller's waker into the list, under `key`, unless `is_over` says at the second look
    /// that there is nothing to wait for. [`Slot::Taken`]: it was not in there, or had been taken
    /// out to be woken.
    pub(crate) fn wait_in_list(
        &self,
        key: &mut Option<WaitKey>,
        cx: &Context<'_>,
        is_over: impl FnOnce() -> bool,
    ) -> Slot {
        let mut found = Slot::Unused;
        let look = || is_over().then_some(());
        let _ = register(cx.waker(), look, |waker| {
            let old = self.with_others(|others| {
                let list = others.get_or_insert_with(|| Box::new(WaitList::new()));
                list.wait(key, waker)
            });
            found = match old {
                Some(_) => Slot::Held,
                None => Slot::Taken,
            };
            old
        });
        found
    }

    /// Takes a waiter out of the list. True: it had not been woken.
    pub(crate) fn leave(&self, key: &mut Option<WaitKey>) -> bool {
        let Some(key) = key.take() else { return false };
        let waker = self.with_others(|others| others.as_mut()?.remove(key));
        waker.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_task::noop_waker;

    #[test]
    fn a_readiness_that_came_meanwhile_is_not_cleared() {
        let direction = Side::default();
        direction.became_ready(false, drop);
        let seen = direction.ready().unwrap();
        direction.became_ready(false, drop);
        assert!(!direction.clear(seen, Found::Nothing));
        assert!(direction.clear(direction.ready().unwrap(), Found::Nothing));
        assert_eq!(direction.ready(), None);
    }

    #[test]
    fn an_end_outlives_a_short_read_but_not_a_would_block() {
        let direction = tcp();
        direction.became_ready(true, drop);
        // The next event need not speak of it again.
        direction.became_ready(false, drop);
        assert!(!direction.clear(direction.ready().unwrap(), Found::Less));
        assert!(direction.is_closed());
        assert!(direction.clear(direction.ready().unwrap(), Found::Nothing));
        assert_eq!(direction.ready(), None);
    }

    #[test]
    fn a_short_transfer_is_a_proof_only_where_it_is_known_to_be() {
        for (direction, is_proof) in [(tcp(), true), (Side::default(), false)] {
            direction.became_ready(false, drop);
            let seen = direction.ready().unwrap();
            assert_eq!(direction.clear(seen, Found::Less), is_proof);
        }
    }

    fn tcp() -> Side {
        Side::new(true)
    }

    #[test]
    fn a_waiter_that_leaves_leaves_nothing_behind() {
        let direction = Side::default();
        let (waker, mut key) = (noop_waker(), None);
        let cx = Context::from_waker(&waker);
        assert_eq!(direction.wait_in_list(&mut key, &cx, || false), Slot::Taken);
        assert_eq!(direction.wait_in_list(&mut key, &cx, || false), Slot::Held);
        assert_eq!(direction.wait_in_list(&mut key, &cx, || true), Slot::Unused);
        assert!(direction.leave(&mut key));
        let mut woken = 0;
        direction.became_ready(false, |_| woken += 1);
        assert_eq!(woken, 0);
    }
}
