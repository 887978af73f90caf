//! What a program says about itself: that a piece of its work begins, how far it is, that it ends.
//!
//! The machine knows tasks and polls. What they are *for* only the program knows: this task answers a
//! request, that one imports a file. A piece of such work is called a **stretch**. The program marks its
//! beginning, points on the way, and its end; each mark is an [event](Event::Mark) among the others. So a
//! reader of the events can tell what one request waited for, although its task has answered a hundred.

use std::panic::Location;
use std::sync::Arc;

use super::switch::{are_events_kept, is_observed, with_current};
use super::{Event, Mark, Place, Scope};

/// Marks a stretch of the task that is being polled.
///
/// `scope` says what kind of work it is, and `id` which of that kind. Two tasks may use the same ones: a
/// stretch belongs to its task. It ends with [`Mark::End`], or with the task. Of a task's open stretches the 64
/// youngest are known.
///
/// `text` is made only while events are kept: in a recording, a file, or a [feed](super::Trace::feed). While the
/// runtime is not observed at all the call costs one test of a flag. Outside of a runtime nothing happens.
///
/// ```
/// use runtime::runtime::Runtime;
/// use runtime::trace::{Mark, mark};
///
/// let runtime = Runtime::new()?;
/// runtime.trace().start(1000);
/// runtime.block_on(async {
///     mark("order", 7, Mark::Begin, || "two scarves");
///     mark("order", 7, Mark::Point, || format!("{} pieces are packed", 2));
///     let (_task, stretches) = runtime.snapshot().stretches.pop_first().unwrap();
///     assert_eq!(&*stretches[0].text, "two scarves");
///     assert_eq!(&*stretches[0].last, "2 pieces are packed");
///     mark("order", 7, Mark::End, || "sent");
///     assert!(runtime.snapshot().stretches.is_empty());
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[inline]
#[track_caller]
pub fn mark<T: Into<Arc<str>>>(scope: &'static str, id: u64, what: Mark, text: impl FnOnce() -> T) {
    if is_observed() && are_events_kept() {
        tell(scope, id, what, text, Location::caller());
    }
}

#[cold]
#[inline(never)]
fn tell<T: Into<Arc<str>>>(
    scope: &'static str,
    id: u64,
    what: Mark,
    text: impl FnOnce() -> T,
    at: &'static Location<'static>,
) {
    with_current(|switch| {
        let event = Event::Mark {
            scope: Scope(scope),
            id,
            what,
            text: text().into(),
        };
        switch.record(event, Place::from(at));
    });
}
