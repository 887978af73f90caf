//! A future that the check holds by a string: it notes each poll, and answers as the check wants.

use crate::account::note;
use crate::examiner::fail;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

/// More polls than a right machine ever makes here.
const TOO_MANY: u32 = 500;

/// What a probe answers to its poll number so much.
type Answer = Box<dyn FnMut(u32, &mut Context<'_>) -> Poll<()>>;

/// Names, in the order in which something happened.
pub type Log = Rc<RefCell<Vec<&'static str>>>;

/// An empty list.
pub fn log() -> Log {
    Log::default()
}

struct Inner {
    name: &'static str,
    answer: RefCell<Option<Answer>>,
    polls: Cell<u32>,
    is_ready: Cell<bool>,
    is_dropped: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// The check's end of the string.
#[derive(Clone)]
pub struct Probe(Rc<Inner>);

/// The future at the other end.
#[derive(Debug)]
pub struct Probed(Probe);

impl Probe {
    /// A future that is pending until [`Probe::finish`] is called.
    pub fn new(name: &'static str) -> Probe {
        Probe(Rc::new(Inner {
            name,
            answer: RefCell::new(None),
            polls: Cell::new(0),
            is_ready: Cell::new(false),
            is_dropped: Cell::new(false),
            waker: RefCell::new(None),
        }))
    }

    /// A future that does and answers as `answer` says. It is called with the number of the poll, from 1 on.
    pub fn answering(
        name: &'static str,
        answer: impl FnMut(u32, &mut Context<'_>) -> Poll<()> + 'static,
    ) -> Probe {
        let probe = Probe::new(name);
        probe.0.answer.replace(Some(Box::new(answer)));
        probe
    }

    /// A future that is ready in its poll number `ready`, and calls its waker in each poll before.
    pub fn ready_in(name: &'static str, ready: u32) -> Probe {
        Probe::answering(name, move |poll, cx| {
            if poll >= ready {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
    }

    /// The same; it enters its name into the list at each poll.
    pub fn logging(name: &'static str, ready: u32, list: &Log) -> Probe {
        let list = list.clone();
        Probe::answering(name, move |poll, cx| {
            list.borrow_mut().push(name);
            if poll < ready {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(())
        })
    }

    /// The future. There is one.
    pub fn future(&self) -> Probed {
        Probed(self.clone())
    }

    /// How often it has been polled.
    pub fn polls(&self) -> u32 {
        self.0.polls.get()
    }

    /// Whether the future has been dropped.
    pub fn is_dropped(&self) -> bool {
        self.0.is_dropped.get()
    }

    /// The waker that its last poll was given.
    pub fn waker(&self) -> Waker {
        let waker = self.0.waker.borrow().clone();
        let name = self.0.name;
        waker.unwrap_or_else(|| fail(&format!("`{name}` was not polled. It ought to have been.")))
    }

    /// Calls that waker. The future stays pending.
    pub fn wake(&self) {
        let waker = self.waker();
        note(format!("check: the waker of `{}` is called", self.0.name));
        waker.wake();
    }

    /// From now on the future is ready. Its waker is called.
    pub fn finish(&self) {
        self.0.is_ready.set(true);
        self.wake();
    }

    /// Whether it has said `Ready`, or is about to.
    pub fn is_ready(&self) -> bool {
        self.0.is_ready.get()
    }

    /// Goes wrong with `words` if it has not been polled `polls` times.
    #[track_caller]
    pub fn expect_polls(&self, polls: u32, words: &str) {
        let (name, made) = (self.0.name, self.polls());
        if made != polls {
            fail(&format!(
                "{words} (`{name}` ought to have been polled {}, and was polled {}.)",
                times(polls),
                times(made)
            ));
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
        let Inner {
            name,
            answer,
            polls,
            is_ready,
            ..
        } = &*self.0;
        if is_ready.get() && answer.borrow().is_some() {
            fail(&format!(
                "`{name}` has said Ready, and was polled once more. A future that has said Ready must never be \
                 polled again: an async fn panics then."
            ));
        }
        polls.set(polls.get() + 1);
        note(format!("`{name}` is polled, for the {}", nth(polls.get())));
        if polls.get() > TOO_MANY {
            fail(&format!(
                "`{name}` was polled more than {TOO_MANY} times, although its waker was hardly called. Your machine \
                 turns in a circle and burns the processor. A future that is pending is polled again when its waker \
                 was called, and not before."
            ));
        }
        self.0.waker.replace(Some(cx.waker().clone()));
        // It is taken out for the call: the machine may be so wrong as to poll a future within its poll.
        let Some(mut answering) = answer.take() else {
            return if is_ready.get() {
                Poll::Ready(())
            } else {
                Poll::Pending
            };
        };
        let said = answering(polls.get(), cx);
        answer.replace(Some(answering));
        is_ready.set(said.is_ready());
        note(format!(
            "`{name}` says {}",
            if said.is_ready() { "Ready" } else { "Pending" }
        ));
        said
    }
}

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Probe").field(&self.0.name).finish()
    }
}

impl Future for Probed {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx)
    }
}

impl Drop for Probed {
    fn drop(&mut self) {
        self.0.0.is_dropped.set(true);
        note(format!("`{}` is dropped", self.0.0.name));
    }
}

/// A number of times, in words: `twice`.
pub fn times(count: impl TryInto<u64>) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        0 => "not at all".to_owned(),
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

fn nth(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending} time")
}
