//! Prometheus' text format, version 0.0.4: what a scraper reads.
//!
//! ```text
//! # HELP http_requests_total Requests that were answered.
//! # TYPE http_requests_total counter
//! http_requests_total{route="/items",status="200"} 17
//! ```
//!
//! A *family* is a name with a type and a sentence; its *samples* are the lines below it, told apart
//! by labels. How it can go wrong: a label's value that has a quotation mark or a line feed would
//! end the line early and say something else. So values are escaped here, and nowhere else.

use std::fmt::{Display, Write};

/// A page of metrics in the making.
#[derive(Debug, Default)]
pub(crate) struct Text(String);

/// What the numbers of a family do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// They only grow.
    Counter,
    /// They go up and down.
    Gauge,
    Histogram,
}

impl Text {
    /// Begins a family. `name` ends in `_total` for a counter, and in the unit otherwise.
    pub(crate) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    /// A line of the family that was begun last.
    pub(crate) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"");
            self.escaped(text);
            self.0.push('"');
        }
        let after = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{after} {value}");
    }

    /// A family with one sample and no labels.
    pub(crate) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    pub(crate) fn into_string(self) -> String {
        self.0
    }

    fn escaped(&mut self, text: &str) {
        for sign in text.chars() {
            match sign {
                '\\' => self.0.push_str("\\\\"),
                '"' => self.0.push_str("\\\""),
                '\n' => self.0.push_str("\\n"),
                sign => self.0.push(sign),
            }
        }
    }
}
