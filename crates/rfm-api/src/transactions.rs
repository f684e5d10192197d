//! From the lines of a few customers to their segments.

use std::{borrow::Cow, ops::ControlFlow, path::Path};

use rfmkit::{
    dataset::{
        self, CleanParams, DatasetError, DateParser, Decimal, Dropped, Fault, Reader, Record,
        Timestamp, parse_snapshot,
    },
    features::{Accumulator, ExtraColumns, FeatureError},
    modeling::Segment,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{
    drift::Tally,
    problem::{Place, Problem, text_value},
    served::Served,
    wire::SegmentName,
};

/// The member with the lines.
const LINES: Place = Place::Name("transactions");
const BODY: Place = Place::Name("body");
/// Members of a line, which are its columns.
const COLUMNS: [&str; 5] = [
    "customer_id",
    "invoice",
    "invoice_date",
    "quantity",
    "unit_price",
];

/// The lines of a few customers.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands for what is read member by member in the OpenAPI document"
)]
pub(crate) struct TransactionsRequest {
    /// The instant from which recency counts; 24 hours after the last purchase
    /// unless given. Lines at or after it do not count.
    #[schema(example = "2011-12-10T12:50:00Z", format = DateTime, min_length = 8)]
    snapshot: Option<String>,
    /// The lines, at least one.
    #[schema(min_items = 1)]
    transactions: Vec<Transaction>,
}

/// A line of an invoice.
#[derive(ToSchema)]
#[expect(
    dead_code,
    reason = "stands for what is read member by member in the OpenAPI document"
)]
pub(crate) struct Transaction {
    /// The customer. A line without one does not count.
    #[schema(example = "17850", value_type = Option<CustomerId>)]
    customer_id: Option<String>,
    /// The invoice.
    #[schema(example = "536365", value_type = Identifier)]
    invoice: String,
    /// When it was bought, such as `2010-12-01 08:26:00` or RFC 3339; with a
    /// zone in every line, or in none.
    #[schema(example = "2010-12-01T08:26:00Z", format = DateTime, min_length = 8)]
    invoice_date: String,
    /// Pieces; below 0 for a return, which does not count.
    #[schema(example = 6, minimum = -9_223_372_036_854_i64, maximum = 9_223_372_036_854_i64)]
    quantity: f64,
    /// The price of a piece.
    #[schema(example = 2.55, minimum = -9_223_372_036_854_i64, maximum = 9_223_372_036_854_i64)]
    unit_price: f64,
}

/// A text, or a number that is taken as its text.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "stands for what is read member by member in the OpenAPI document"
)]
pub(crate) enum Identifier {
    /// As it stands; not blank.
    Text(Name),
    Number(f64),
}

/// A text, or a number that is taken as its text; missing if it is blank.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "stands for what is read member by member in the OpenAPI document"
)]
pub(crate) enum CustomerId {
    Text(String),
    Number(f64),
}

/// A text that is not blank.
#[derive(Serialize, ToSchema)]
#[schema(min_length = 1, pattern = r"\S")]
pub(crate) struct Name(String);

/// The customers of some lines, and what became of the lines.
#[derive(Serialize, ToSchema)]
pub(crate) struct TransactionsResponse {
    /// The instant from which recency counts; none if no line counts.
    #[schema(value_type = Option<String>)]
    snapshot: Option<Timestamp>,
    /// Lines.
    rows: u64,
    /// Lines that count.
    kept: u64,
    /// Lines that do not count, by the first rule that fits.
    dropped: DroppedLines,
    /// The customers that bought something.
    customers: Vec<CustomerSegment>,
}

/// Lines that do not count, by the first rule that fits.
#[derive(Serialize, ToSchema)]
pub(crate) struct DroppedLines {
    /// Lines that name no customer.
    missing_customer: u64,
    /// Lines equal in every member to an earlier one.
    duplicate: u64,
    /// Lines not before the snapshot that was given.
    after_snapshot: u64,
    /// Lines with an amount not above zero: returns, cancellations, gifts.
    not_a_purchase: u64,
}

impl From<Dropped> for DroppedLines {
    fn from(dropped: Dropped) -> Self {
        Self {
            missing_customer: dropped.missing_customer,
            duplicate: dropped.duplicate,
            after_snapshot: dropped.after_snapshot,
            not_a_purchase: dropped.not_a_purchase,
        }
    }
}

/// A customer, rolled up and segmented.
#[derive(Serialize, ToSchema)]
struct CustomerSegment {
    customer_id: String,
    /// Whole periods of 24 hours since the last purchase.
    recency: u32,
    /// Distinct invoices.
    frequency: u32,
    /// The sum of all amounts.
    monetary: f64,
    #[schema(value_type = SegmentName)]
    segment_name: Segment,
    #[schema(minimum = 0, maximum = 3)]
    cluster_label: usize,
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    snapshot: Option<&'a RawValue>,
    #[serde(borrow)]
    transactions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    customer_id: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice: Option<&'a RawValue>,
    #[serde(borrow)]
    invoice_date: Option<&'a RawValue>,
    #[serde(borrow)]
    quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    unit_price: Option<&'a RawValue>,
}

/// Rolls the lines of a request up as the pipeline does, and scores every
/// customer.
///
/// # Errors
///
/// All that is wrong with the request; of faults in dates and numbers the
/// first ten.
pub(crate) fn segment(
    served: &Served,
    body: &[u8],
    tally: &mut Tally,
) -> Result<TransactionsResponse, Vec<Problem>> {
    let (snapshot, mut lines) = read(body)?;
    let clean = CleanParams {
        snapshot,
        ..CleanParams::default()
    };
    let name = Path::new("transactions");
    let cleaned = dataset::clean(&mut lines, name, &clean, Accumulator::default());
    let (customers, report) = cleaned.map_err(|error| problems_of(&error, &lines))?;
    let mut response = TransactionsResponse {
        snapshot: snapshot.or_else(|| report.last.map(Timestamp::next_day)),
        rows: report.rows,
        kept: report.kept,
        dropped: report.dropped.into(),
        customers: Vec::new(),
    };
    let Some(snapshot) = response.snapshot.filter(|_| report.kept > 0) else {
        return Ok(response);
    };
    let table = customers
        .totals()
        .table(snapshot, ExtraColumns::default())
        .map_err(|error| vec![out_of_range(&error)])?;
    response.customers.reserve(table.len());
    for (row, rfm) in table.rows().enumerate() {
        let segment = served.predict(rfm, tally);
        response.customers.push(CustomerSegment {
            customer_id: table.customers()[row].to_string(),
            recency: table.recency()[row],
            frequency: table.frequency()[row],
            monetary: table.monetary()[row].to_f64(),
            segment_name: segment,
            cluster_label: segment.label(),
        });
    }
    Ok(response)
}

/// Reads the request into texts, as the cells of a file would be.
fn read(body: &[u8]) -> Result<(Option<Timestamp>, Lines<'_>), Vec<Problem>> {
    let no_json = |error| vec![Problem::no_json(&[BODY], body, &error)];
    let value: &RawValue = serde_json::from_slice(body).map_err(no_json)?;
    if !value.get().starts_with('{') {
        return Err(vec![Problem::no_object(&[BODY], value)]);
    }
    let request: Request<'_> = serde_json::from_str(value.get()).map_err(no_json)?;
    let mut problems = Vec::new();
    let CleanParams {
        date_format,
        time_zone,
        ..
    } = CleanParams::default();
    let snapshot = request.snapshot.and_then(|value| {
        let parsed = match read_text(value.get()) {
            Some(text) => parse_snapshot(&text, &time_zone),
            None => Err("Input should be a valid string".to_owned()),
        };
        let problem = |message| {
            let loc = [BODY, Place::Name("snapshot")];
            problems.push(Problem::new("value_error", &loc, message, value));
        };
        parsed.map_err(problem).ok()
    });
    let dates = DateParser::new(date_format, time_zone);
    let mut lines = Lines::default();
    let at = [BODY, LINES];
    match request.transactions {
        None => problems.push(Problem::missing(&at, value)),
        Some(items) => match serde_json::from_str::<Vec<&RawValue>>(items.get()) {
            Err(_) => {
                let message = "Input should be a valid list";
                problems.push(Problem::new("list_type", &at, message, items));
            }
            Ok(list) if list.is_empty() => {
                let message = "List should have at least 1 item after validation, not 0";
                problems.push(Problem::new("too_short", &at, message, items));
            }
            Ok(list) => {
                for (index, item) in list.into_iter().enumerate() {
                    match line(index, item, &dates, &mut problems) {
                        Some(cells) => lines.0.push(cells),
                        None if problems.len() >= MOST_PROBLEMS => break,
                        None => {}
                    }
                }
            }
        },
    }
    if problems.is_empty() {
        Ok((snapshot, lines))
    } else {
        Err(problems)
    }
}

/// Problems that are listed before reading stops: an answer must not be many
/// times as long as its question.
const MOST_PROBLEMS: usize = 100;

/// The cells of a line, as far as their types are right.
fn line<'a>(
    index: usize,
    item: &'a RawValue,
    dates: &DateParser,
    problems: &mut Vec<Problem>,
) -> Option<[Cow<'a, str>; 5]> {
    let loc = [BODY, LINES, Place::Index(index)];
    if !item.get().starts_with('{') {
        problems.push(Problem::no_object(&loc, item));
        return None;
    }
    let line: Line<'a> = match serde_json::from_str(item.get()) {
        Ok(line) => line,
        Err(error) => {
            problems.push(Problem::no_json(&loc, item.get().as_bytes(), &error));
            return None;
        }
    };
    let members = [
        line.customer_id,
        line.invoice,
        line.invoice_date,
        line.quantity,
        line.unit_price,
    ];
    let before = problems.len();
    let mut cells: [Cow<'a, str>; 5] = Default::default();
    for (column, member) in members.into_iter().enumerate() {
        let at = [
            BODY,
            LINES,
            Place::Index(index),
            Place::Name(COLUMNS[column]),
        ];
        // Nobody bought a line without a customer; everything else must be there.
        let cell = match member {
            None if column == 0 => Ok(Cow::Borrowed("")),
            None => Err(Problem::missing(&at, item)),
            Some(value) => cell(column, value, dates)
                .map_err(|(kind, message)| Problem::new(kind, &at, message, value)),
        };
        match cell {
            Ok(text) => cells[column] = text,
            Err(problem) => problems.push(problem),
        }
    }
    (problems.len() == before).then_some(cells)
}

/// A value as the text of a cell; a number as it was sent, since a binary
/// double might not be the same decimal.
///
/// Every member is checked, also in lines that do not count: who sends a
/// request wants to know all that is wrong with it.
fn cell<'a>(
    column: usize,
    value: &'a RawValue,
    dates: &DateParser,
) -> Result<Cow<'a, str>, (&'static str, Cow<'static, str>)> {
    let no_text = || ("string_type", "Input should be a valid string".into());
    let wrong =
        |expected: Cow<'static, str>| ("value_error", format!("Input should be {expected}").into());
    let text = value.get();
    let is_number = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    match (column, is_number) {
        (0, false) if text == "null" => Ok(Cow::Borrowed("")),
        (0 | 1, true) => Ok(Cow::Borrowed(text)),
        (0, false) => read_text(text).ok_or_else(no_text),
        (1, false) => {
            let text = read_text(text).ok_or_else(no_text)?;
            if dataset::is_missing(text.trim()) {
                return Err(wrong("an invoice".into()));
            }
            Ok(text)
        }
        (2, _) => {
            let text = read_text(text).ok_or_else(no_text)?;
            match dates.parse(text.trim()) {
                Ok(_) => Ok(text),
                Err(error) => Err(wrong(dates.expected(error))),
            }
        }
        (_, true) => match Decimal::parse(text.as_bytes(), b'.') {
            Ok(_) => Ok(Cow::Borrowed(text)),
            Err(_) => Err(wrong("a number below 9223372036854.775808 in size".into())),
        },
        (_, false) => Err(("float_type", "Input should be a valid number".into())),
    }
}

/// A text in JSON. Most have nothing escaped, and can stay where they are.
fn read_text(json: &str) -> Option<Cow<'_, str>> {
    match serde_json::from_str(json) {
        Ok(text) => Some(Cow::Borrowed(text)),
        Err(_) => serde_json::from_str(json).ok().map(Cow::Owned),
    }
}

/// Lines in memory, read as those of a file are.
#[derive(Default)]
struct Lines<'a>(Vec<[Cow<'a, str>; 5]>);

impl Reader for Lines<'_> {
    fn read(
        &mut self,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        let mut record = Record::default();
        let header = COLUMNS.map(Cow::Borrowed);
        for (line, cells) in [&header].into_iter().chain(&self.0).enumerate() {
            record.restart(line as u64);
            for cell in cells {
                record.push_text(cell);
            }
            if visit(&record).is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl Lines<'_> {
    /// A problem with a member of a line, counted from 1 as the header is 0.
    fn problem(&self, line: u64, column: &str, message: String) -> Problem {
        let index = line.saturating_sub(1) as usize;
        let column = COLUMNS
            .iter()
            .position(|name| *name == column)
            .unwrap_or_default();
        let found = self.0.get(index).map_or("", |cells| &cells[column]);
        let at = [
            BODY,
            LINES,
            Place::Index(index),
            Place::Name(COLUMNS[column]),
        ];
        Problem::new("value_error", &at, message, &text_value(found))
    }
}

/// What cleaning found, at its place in the request.
fn problems_of(error: &DatasetError, lines: &Lines<'_>) -> Vec<Problem> {
    match error {
        DatasetError::Faults { faults, .. } => {
            let problem = |fault: &Fault| match fault {
                Fault::Field {
                    line,
                    column,
                    expected,
                    ..
                } => lines.problem(*line, column, format!("Input should be {expected}")),
                other => lines.problem(1, COLUMNS[0], other.to_string()),
            };
            faults.iter().map(problem).collect()
        }
        DatasetError::AmbiguousDates {
            line,
            column,
            day_first,
            month_first,
            ..
        } => {
            let message = format!(
                "Input should be one date, but is {day_first:.10} or {month_first:.10}; \
                 write the year first"
            );
            vec![lines.problem(*line, column, message)]
        }
        DatasetError::MixedZones {
            column,
            zoned,
            unzoned,
        } => {
            let message = format!(
                "Input should have a zone in every line or in none, but has one in {} \
                 and none in {}",
                zoned.line - 1,
                unzoned.line - 1
            );
            vec![lines.problem(unzoned.line, column, message)]
        }
        other => vec![Problem::new(
            "value_error",
            &[BODY, LINES],
            other.to_string(),
            &text_value(""),
        )],
    }
}

fn out_of_range(error: &FeatureError) -> Problem {
    Problem::new(
        "value_error",
        &[BODY, LINES],
        error.to_string(),
        &text_value(""),
    )
}
