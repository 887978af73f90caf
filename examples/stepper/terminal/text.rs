//! Text with colours.

/// A colour, and whether the letters are bold, dim or reversed.
pub(crate) type Style = crossterm::style::ContentStyle;

/// A piece of text in one style.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) style: Style,
}

/// A row of pieces.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) spans: Vec<Span>,
}

impl Span {
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Span {
        let text = text.into();
        Span { text, style }
    }
}

impl Line {
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Line {
        Line::from(vec![Span::styled(text, style)])
    }
}

impl From<Vec<Span>> for Line {
    fn from(spans: Vec<Span>) -> Line {
        Line { spans }
    }
}

impl From<String> for Line {
    fn from(text: String) -> Line {
        Line::styled(text, Style::new())
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Line {
        Line::styled(text, Style::new())
    }
}
