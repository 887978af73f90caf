//! What a program works on, as its [marks](crate::trace::mark()) tell.
//!
//! As with [what tasks share](super::shared), the machine does not keep it, and there is one account of it
//! for the live stats and for a recording. A stretch is in it from its beginning to its end, or to the end of
//! its task. One that was begun outside of any task is not: nothing would ever end it. If two of a task have the
//! same name, a mark is of the younger one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::machine::inspect::snapshot::StretchView;
use crate::trace::{Event, Mark, Place};

/// The stretches of each task.
pub(super) type Stretches = BTreeMap<u64, Vec<StretchView>>;

/// So many stretches of a task are known at once. Of more, the oldest are forgotten.
const MOST: usize = 64;

/// Adds an event of the task `by`, emitted at `place`, to the account.
pub(super) fn apply(
    stretches: &mut Stretches,
    event: &Event,
    place: Place,
    by: Option<u64>,
    time: Duration,
) {
    if let Event::Ended { task, .. } = event {
        stretches.remove(task);
    }
    let Event::Mark {
        scope,
        id,
        what,
        text,
    } = event
    else {
        return;
    };
    let Some(task) = by else { return };
    let own = stretches.entry(task).or_default();
    let mut views = own.iter();
    let it = views.rposition(|view| (view.scope, view.id) == (*scope, *id));
    match (what, it) {
        (Mark::Begin, _) => {
            if own.len() == MOST {
                own.remove(0);
            }
            own.push(StretchView {
                scope: *scope,
                id: *id,
                text: Arc::clone(text),
                last: Arc::clone(text),
                since: time,
                at: place,
            });
        }
        (Mark::Point, Some(it)) => own[it].last = Arc::clone(text),
        (Mark::End, Some(it)) => drop(own.remove(it)),
        (Mark::Point | Mark::End, None) => {}
    }
    if own.is_empty() {
        stretches.remove(&task);
    }
}
