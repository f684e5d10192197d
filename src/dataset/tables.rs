//! The files of a data set, and how lines come out of them.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    InputFile, ReadParams, Source,
    error::DatasetError,
    olist::{self, Export, Join, JoinReport},
    preset::Preset,
    record::{Reader, Record},
};

/// The files of a data set: each with lines of its own, or tables that belong
/// together.
pub(crate) struct Tables<'a> {
    params: &'a ReadParams,
    source: Option<Preset>,
    with_lines: Vec<PathBuf>,
    join: Option<Join>,
}

impl<'a> Tables<'a> {
    /// Looks at the headers of files that may be tables of one export, and reads
    /// those that are joined to the lines.
    ///
    /// # Errors
    ///
    /// [`DatasetError`] if a needed table is missing or cannot be read.
    pub(crate) fn find(
        paths: &[PathBuf],
        params: &'a ReadParams,
        source: Option<Preset>,
    ) -> Result<Self, DatasetError> {
        let mut tables = Self {
            params,
            source,
            with_lines: paths.to_owned(),
            join: None,
        };
        let found = match source {
            None => recognised(paths, params)?,
            Some(Preset::Olist) => Some(tables_of(paths, params)?),
            Some(_) => None,
        };
        if let Some(found) = found {
            let export = Export::sort(found)?;
            tables.source = Some(Preset::Olist);
            tables.join = Some(Join::read(&export, params)?);
            tables.with_lines = export.lines;
        }
        Ok(tables)
    }

    /// The system that the files come from, if that is known before lines are read.
    pub(crate) const fn source(&self) -> Option<Preset> {
        self.source
    }

    /// Whether lines are joined to what other files say of them.
    pub(super) const fn is_joined(&self) -> bool {
        self.join.is_some()
    }

    /// The files that have lines.
    pub(crate) fn with_lines(&self) -> Vec<PathBuf> {
        self.with_lines.clone()
    }

    /// Opens a file with lines; these are joined to what other files say of them.
    ///
    /// # Errors
    ///
    /// [`DatasetError`] if the file cannot be read or is not what it seems.
    pub(crate) fn open(&mut self, path: &Path) -> Result<Lines<'_>, DatasetError> {
        Ok(Lines {
            source: Source::open(path, self.params)?,
            join: self.join.as_mut(),
        })
    }

    /// What was joined, once all lines are read.
    pub(crate) fn finish(self) -> Option<JoinReport> {
        self.join.map(Join::finish)
    }
}

/// An open file with lines.
pub(crate) struct Lines<'a> {
    source: Source,
    join: Option<&'a mut Join>,
}

impl Lines<'_> {
    /// What is known of the file, once its `rows` have been read.
    pub(crate) fn describe(&self, rows: u64) -> InputFile {
        self.source.describe(rows)
    }
}

impl Reader for Lines<'_> {
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        match &mut self.join {
            None => self.source.reader().read(visit),
            Some(join) => join.lines(self.source.reader(), visit),
        }
    }

    fn joined(&self) -> usize {
        self.join.as_ref().map_or(0, |_| Join::COLUMNS.len())
    }
}

type Found = Vec<(PathBuf, Option<olist::Table>)>;

/// The tables that files have, if they are the tables of one export. Other files
/// are opened no more than once.
fn recognised(paths: &[PathBuf], params: &ReadParams) -> Result<Option<Found>, DatasetError> {
    let [first, _, ..] = paths else {
        return Ok(None);
    };
    if table_of(first, params)?.is_none() {
        return Ok(None);
    }
    let found = tables_of(paths, params)?;
    let has = |table| found.iter().any(|(_, other)| *other == Some(table));
    let is_export = has(olist::Table::Orders) && has(olist::Table::Customers);
    Ok(is_export.then_some(found))
}

fn tables_of(paths: &[PathBuf], params: &ReadParams) -> Result<Found, DatasetError> {
    let table = |path: &PathBuf| Ok((path.clone(), table_of(path, params)?));
    paths.iter().map(table).collect()
}

/// The table that a file has by its header; none for a pipe, which can be read only
/// once.
fn table_of(path: &Path, params: &ReadParams) -> Result<Option<olist::Table>, DatasetError> {
    if !path.metadata().is_ok_and(|file| file.is_file()) {
        return Ok(None);
    }
    let params = ReadParams {
        progress: Arc::default(),
        ..params.clone()
    };
    let mut header = Vec::new();
    Source::open(path, &params)?.reader().read(&mut |record| {
        header = record
            .cells()
            .map(|cell| cell.text().into_owned())
            .collect();
        ControlFlow::Break(())
    })?;
    Ok(olist::Table::of_header(&header))
}
