//! As much of TOML as a `Cargo.toml` takes to be asked for a dependency.
//!
//! All values of a document come out as one list: under which keys, and the text. Tables, dotted
//! keys and inline tables are three ways to write the same keys, and here they look alike. A number
//! or a date is the text that stands there. Cargo has read the file before, so it is well formed for
//! Cargo; an editor's macro server may read it while its author types. At what is not well formed the
//! list ends: whatever is read takes at least one character, or is the end.

use std::iter::Peekable;
use std::str::Chars;

/// A value, and the keys that lead to it, at least one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: Vec<String>,
    pub(crate) value: String,
}

/// All values of a document, in its order.
pub(crate) fn entries(text: &str) -> Vec<Entry> {
    let mut reader = Reader {
        rest: text.chars().peekable(),
        entries: Vec::new(),
    };
    let mut table = Vec::new();
    while reader.line(&mut table).is_some() {}
    reader.entries
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    entries: Vec<Entry>,
}

impl Reader<'_> {
    /// The head of a table, or a key and its value. `None` at the end.
    fn line(&mut self, table: &mut Vec<String>) -> Option<()> {
        self.blank();
        if !self.ate('[') {
            return self.pair(table);
        }
        let list = self.ate('[');
        *table = self.keys()?;
        self.expect(']')?;
        if list { self.expect(']') } else { Some(()) }
    }

    /// `key = value` in the table under `path`.
    fn pair(&mut self, path: &[String]) -> Option<()> {
        let mut path = path.to_vec();
        path.extend(self.keys()?);
        self.expect('=')?;
        self.space();
        self.value(path)
    }

    fn value(&mut self, path: Vec<String>) -> Option<()> {
        let first = *self.rest.peek()?;
        let bare = !matches!(first, '"' | '\'');
        let value = match first {
            '{' => return self.list('}', |reader| reader.pair(&path)),
            '[' => return self.list(']', |reader| reader.value(path.clone())),
            '"' | '\'' => self.string()?,
            _ => self.take_while(|c| !matches!(c, ',' | ']' | '}' | '#' | '\n')),
        };
        let value = value.trim().to_owned();
        if bare && value.is_empty() {
            return None;
        }
        self.entries.push(Entry { path, value });
        Some(())
    }

    /// What stands between brackets, separated by commas.
    fn list(&mut self, end: char, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.rest.next();
        loop {
            self.blank();
            if self.ate(end) {
                return Some(());
            }
            item(self)?;
            self.blank();
            self.ate(',');
        }
    }

    /// Keys with dots between them.
    fn keys(&mut self) -> Option<Vec<String>> {
        let mut keys = Vec::new();
        loop {
            self.space();
            let key = match *self.rest.peek()? {
                '"' | '\'' => self.string()?,
                _ => self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')),
            };
            if key.is_empty() {
                return None;
            }
            keys.push(key);
            self.space();
            if !self.ate('.') {
                return Some(keys);
            }
        }
    }

    /// A string of one line or, between three quotes, of many.
    fn string(&mut self) -> Option<String> {
        let quote = self.rest.next()?;
        let mut quotes = 1;
        while quotes < 3 && self.ate(quote) {
            quotes += 1;
        }
        if quotes == 2 {
            return Some(String::new());
        }
        let (mut text, mut seen) = (String::new(), 0);
        while seen < quotes {
            let c = self.rest.next()?;
            seen = if c == quote { seen + 1 } else { 0 };
            text.push(match c {
                '\\' if quote == '"' => self.rest.next()?,
                c => c,
            });
        }
        // A text between three quotes may end in one or two of its own.
        for _ in 1..quotes {
            if self.ate(quote) {
                text.push(quote);
            }
        }
        text.truncate(text.len() - quotes);
        Some(text)
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.rest.next_if(|c| belongs(*c)) {
            text.push(c);
        }
        text
    }

    fn ate(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn expect(&mut self, wanted: char) -> Option<()> {
        self.space();
        self.ate(wanted).then_some(())
    }

    fn space(&mut self) {
        self.take_while(|c| matches!(c, ' ' | '\t'));
    }

    /// Spaces, ends of lines and comments.
    fn blank(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.ate('#') {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let line = |entry: &Entry| format!("{} = {}", entry.path.join("/"), entry.value);
        entries(text).iter().map(line).collect()
    }

    #[test]
    fn tables_dots_and_braces_are_three_ways_to_write_the_same() {
        let same = ["a/b/c = 1"];
        for text in [
            "[a.b]\nc = 1",
            "[a]\nb = { c = 1 }",
            "a.b.c = 1",
            "[a]\nb.c=1 # one",
            "  [ a . 'b' ]\r\n \"c\" = 1\r\n",
            "a = {\n  b = {\n    c = 1, # one\n  },\n}",
            "[[a.b]]\nc = 1",
        ] {
            assert_eq!(lines(text), same, "{text}");
        }
    }

    #[test]
    fn strings_are_taken_out_of_their_quotes() {
        assert_eq!(lines(r#"a = "x \" = # y" # z"#), [r#"a = x " = # y"#]);
        assert_eq!(lines(r"a = 'C:\'"), [r"a = C:\"]);
        assert_eq!(lines("a = ''\nb = \"\""), ["a = ", "b = "]);
        assert_eq!(lines("a = '''\n[b]\n'''\nc = 1"), ["a = [b]", "c = 1"]);
        assert_eq!(lines("a = \"\"\"say \"hi\" \"\"\""), ["a = say \"hi\""]);
    }

    #[test]
    fn lists_may_run_over_lines() {
        let text = "a = [\n 'x', # one\n 'y',\n]\nb = [[1, 2], { c = 3 }]\nd = 4";
        let all = ["a = x", "a = y", "b = 1", "b = 2", "b/c = 3", "d = 4"];
        assert_eq!(lines(text), all);
    }

    #[test]
    fn what_is_broken_ends_the_list() {
        for text in [
            "", "#", "[", "[a", "a", "a =", "a = {", "a = '", "= 1", "a = [1", "[]\na",
        ] {
            let entries = entries(text);
            assert!(entries.len() <= 1, "{text}: {entries:?}");
        }
        assert_eq!(lines("a = 1\n!\nb = 2"), ["a = 1"]);
    }

    #[test]
    fn a_file_that_is_being_typed_comes_to_its_end() {
        let whole = "[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\n\
                     a.b = [[1, 2], { c = 'x' }]\nd = \"\"\"e\"\"\"\n";
        for (at, _) in whole.char_indices() {
            let (before, after) = whole.split_at(at);
            let mut rest = after.chars();
            rest.next();
            for wrong in ["", "}", "]", "{", "[", "\"", "'", ",", "=", "#", "\n"] {
                let text = format!("{before}{wrong}{}", rest.as_str());
                assert!(entries(&text).len() < text.len(), "{text}");
            }
            assert!(entries(before).len() < whole.len());
        }
        let half = r#"serde = { version = "1", features = ["derive" }"#;
        assert_eq!(
            lines(half),
            ["serde/version = 1", "serde/features = derive"]
        );
    }

    #[test]
    fn a_text_between_three_quotes_may_end_in_quotes() {
        assert_eq!(lines("a = \"\"\"b\"\"\"\"\nc = 1"), ["a = b\"", "c = 1"]);
        assert_eq!(lines("a = '''b'''''\nc = 1"), ["a = b''", "c = 1"]);
    }
}
