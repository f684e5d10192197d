//! The features as Parquet: `data/processed/rfm_features.parquet`.

use std::{
    io::{self, Write},
    sync::Arc,
};

use parquet::{
    basic::{Compression, ZstdLevel},
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedFileWriter, SerializedRowGroupWriter},
    },
    schema::parser::parse_message_type,
};

use super::{rfm::log1p, table::RfmTable};
use crate::dataset::Money;

/// Rows of a group: as many as readers take at once.
const GROUP: usize = 1 << 20;

impl RfmTable {
    /// Writes the table as Parquet, with the columns of the CSV file.
    ///
    /// The monetary value is a decimal with six places, not floating point. The
    /// same table gives the same bytes.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_parquet(&self, out: &mut dyn Write) -> io::Result<()> {
        let bytes = self.parquet().map_err(io::Error::other)?;
        out.write_all(&bytes)
    }

    /// The whole file: it ends with where its parts stand.
    fn parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let mut fields = String::from(
            "required binary CustomerID (STRING); required int32 recency; \
             required int64 frequency; required int64 monetary (DECIMAL(18,6)); \
             required double recency_log; required double frequency_log; \
             required double monetary_log;",
        );
        if self.country().is_some() {
            fields += "optional binary country (STRING);";
        }
        if self.returned().is_some() {
            fields += "optional int64 returned (DECIMAL(18,6)); required double return_rate;";
        }
        let schema = parse_message_type(&format!("message features {{ {fields} }}"))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("rfm".to_owned())
            .build();
        let mut writer =
            SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
        for start in (0..self.len()).step_by(GROUP) {
            let rows = start..self.len().min(start + GROUP);
            let mut group = writer.next_row_group()?;
            let texts = rows.clone().map(|row| text(&self.customers()[row]));
            push::<ByteArrayType>(&mut group, texts.map(Some))?;
            let days = rows.clone().map(|row| Some(self.recency()[row] as i32));
            push::<Int32Type>(&mut group, days)?;
            let invoices = rows.clone().map(|row| Some(self.frequency()[row].into()));
            push::<Int64Type>(&mut group, invoices)?;
            let amounts = rows
                .clone()
                .map(|row| Some(self.monetary()[row].millionths()));
            push::<Int64Type>(&mut group, amounts)?;
            for feature in 0..3 {
                let log = |row: usize| log1p(self.rfm(row).to_array())[feature];
                push::<DoubleType>(&mut group, rows.clone().map(|row| Some(log(row))))?;
            }
            if let Some(countries) = self.country() {
                let names = rows.clone().map(|row| countries[row].as_deref().map(text));
                push::<ByteArrayType>(&mut group, names)?;
            }
            if let Some(returned) = self.returned() {
                // A sum beyond all amounts has no value there.
                let amount = |row: usize| returned[row].to_money().map(Money::millionths);
                let amounts = rows.clone().map(amount);
                push::<Int64Type>(&mut group, amounts)?;
                push::<DoubleType>(&mut group, rows.clone().map(|row| self.return_rate(row)))?;
            }
            group.close()?;
        }
        writer.into_inner()
    }
}

fn text(text: &str) -> ByteArray {
    ByteArray::from(text.as_bytes().to_vec())
}

/// Writes the next column of a group.
fn push<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: impl Iterator<Item = Option<T::T>>,
) -> Result<(), ParquetError> {
    let missing = || ParquetError::General("the schema has fewer columns".to_owned());
    let mut column = group.next_column()?.ok_or_else(missing)?;
    let mut levels = Vec::new();
    let mut present = Vec::new();
    for value in values {
        levels.push(value.is_some().into());
        present.extend(value);
    }
    column
        .typed::<T>()
        .write_batch(&present, Some(&levels), None)?;
    column.close()
}
