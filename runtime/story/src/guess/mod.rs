//! What comes next: a question with four answers, for a reader who wants to know whether the machine is
//! understood.
//!
//! One answer is the event that does happen. The three others are events that could be thought of in the
//! same state: another task is polled, a timer fires, the thread sleeps. They are told in the same
//! sentences, and each knows what is wrong with it ([`Choice::why_not`]). Which three, and in which order,
//! follows from the event's number: the same question is the same for every reader.

mod plausible;
mod same;

use runtime::trace::{Event, Record, Snapshot};

use plausible::Plausible;

/// How many answers there are to choose from.
pub const CHOICES: usize = 4;

/// At most so many of the wrong answers are of one kind.
const OF_A_KIND: usize = 2;

/// A question: what happens next?
#[derive(Clone, Debug)]
pub struct Question {
    /// The answers.
    pub choices: [Choice; CHOICES],
    /// Which of them is right, counted from 0.
    pub right: usize,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What would happen.
    pub event: Event,
    /// The same in a sentence.
    pub text: String,
    /// Why it does not happen; empty of the right answer.
    pub why_not: String,
}

/// The question whose right answer is the event at the index `at`, asked in the state before it. `None`
/// if there is no such event.
///
/// ```
/// let runtime = runtime::runtime::Runtime::new()?;
/// runtime.trace().start(100);
/// runtime.block_on(async {});
/// let recording = runtime.trace().recording();
/// let records = recording.records();
/// let question = story::guess::question(records, 0, &recording.state_at(0)).unwrap();
/// let right = &question.choices[question.right];
/// assert_eq!(right.event, records[0].event);
/// assert!(story::guess::question(records, records.len(), &recording.state_at(0)).is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn question(records: &[Record], at: usize, before: &Snapshot) -> Option<Question> {
    let rest = records.get(at..)?;
    let truth = rest.first()?;
    let mut wrong = chosen(rest, before).into_iter();
    let right = number(truth.seq, 0) as usize % CHOICES;
    let mut choices = Vec::new();
    for place in 0..CHOICES {
        choices.push(match place == right {
            true => choice(truth, rest, before, String::new()),
            false => wrong.next()?,
        });
    }
    let choices = choices.try_into().ok()?;
    Some(Question { choices, right })
}

/// The wrong answers: the closest to the truth first, and no two that a reader could not tell apart.
fn chosen(rest: &[Record], before: &Snapshot) -> Vec<Choice> {
    let truth = &rest[0];
    let mut all = plausible::all(rest, before);
    let mut order = 0;
    all.sort_by_cached_key(|it| {
        order += 1;
        (it.far, number(truth.seq, order))
    });
    let right = choice(truth, rest, before, String::new());
    let mut chosen: Vec<Choice> = Vec::new();
    for Plausible { event, why_not, .. } in all {
        let of_its_kind = chosen.iter().filter(|it| same::kind(&it.event, &event));
        if same::meaning(&event, &truth.event)
            || of_its_kind.count() == OF_A_KIND
            || follows(&event, rest)
        {
            continue;
        }
        let record = Record {
            event,
            ..truth.clone()
        };
        let told = choice(&record, std::slice::from_ref(&record), before, why_not);
        let is_new = |it: &Choice| it.text != told.text && !same::meaning(&it.event, &told.event);
        if is_new(&right) && chosen.iter().all(is_new) {
            chosen.push(told);
        }
    }
    chosen.truncate(CHOICES - 1);
    let first = number(truth.seq, 1) as usize % chosen.len().max(1);
    chosen.rotate_left(first);
    chosen
}

/// An event with its sentence: the first of these.
fn choice(record: &Record, records: &[Record], before: &Snapshot, why_not: String) -> Choice {
    let mut after = before.clone();
    after.apply(record);
    Choice {
        event: record.event.clone(),
        text: crate::tell(records, before, &after),
        why_not,
    }
}

/// Whether it happens in the same breath, after the next event. In which order timers fire and sources
/// are told is no question of understanding.
fn follows(event: &Event, rest: &[Record]) -> bool {
    if same::is_of_the_loop(event) {
        return false;
    }
    let breath = rest.iter().skip(1).map(|record| &record.event);
    let mut breath = breath.take_while(|it| !matches!(it, Event::PollStart { .. }));
    breath.any(|it| same::meaning(it, event))
}

/// A number that looks drawn by lot, and is always the same for the same event.
fn number(seq: u64, salt: u64) -> u64 {
    let mixed = (seq ^ (salt << 32)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
