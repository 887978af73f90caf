//! The page: where everything stands.
//!
//! ```text
//!  the program, the event, the time
//!  what has happened, in a sentence; because of what
//!  run queue
//!  inbox                 what tasks share, or what the program says of its state
//!  tasks
//!  wheel                 sources
//!  the runtime's source  the program's source
//!  keys
//! ```
//!
//! It is made for 80 × 24. What a window has more is given to the sentence, the causes, the
//! pictures and, most of it, to the source.

use crossterm::style::Stylize;
use runtime::trace::{Doing, Place, Snapshot};

use super::{SPEEDS, Screen, asking, help, paint};
use crate::pictures::{MARKS, Picture, inbox, queue, reactor, shared, state, tasks, wheel};
use crate::terminal::{Frame, Line, Rect, Style};
use story::guess::Question;
use story::{causes, place, words};

/// The least window in which anything can be seen.
const LEAST: (u16, u16) = (72, 20);

const KEYS: &str =
    "→ step ← back  p poll w wake k park t task  r run +- speed  g jump ? help q quit";

/// The heights of the parts, for a window's height.
struct Heights {
    sentence: u16,
    causes: u16,
    tasks: u16,
    wheel: u16,
    source: u16,
}

impl Heights {
    /// `least`: so many rows the last part wants.
    fn of(height: u16, least: u16) -> Heights {
        let spare = height.saturating_sub(24);
        let (sentence, causes) = (2 + (spare / 8).min(1), 1 + (spare / 3).min(4));
        let left = height.saturating_sub(4 + sentence + causes);
        let picture = (5 + spare / 5).min(left.saturating_sub(least) / 2).max(3);
        let (tasks, wheel) = (picture, picture);
        let rest = left.saturating_sub(tasks + wheel);
        Heights {
            sentence,
            causes,
            tasks,
            wheel,
            source: rest,
        }
    }
}

/// Draws the whole page.
pub(super) fn draw(screen: &Screen, frame: &mut Frame) {
    let area = frame.area();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let text = format!(
            "This window is too small: {} x {} is the least.",
            LEAST.0, LEAST.1
        );
        return frame.text(&text, Style::new(), area);
    }
    if screen.help {
        return frame.lines(&help::page(), area);
    }
    let (before, after) = (screen.player.before(), screen.player.now());
    let question = asking::question(screen);
    let least = question.as_ref().map_or(0, |_| asking::HEIGHT);
    let heights = Heights::of(area.height, least);
    let mut page = Page { frame, rest: area };
    page.title(screen, &after);
    page.sentence(screen, [&before, &after], &heights);
    page.pictures(screen, [&before, &after], &heights);
    match (question, screen.player.record()) {
        (Some(question), _) => page.question(&question, heights.source),
        (None, Some(_)) => page.sources(screen, [&before, &after], heights.source),
        (None, None) => page.watch(screen, heights.source),
    }
    page.keys(screen);
}

/// What is left of the page, from the top downwards.
struct Page<'a> {
    frame: &'a mut Frame,
    rest: Rect,
}

impl Page<'_> {
    /// The next so many rows.
    fn take(&mut self, height: u16) -> Rect {
        let height = height.min(self.rest.height);
        let taken = Rect {
            height,
            ..self.rest
        };
        self.rest.y += height;
        self.rest.height -= height;
        taken
    }

    fn title(&mut self, screen: &Screen, now: &Snapshot) {
        let area = self.take(1);
        let width = area.width as usize;
        let time = words::time(now.time);
        let right = format!("{}   {}   {time} ", place(screen), doing(now));
        let room = width.saturating_sub(right.chars().count() + 4);
        let left = format!(" {:<room$}", paint::fit(&screen.title, room));
        let bar = Style::new().reverse();
        self.frame
            .lines(&[Line::styled(format!("{left}   {right}"), bar)], area);
    }

    fn sentence(&mut self, screen: &Screen, [before, after]: [&Snapshot; 2], heights: &Heights) {
        let records = screen.player.records();
        let at = screen.player.at();
        let sentence = match at.checked_sub(1) {
            Some(index) => story::tell(&records[index..], before, after),
            None => story::before_the_first(after),
        };
        let area = self.take(heights.sentence);
        self.frame.text(&sentence, paint::bold(), area);
        let area = self.take(heights.causes);
        let lines = because(screen, area.width as usize, area.height as usize);
        let lines: Vec<Line> = lines.into_iter().map(Line::from).collect();
        self.frame.lines(&lines, area);
    }

    fn pictures(&mut self, screen: &Screen, states: [&Snapshot; 2], heights: &Heights) {
        let [before, after] = states;
        let record = screen.player.record();
        let area = self.take(1);
        self.frame
            .lines(&[paint::one_line(&queue::draw(before, after))], area);
        let (left, right) = split(self.take(1), |width| width / 3);
        self.frame
            .lines(&[paint::one_line(&inbox::draw(record, after))], left);
        let picture = match screen.player.has_notes() {
            true => state::draw(screen.player.noted()),
            false => shared::draw(before, after),
        };
        self.frame.lines(&[paint::one_line(&picture)], right);
        let area = self.take(heights.tasks);
        self.picture(&tasks::draw(record, before, after), area);
        let (left, right) = split(self.take(heights.wheel), wheel_width);
        self.picture(&wheel::draw(before, after, left.width as usize), left);
        self.picture(&reactor::draw(before, after), right);
    }

    fn picture(&mut self, picture: &Picture, area: Rect) {
        let mut lines = vec![paint::heading(
            picture.title,
            picture.legend,
            area.width as usize,
        )];
        lines.extend(paint::rows(picture, area.height.saturating_sub(1) as usize));
        self.frame.lines(&lines, area);
    }

    fn question(&mut self, question: &Question, height: u16) {
        let area = self.take(height);
        self.frame
            .lines(&asking::rows(question, area.width as usize), area);
    }

    fn sources(&mut self, screen: &Screen, states: [&Snapshot; 2], mut height: u16) {
        if let Some(verdict) = &screen.verdict {
            let area = self.take(asking::VERDICT);
            self.frame.text(verdict, paint::bold(), area);
            height = height.saturating_sub(asking::VERDICT);
        }
        let (left, right) = split(self.take(height), |width| width / 2);
        let Some(record) = screen.player.record() else {
            return;
        };
        self.source(screen, ("RUNTIME", record.place), left);
        let (records, index) = (screen.player.records(), screen.player.at() - 1);
        match story::line_of_program(records, index, states) {
            Some(("after", place)) => self.source(screen, ("PROGRAM goes on after", place), right),
            Some((what, place)) => self.source(screen, (&format!("PROGRAM {what}"), place), right),
            None => {
                let heading = paint::heading("PROGRAM", "no line of it", right.width as usize);
                self.frame.lines(&[heading], right);
            }
        }
    }

    fn source(&mut self, screen: &Screen, (whose, place): (&str, Place), area: Rect) {
        let width = area.width as usize;
        let name = place::name(place);
        let name = paint::fit_end(&name, width.saturating_sub(whose.len() + 2));
        let mut lines = vec![paint::heading(whose, &name, width)];
        let code = screen
            .sources
            .around(place, area.height.saturating_sub(1) as usize);
        if code.is_empty() {
            lines.push(Line::styled(
                "This file cannot be read here.",
                paint::faint(),
            ));
        }
        lines.extend(code.iter().map(|line| paint::code(line, place.line, width)));
        self.frame.lines(&lines, area);
    }

    /// Before the first event: what to watch.
    fn watch(&mut self, screen: &Screen, height: u16) {
        let mut area = self.take(height);
        let heading = paint::heading("WHAT TO WATCH", "", area.width as usize);
        self.frame.lines(&[heading], area);
        area.y += 1;
        area.height = area.height.saturating_sub(1);
        self.frame.text(&screen.watch, Style::new(), area);
    }

    fn keys(&mut self, screen: &Screen) {
        self.rest.y += self.rest.height.saturating_sub(1);
        let area = self.take(1);
        let text = match (&screen.jump, &screen.notice) {
            (Some(typed), _) => format!("Jump to event #{typed}_   (Enter goes, Esc stays)"),
            (None, Some(notice)) => notice.clone(),
            (None, None) => {
                let width = area.width as usize;
                let marks = format!("{KEYS}     {MARKS}");
                let room = marks.chars().count() <= width;
                if room { marks } else { paint::fit(KEYS, width) }
            }
        };
        self.frame.text(&text, Style::new().reverse(), area);
    }
}

/// Two parts side by side, with a gap.
fn split(area: Rect, left: impl FnOnce(u16) -> u16) -> (Rect, Rect) {
    let width = left(area.width);
    let right = Rect {
        x: area.x + width + 1,
        width: area.width.saturating_sub(width + 1),
        ..area
    };
    (Rect { width, ..area }, right)
}

/// Wide enough for 64 slots, if the sources beside it still have room.
fn wheel_width(width: u16) -> u16 {
    match width {
        114.. => 78,
        _ => 45,
    }
}

/// Where the reader stands.
fn place(screen: &Screen) -> String {
    let records = screen.player.records();
    let last = records.last().map_or(0, |record| record.seq);
    let runs = match screen.running {
        true => format!(
            "  {} a second",
            words::count(SPEEDS[screen.speed] as usize, "event")
        ),
        false => String::new(),
    };
    match screen.player.record() {
        Some(record) => format!("event #{} of #{last}{runs}", record.seq),
        None => format!(
            "before the first of {}{runs}",
            words::count(records.len(), "event")
        ),
    }
}

fn doing(now: &Snapshot) -> String {
    match now.doing {
        Doing::Polling { task, .. } => format!("polls task {task}"),
        Doing::Parked { .. } => "parked".to_owned(),
        _ => "polls no task".to_owned(),
    }
}

/// The chain of causes: in one line if there is only one, or else a link a line.
fn because(screen: &Screen, width: usize, height: usize) -> Vec<String> {
    let records = screen.player.records();
    let Some(index) = screen.player.at().checked_sub(1) else {
        return vec![
            "Right arrow: one event forwards. Left arrow: one back. ? for all keys.".to_owned(),
        ];
    };
    let links = causes::chain(records, index);
    if links.is_empty() {
        return vec!["BECAUSE  the loop does this between two polls.".to_owned()];
    }
    let number = |link: &causes::Link| records[link.index].seq;
    let texts = links
        .iter()
        .map(|link| format!("{} #{}", link.text, number(link)));
    let mut texts: Vec<String> = texts.collect();
    if height == 1 {
        return vec![paint::fit(
            &format!("BECAUSE  {}", texts.join(" ← ")),
            width,
        )];
    }
    if texts.len() > height {
        let more = texts.split_off(height - 1).len();
        texts.push(format!("… and {more} more"));
    }
    let lead = ["BECAUSE  "]
        .into_iter()
        .chain(std::iter::repeat("       ← "));
    let lines = lead.zip(&texts).map(|(lead, text)| format!("{lead}{text}"));
    lines.map(|line| paint::fit(&line, width)).collect()
}
