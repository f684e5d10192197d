//! Aligned tables for the terminal.

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

/// A whole number with commas between thousands: `541,909`.
pub(crate) fn thousands(number: u64) -> String {
    group(&number.to_string())
}

/// A number with commas between thousands and some decimal places.
pub(crate) fn decimal(number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", group(whole)),
        None => group(&text),
    }
}

/// An exact amount, with commas between thousands and no digit lost; a fraction
/// has two decimal places or more: `1,559,934.90`, `8,887,208.894`, `350`.
pub(crate) fn exact(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction:0<2}", group(whole)),
        None => group(number),
    }
}

/// A share from 0 to 1 in percent: `24.9 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A difference with its sign, with commas between thousands and some decimal
/// places: `+1,234`; `0` for what rounds to nothing.
pub(crate) fn signed(number: f64, places: usize) -> String {
    let size = decimal(number.abs(), places);
    if !size.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return size;
    }
    let sign = if number < 0.0 { '-' } else { '+' };
    format!("{sign}{size}")
}

/// A whole number, which may have a sign, with commas between thousands.
fn group(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    let mut grouped = number[..number.len() - digits.len()].to_owned();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_is_no_digit() {
        assert_eq!(exact("-884.61"), "-884.61");
        assert_eq!(exact("-80995"), "-80,995");
        assert_eq!(exact("-123456.5"), "-123,456.50");
        assert_eq!(decimal(-884.6, 1), "-884.6");
        assert_eq!(decimal(-1000.0, 0), "-1,000");
    }

    #[test]
    fn an_exact_amount_loses_no_digit() {
        assert_eq!(exact("1559934.9"), "1,559,934.90");
        assert_eq!(exact("8887208.894"), "8,887,208.894");
        assert_eq!(exact("350"), "350");
        assert_eq!(exact("0.000001"), "0.000001");
    }
}
