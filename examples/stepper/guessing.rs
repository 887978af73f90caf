//! The reader guesses what happens next, and the stepper keeps the score.
//!
//! Asked is only about what the reader has not seen yet: going back and forth over a known part neither
//! asks nor counts. An event that the reader has shown without an answer does not count either.

use story::guess::{Question, question};

use crate::lanes::Lanes;

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Guessing {
    /// How many events the reader has seen.
    seen: usize,
    asked: usize,
    right: usize,
}

impl Guessing {
    /// From this place on.
    pub(crate) fn begin(lanes: &Lanes) -> Guessing {
        Guessing {
            seen: lanes.at(),
            asked: 0,
            right: 0,
        }
    }

    /// What is asked here; `None` where the next event is known, or there is none.
    pub(crate) fn question(&self, lanes: &Lanes) -> Option<Question> {
        let next = lanes.next().filter(|_| lanes.at() >= self.seen)?;
        let player = lanes.player(next.recording);
        question(player.records(), next.index, &player.state_at(next.index))
    }

    /// Takes an answer, counted from 0, and says what it was worth.
    pub(crate) fn answer(&mut self, question: &Question, answer: usize) -> String {
        self.asked += 1;
        if answer == question.right {
            self.right += 1;
            return format!("RIGHT ({}).", self.score());
        }
        let chosen = &question.choices[answer];
        format!(
            "WRONG ({}). You said: {} {}",
            self.score(),
            chosen.text,
            chosen.why_not
        )
    }

    /// The reader stands here now, and has seen everything before.
    pub(crate) fn see(&mut self, lanes: &Lanes) {
        self.seen = self.seen.max(lanes.at());
    }

    /// The score, for the end.
    pub(crate) fn ending(&self) -> String {
        match self.asked {
            0 => "Nothing was guessed.".to_owned(),
            _ => format!("You guessed {} right.", self.score()),
        }
    }

    fn score(&self) -> String {
        format!("{} of {}", self.right, self.asked)
    }
}
