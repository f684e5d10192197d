//! The pieces of all files of a data set, one after the other.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::worker::{Piece, Stop};
use crate::dataset::{
    CleanParams, ReadParams, Source,
    columns::Columns,
    csv::{index::Index, pieces::Pieces},
    preset::Preset,
    source::InputFile,
};

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
    open: Option<Pieces>,
    /// Its columns.
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
            let has_header = state.open.is_none();
            let open = match &mut state.open {
                Some(open) => open,
                none => none.insert(self.open(path)?),
            };
            let delimiter = open.delimiter();
            let Ok(Some(bytes)) = open.next(buffer) else {
                return Err(Stop::Unusual);
            };
            if bytes == 0 && has_header {
                return Err(Stop::Unusual);
            }
            if bytes == 0 {
                state.inputs.push(open.describe(0));
                state.open = None;
                continue;
            }
            if has_header {
                self.header(state, &buffer[..bytes], delimiter)?;
            }
            let number = state.pieces;
            state.pieces += 1;
            let is_wanted = |wanted: &BTreeSet<u32>| wanted.contains(&number);
            if let Some((columns, source)) = state.columns.clone().zip(state.source)
                && self.wanted.as_ref().is_none_or(is_wanted)
            {
                let piece = Piece {
                    number,
                    bytes,
                    file: state.inputs.len(),
                    columns,
                    delimiter,
                    has_header,
                };
                return Ok(Some((piece, source)));
            }
        }
        Ok(None)
    }

    fn open(&self, path: &Path) -> Result<Pieces, Stop> {
        match Source::open(path, self.read) {
            Ok(Source::Csv(reader)) => Ok(Pieces::new(*reader, self.read.piece)),
            _ => Err(Stop::Unusual),
        }
    }

    /// Finds the columns of a file by the first record of its first piece.
    fn header(&self, state: &mut State, bytes: &[u8], delimiter: u8) -> Result<(), Stop> {
        let header = || {
            let text = str::from_utf8(bytes).ok()?;
            let mut index = Index::default();
            index.find(bytes, delimiter)?;
            let record = index.first(text)?;
            let names: Vec<String> = record.cells().map(|cell| cell.text().into()).collect();
            let source = state.source.unwrap_or_else(|| Preset::of_header(&names));
            let path = &self.paths[state.inputs.len()];
            let mut columns = Columns::resolve(path, names, &self.clean.columns, source).ok()?;
            if let Some(first) = &state.first {
                columns.fit(path, (&self.paths[0], first)).ok()?;
            }
            Some((Arc::new(columns), source))
        };
        let (columns, source) = header().ok_or(Stop::Unusual)?;
        state.first.get_or_insert_with(|| Arc::clone(&columns));
        state.columns = Some(columns);
        state.source = Some(source);
        Ok(())
    }
}
