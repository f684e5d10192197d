//! Aligned tables for the terminal.

pub(crate) use rfmkit::numbers::{decimal, exact, percent, signed, thousands};

/// The width that everything keeps to where it can.
pub(crate) const WIDTH: usize = 80;

/// A table of text: the first column to the left, all others to the right.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table of headings and rows.
    pub(crate) fn new<const N: usize>(
        headings: &[[&str; N]],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Self {
        let headings = headings.iter().map(|row| row.map(str::to_owned));
        let rows = headings.chain(rows).map(Vec::from);
        Self {
            rows: rows.collect(),
        }
    }

    /// Adds a row; all rows have the same number of cells.
    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The lines of the table, without trailing spaces.
    pub(crate) fn lines(&self) -> Vec<String> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let width = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let wide = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1) > WIDTH;
        let gap = if wide { " " } else { "  " };
        let line = |row: &Vec<String>| {
            let cells = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(i, (cell, &width))| {
                    if i == 0 {
                        format!("{cell:<width$}")
                    } else {
                        format!("{cell:>width$}")
                    }
                });
            let cells: Vec<String> = cells.collect();
            cells.join(gap).trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// Breaks a text into lines of at most `width` characters at its spaces.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A text without control characters that a terminal would obey: a path or a
/// name may have some.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() && c != '\n' {
            plain.extend(c.escape_default());
        } else {
            plain.push(c);
        }
    }
    plain
}
