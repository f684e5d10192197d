//! Parquet files that are not as they should be.

use std::sync::Arc;

use insta::assert_snapshot;
use parquet::{
    basic::{Compression, ZstdLevel},
    column::writer::ColumnWriter,
    data_type::{ByteArray, FixedLenByteArray},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};

use crate::project::Project;

/// The columns that are right, before the one that is not.
const RIGHT: &str = "required binary invoice (STRING); required int32 date (DATE); \
                     required binary customer (STRING);";

/// A file with [`RIGHT`] columns and others, all values of which are the same.
fn parquet(last: &str, value: &Value, rows: usize) -> Vec<u8> {
    let schema = parse_message_type(&format!("message orders {{ {RIGHT} {last} }}"));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_dictionary_enabled(false)
        .build();
    let mut bytes = Vec::new();
    let schema = Arc::new(schema.expect("schema"));
    let mut writer =
        SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).expect("file");
    let mut group = writer.next_row_group().expect("group");
    let text = |text: &str| Value::Bytes(text.as_bytes().to_vec());
    let right = [&text("1"), &Value::Short(15_000), &text("anna")];
    let mut values = right.into_iter().chain(std::iter::repeat(value));
    while let Some(mut column) = group.next_column().expect("column") {
        write(column.untyped(), values.next().expect("a value"), rows);
        column.close().expect("column");
    }
    group.close().expect("group");
    writer.close().expect("file");
    bytes
}

enum Value {
    Short(i32),
    Integer(i64),
    Bytes(Vec<u8>),
}

fn write(column: &mut ColumnWriter<'_>, value: &Value, rows: usize) {
    // A nested value stands in a list of one.
    let (levels, starts) = (vec![1; rows], vec![0; rows]);
    let (levels, starts) = (Some(&levels[..]), Some(&starts[..]));
    match (column, value) {
        (ColumnWriter::Int32ColumnWriter(column), Value::Short(value)) => {
            column.write_batch(&vec![*value; rows], levels, starts)
        }
        (ColumnWriter::Int64ColumnWriter(column), Value::Integer(value)) => {
            column.write_batch(&vec![*value; rows], levels, starts)
        }
        (ColumnWriter::ByteArrayColumnWriter(column), Value::Bytes(value)) => {
            column.write_batch(&vec![ByteArray::from(value.clone()); rows], levels, starts)
        }
        (ColumnWriter::FixedLenByteArrayColumnWriter(column), Value::Bytes(value)) => {
            let value = FixedLenByteArray::from(ByteArray::from(value.clone()));
            column.write_batch(&vec![value; rows], levels, starts)
        }
        _ => panic!("a value of another type"),
    }
    .expect("values");
}

fn good() -> Vec<u8> {
    parquet("required int64 amount;", &Value::Integer(5), 3000)
}

fn fail(bytes: &[u8]) -> String {
    Project::with("orders.parquet", bytes).fail(&["all", "orders.parquet"])
}

#[test]
fn a_file_that_is_cut_off() {
    let good = good();
    assert_snapshot!(fail(&good[..good.len() / 2]));
    assert_snapshot!(fail(&good[..6]));
}

#[test]
fn every_damage_has_its_message() {
    let good = good();
    let project = Project::new();
    // The footer ends with its length and the magic bytes.
    let length = good.len();
    for place in (0..length).step_by(97).chain(length - 80..length) {
        let mut damaged = good.clone();
        damaged[place] ^= 0x55;
        project.write("orders.parquet", &damaged);
        let output = project.command(&["features", "orders.parquet"]).output();
        let code = output.expect("run").status.code();
        assert!(matches!(code, Some(0 | 1)), "{place}: {code:?}");
    }
}

#[test]
fn a_name_that_is_not_so() {
    assert_snapshot!(fail(b"PAR1 and nothing of the kind behind it, at all PAR1"));
}

#[test]
fn columns_that_are_nested() {
    let list = "repeated int64 amount;";
    assert_snapshot!(fail(&parquet(list, &Value::Integer(5), 1)));
    let group = "required group amount { required int64 cents; }";
    assert_snapshot!(fail(&parquet(group, &Value::Integer(5), 1)));
}

#[test]
fn numbers_beyond_all_amounts() {
    let wide = "required fixed_len_byte_array(16) amount (DECIMAL(38,2));";
    let value = Value::Bytes(i128::MAX.to_be_bytes().to_vec());
    assert_snapshot!(fail(&parquet(wide, &value, 1)));
    let wider = "required fixed_len_byte_array(20) amount (DECIMAL(40,2));";
    assert_snapshot!(fail(&parquet(wider, &Value::Bytes(vec![0x7f; 20]), 1)));
    let unsigned = "required int64 amount (INTEGER(64,false));";
    assert_snapshot!(fail(&parquet(unsigned, &Value::Integer(-1), 1)));
}

#[test]
fn times_beyond_the_calendar() {
    let time = "required int64 ordered (TIMESTAMP(MILLIS,true));";
    let project = Project::with(
        "orders.parquet",
        parquet(time, &Value::Integer(i64::MAX), 1),
    );
    let columns = "--columns=date=ordered,amount=date";
    assert_snapshot!(project.fail(&["all", "orders.parquet", columns]));
}

#[test]
fn a_day_whose_microseconds_do_not_fit() {
    // In 64 bits they would be those of a day in 2011.
    let day = "required int32 ordered (DATE); required int32 amount;";
    let value = Value::Short(213_519_000);
    let project = Project::with("orders.parquet", parquet(day, &value, 1));
    assert_snapshot!(project.fail(&["all", "orders.parquet", "--columns=date=ordered"]));
}

/// The file with other bytes in the place of some that stand in it once.
fn with(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let mut places = (0..bytes.len()).filter(|&at| bytes[at..].starts_with(old));
    let (place, others) = (places.next().expect("they are there"), places.count());
    assert_eq!((others, old.len()), (0, new.len()));
    bytes[place..place + new.len()].copy_from_slice(new);
    bytes
}

#[test]
fn a_page_that_states_too_much() {
    // 36 MiB and 12 bytes, twice that since the lowest bit is the sign.
    let value = Value::Bytes(vec![b'1'; 12 * 1024 * 1024]);
    let good = parquet("required binary amount;", &value, 3);
    let lying = with(
        good,
        &[0x15, 0x98, 0x80, 0x80, 0x24],
        &[0x15, 0xfe, 0xff, 0xff, 0x7f],
    );
    let message = fail(&lying);
    assert!(message.contains(" to 134217727 bytes"), "{message}");
}

#[test]
fn texts_with_the_character_nul() {
    let amount = "required binary amount;";
    assert_snapshot!(fail(&parquet(amount, &Value::Bytes(b"1\0".to_vec()), 1)));
}

#[test]
fn a_row_that_fills_the_memory() {
    let long = Value::Bytes(vec![b'1'; 9 * 1024 * 1024]);
    let last = "required binary amount; required binary till;";
    assert_snapshot!(fail(&parquet(last, &long, 1)));
}

#[test]
fn texts_that_are_none() {
    let amount = "required binary amount;";
    assert_snapshot!(fail(&parquet(amount, &Value::Bytes(vec![0xff, 0xfe]), 1)));
    let long = vec![b'1'; 17 * 1024 * 1024];
    assert_snapshot!(fail(&parquet(amount, &Value::Bytes(long), 1)));
}

#[test]
fn a_file_that_is_a_trap() {
    let amount = "required binary amount;";
    let value = Value::Bytes(vec![b'1'; 12 * 1024 * 1024]);
    assert_snapshot!(fail(&parquet(amount, &value, 100)));
}

#[test]
fn a_file_without_rows() {
    assert_snapshot!(fail(&parquet(
        "required int64 amount;",
        &Value::Integer(5),
        0
    )));
}
