//! What a report says, whatever it is written in.

use crate::plots::Figure;

/// A title and what stands below it.
pub(super) struct Document<'a> {
    pub(super) title: &'static str,
    pub(super) blocks: Vec<Block<'a>>,
}

/// A part of a document.
pub(super) enum Block<'a> {
    Heading(&'static str),
    Paragraph(String),
    /// Headings, and rows with as many cells.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Names, each with what there is to say of it.
    List(Vec<(String, String)>),
    Figure(&'a Figure),
}

impl Document<'_> {
    pub(super) const fn new(title: &'static str) -> Self {
        Self {
            title,
            blocks: Vec::new(),
        }
    }

    pub(super) fn heading(&mut self, text: &'static str) {
        self.blocks.push(Block::Heading(text));
    }

    pub(super) fn paragraph(&mut self, text: String) {
        self.blocks.push(Block::Paragraph(text));
    }

    pub(super) fn table(&mut self, headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let headings = headings.iter().map(|&heading| heading.to_owned());
        let rows = rows.into_iter().collect();
        self.blocks.push(Block::Table(headings.collect(), rows));
    }

    pub(super) fn list(&mut self, items: impl IntoIterator<Item = (String, String)>) {
        self.blocks.push(Block::List(items.into_iter().collect()));
    }
}
