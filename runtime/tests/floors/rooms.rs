//! Rooms: the folders of a crate, and which may know which.
//!
//! The table of files says who imports whom; this one says it of whole folders, so that the
//! house can be drawn on half a page:
//!
//! ```text
//! # a comment
//! sync <- machine trace                       the files of `sync` may import from these two
//! ! task/join_set -> runtime/handle because…  a file that may do what its room may not
//! ```
//!
//! 1. Every folder has a row, and imports only from rooms that stand above it in the table.
//! 2. A row promises no more than the files do, and neither does an exception.
//! 3. The picture of the rooms, made from the table, stands where documents show it.

use std::collections::{BTreeMap, BTreeSet};

/// All objections to the imports, `(from, to)`, one line each.
pub(crate) fn check(table: &str, edges: &BTreeSet<(String, String)>) -> Vec<String> {
    let rooms = Rooms::read(table);
    let mut objections = rooms.order();
    let mut used = BTreeSet::new();
    for (from, to) in edges {
        let (room, other) = (room_of(from), room_of(to));
        if room == other || room == "lib" {
            continue;
        }
        let Some(row) = rooms.rows.iter().find(|row| row.name == room) else {
            objections.push(format!("the room {room} has no row"));
            continue;
        };
        let exception = rooms.exceptions.get_key_value(&(from.clone(), to.clone()));
        if row.imports.iter().any(|it| it == other) {
            used.insert((room.to_owned(), other.to_owned()));
        } else if let Some((exception, _)) = exception {
            used.insert(exception.clone());
        } else {
            objections.push(format!(
                "{from} imports {to}, but the room {room} may not know the room {other}"
            ));
        }
    }
    objections.extend(rooms.unused(&used));
    objections.dedup();
    objections
}

/// The rooms as a picture: each stands on those below it.
pub(crate) fn picture(table: &str) -> String {
    let rooms = Rooms::read(table);
    let mut height: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rooms.rows {
        let below = row.imports.iter().filter_map(|it| height.get(it.as_str()));
        let own = below.max().map_or(0, |below| below + 1);
        height.insert(&row.name, own);
    }
    let top = height.values().max().copied().unwrap_or(0);
    let storeys: Vec<String> = (0..=top)
        .rev()
        .map(|storey| {
            let here = rooms
                .rows
                .iter()
                .filter(|row| height[row.name.as_str()] == storey);
            here.map(|row| row.name.as_str())
                .collect::<Vec<_>>()
                .join("   ")
        })
        .collect();
    let width = storeys.iter().map(String::len).max().unwrap_or(0);
    let line = |left, right| format!("{left}{}{right}\n", "─".repeat(width + 2));
    let mut picture = line('┌', '┐');
    for (at, storey) in storeys.iter().enumerate() {
        if at > 0 {
            picture += &line('├', '┤');
        }
        picture += &format!("│ {storey:<width$} │\n");
    }
    picture + &line('└', '┘')
}

/// One row: a room, and those that it may know.
struct Row {
    name: String,
    imports: Vec<String>,
}

struct Rooms {
    rows: Vec<Row>,
    /// A file, and the file that it imports against the rule: why.
    exceptions: BTreeMap<(String, String), String>,
}

impl Rooms {
    fn read(table: &str) -> Rooms {
        let mut rooms = Rooms {
            rows: Vec::new(),
            exceptions: BTreeMap::new(),
        };
        for line in table.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.strip_prefix('!') {
                Some(exception) => {
                    let (edge, why) = exception.split_once(" because ").unwrap_or((exception, ""));
                    let (from, to) = edge.split_once("->").unwrap_or((edge, ""));
                    let edge = (from.trim().to_owned(), to.trim().to_owned());
                    rooms.exceptions.insert(edge, why.trim().to_owned());
                }
                None => {
                    let (name, imports) = line.split_once("<-").unwrap_or((line, ""));
                    rooms.rows.push(Row {
                        name: name.trim().to_owned(),
                        imports: imports.split_whitespace().map(str::to_owned).collect(),
                    });
                }
            }
        }
        rooms
    }

    /// Rule 1, for the table itself; and a reason for each exception.
    fn order(&self) -> Vec<String> {
        let mut objections = Vec::new();
        for (at, row) in self.rows.iter().enumerate() {
            for name in &row.imports {
                if !self.rows[..at].iter().any(|above| above.name == *name) {
                    objections.push(format!(
                        "the table lets the room {} know {name}, which does not stand above it: \
                         that runs upwards, or in a circle",
                        row.name
                    ));
                }
            }
        }
        let bare = self.exceptions.iter().filter(|(_, why)| why.is_empty());
        objections.extend(bare.map(|((from, to), _)| {
            format!("the exception {from} -> {to} gives no reason (`because …`)")
        }));
        objections
    }

    /// Rule 2.
    fn unused(&self, used: &BTreeSet<(String, String)>) -> Vec<String> {
        let mut objections = Vec::new();
        for row in &self.rows {
            for other in &row.imports {
                if !used.contains(&(row.name.clone(), other.clone())) {
                    objections.push(format!(
                        "the table lets the room {} know {other}, but it no longer does",
                        row.name
                    ));
                }
            }
        }
        let idle = self.exceptions.keys().filter(|edge| !used.contains(*edge));
        objections.extend(
            idle.map(|(from, to)| format!("the exception {from} -> {to} is no longer needed")),
        );
        objections
    }
}

/// The room that a file stands in: its first folder.
fn room_of(file: &str) -> &str {
    file.split('/').next().unwrap_or(file)
}
