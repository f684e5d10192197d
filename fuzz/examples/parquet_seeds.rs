//! Writes the seeds in Parquet to `corpus/parquet`: one small shop in each type,
//! encoding and packing that has a way of its own through the reader.

use std::{fs, path::Path, sync::Arc};

use parquet::{
    basic::{Compression, Encoding, GzipLevel, ZstdLevel},
    column::writer::ColumnWriter,
    data_type::{ByteArray, FixedLenByteArray, Int96},
    file::{
        properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder, WriterVersion},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

const ROWS: usize = 6;

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/parquet");
    let texts = "required binary invoice (STRING); required binary customer (STRING);";
    let plain =
        |last: &str| format!("{texts} required int64 date (TIMESTAMP(MICROS,false)); {last}");
    let amount = "required double amount;";
    let optional =
        "optional binary country (STRING); required int32 quantity; required float price;";
    let older = WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_1_0);
    let newer = WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_2_0);
    let flat =
        |properties: &WriterPropertiesBuilder| properties.clone().set_dictionary_enabled(false);
    let packed = |packing| newer.clone().set_compression(packing);
    for (name, schema, properties) in [
        ("plain", plain(amount), flat(&older)),
        ("dictionary", plain(optional), older.clone()),
        ("newer", plain(optional), newer.clone()),
        (
            "delta_lengths",
            plain(optional),
            flat(&newer).set_column_encoding("invoice".into(), Encoding::DELTA_LENGTH_BYTE_ARRAY),
        ),
        ("delta", plain(amount), flat(&newer)),
        (
            "split",
            plain(amount),
            flat(&newer).set_column_encoding("amount".into(), Encoding::BYTE_STREAM_SPLIT),
        ),
        ("snappy", plain(optional), packed(Compression::SNAPPY)),
        (
            "zstd",
            plain(optional),
            packed(Compression::ZSTD(ZstdLevel::default())),
        ),
        (
            "gzip",
            plain(optional),
            packed(Compression::GZIP(GzipLevel::default())),
        ),
        ("lz4", plain(optional), packed(Compression::LZ4_RAW)),
        (
            "groups",
            plain(amount),
            older.clone().set_max_row_group_row_count(Some(2)),
        ),
        (
            "pages",
            plain(optional),
            flat(&older)
                .set_data_page_row_count_limit(2)
                .set_write_batch_size(2),
        ),
        (
            "dates",
            format!("{texts} required int32 date (DATE); {amount}"),
            flat(&older),
        ),
        (
            "int96",
            format!("{texts} required int96 date; {amount}"),
            flat(&older),
        ),
        (
            "instants",
            format!("{texts} required int64 date (TIMESTAMP_MILLIS); {amount}"),
            flat(&older),
        ),
        (
            "decimals",
            plain("required int64 amount (DECIMAL(18,6));"),
            flat(&older),
        ),
        (
            "wide",
            plain("required fixed_len_byte_array(16) amount (DECIMAL(38,14));"),
            flat(&older),
        ),
        (
            "short",
            plain("required binary amount (DECIMAL(9,2));"),
            flat(&older),
        ),
        (
            "flags",
            plain(
                "required double amount; required boolean paid; required int32 size (INTEGER(8,false));",
            ),
            flat(&newer),
        ),
        (
            "identifiers",
            plain(
                "required double amount; required fixed_len_byte_array(16) till (UUID); required fixed_len_byte_array(2) half (FLOAT16);",
            ),
            flat(&older),
        ),
    ] {
        put(&folder, name, &write(&schema, properties));
    }
}

/// Writes the seed of a file; that of a plain one as it is, too.
fn put(folder: &Path, name: &str, bytes: &[u8]) {
    // The footer stands before its length and four letters.
    let end = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[end..end + 4].try_into().expect("four bytes"));
    let (pages, footer) = bytes[..end].split_at(end - length as usize);
    let seed = [b"000", pages, b"\n----\n", footer].concat();
    fs::write(folder.join(name), seed).expect("a seed");
    if name == "plain" {
        fs::write(folder.join("whole"), [b"000", bytes].concat()).expect("a seed");
    }
}

fn write(schema: &str, properties: WriterPropertiesBuilder) -> Vec<u8> {
    let statistics = EnabledStatistics::None;
    let properties = properties.set_statistics_enabled(statistics).build();
    let schema = parse_message_type(&format!("message shop {{ {schema} }}")).expect("schema");
    let rows = properties
        .max_row_group_row_count()
        .unwrap_or(ROWS)
        .min(ROWS);
    let fields = schema.get_fields().to_vec();
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, Arc::new(schema), Arc::new(properties))
        .expect("file");
    for _ in 0..ROWS / rows {
        let mut group = writer.next_row_group().expect("group");
        for field in &fields {
            let mut column = group.next_column().expect("column").expect("column");
            let length = if field.name() == "half" { 2 } else { 16 };
            fill(column.untyped(), field.name(), length, rows);
            column.close().expect("column");
        }
        group.close().expect("group");
    }
    writer.close().expect("file");
    bytes
}

fn fill(column: &mut ColumnWriter<'_>, name: &str, length: usize, rows: usize) {
    // One value is missing where that may be.
    let levels: Vec<i16> = (0..rows).map(|row| i16::from(row != 1)).collect();
    let optional = name == "country";
    let levels = optional.then_some(&levels[..]);
    let values = if optional { rows - 1 } else { rows };
    let numbers = (0..values).map(|row| row as i64 % 3 + 1);
    match column {
        ColumnWriter::BoolColumnWriter(column) => {
            let values: Vec<bool> = numbers.map(|number| number == 1).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::Int32ColumnWriter(column) => {
            let start = if name == "date" { 15_000 } else { 0 };
            let values: Vec<i32> = numbers.map(|number| start + number as i32).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::Int64ColumnWriter(column) => {
            let start = if name == "date" { 1_291_191_960_000 } else { 0 };
            let values: Vec<i64> = numbers.map(|number| start + number * 1_000_000).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::Int96ColumnWriter(column) => {
            let day = |number: i64| {
                let mut value = Int96::new();
                value.set_data(7, 5, 2_455_000 + number as u32);
                value
            };
            column.write_batch(&numbers.map(day).collect::<Vec<_>>(), levels, None)
        }
        ColumnWriter::FloatColumnWriter(column) => {
            let values: Vec<f32> = numbers.map(|number| number as f32 * 0.5).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::DoubleColumnWriter(column) => {
            let values: Vec<f64> = numbers.map(|number| number as f64 * 2.55).collect();
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::ByteArrayColumnWriter(column) => {
            let text = |number: i64| ByteArray::from(format!("{name}{number}").into_bytes());
            let unscaled = |number: i64| ByteArray::from(vec![number as u8, 7]);
            let values: Vec<ByteArray> = if name == "amount" {
                numbers.map(unscaled).collect()
            } else {
                numbers.map(text).collect()
            };
            column.write_batch(&values, levels, None)
        }
        ColumnWriter::FixedLenByteArrayColumnWriter(column) => {
            let bytes = |number: i64| i128::from(number * 1_000_000_000).to_be_bytes();
            let value = |number| {
                let bytes = bytes(number)[16 - length..].to_vec();
                FixedLenByteArray::from(ByteArray::from(bytes))
            };
            column.write_batch(&numbers.map(value).collect::<Vec<_>>(), levels, None)
        }
    }
    .expect("values");
}
