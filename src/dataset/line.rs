//! What one row says: its customer, invoice, time and amount, or that it does not
//! count whatever else it says.

use std::borrow::Cow;

use super::{
    clean::CleanParams,
    columns::{AmountColumns, Columns},
    dates::{DateError, DateParser, DateReading},
    error::{DECIMAL_COMMA, DECIMAL_POINT, Fault},
    identifier::identifier,
    money::{Decimal, DecimalError, Money},
    preset::{self, Preset, Unit},
    record::{Cell, Record},
    timestamp::Timestamp,
};

/// A row of cells, wherever they stand.
pub(super) trait Row {
    /// The line in the file at which the row starts, counted from 1.
    fn line(&self) -> u64;

    /// The cell in a column counted from 0.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// The number in a column; `mark` is the decimal mark of text.
    fn decimal(&self, column: usize, mark: u8) -> Result<Decimal, DecimalError> {
        self.cell(column).decimal(mark)
    }

    /// Adds what a column tells apart by to `values`.
    fn add_to(&self, column: usize, values: &mut impl Values) {
        values.add_text(identifier(&self.cell(column).text()));
    }
}

impl Row for Record {
    fn line(&self) -> u64 {
        self.line()
    }

    fn cell(&self, column: usize) -> Cell<'_> {
        self.cell(column)
    }
}

/// Takes the values in that make two lines equal.
pub(super) trait Values {
    fn add_number(&mut self, number: i64);

    /// Adds bytes so that neighbours cannot trade some.
    fn add_bytes(&mut self, bytes: &[u8]);

    fn add_text(&mut self, text: &str) {
        self.add_bytes(text.as_bytes());
    }
}

/// Why a line is dropped before its values are read.
pub(super) enum Unread {
    /// Its amount stands in an earlier line of the order.
    Continued,
    /// The order does not count by its status.
    NotPaid(String),
}

/// A number of a row that will not do, with its column.
#[derive(Clone, Copy)]
pub(super) enum BadNumber {
    Number(usize, DecimalError),
    /// The price is fine, but too high for the quantity.
    Product(usize),
}

/// Reads the rows of one data set.
#[derive(Clone)]
pub(super) struct LineParser<'p> {
    params: &'p CleanParams,
    /// The system that the files come from.
    source: Preset,
    /// Whether amounts without a decimal mark may be in hundredths.
    has_cents: bool,
    is_continued: bool,
    dates: DateParser,
    last_date: Option<(String, DateReading)>,
}

impl<'p> LineParser<'p> {
    pub(super) fn new(params: &'p CleanParams, source: Preset) -> Self {
        Self {
            params,
            source,
            has_cents: source.has_cents(),
            is_continued: source.is_continued(),
            dates: DateParser::new(params.date_format.clone(), params.time_zone.clone()),
            last_date: None,
        }
    }

    pub(super) const fn source(&self) -> Preset {
        self.source
    }

    /// The decimal mark of text.
    pub(super) const fn decimal_mark(&self) -> u8 {
        self.params.decimal
    }

    /// The customer, unless none is named.
    pub(super) fn customer<'r>(
        &self,
        columns: &Columns,
        row: &'r impl Row,
    ) -> Option<Cow<'r, str>> {
        let customer = row.cell(columns.customer).identifier();
        let guest = self.source.guest();
        customer.filter(|customer| Some(customer.as_ref()) != guest)
    }

    /// Why a line of a customer is dropped before its values are read, if it is.
    #[inline]
    pub(super) fn unread(&self, columns: &Columns, row: &impl Row) -> Option<Unread> {
        if let AmountColumns::Amount(column) = columns.amount
            && self.is_continued
            && row.cell(column).identifier().is_none()
        {
            return Some(Unread::Continued);
        }
        self.not_paid(&row.cell(columns.status?).text())
    }

    fn not_paid(&self, status: &str) -> Option<Unread> {
        let found = preset::status(status);
        let is_paid = match &self.params.paid {
            Some(paid) => paid.iter().any(|paid| preset::status(paid) == found),
            None => match self.source.paid() {
                [] => true,
                paid => paid.contains(&found.as_str()),
            },
        };
        (!is_paid).then_some(Unread::NotPaid(found))
    }

    pub(super) fn date(&mut self, columns: &Columns, row: &impl Row) -> Result<DateReading, Fault> {
        let column = columns.date;
        let text = match row.cell(column) {
            Cell::Time(time) => return Ok(DateReading::certain(time, false)),
            Cell::Instant(microseconds) => {
                let time = Timestamp::from_unix(microseconds, &self.params.time_zone);
                return time
                    .map(|time| DateReading::certain(time, true))
                    .ok_or_else(|| {
                        columns.fault(row, column, self.dates.expected(DateError::Range))
                    });
            }
            cell => cell.text(),
        };
        // The lines of an invoice have one date.
        if let Some((last, reading)) = &self.last_date
            && *last == text
        {
            return Ok(*reading);
        }
        let reading = self
            .dates
            .parse(&text)
            .map_err(|error| columns.fault(row, column, self.dates.expected(error)))?;
        let memo = self.last_date.get_or_insert((String::new(), reading));
        memo.0.clear();
        memo.0.push_str(&text);
        memo.1 = reading;
        Ok(reading)
    }

    /// The amount of a line; the numbers that it is made of go into `values`.
    #[inline]
    pub(super) fn amount(
        &self,
        columns: &Columns,
        row: &impl Row,
        values: &mut impl Values,
    ) -> Result<Money, BadNumber> {
        match columns.amount {
            AmountColumns::Product { quantity, price } => {
                let pieces = self.decimal(row, quantity)?;
                let unit_price = self.money(columns, row, price)?;
                values.add_number(pieces.millionths());
                values.add_number(unit_price.millionths());
                pieces.times(unit_price).ok_or(BadNumber::Product(price))
            }
            AmountColumns::Amount(column) => {
                let amount = self.money(columns, row, column)?;
                values.add_number(amount.millionths());
                Ok(amount.into())
            }
        }
    }

    /// What was given back of a line's amount, below zero.
    #[inline]
    pub(super) fn refund(
        &self,
        columns: &Columns,
        row: &impl Row,
    ) -> Result<Option<Money>, BadNumber> {
        let Some(column) = columns.refund else {
            return Ok(None);
        };
        if row.cell(column).identifier().is_none() {
            return Ok(None);
        }
        // Some write it below zero, others above.
        let size = Money::from(self.money(columns, row, column)?).millionths();
        Ok((size != 0).then(|| Money::from_millionths(-size.abs())))
    }

    /// Says of a row what is wrong with a number in it.
    pub(super) fn fault(&self, columns: &Columns, row: &impl Row, bad: BadNumber) -> Fault {
        let (column, expected) = match bad {
            BadNumber::Number(column, DecimalError::Range) => {
                (column, "a number below 9223372036854.775808")
            }
            BadNumber::Number(column, DecimalError::Syntax) => (
                column,
                if self.params.decimal == b',' {
                    DECIMAL_COMMA
                } else {
                    DECIMAL_POINT
                },
            ),
            BadNumber::Product(price) => (
                price,
                "a price that times the quantity stays below 9223372036854.775808",
            ),
        };
        columns.fault(row, column, expected)
    }

    /// A price or an amount, in the currency unit.
    #[expect(clippy::inline_always, reason = "a call costs as much as most numbers")]
    #[inline(always)]
    fn money(
        &self,
        columns: &Columns,
        row: &impl Row,
        column: usize,
    ) -> Result<Decimal, BadNumber> {
        let number = self.decimal(row, column)?;
        let is_in_cents = match self.params.unit {
            Some(unit) => unit == Unit::Cents,
            None => self.has_cents && self.is_in_cents(columns, row, column),
        };
        Ok(if is_in_cents {
            number.hundredth()
        } else {
            number
        })
    }

    #[expect(clippy::inline_always, reason = "a call costs as much as most numbers")]
    #[inline(always)]
    fn decimal(&self, row: &impl Row, column: usize) -> Result<Decimal, BadNumber> {
        row.decimal(column, self.params.decimal)
            .map_err(|error| BadNumber::Number(column, error))
    }

    /// Whether a number without a decimal mark is in hundredths: not in currencies
    /// that have none.
    fn is_in_cents(&self, columns: &Columns, row: &impl Row, column: usize) -> bool {
        let has_mark = match row.cell(column) {
            Cell::Text(text) => text.as_bytes().contains(&self.params.decimal),
            Cell::Number(number) => number.fract() != 0.0,
            _ => false,
        };
        let has_no_cents =
            currency(columns, row).is_some_and(|currency| preset::has_no_cents(&currency));
        !has_mark && !has_no_cents
    }
}

pub(super) fn invoice<'r>(columns: &Columns, row: &'r impl Row) -> Result<Cow<'r, str>, Fault> {
    let invoice = row.cell(columns.invoice).identifier();
    invoice.ok_or_else(|| columns.fault(row, columns.invoice, "an invoice"))
}

pub(super) fn country<'r>(columns: &Columns, row: &'r impl Row) -> Option<Cow<'r, str>> {
    row.cell(columns.country?).identifier()
}

/// The values of the columns that have no bearing but on whether two lines are
/// equal.
#[inline]
pub(super) fn add_others(columns: &Columns, row: &impl Row, values: &mut impl Values) {
    for &column in &columns.others {
        row.add_to(column, values);
    }
}

/// The currency that a line names; empty if it does not.
#[inline]
pub(super) fn currency<'r>(columns: &Columns, row: &'r impl Row) -> Option<Cow<'r, str>> {
    Some(row.cell(columns.currency?).text())
}
