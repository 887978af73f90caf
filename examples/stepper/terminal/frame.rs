//! A page that is being drawn: a grid of cells, one for each letter's place in the window.

use std::io::{self, Write};

use crossterm::cursor::MoveTo;
use crossterm::queue;
use crossterm::style::PrintStyledContent;
use unicode_width::UnicodeWidthChar;

use super::{Line, Style};
use story::words;

/// A part of the page, in columns and rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rect {
    pub(crate) x: u16,
    pub(crate) y: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
}

/// See the file's heading.
#[derive(Debug)]
pub(crate) struct Frame {
    area: Rect,
    /// Row by row. A letter that takes two columns has no letter in the cell behind it.
    cells: Vec<(Option<char>, Style)>,
}

impl Frame {
    pub(crate) fn new(width: u16, height: u16) -> Frame {
        let count = usize::from(width) * usize::from(height);
        Frame {
            area: Rect {
                x: 0,
                y: 0,
                width,
                height,
            },
            cells: vec![(Some(' '), Style::new()); count],
        }
    }

    /// The whole page.
    pub(crate) fn area(&self) -> Rect {
        self.area
    }

    /// Draws lines one below the other. What does not fit is left out.
    pub(crate) fn lines(&mut self, lines: &[Line], area: Rect) {
        for (y, line) in (area.y..area.y + area.height).zip(lines) {
            let letters = line.spans.iter();
            let letters = letters.flat_map(|span| span.text.chars().map(|it| (it, span.style)));
            self.row(letters, Rect { y, ..area });
        }
    }

    /// Fills a part with text in this style, which goes on in the next row where it must. If there is no room for all
    /// of it, it ends in a sign that says so.
    pub(crate) fn text(&mut self, text: &str, style: Style, area: Rect) {
        let width = usize::from(area.width);
        let fits = text.chars().count() <= width;
        let wrapped = if fits {
            text.to_owned()
        } else {
            words::wrap(text, width)
        };
        let mut lines = wrapped.lines();
        for y in area.y..area.y + area.height {
            let line = lines.next().unwrap_or_default();
            let is_cut = y + 1 == area.y + area.height && lines.clone().next().is_some();
            let line: String = match is_cut {
                true => line
                    .chars()
                    .take(width.saturating_sub(2))
                    .chain([' ', '…'])
                    .collect(),
                false => line.to_owned(),
            };
            let line = format!("{line:<width$}");
            self.row(
                line.chars().map(|letter| (letter, style)),
                Rect { y, ..area },
            );
        }
    }

    /// Draws letters from the left, as many as there is room for.
    fn row(&mut self, letters: impl Iterator<Item = (char, Style)>, area: Rect) {
        let whole = self.area;
        if area.y >= whole.height {
            return;
        }
        let end = area.x.saturating_add(area.width).min(whole.width);
        let mut x = area.x;
        for (letter, style) in letters {
            // A control character (a tab) takes one place, and is not sent to the terminal.
            let (letter, width) = match letter.width() {
                Some(width) => (letter, width as u16),
                None => (' ', 1),
            };
            if x + width > end {
                return;
            }
            let at = usize::from(area.y) * usize::from(whole.width) + usize::from(x);
            for (offset, cell) in self.cells[at..].iter_mut().take(width.into()).enumerate() {
                *cell = ((offset == 0).then_some(letter), style);
            }
            x += width;
        }
    }

    /// Writes what makes a terminal show it.
    pub(crate) fn write_to(&self, out: &mut impl Write) -> io::Result<()> {
        let width = usize::from(self.area.width).max(1);
        for (y, row) in (0..).zip(self.cells.chunks(width)) {
            queue!(out, MoveTo(0, y))?;
            for piece in row.chunk_by(|(_, one), (_, other)| one == other) {
                let text: String = piece.iter().filter_map(|(letter, _)| *letter).collect();
                queue!(out, PrintStyledContent(piece[0].1.apply(text)))?;
            }
        }
        Ok(())
    }
}
