//! As much of Markdown as the words need: inline code, links, fenced blocks, headings.

use std::collections::BTreeSet;

/// What was found in one Markdown text; line numbers count from 1.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// What stands between backticks.
    pub(crate) inline: Vec<(usize, String)>,
    /// Where links lead.
    pub(crate) links: Vec<(usize, String)>,
    pub(crate) blocks: Vec<Block>,
    /// The headings, as the fragment of a link to them.
    pub(crate) anchors: BTreeSet<String>,
}

/// A fenced block.
#[derive(Debug)]
pub(crate) struct Block {
    language: String,
    lines: Vec<(usize, String)>,
}

impl Document {
    pub(crate) fn parse(text: &str) -> Document {
        let mut document = Document::default();
        let mut open: Option<Block> = None;
        for (at, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line)) {
            let fence = line.trim_start().strip_prefix("```");
            open = match (open, fence) {
                (None, Some(language)) => Some(Block::new(language)),
                (None, None) => {
                    document.prose(at, line);
                    None
                }
                (Some(block), Some(_)) => {
                    document.blocks.push(block);
                    None
                }
                (Some(mut block), None) => {
                    block.lines.push((at, line.to_owned()));
                    Some(block)
                }
            };
        }
        document
    }

    fn prose(&mut self, at: usize, line: &str) {
        if line.starts_with("    ") {
            // A block without a fence; a list's second paragraph looks the same, and is prose.
            let mut block = Block::new("");
            block.lines.push((at, line.to_owned()));
            self.blocks.push(block);
        }
        if line.starts_with('#') {
            self.anchors.insert(anchor(line.trim_start_matches('#')));
        }
        // Every second piece between backticks is code; links are looked for in the rest.
        for (n, piece) in line.split('`').enumerate() {
            if n % 2 == 1 && !piece.is_empty() {
                self.inline.push((at, piece.to_owned()));
            }
        }
        let mut rest = line;
        while let Some((_, after)) = rest.split_once("](") {
            let (target, after) = after.split_once(')').unwrap_or((after, ""));
            self.links.push((at, target.to_owned()));
            rest = after;
        }
    }
}

/// The fragment that a heading gets: lower case, spaces to dashes, signs left out.
fn anchor(heading: &str) -> String {
    let keep = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let plain: String = heading.trim().chars().filter(keep).collect();
    plain.to_lowercase().replace(' ', "-")
}

impl Block {
    fn new(language: &str) -> Block {
        Block {
            language: language.trim().to_owned(),
            lines: Vec::new(),
        }
    }

    /// Whether this is what one sees in a terminal, not a piece of a program.
    fn is_terminal(&self) -> bool {
        matches!(
            self.language.as_str(),
            "" | "text" | "console" | "sh" | "bash" | "shell"
        )
    }

    /// The `cargo` commands in it, with or without a prompt.
    pub(crate) fn commands(&self) -> Vec<(usize, String)> {
        let lines = self.lines.iter().filter(|_| self.is_terminal());
        lines
            .filter_map(|(at, line)| {
                let line = line.trim();
                let command = line.strip_prefix("$ ").unwrap_or(line);
                command
                    .starts_with("cargo ")
                    .then(|| (*at, command.to_owned()))
            })
            .collect()
    }

    /// Each command with a prompt, and the output shown below it, if any is.
    pub(crate) fn runs(&self) -> Vec<(usize, String, String)> {
        let mut runs: Vec<(usize, String, String)> = Vec::new();
        for (at, line) in self.lines.iter().filter(|_| self.is_terminal()) {
            match (line.strip_prefix("$ "), runs.last_mut()) {
                (Some(command), _) => runs.push((*at, command.to_owned(), String::new())),
                (None, Some((_, _, shown))) => {
                    shown.push_str(line);
                    shown.push('\n');
                }
                (None, None) => {}
            }
        }
        runs.retain(|(_, _, shown)| !shown.trim().is_empty());
        runs
    }
}
