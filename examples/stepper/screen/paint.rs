//! From pictures and lines of source to coloured lines of the terminal.
//!
//! The colours are the sixteen that every terminal has, in the reader's own choice of them. They
//! only underline what the signs say already.

use crossterm::style::Stylize;

use crate::pictures::{Ink, Mark, Picture, Row};
use crate::terminal::{Line, Span, Style};
use story::{source, words};

/// Words are folded only where so many letters have room in a line.
const LEAST_ROOM: usize = 30;

/// No terminal has more lines. A recording may have more tasks.
const MOST_LINES: usize = 1000;

/// The line above a picture: its name, and what its signs mean.
pub(super) fn heading(title: &str, legend: &str, width: usize) -> Line {
    let used = title.chars().count() + 1;
    let legend = fit(legend, width.saturating_sub(used + 1));
    let rule = width.saturating_sub(used + legend.chars().count() + 1);
    let mut spans = vec![Span::styled(format!("{title} "), bold())];
    spans.push(Span::styled(legend, faint()));
    spans.push(Span::styled(format!(" {}", "─".repeat(rule)), faint()));
    Line::from(spans)
}

/// As many rows as there is room for; among them one that has changed, if any has. Where there is room for all, long
/// ones are folded.
pub(super) fn rows(picture: &Picture, width: usize, height: usize) -> Vec<Line> {
    let rows = &picture.rows;
    if rows.len() <= height {
        let folded: Vec<Line> = rows.iter().flat_map(|row| folded(row, width)).collect();
        return match folded.len() <= height {
            true => folded,
            false => rows.iter().map(row).collect(),
        };
    }
    let room = height.saturating_sub(1);
    let changed = rows
        .iter()
        .position(|row| row.mark != Mark::Same)
        .unwrap_or(0);
    let first = (changed + 1).saturating_sub(room);
    let shown = rows.iter().skip(first).take(room).map(row);
    let more = format!("  … and {} more", rows.len() - room);
    shown.chain([Line::styled(more, faint())]).collect()
}

/// How many lines a picture wants, with its heading.
pub(super) fn height(picture: &Picture, width: u16) -> u16 {
    let rows = picture.rows.iter().take(MOST_LINES);
    let lines: usize = rows.map(|row| folded(row, width.into()).len()).sum();
    1 + lines.min(MOST_LINES) as u16
}

/// The same; one, if it has room behind its title.
pub(super) fn least_height(picture: &Picture, width: u16) -> u16 {
    match width_of(&one_line(picture, width.into()).spans) <= width.into() {
        true => 1,
        false => height(picture, width),
    }
}

/// A row in as many lines as it needs: the words of its last piece stand below each other.
fn folded(row: &Row, width: usize) -> Vec<Line> {
    let whole = self::row(row);
    let last = row.pieces.last();
    let text = last.map_or("", |(_, text)| text.trim_start());
    let margin = width_of(&whole.spans) - text.chars().count();
    let room = width.saturating_sub(margin);
    if width_of(&whole.spans) <= width || room < LEAST_ROOM {
        return vec![whole];
    }
    let ink = last.map_or(Ink::Plain, |(ink, _)| *ink);
    let wrapped = words::wrap(text, room);
    let mut lines = wrapped.lines().map(str::to_owned);
    let mut first = row.clone();
    if let (Some((_, text)), Some(line)) = (first.pieces.last_mut(), lines.next()) {
        let indent = text.len() - text.trim_start().len();
        *text = format!("{}{line}", " ".repeat(indent));
    }
    let below = |line: String| Line::styled(format!("{}{line}", " ".repeat(margin)), style(ink));
    [self::row(&first)]
        .into_iter()
        .chain(lines.map(below))
        .collect()
}

/// A picture in one row, behind its title: the legend only if there is room for it, and of several rows one
/// that has changed first.
pub(super) fn one_line(picture: &Picture, width: usize) -> Line {
    let mut told = Vec::new();
    for row in changed_first(picture) {
        if !told.is_empty() {
            told.push(gap());
        }
        told.extend(pieces(row));
    }
    let mut spans = vec![Span::styled(format!("{:<5}", picture.title), bold())];
    let legend = format!(" ({})", picture.legend);
    let used = 10 + legend.chars().count() + width_of(&told);
    if !picture.legend.is_empty() && used <= width {
        spans.push(Span::styled(legend, faint()));
    }
    spans.push(Span::styled(" ", Style::new()));
    spans.extend(told);
    Line::from(spans)
}

/// A picture of several rows in two, without its legend: behind the title a row that has changed, if any has; below
/// it those for which there is room, and how many others there are.
pub(super) fn two_lines(picture: &Picture, width: usize) -> Vec<Line> {
    let mut rows = changed_first(picture);
    let title = Span::styled(format!("{} ", picture.title), bold());
    let margin = Span::styled(" ".repeat(title.text.chars().count()), Style::new());
    let with = |start: Span, line: Line| Line::from([vec![start], line.spans].concat());
    let first = rows.next().map(|it| with(title, row(it)));
    let room = width.saturating_sub(margin.text.len());
    let second = with(margin, in_one_row(rows, room));
    first.into_iter().chain([second]).collect()
}

/// Rows beside each other, as many as there is room for; the first is cut if it must be.
fn in_one_row<'a>(rows: impl ExactSizeIterator<Item = &'a Row>, width: usize) -> Line {
    let mut rows = rows.map(row);
    let first = rows.next().map_or(Vec::new(), |line| line.spans);
    let mut left = rows.len();
    let more = |left: usize| match left {
        0 => Vec::new(),
        _ => vec![Span::styled(format!("  … and {left} more"), faint())],
    };
    let room = width.saturating_sub(width_of(&more(left)));
    let mut spans = cut(Line::from(first), room).spans;
    for row in rows {
        let longer = [spans.clone(), vec![gap()], row.spans].concat();
        if width_of(&longer) + width_of(&more(left - 1)) > width {
            break;
        }
        (spans, left) = (longer, left - 1);
    }
    spans.extend(more(left));
    Line::from(spans)
}

/// The rows, from the first on that has changed; then those before it.
fn changed_first(picture: &Picture) -> impl ExactSizeIterator<Item = &Row> {
    let rows = &picture.rows;
    let changed = rows.iter().position(|row| row.mark != Mark::Same);
    let (first, last) = rows.split_at(changed.unwrap_or(0));
    let all: Vec<&Row> = last.iter().chain(first).collect();
    all.into_iter()
}

/// Between rows that stand beside each other.
fn gap() -> Span {
    Span::styled("  │  ", faint())
}

fn width_of(spans: &[Span]) -> usize {
    spans.iter().map(|span| span.text.chars().count()).sum()
}

/// The line, cut to a width.
pub(super) fn cut(line: Line, width: usize) -> Line {
    if width_of(&line.spans) <= width {
        return line;
    }
    let mut left = width.saturating_sub(1);
    let mut spans = Vec::new();
    for span in line.spans {
        let length = span.text.chars().count();
        let text: String = span.text.chars().take(left).collect();
        spans.push(Span::styled(text, span.style));
        left -= left.min(length);
    }
    spans.push(Span::styled("…", Style::new()));
    Line::from(spans)
}

/// A line of source, with its number and a sign.
pub(super) fn code(line: &source::Line, sign: char, width: usize) -> Line {
    let style = match sign {
        '▶' => Style::new().dark_cyan().bold(),
        _ => Style::new(),
    };
    let number = Span::styled(format!("{:>4}{sign} ", line.number), faint());
    let text = fit(&line.text, width.saturating_sub(6));
    Line::from(vec![number, Span::styled(text, style)])
}

fn row(row: &Row) -> Line {
    let mark = Span::styled(format!("{} ", row.mark.sign()), style(row.mark.ink()));
    Line::from([mark].into_iter().chain(pieces(row)).collect::<Vec<_>>())
}

fn pieces(row: &Row) -> impl Iterator<Item = Span> {
    let pieces = row.pieces.iter();
    pieces.map(|(ink, text)| Span::styled(text.clone(), style(*ink)))
}

fn style(ink: Ink) -> Style {
    match ink {
        Ink::Plain => Style::new(),
        Ink::Faint => faint(),
        Ink::Running => Style::new().dark_cyan(),
        Ink::Stranded => Style::new().dark_red().bold(),
        Ink::New => Style::new().dark_green().bold(),
        Ink::Changed => Style::new().dark_yellow(),
        Ink::Gone => Style::new().dark_red().dim(),
        Ink::Here => Style::new().reverse(),
    }
}

pub(super) fn bold() -> Style {
    Style::new().bold()
}

pub(super) fn faint() -> Style {
    Style::new().dim()
}

/// The text, cut to a width.
pub(super) fn fit(text: &str, width: usize) -> String {
    match text.chars().count() > width {
        true => text
            .chars()
            .take(width.saturating_sub(1))
            .chain(['…'])
            .collect(),
        false => text.to_owned(),
    }
}

/// The text, cut to a width at its beginning: of a path the end tells more.
pub(super) fn fit_end(text: &str, width: usize) -> String {
    let length = text.chars().count();
    match length > width {
        true => {
            let end = text.chars().skip(length + 1 - width.max(1));
            ['…'].into_iter().chain(end).collect()
        }
        false => text.to_owned(),
    }
}
