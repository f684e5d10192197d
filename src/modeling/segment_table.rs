//! The segments file as it is read again.

use std::path::Path;

use super::{error::ModelError, segment::Segment};
use crate::dataset::{self, Fault, Money, NamedRow, TotalMoney, sort_customers};

/// The columns that count.
const COLUMNS: [&str; 3] = ["CustomerID", "monetary", "segment_name"];

/// The segment and the monetary value of every customer.
///
/// Rows are in the order of [`sort_customers`], and each customer has one.
///
/// ```
/// use rfmkit::modeling::{Segment, SegmentTable};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("customer_segments.csv");
/// std::fs::write(&path, "segment_name,CustomerID,monetary\nAt-Risk,12346,77183.6\n")?;
/// let table = SegmentTable::read_csv(&path)?;
/// assert_eq!(table.rows()[0].segment, Segment::AtRisk);
/// assert_eq!(table.revenue().to_string(), "77183.6");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SegmentTable {
    rows: Vec<SegmentedCustomer>,
}

/// One customer of a segments file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SegmentedCustomer {
    /// The customer's identifier.
    pub customer: Box<str>,
    /// The segment.
    pub segment: Segment,
    /// The sum of the customer's amounts.
    pub monetary: Money,
}

impl SegmentTable {
    /// Reads a segments file by the names of its columns. They may stand in
    /// any order and have others beside them, which are left alone.
    ///
    /// # Errors
    ///
    /// [`ModelError::Segments`] if the file cannot be read, lacks a column or
    /// has rows that do not parse, [`ModelError::DoubledCustomer`] if a
    /// customer has two.
    pub fn read_csv(path: &Path) -> Result<Self, ModelError> {
        let mut rows = dataset::read_named(path, &COLUMNS, row).map_err(ModelError::Segments)?;
        sort_customers(&mut rows, |row| &row.customer);
        let doubled = rows
            .windows(2)
            .find(|two| two[0].customer == two[1].customer);
        if let Some(two) = doubled {
            return Err(ModelError::DoubledCustomer {
                path: path.to_owned(),
                customer: two[0].customer.clone(),
            });
        }
        Ok(Self { rows })
    }

    /// Every customer.
    #[must_use]
    pub fn rows(&self) -> &[SegmentedCustomer] {
        &self.rows
    }

    /// The sum of all amounts.
    #[must_use]
    pub fn revenue(&self) -> TotalMoney {
        self.rows.iter().map(|row| row.monetary).sum()
    }
}

/// A row of the file; its columns are [`COLUMNS`].
fn row(row: &NamedRow<'_, 3>) -> Result<SegmentedCustomer, Fault> {
    let monetary = row.money(1)?;
    if !monetary.is_positive() {
        return Err(row.fault(1, "an amount above 0"));
    }
    let segment = row.text(2).parse();
    Ok(SegmentedCustomer {
        customer: row.customer(0)?,
        segment: segment
            .map_err(|_| row.fault(2, "Champions, Lost Customers, New Customers or At-Risk"))?,
        monetary,
    })
}
