//! The segments file, and the record that ties the files of a run together.

use std::{
    io::{self, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{model::SegmentationModel, segment::Segment};
use crate::{features::RfmTable, output::write_lines};

/// The files of one run by the hashes of their content:
/// `data/processed/run.json`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Run {
    /// The version of the tool.
    pub version: String,
    /// The hash of the RFM table that was segmented.
    pub features_blake3: String,
    /// The hash of the table on which the model was trained.
    pub training_features_blake3: String,
    /// The checksum of the model.
    pub model_blake3: String,
    /// The hash of the segments file.
    pub segments_blake3: String,
}

impl Run {
    /// Reads the record of a run; `None` if there is none that can be read.
    #[must_use]
    pub fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }

    /// Whether the model was trained on the very table that it segmented.
    #[must_use]
    pub fn belongs_together(&self) -> bool {
        self.features_blake3 == self.training_features_blake3
    }
}

/// Writes the segments file: identifier, values, name and label of each
/// customer, in the order of the table. `segments` has an entry for each row.
///
/// # Errors
///
/// What `out` fails with.
pub fn write_segments(
    out: &mut dyn Write,
    table: &RfmTable,
    segments: &[Segment],
    model: &SegmentationModel,
) -> io::Result<Run> {
    let mut hasher = blake3::Hasher::new();
    let mut out = Hashed {
        out,
        hasher: &mut hasher,
    };
    out.write_all(b"CustomerID,recency,frequency,monetary,segment_name,cluster_label\n")?;
    write_lines(&mut out, segments.len(), |row, line| {
        table.write_values(row, line)?;
        writeln!(line, ",{},{}", segments[row], segments[row].label())
    })?;
    Ok(Run {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        features_blake3: table.hash(),
        training_features_blake3: model.training().features_blake3.clone(),
        model_blake3: model.checksum().to_owned(),
        segments_blake3: hasher.finalize().to_hex().to_string(),
    })
}

/// Hashes what is written through it.
struct Hashed<'a> {
    out: &'a mut dyn Write,
    hasher: &'a mut blake3::Hasher,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
