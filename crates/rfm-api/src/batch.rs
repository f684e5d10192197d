//! Many customers in one request: JSON, NDJSON and CSV.

mod csv;
mod json;
mod ndjson;
mod stream;

use std::sync::Arc;

use rfmkit::{features::Rfm, modeling::Segment};

pub(crate) use self::{
    csv::CsvBatch,
    json::{answer_array, check_array},
    ndjson::NdjsonBatch,
    stream::answer,
};
use crate::{
    app::App,
    customer,
    drift::Tally,
    problem::{Place, Problem},
    served::Served,
    wire::WrongItem,
};

/// The longest line or record of a body that is worked on while it comes in.
const LONGEST: usize = 64 * 1024;

/// A body that is worked on piece by piece, however it is cut.
pub(crate) trait Batch: Send + Unpin + 'static {
    /// Takes the next piece, and appends answers to all items that are whole.
    fn push(&mut self, piece: &[u8], out: &mut Vec<u8>);
    /// Appends the answers to what is left at the end.
    fn finish(&mut self, out: &mut Vec<u8>);
    /// What scores the items.
    fn scorer(&mut self) -> &mut Scorer;
}

/// Scores customers one after the other, all by the same model.
pub(crate) struct Scorer {
    app: App,
    served: Arc<Served>,
    tally: Tally,
    /// The position of the next customer, from 0.
    index: usize,
}

impl Scorer {
    pub(crate) fn new(app: &App, served: &Arc<Served>) -> Self {
        Self {
            app: app.clone(),
            served: Arc::clone(served),
            tally: Tally::default(),
            index: 0,
        }
    }

    fn predict(&mut self, rfm: Rfm) -> Segment {
        self.index += 1;
        self.served.predict(rfm, &mut self.tally)
    }

    /// Scores a customer in JSON, and appends the answer to it.
    fn json(&mut self, item: &[u8], out: &mut Vec<u8>) {
        let loc = [Place::Name("body"), Place::Index(self.index)];
        match customer::parse(item, &loc) {
            Ok(rfm) => {
                let segment = self.predict(rfm);
                out.extend_from_slice(self.served.answer(segment));
            }
            Err(problems) => self.wrong(&problems, out),
        }
    }

    /// Appends the answer to an item that is wrong.
    fn wrong(&mut self, problems: &[Problem], out: &mut Vec<u8>) {
        let item = WrongItem {
            index: self.index,
            detail: problems,
        };
        self.index += 1;
        serde_json::to_writer(out, &item).expect("problems have text keys only");
    }

    /// Hands on what was counted since the last time.
    fn count(&mut self) {
        self.app.count(&self.served, &self.tally);
        self.tally = Tally::default();
    }
}
