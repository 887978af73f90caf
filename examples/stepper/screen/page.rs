//! A page, or a part of one, that is filled from the top downwards.

use super::paint;
use crate::pictures::Picture;
use crate::terminal::{Frame, Line, Rect, Style};

/// What is left of it.
pub(super) struct Page<'a> {
    frame: &'a mut Frame,
    pub(super) rest: Rect,
}

impl<'a> Page<'a> {
    /// All of a frame.
    pub(super) fn of(frame: &'a mut Frame) -> Page<'a> {
        let rest = frame.area();
        Page { frame, rest }
    }

    /// A part of it.
    pub(super) fn within(&mut self, rest: Rect) -> Page<'_> {
        Page {
            frame: self.frame,
            rest,
        }
    }

    /// The next so many rows.
    pub(super) fn take(&mut self, height: u16) -> Rect {
        let height = height.min(self.rest.height);
        let taken = Rect {
            height,
            ..self.rest
        };
        self.rest.y += height;
        self.rest.height -= height;
        taken
    }

    /// All but the last rows, so many.
    pub(super) fn take_all_but(&mut self, rows: u16) -> Rect {
        self.take(self.rest.height.saturating_sub(rows))
    }

    /// Lines, each cut to the width of the place.
    pub(super) fn lines(&mut self, lines: Vec<Line>, area: Rect) {
        let width = area.width as usize;
        let lines = lines.into_iter().map(|line| paint::cut(line, width));
        self.frame.lines(&lines.collect::<Vec<_>>(), area);
    }

    /// A text in as many lines as it needs.
    pub(super) fn text(&mut self, text: &str, style: Style, area: Rect) {
        self.frame.text(text, style, area);
    }

    /// A picture with its heading; in one row only, or in two that are too few, behind its title.
    pub(super) fn picture(&mut self, picture: &Picture, area: Rect) {
        let width = area.width as usize;
        match area.height {
            1 => return self.lines(vec![paint::one_line(picture, width)], area),
            2 if picture.rows.len() > 1 => {
                return self.lines(paint::two_lines(picture, width), area);
            }
            _ => {}
        }
        let mut lines = vec![paint::heading(picture.title, picture.legend, width)];
        lines.extend(paint::rows(
            picture,
            width,
            area.height.saturating_sub(1) as usize,
        ));
        self.lines(lines, area);
    }
}

/// Two parts side by side, with a gap.
pub(super) fn split(area: Rect, left: u16) -> (Rect, Rect) {
    let right = Rect {
        x: area.x + left + 1,
        width: area.width.saturating_sub(left + 1),
        ..area
    };
    let left = Rect {
        width: left.min(area.width),
        ..area
    };
    (left, right)
}
