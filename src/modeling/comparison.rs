//! Two segments files beside each other: who moved, who is new, who is gone.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    segment::Segment,
    segment_table::{SegmentTable, SegmentedCustomer},
    transitions::Transitions,
};
use crate::{
    dataset::{Money, sort_customers},
    output::{write_field, write_lines},
};

/// What became of the customers of one segments file in another.
///
/// ```
/// # use rfmkit::modeling::SegmentTable;
/// use rfmkit::modeling::Comparison;
///
/// # let folder = tempfile::tempdir()?;
/// # let read = |name: &str, rows: &str| {
/// #     let path = folder.path().join(name);
/// #     std::fs::write(&path, format!("CustomerID,monetary,segment_name\n{rows}")).unwrap();
/// #     SegmentTable::read_csv(&path)
/// # };
/// let june = read("june.csv", "7,100,At-Risk\n8,20,New Customers\n")?;
/// let july = read("july.csv", "7,250,Champions\n9,30,New Customers\n")?;
/// let comparison = Comparison::new(&june, &july);
/// assert_eq!(comparison.transitions.moved().customers, 1);
/// assert_eq!(comparison.transitions.arrived().customers, 1);
/// assert_eq!(comparison.transitions.gone().customers, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Comparison {
    /// Where the customers went.
    #[serde(flatten)]
    pub transitions: Transitions,
    /// The customers whose segment is another, who are new and who are gone, in
    /// the order of [`sort_customers`].
    #[serde(skip)]
    pub moves: Vec<CustomerMove>,
}

/// A customer who is in another segment, new, or gone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CustomerMove {
    /// The customer's identifier.
    pub customer: Box<str>,
    /// Segment and monetary value before; `None` for a new customer.
    pub before: Option<(Segment, Money)>,
    /// Segment and monetary value after; `None` for a customer who is gone.
    pub after: Option<(Segment, Money)>,
}

impl Comparison {
    /// The first line of the list that [`write_csv`](Self::write_csv) writes.
    pub const HEADER: &str =
        "CustomerID,segment_before,segment_after,monetary_before,monetary_after";

    /// Finds every customer of both tables in the other.
    #[must_use]
    pub fn new(before: &SegmentTable, after: &SegmentTable) -> Self {
        let mut rows: Vec<(&SegmentedCustomer, bool)> = Vec::new();
        rows.extend(before.rows().iter().map(|row| (row, false)));
        rows.extend(after.rows().iter().map(|row| (row, true)));
        sort_customers(&mut rows, |(row, _)| &row.customer);
        let mut transitions = Transitions::default();
        let mut moves = Vec::new();
        for rows in rows.chunk_by(|(a, _), (b, _)| a.customer == b.customer) {
            let side = |is_after: bool| {
                let row = rows.iter().find(|(_, is)| *is == is_after);
                row.map(|(row, _)| (row.segment, row.monetary))
            };
            let (before, after) = (side(false), side(true));
            transitions.add(before, after);
            if before.map(|(segment, _)| segment) != after.map(|(segment, _)| segment) {
                moves.push(CustomerMove {
                    customer: rows[0].0.customer.clone(),
                    before,
                    after,
                });
            }
        }
        Self { transitions, moves }
    }

    /// Writes the customers of [`moves`](Self::moves) as CSV: identifier,
    /// segment before and after, monetary value before and after, the latter
    /// empty where the customer is not there.
    ///
    /// # Errors
    ///
    /// What `out` fails with.
    pub fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", Self::HEADER)?;
        write_lines(out, self.moves.len(), |number, line| {
            let moved = &self.moves[number];
            let sides = [moved.before, moved.after];
            write_field(line, &moved.customer)?;
            for side in sides {
                let name = side.map_or("", |(segment, _)| segment.name());
                write!(line, ",{name}")?;
            }
            for side in sides {
                let amount = side.map_or_else(String::new, |(_, money)| money.to_string());
                write!(line, ",{amount}")?;
            }
            writeln!(line)
        })
    }
}
