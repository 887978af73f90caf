//! What a notify says while the runtime is observed: a call is kept, used, handed over.

use super::Notify;
use crate::trace::{Event, Place, Shared, is_observed};

impl Notify {
    /// The line above keeps a call.
    #[inline]
    #[track_caller]
    pub(super) fn emit_kept(&self) {
        if is_observed() {
            let (list, holds) = (self.list.borrow(), || (1, Some(1)));
            list.number().emit_sent(Shared::Notify, false, holds);
        }
    }

    /// The line above has used a call that was kept, if it `was`.
    #[inline]
    #[track_caller]
    pub(super) fn emit_used(&self, was: bool) {
        if was && is_observed() {
            let list = self.list.borrow();
            list.number().emit_received(Shared::Notify, || 0);
        }
    }

    /// The line below wakes the task to which the call goes.
    #[track_caller]
    pub(super) fn emit_handed_over(&self) {
        let list = self.list.borrow();
        let handed_over = |number| Event::HandedOver {
            shared: Shared::Notify,
            number,
            count: 1,
        };
        list.number().emit(Place::below_caller(), handed_over);
    }
}
