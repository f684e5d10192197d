//! The pieces of all files of a data set, one after the other.

use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::worker::{Content, Piece, Stop};
use crate::dataset::{
    CleanParams, ReadParams, Source,
    columns::Columns,
    csv::{index::Index, pieces::Pieces},
    parquet::Groups,
    preset::Preset,
    record::{Reader, Record},
    source::InputFile,
    xlsx::XlsxReader,
};

/// The bytes of CSV that a row of Parquet stands for, whose cells take four bytes each.
const BYTES_OF_ROW: usize = 32;
/// The rows that a sheet may have, and one more that the pieces may need.
const SHEET_ROWS: usize = 1_048_576 + 1;

/// Hands pieces out to several threads.
pub(super) struct Queue<'a> {
    paths: &'a [PathBuf],
    read: &'a ReadParams,
    clean: &'a CleanParams,
    /// The pieces that are handed out; `None` for all.
    wanted: Option<BTreeSet<u32>>,
    state: Mutex<State>,
}

struct State {
    /// The system that the files come from, if it is known.
    source: Option<Preset>,
    /// The file that is being read.
    open: Option<Open>,
    /// Its columns, if they are known.
    columns: Option<Arc<Columns>>,
    /// The columns of the first file.
    first: Option<Arc<Columns>>,
    /// Files that were read to their end.
    inputs: Vec<InputFile>,
    /// Pieces handed out or passed over.
    pieces: u32,
    is_stopped: bool,
}

impl<'a> Queue<'a> {
    pub(super) fn new(
        (paths, read, clean): (&'a [PathBuf], &'a ReadParams, &'a CleanParams),
        source: Option<Preset>,
        wanted: Option<BTreeSet<u32>>,
    ) -> Self {
        Self {
            paths,
            read,
            clean,
            wanted,
            state: Mutex::new(State {
                source,
                open: None,
                columns: None,
                first: None,
                inputs: Vec::new(),
                pieces: 0,
                is_stopped: false,
            }),
        }
    }

    /// Puts the next piece at the start of `buffer`; `None` behind the last.
    pub(super) fn next(&self, buffer: &mut Vec<u8>) -> Result<Option<(Piece, Preset)>, Stop> {
        let mut state = self.lock();
        let next = self.fill(&mut state, buffer);
        state.is_stopped |= next.is_err();
        next
    }

    /// Hands no more pieces out.
    pub(super) fn stop(&self) {
        self.lock().is_stopped = true;
    }

    /// The columns of the first file, the system, and what is known of all files but
    /// their numbers of rows.
    pub(super) fn finish(self) -> Option<(Arc<Columns>, Preset, Vec<InputFile>)> {
        let state = self.state.into_inner();
        let state = state.unwrap_or_else(PoisonError::into_inner);
        Some((state.first?, state.source?, state.inputs))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(
        &self,
        state: &mut State,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<(Piece, Preset)>, Stop> {
        while let Some(path) = self.paths.get(state.inputs.len()) {
            let is_passed = |wanted: &BTreeSet<u32>| wanted.last() < Some(&state.pieces);
            if state.is_stopped || self.wanted.as_ref().is_some_and(is_passed) {
                break;
            }
            let mut open = match state.open.take() {
                Some(open) => open,
                None => self.open(path)?,
            };
            let has_header = state.columns.is_none();
            let Some((mut content, pieces)) = open.next(buffer, has_header)? else {
                state.close(&open)?;
                continue;
            };
            if has_header {
                let header = open.header(buffer, &mut content).ok_or(Stop::Unusual)?;
                self.resolve(state, header).ok_or(Stop::Unusual)?;
            }
            state.open = Some(open);
            let number = state.pieces;
            state.pieces += pieces;
            let is_wanted = |wanted: &BTreeSet<u32>| {
                let mut among = wanted.range(number..state.pieces);
                among.next().is_some()
            };
            if let Some((columns, source)) = state.columns.clone().zip(state.source)
                && self.wanted.as_ref().is_none_or(is_wanted)
            {
                let piece = Piece {
                    number,
                    file: state.inputs.len(),
                    columns,
                    content,
                };
                return Ok(Some((piece, source)));
            }
        }
        Ok(None)
    }

    fn open(&self, path: &Path) -> Result<Open, Stop> {
        match Source::open(path, self.read) {
            Ok(Source::Csv(reader)) => {
                Ok(Open::Csv(Box::new(Pieces::new(*reader, self.read.piece))))
            }
            Ok(Source::Parquet(reader)) => Ok(Open::Parquet {
                groups: Groups::new(*reader),
                rows: self.rows(),
            }),
            Ok(Source::Xlsx(reader)) => Ok(Open::Sheet {
                input: reader.describe(0),
                reader: Some(reader),
                rows: self.rows(),
            }),
            Err(_) => Err(Stop::Unusual),
        }
    }

    /// The rows of a piece, where it has no bytes of CSV.
    fn rows(&self) -> usize {
        (self.read.piece / BYTES_OF_ROW).max(1)
    }

    /// Finds the columns of a file by its header.
    fn resolve(&self, state: &mut State, header: Vec<String>) -> Option<()> {
        let source = *state
            .source
            .get_or_insert_with(|| Preset::of_header(&header));
        let path = &self.paths[state.inputs.len()];
        let mut columns = Columns::resolve(path, header, &self.clean.columns, source).ok()?;
        if let Some(first) = &state.first {
            columns.fit(path, (&self.paths[0], first)).ok()?;
        }
        let columns = Arc::new(columns);
        state.first.get_or_insert_with(|| Arc::clone(&columns));
        state.columns = Some(columns);
        Some(())
    }
}

impl State {
    /// Notes a file that was read to its end.
    fn close(&mut self, open: &Open) -> Result<(), Stop> {
        let input = open.describe();
        // Hashes of lines are those of their format.
        let is_same_format = |first: &InputFile| first.format == input.format;
        if self.columns.is_none() || !self.inputs.first().is_none_or(is_same_format) {
            return Err(Stop::Unusual);
        }
        self.inputs.push(input);
        self.columns = None;
        Ok(())
    }
}

/// A file that is read in pieces.
enum Open {
    Csv(Box<Pieces>),
    /// So many rows make a piece.
    Parquet {
        groups: Groups,
        rows: usize,
    },
    /// The reader, until it is handed out.
    Sheet {
        reader: Option<Box<XlsxReader>>,
        rows: usize,
        input: InputFile,
    },
}

impl Open {
    /// The next piece, or several that only come together, and how many they are;
    /// `None` behind the last. The bytes of CSV are put at the start of `buffer`.
    fn next(
        &mut self,
        buffer: &mut Vec<u8>,
        has_header: bool,
    ) -> Result<Option<(Content, u32)>, Stop> {
        match self {
            Self::Csv(pieces) => {
                let bytes = pieces.next(buffer).ok().flatten().ok_or(Stop::Unusual)?;
                let content = Content::Csv {
                    bytes,
                    delimiter: pieces.delimiter(),
                    has_header,
                };
                Ok((bytes > 0).then_some((content, 1)))
            }
            Self::Parquet { groups, rows } => {
                let group = groups.next().map_err(|_| Stop::Unusual)?;
                Ok(group.map(|(group, all)| {
                    let (group, rows) = (Box::new(group), *rows);
                    (Content::Parquet { group, rows }, all.div_ceil(rows) as u32)
                }))
            }
            Self::Sheet { reader, rows, .. } => Ok(reader.take().map(|reader| {
                let (rows, pieces) = (*rows, SHEET_ROWS.div_ceil(*rows) as u32);
                let content = Content::Sheet {
                    reader,
                    rows,
                    pieces,
                };
                (content, pieces)
            })),
        }
    }

    /// The header, given the first piece.
    fn header(&self, buffer: &[u8], first: &mut Content) -> Option<Vec<String>> {
        let names = |record: &Record| record.cells().map(|cell| cell.text().into()).collect();
        let (bytes, delimiter) = match (self, first) {
            (Self::Parquet { groups, .. }, _) => return Some(groups.header()),
            (_, Content::Sheet { reader, .. }) => {
                let mut header = None;
                let read = reader.read(&mut |record| {
                    header = Some(names(record));
                    ControlFlow::Break(())
                });
                return read.ok().and(header);
            }
            (
                _,
                Content::Csv {
                    bytes, delimiter, ..
                },
            ) => (&buffer[..*bytes], *delimiter),
            _ => return None,
        };
        let text = str::from_utf8(bytes).ok()?;
        let mut index = Index::default();
        index.find(bytes, delimiter)?;
        index.first(text).as_ref().map(names)
    }

    /// What is known of the file, but its number of rows, once it was read to its end.
    fn describe(&self) -> InputFile {
        match self {
            Self::Csv(pieces) => pieces.describe(0),
            Self::Parquet { groups, .. } => groups.describe(0),
            Self::Sheet { input, .. } => input.clone(),
        }
    }
}
