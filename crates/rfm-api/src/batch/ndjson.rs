//! A customer in JSON on each line, an answer on each line.

use memchr::memchr_iter;

use super::{Batch, LONGEST, Scorer};
use crate::problem::{Place, Problem, text_value};

/// Scores line by line. Blank lines are passed over.
pub(crate) struct NdjsonBatch {
    scorer: Scorer,
    /// The start of a line whose end has not come yet.
    rest: Vec<u8>,
    /// Whether that line is too long, and its start is gone.
    is_too_long: bool,
}

impl NdjsonBatch {
    pub(crate) const fn new(scorer: Scorer) -> Self {
        Self {
            scorer,
            rest: Vec::new(),
            is_too_long: false,
        }
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return;
        }
        if line.len() > LONGEST {
            self.too_long(out);
            return;
        }
        self.scorer.json(line, out);
        out.push(b'\n');
    }

    fn too_long(&mut self, out: &mut Vec<u8>) {
        let loc = [Place::Name("body"), Place::Index(self.scorer.index)];
        let message = format!("Line should have at most {LONGEST} bytes");
        let problem = Problem::new("line_too_long", &loc, message, &text_value("…"));
        self.scorer.wrong(&[problem], out);
        out.push(b'\n');
    }

    /// Ends the line that was begun in an earlier piece.
    fn end_of_line(&mut self, end: &[u8], out: &mut Vec<u8>) {
        if std::mem::take(&mut self.is_too_long) {
            self.too_long(out);
            return;
        }
        let mut line = std::mem::take(&mut self.rest);
        line.extend_from_slice(end);
        self.line(&line, out);
        line.clear();
        self.rest = line;
    }
}

impl Batch for NdjsonBatch {
    fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let mut start = 0;
        for newline in memchr_iter(b'\n', piece) {
            let line = &piece[start..newline];
            if start == 0 {
                self.end_of_line(line, out);
            } else {
                self.line(line, out);
            }
            start = newline + 1;
        }
        self.rest.extend_from_slice(&piece[start..]);
        if self.is_too_long || self.rest.len() > LONGEST {
            self.is_too_long = true;
            self.rest = Vec::new();
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        self.end_of_line(b"", out);
    }

    fn scorer(&mut self) -> &mut Scorer {
        &mut self.scorer
    }
}
