//! What happens in a runtime, told.
//!
//! An event of [`runtime::trace`] speaks in numbers. Here it becomes a sentence that a reader
//! understands who has never seen the inside of a runtime ([`tell`]), with the chain of its causes
//! ([`causes::chain`]), and everything has the same name everywhere ([`words`], [`place`]). The
//! stepper shows these sentences in a terminal and the inspector of the program `server` on a page:
//! both tell the same story, because it is written here, once.
//!
//! ```
//! use runtime::trace::Event;
//!
//! let runtime = runtime::runtime::Runtime::new()?;
//! runtime.trace().start(100);
//! runtime.block_on(async {});
//! let recording = runtime.trace().recording();
//! let first = recording.records().iter().position(|it| matches!(it.event, Event::PollStart { .. }));
//! let at = first.expect("the future of block_on is polled");
//! let states = [recording.state_at(at), recording.state_at(at + 1)];
//! let sentence = story::tell(&recording.records()[at..], &states[0], &states[1]);
//! assert!(sentence.starts_with("The executor takes task 1 off the front of the queue"), "{sentence}");
//! # Ok::<(), std::io::Error>(())
//! ```
#![forbid(unsafe_code)]

mod about;
pub mod account;
pub mod accounts;
pub mod causes;
mod children;
mod deadlock;
pub mod files;
mod given;
pub mod guess;
pub mod lanes;
mod passing;
pub mod place;
mod sentence;
mod sharing;
pub mod source;
mod sources;
mod sums;
mod wait_words;
pub mod waits;
mod warnings;
pub mod words;
mod worker;

pub use about::{line_of_program, task_of};
pub use given::{Given, given};
pub use sentence::{before_the_first, tell};
