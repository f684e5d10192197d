//! One table in the many types of Parquet.

use std::{fs::File, sync::Arc};

use parquet::{
    basic::{Compression, ZstdLevel},
    column::writer::ColumnWriter,
    data_type::{ByteArray, FixedLenByteArray, Int96},
    file::{
        properties::{WriterProperties, WriterVersion},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};
use proptest::{collection, prelude::*};
use rfmkit::{
    dataset::{Intake, ReadParams},
    features,
};

use crate::oracle::{
    check, clean_params,
    lines::{DAY, Line, Shop, shop},
};

/// A column by the text of its schema, and its values; `None` is missing.
pub(crate) struct Column {
    schema: String,
    values: Values,
}

enum Values {
    Integer(Vec<Option<i64>>),
    Short(Vec<Option<i32>>),
    Double(Vec<Option<f64>>),
    Bytes(Vec<Option<Vec<u8>>>),
    Fixed(Vec<Option<Vec<u8>>>),
    Nanoseconds(Vec<Option<(u32, u64)>>),
}

/// A text as it stands, or as one of the numbers that it may be.
pub(crate) fn identifiers(name: &str, texts: &[Option<String>], choice: usize) -> Column {
    let each = |kind: &str, values| Column {
        schema: format!("optional {kind};").replace("NAME", name),
        values,
    };
    let is_number = |text: &String| {
        let is_digits = text.bytes().all(|b| b.is_ascii_digit());
        is_digits && !text.is_empty() && (text == "0" || !text.starts_with('0'))
    };
    let are_numbers = texts.iter().flatten().all(is_number);
    let parsed = || -> Option<Vec<Option<i64>>> {
        let parse = |text: &Option<String>| text.as_ref().map(|text| text.parse().ok());
        let whole: Vec<Option<Option<i64>>> = texts.iter().map(parse).collect();
        let fits = are_numbers && !whole.contains(&Some(None));
        fits.then(|| whole.into_iter().map(Option::flatten).collect())
    };
    match (choice % 6, parsed()) {
        (1, Some(values)) => each("int64 NAME", Values::Integer(values)),
        (2, Some(values)) => each("int64 NAME (INTEGER(64,false))", Values::Integer(values)),
        (3, Some(values)) if values.iter().flatten().all(|value| *value < 1 << 53) => {
            let doubles = values.iter().map(|value| value.map(|value| value as f64));
            each("double NAME", Values::Double(doubles.collect()))
        }
        (4, Some(values)) if values.iter().flatten().all(|value| *value < 1 << 31) => {
            let short = values.iter().map(|value| value.map(|value| value as i32));
            each("int32 NAME", Values::Short(short.collect()))
        }
        (5, _) if are_numbers => {
            let bytes = |text: &String| text.parse::<i128>().expect("digits").to_be_bytes();
            let values = texts
                .iter()
                .map(|text| text.as_ref().map(|text| bytes(text).to_vec()));
            each(
                "fixed_len_byte_array(16) NAME (DECIMAL(38,0))",
                Values::Fixed(values.collect()),
            )
        }
        _ => {
            let kind = ["binary NAME (STRING)", "binary NAME"][choice % 2];
            let bytes = |text: &Option<String>| text.clone().map(String::into_bytes);
            each(kind, Values::Bytes(texts.iter().map(bytes).collect()))
        }
    }
}

fn numbers(name: &str, millionths: &[i64], choice: usize) -> Column {
    let each = |kind: &str, values| Column {
        schema: format!("required {kind};").replace("NAME", name),
        values,
    };
    let some = |value: &i64| Some(*value);
    match choice % 5 {
        0 => {
            let doubles = millionths.iter().map(|&value| Some(value as f64 / 1e6));
            each("double NAME", Values::Double(doubles.collect()))
        }
        1 => each(
            "int64 NAME (DECIMAL(18,6))",
            Values::Integer(millionths.iter().map(some).collect()),
        ),
        2 => {
            // Eight digits more than count.
            let wide =
                |value: &i64| Some((i128::from(*value) * 100_000_000).to_be_bytes().to_vec());
            each(
                "fixed_len_byte_array(16) NAME (DECIMAL(38,14))",
                Values::Fixed(millionths.iter().map(wide).collect()),
            )
        }
        3 => {
            // As few bytes as the number takes, and one more.
            let short = |value: &i64| {
                let bytes = value.to_be_bytes();
                let size =
                    (1..8).find(|size| value << (64 - 8 * size) >> (64 - 8 * size) == *value);
                Some(bytes[8 - size.unwrap_or(8)..].to_vec())
            };
            each(
                "binary NAME (DECIMAL(18,6))",
                Values::Bytes(millionths.iter().map(short).collect()),
            )
        }
        _ => {
            let text = |value: &i64| Some(format!("{value}e-6").into_bytes());
            each(
                "binary NAME (STRING)",
                Values::Bytes(millionths.iter().map(text).collect()),
            )
        }
    }
}

fn times(name: &str, seconds: &[i64], choice: usize) -> Column {
    let units = |unit: i64| seconds.iter().map(|time| Some(time * unit)).collect();
    let (kind, values) = match choice % 8 {
        0 => (
            "int64 NAME (TIMESTAMP(MILLIS,false))",
            Values::Integer(units(1000)),
        ),
        1 => (
            "int64 NAME (TIMESTAMP(MICROS,false))",
            Values::Integer(units(1_000_000)),
        ),
        2 => (
            "int64 NAME (TIMESTAMP(NANOS,false))",
            Values::Integer(units(1_000_000_000)),
        ),
        3 => (
            "int64 NAME (TIMESTAMP(MICROS,true))",
            Values::Integer(units(1_000_000)),
        ),
        4 => (
            "int64 NAME (TIMESTAMP_MILLIS)",
            Values::Integer(units(1000)),
        ),
        5 => {
            let julian = |time: &i64| {
                let day = time.div_euclid(DAY) + 2_440_588;
                Some((day as u32, time.rem_euclid(DAY) as u64 * 1_000_000_000))
            };
            (
                "int96 NAME",
                Values::Nanoseconds(seconds.iter().map(julian).collect()),
            )
        }
        6 if seconds.iter().all(|time| time % DAY == 0) => {
            let days = seconds.iter().map(|time| Some((time / DAY) as i32));
            ("int32 NAME (DATE)", Values::Short(days.collect()))
        }
        _ => ("int64 NAME", Values::Integer(units(1))),
    };
    Column {
        schema: format!("required {kind};").replace("NAME", name),
        values,
    }
}

fn columns(shop: &Shop, choices: &[usize]) -> Vec<Column> {
    let lines = shop.meanings();
    let texts = |text: fn(&Line) -> &String| -> Vec<Option<String>> {
        lines.iter().map(|line| Some(text(line).clone())).collect()
    };
    let amounts = |number: fn(&Line) -> i64| lines.iter().map(number).collect::<Vec<i64>>();
    let customers: Vec<_> = lines.iter().map(|line| line.customer.clone()).collect();
    let mut columns = vec![
        identifiers("InvoiceNo", &texts(|line| &line.invoice), choices[0]),
        identifiers("StockCode", &texts(|line| &line.stock), choices[1]),
        identifiers("Description", &texts(|line| &line.description), 0),
        times("InvoiceDate", &amounts(|line| line.seconds), choices[2]),
        identifiers("CustomerID", &customers, choices[3]),
    ];
    if shop.with_amount {
        columns.push(numbers("Amount", &amounts(|line| line.price), choices[4]));
    } else {
        columns.push(numbers(
            "Quantity",
            &amounts(|line| line.quantity),
            choices[4],
        ));
        columns.push(numbers(
            "UnitPrice",
            &amounts(|line| line.price),
            choices[5],
        ));
    }
    if shop.with_country {
        let countries: Vec<_> = lines.iter().map(|line| line.country.clone()).collect();
        columns.push(identifiers("Country", &countries, choices[6]));
    }
    columns
}

/// Some of the values of a column, and the levels that say where they stand.
fn part<T: Clone>(values: &[Option<T>]) -> (Vec<T>, Vec<i16>) {
    let levels = values.iter().map(|value| value.is_some().into());
    (values.iter().flatten().cloned().collect(), levels.collect())
}

pub(crate) fn write(
    file: File,
    columns: &[Column],
    rows: usize,
    group: usize,
    properties: WriterProperties,
) {
    let fields: String = columns
        .iter()
        .map(|column| column.schema.as_str())
        .collect();
    let schema = parse_message_type(&format!("message shop {{ {fields} }}")).expect("schema");
    let properties = Arc::new(properties);
    let mut writer = SerializedFileWriter::new(file, Arc::new(schema), properties).expect("file");
    for start in (0..rows).step_by(group) {
        let range = start..rows.min(start + group);
        let mut group = writer.next_row_group().expect("group");
        for column in columns {
            let mut into = group.next_column().expect("column").expect("column");
            match (into.untyped(), &column.values) {
                (ColumnWriter::Int64ColumnWriter(into), Values::Integer(values)) => {
                    let (values, levels) = part(&values[range.clone()]);
                    into.write_batch(&values, Some(&levels), None)
                }
                (ColumnWriter::Int32ColumnWriter(into), Values::Short(values)) => {
                    let (values, levels) = part(&values[range.clone()]);
                    into.write_batch(&values, Some(&levels), None)
                }
                (ColumnWriter::DoubleColumnWriter(into), Values::Double(values)) => {
                    let (values, levels) = part(&values[range.clone()]);
                    into.write_batch(&values, Some(&levels), None)
                }
                (ColumnWriter::ByteArrayColumnWriter(into), Values::Bytes(values)) => {
                    let (values, levels) = part(&values[range.clone()]);
                    let values: Vec<ByteArray> = values.into_iter().map(Into::into).collect();
                    into.write_batch(&values, Some(&levels), None)
                }
                (ColumnWriter::FixedLenByteArrayColumnWriter(into), Values::Fixed(values)) => {
                    let (values, levels) = part(&values[range.clone()]);
                    let fixed = |value: Vec<u8>| FixedLenByteArray::from(ByteArray::from(value));
                    let values: Vec<_> = values.into_iter().map(fixed).collect();
                    into.write_batch(&values, Some(&levels), None)
                }
                (ColumnWriter::Int96ColumnWriter(into), Values::Nanoseconds(values)) => {
                    let (values, levels) = part(&values[range.clone()]);
                    let joined = |(day, time): (u32, u64)| {
                        let mut value = Int96::new();
                        value.set_data(time as u32, (time >> 32) as u32, day);
                        value
                    };
                    let values: Vec<_> = values.into_iter().map(joined).collect();
                    into.write_batch(&values, Some(&levels), None)
                }
                _ => panic!("{} has other values", column.schema),
            }
            .expect("values");
            into.close().expect("column");
        }
        group.close().expect("group");
    }
    writer.close().expect("file");
}

fn properties() -> impl Strategy<Value = WriterProperties> {
    let packings = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(parquet::basic::GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4_RAW,
    ];
    let packing = proptest::sample::select(packings.to_vec());
    (packing, any::<bool>(), any::<bool>(), 1_usize..40).prop_map(
        |(packing, is_second, has_dictionary, rows)| {
            WriterProperties::builder()
                .set_compression(packing)
                .set_writer_version(if is_second {
                    WriterVersion::PARQUET_2_0
                } else {
                    WriterVersion::PARQUET_1_0
                })
                .set_dictionary_enabled(has_dictionary)
                .set_data_page_row_count_limit(rows)
                .set_write_batch_size(rows)
                .build()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn parquet_of_any_types_gives_the_same_table(
        shop in shop(),
        choices in collection::vec(any::<usize>(), 7),
        properties in properties(),
        group in 1_usize..60,
        piece in 1_usize..2000,
    ) {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("orders.parquet");
        let columns = columns(&shop, &choices);
        let file = File::create(&path).expect("create");
        write(file, &columns, shop.lines.len(), group, properties);
        let read = ReadParams { piece, ..ReadParams::default() };
        let found = features::build(&[path], Intake::new(&read, &clean_params(&shop)));
        check(&shop, &found)?;
        if let Ok(found) = found {
            prop_assert!(found.in_pieces);
            prop_assert_eq!(found.report.inputs[0].rows, shop.lines.len() as u64);
        }
    }
}
