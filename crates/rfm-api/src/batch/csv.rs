//! A row for each customer; the segment is added as columns.

use csv_core::{ReadRecordResult, Reader};
use rfmkit::{
    dataset,
    features::{Feature, Rfm},
    output,
};

use super::{Batch, LONGEST, Scorer};
use crate::problem::{Place, Problem, text_value};

/// The columns that are added.
const ADDED: &str = "segment_name,cluster_label,detail";

/// Scores row by row, and hands every row on as it stands.
pub(crate) struct CsvBatch {
    scorer: Scorer,
    fields: Fields,
    /// The places of recency, frequency and monetary, once the header is read.
    columns: Option<Columns>,
    /// The start of a record whose end has not come yet.
    rest: Vec<u8>,
    /// Whether the end of a line is awaited, after a record that is too long.
    is_skipping: bool,
}

struct Columns {
    places: [usize; 3],
    count: usize,
}

impl Columns {
    fn find(fields: &Fields) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let names: Vec<_> = (0..fields.count()).map(|i| fields.get(i)).collect();
        let header = text_value(&names.join(","));
        let places = Feature::ALL.map(|feature| {
            let is_column = |name: &&str| dataset::normalize(name) == feature.name();
            let at = [Place::Name("body"), Place::Name(feature.name())];
            match names.iter().filter(|name| is_column(name)).count() {
                0 => problems.push(Problem::new("missing", &at, "Column required", &header)),
                1 => {}
                _ => problems.push(Problem::doubled(&at, &header)),
            }
            names.iter().position(is_column).unwrap_or(0)
        });
        if problems.is_empty() {
            Ok(Self {
                places,
                count: names.len(),
            })
        } else {
            Err(problems)
        }
    }
}

impl CsvBatch {
    pub(crate) fn new(scorer: Scorer) -> Self {
        Self {
            scorer,
            fields: Fields::default(),
            columns: None,
            rest: Vec::new(),
            is_skipping: false,
        }
    }

    /// Whether the header has been read.
    pub(crate) const fn has_header(&self) -> bool {
        self.columns.is_some()
    }

    /// Takes a piece at the start of the body, up to the header.
    ///
    /// # Errors
    ///
    /// The columns that are missing or doubled.
    pub(crate) fn read_header(
        &mut self,
        piece: &[u8],
        is_last: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Vec<Problem>> {
        self.rest.extend_from_slice(piece);
        let rest = std::mem::take(&mut self.rest);
        let text = rest.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&rest);
        let found = match self.fields.read(text, is_last) {
            Found::Record(end) => Some(end),
            Found::Part if is_last || text.len() > LONGEST => None,
            Found::Part => {
                self.rest = rest;
                return Ok(());
            }
        };
        let header = found.map_or(&b""[..], |end| trim_line(&text[..end]));
        if found.is_none() {
            self.fields.clear();
        }
        self.columns = Some(Columns::find(&self.fields)?);
        out.extend_from_slice(header);
        out.push(b',');
        out.extend_from_slice(ADDED.as_bytes());
        out.push(b'\n');
        self.records(&text[found.unwrap_or_default()..], is_last, out);
        Ok(())
    }

    /// Answers to all records of a text that are whole, and keeps the rest.
    fn records(&mut self, mut text: &[u8], is_last: bool, out: &mut Vec<u8>) {
        loop {
            if self.is_skipping {
                let Some(newline) = memchr::memchr(b'\n', text) else {
                    return;
                };
                text = &text[newline + 1..];
                self.is_skipping = false;
            }
            text = trim_start(text);
            match self.fields.read(text, is_last) {
                Found::Record(end) if end <= LONGEST => {
                    self.record(&text[..end], out);
                    text = &text[end..];
                }
                Found::Part if text.len() <= LONGEST => break,
                Found::Record(_) | Found::Part => {
                    self.too_long(out);
                    self.is_skipping = true;
                    text = &text[LONGEST..];
                }
            }
        }
        self.rest.extend_from_slice(text);
    }

    fn record(&mut self, record: &[u8], out: &mut Vec<u8>) {
        let Some(columns) = &self.columns else { return };
        out.extend_from_slice(trim_line(record));
        let scored = customer(&self.fields, columns);
        // Added columns must stand under their names.
        for _ in self.fields.count()..columns.count {
            out.push(b',');
        }
        match scored {
            Ok(rfm) => {
                let segment = self.scorer.predict(rfm);
                // What is formatted takes several times as long.
                out.push(b',');
                out.extend_from_slice(segment.name().as_bytes());
                out.extend_from_slice(&[b',', b'0' + segment.label() as u8, b',', b'\n']);
            }
            Err(detail) => {
                self.scorer.index += 1;
                out.extend_from_slice(b",,,");
                output::write_field(out, &detail).expect("memory takes all");
                out.push(b'\n');
            }
        }
    }

    fn too_long(&mut self, out: &mut Vec<u8>) {
        let count = self.columns.as_ref().map_or(0, |columns| columns.count);
        self.scorer.index += 1;
        out.extend(std::iter::repeat_n(b',', count + 2));
        out.extend_from_slice(format!("Record should have at most {LONGEST} bytes\n").as_bytes());
    }
}

impl Batch for CsvBatch {
    fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if self.rest.is_empty() {
            self.records(piece, false, out);
        } else {
            let mut text = std::mem::take(&mut self.rest);
            text.extend_from_slice(piece);
            self.records(&text, false, out);
        }
    }

    fn finish(&mut self, out: &mut Vec<u8>) {
        let text = std::mem::take(&mut self.rest);
        self.records(&text, true, out);
    }

    fn scorer(&mut self) -> &mut Scorer {
        &mut self.scorer
    }
}

/// Reads the three values of a row.
fn customer(fields: &Fields, columns: &Columns) -> Result<Rfm, String> {
    if fields.count() > columns.count {
        return Err(format!(
            "Row should have {} fields as the header, got {}",
            columns.count,
            fields.count()
        ));
    }
    let text = |feature: Feature| fields.get(columns.places[feature as usize]).trim();
    let values = Feature::ALL.map(|feature| text(feature).parse().unwrap_or(f64::NAN));
    Rfm::from_array(values).map_err(|_| {
        let fault = |feature: Feature| {
            let mut alone = [0.0, 1.0, 1.0];
            alone[feature as usize] = values[feature as usize];
            let is_wrong = Rfm::from_array(alone).is_err();
            is_wrong.then(|| match text(feature) {
                "" => format!("{feature} is missing"),
                found => format!("{feature} is {found:?}, expected {}", feature.range()),
            })
        };
        let faults: Vec<String> = Feature::ALL.into_iter().filter_map(fault).collect();
        faults.join("; ")
    })
}

/// A text without the ends of lines before it.
fn trim_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|byte| !b"\r\n".contains(byte));
    &text[start.unwrap_or(text.len())..]
}

/// A record without the ends of lines around it.
fn trim_line(record: &[u8]) -> &[u8] {
    let record = trim_start(record);
    let last = record.iter().rposition(|byte| !b"\r\n".contains(byte));
    &record[..last.map_or(0, |last| last + 1)]
}

/// The fields of one record, unquoted.
struct Fields {
    reader: Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

enum Found {
    /// A record ends after so many bytes, and its fields are there.
    Record(usize),
    /// The text ends before the record does.
    Part,
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            reader: Reader::new(),
            text: vec![0; 1024],
            ends: vec![0; 64],
            count: 0,
        }
    }
}

impl Fields {
    const fn count(&self) -> usize {
        self.count
    }

    const fn clear(&mut self) {
        self.count = 0;
    }

    /// A field; what is no text is empty, as it is no number either.
    fn get(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        match self.count {
            count if i < count => {
                str::from_utf8(&self.text[start..self.ends[i]]).unwrap_or("\u{fffd}")
            }
            _ => "",
        }
    }

    /// Reads the first record of a text.
    fn read(&mut self, text: &[u8], is_last: bool) -> Found {
        self.reader.reset();
        let (mut read, mut written, mut ended) = (0, 0, 0);
        loop {
            let (result, nin, nout, nend) = self.reader.read_record(
                &text[read..],
                &mut self.text[written..],
                &mut self.ends[ended..],
            );
            read += nin;
            written += nout;
            ended += nend;
            match result {
                ReadRecordResult::Record => {
                    self.count = ended;
                    return Found::Record(read);
                }
                ReadRecordResult::OutputFull => self.text.resize(self.text.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                // An empty text after the last one tells the reader of the end.
                ReadRecordResult::InputEmpty if is_last && nin > 0 => {}
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Found::Part,
            }
        }
    }
}
