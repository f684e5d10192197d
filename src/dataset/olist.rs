//! The export of Olist, in which an order, its customer and what was paid for it
//! stand in tables of their own.

use std::{ops::ControlFlow, path::PathBuf};

use hashbrown::{HashMap, hash_map::Entry};
use serde::Serialize;

use super::{
    ReadParams,
    error::{DatasetError, EACH_ONCE, Fault},
    named::{NamedRow, visit_named},
    record::{Reader, Record},
    role::normalize,
    source::InputFile,
};

/// A table of the export.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Table {
    /// Who bought, when, and what became of it.
    Orders,
    /// The person behind the customer of one order.
    Customers,
    /// What was paid, in one line or several for an order.
    Payments,
    /// What was bought, a line for each piece.
    Items,
    /// One that nothing is needed of.
    Other(&'static str),
}

const ORDERS: [&str; 4] = [
    "order_id",
    "customer_id",
    "order_status",
    "order_purchase_timestamp",
];
const CUSTOMERS: [&str; 2] = ["customer_id", "customer_unique_id"];

impl Table {
    const ALL: [(Self, &'static [&'static str]); 9] = [
        (Self::Orders, &ORDERS),
        (Self::Customers, &CUSTOMERS),
        (
            Self::Payments,
            &["order_id", "payment_sequential", "payment_value"],
        ),
        (Self::Items, &["order_id", "order_item_id", "price"]),
        (Self::Other("reviews"), &["review_id", "order_id"]),
        (Self::Other("products"), &["product_id", "product_weight_g"]),
        (
            Self::Other("sellers"),
            &["seller_id", "seller_zip_code_prefix"],
        ),
        (
            Self::Other("geolocation"),
            &["geolocation_zip_code_prefix", "geolocation_lat"],
        ),
        (
            Self::Other("translation"),
            &["product_category_name", "product_category_name_english"],
        ),
    ];

    /// The table that has a header; `None` too for tables that were joined already
    /// and so have the columns of several.
    pub(super) fn of_header(header: &[String]) -> Option<Self> {
        let names: Vec<String> = header.iter().map(|name| normalize(name)).collect();
        let fits = |columns: &[&str]| {
            let mut columns = columns.iter();
            columns.all(|column| names.contains(&normalize(column)))
        };
        let mut found = Self::ALL.into_iter().filter(|(_, columns)| fits(columns));
        match (found.next(), found.next()) {
            (Some((table, _)), None) => Some(table),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Customers => "customers",
            Self::Payments => "payments",
            Self::Items => "items",
            Self::Other(name) => name,
        }
    }

    /// The table with the columns by which it is known.
    fn described(self) -> String {
        let columns = Self::ALL.into_iter().find(|(table, _)| *table == self);
        let columns = columns.map_or(String::new(), |(_, columns)| columns.join(", "));
        format!("{} ({columns})", self.name())
    }
}

/// How lines were joined to the orders that they belong to.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct JoinReport {
    /// The files with the orders and their customers.
    pub inputs: Vec<InputFile>,
    /// Files of which nothing is needed.
    pub not_needed: Vec<PathBuf>,
    /// Orders.
    pub orders: u64,
    /// Orders whose customer is unknown; their lines are dropped.
    pub orders_without_customer: u64,
    /// Orders that have no line, and so do not count.
    pub orders_without_lines: u64,
    /// Lines whose order is unknown; they are dropped as lines without a customer.
    pub lines_without_order: u64,
}

/// The files of an export by what they are for.
#[derive(Default)]
pub(super) struct Export {
    /// The files with the amounts: payments, or items where there are none.
    pub(super) lines: Vec<PathBuf>,
    orders: Vec<PathBuf>,
    customers: Vec<PathBuf>,
    not_needed: Vec<PathBuf>,
}

impl Export {
    /// Sorts files by their tables.
    ///
    /// # Errors
    ///
    /// [`DatasetError::Tables`] if a needed table is not among them.
    pub(super) fn sort(found: Vec<(PathBuf, Option<Table>)>) -> Result<Self, DatasetError> {
        let has = |table| found.iter().any(|(_, other)| *other == Some(table));
        let amounts = if has(Table::Payments) {
            Table::Payments
        } else {
            Table::Items
        };
        let missing: Vec<String> = [Table::Orders, Table::Customers, amounts]
            .into_iter()
            .filter(|table| !has(*table))
            .map(|table| match table {
                Table::Items => {
                    format!("{} or {}", Table::Payments.described(), table.described())
                }
                _ => table.described(),
            })
            .collect();
        if !missing.is_empty() {
            return Err(DatasetError::Tables {
                missing,
                found: found
                    .into_iter()
                    .map(|(path, table)| (path, table.map(Table::name)))
                    .collect(),
            });
        }
        let mut export = Self::default();
        for (path, table) in found {
            let files = match table {
                Some(Table::Orders) => &mut export.orders,
                Some(Table::Customers) => &mut export.customers,
                Some(table) if table == amounts => &mut export.lines,
                _ => &mut export.not_needed,
            };
            files.push(path);
        }
        Ok(export)
    }
}

/// What stands in other files than the lines.
pub(super) struct Join {
    orders: HashMap<Box<str>, Order>,
    report: JoinReport,
}

/// What is known of an order.
#[derive(PartialEq)]
struct Order {
    /// The person who bought.
    customer: Option<Box<str>>,
    date: Box<str>,
    status: Box<str>,
    has_lines: bool,
}

impl Join {
    /// The columns that lines get, behind their own.
    pub(super) const COLUMNS: [&'static str; 3] = [
        "orders.order_purchase_timestamp",
        "orders.order_status",
        "customers.customer_unique_id",
    ];

    /// Reads orders and customers.
    ///
    /// # Errors
    ///
    /// [`DatasetError`] if a file cannot be read, or says of an order or a customer
    /// what another line does not.
    pub(super) fn read(export: &Export, params: &ReadParams) -> Result<Self, DatasetError> {
        let mut inputs = Vec::new();
        let mut persons = HashMap::new();
        for path in &export.customers {
            inputs.push(visit_named(path, params, &CUSTOMERS, |row| {
                let person = row.identifier(1);
                insert(&mut persons, row, person)
            })?);
        }
        let mut orders = HashMap::new();
        for path in &export.orders {
            inputs.push(visit_named(path, params, &ORDERS, |row| {
                let customer = row.identifier(1);
                let order = Order {
                    customer: customer.and_then(|customer| persons.get(&customer)?.clone()),
                    status: row.text(2).into(),
                    date: row.text(3).into(),
                    has_lines: false,
                };
                insert(&mut orders, row, order)
            })?);
        }
        let without_customer = orders.values().filter(|order| order.customer.is_none());
        let report = JoinReport {
            inputs,
            not_needed: export.not_needed.clone(),
            orders: orders.len() as u64,
            orders_without_customer: without_customer.count() as u64,
            orders_without_lines: 0,
            lines_without_order: 0,
        };
        Ok(Self { orders, report })
    }

    /// Hands every line of `reader` to `visit`, with what is known of its order.
    pub(super) fn lines(
        &mut self,
        reader: &mut dyn Reader,
        visit: &mut dyn FnMut(&Record) -> ControlFlow<()>,
    ) -> Result<(), DatasetError> {
        let mut joined = Record::default();
        let mut order_column = None;
        reader.read(&mut |record| {
            joined.copy(record);
            let Some(column) = order_column else {
                let is_order = |column: &usize| {
                    normalize(&record.cell(*column).text()) == normalize(ORDERS[0])
                };
                order_column = (0..record.len()).find(is_order);
                for name in Self::COLUMNS {
                    joined.push_text(name);
                }
                return visit(&joined);
            };
            let order = record.cell(column).identifier();
            if let Some(order) = order.and_then(|order| self.orders.get_mut(order.as_ref())) {
                order.has_lines = true;
                joined.push_text(&order.date);
                joined.push_text(&order.status);
                joined.push_text(order.customer.as_deref().unwrap_or_default());
            } else {
                self.report.lines_without_order += 1;
                joined.pad(record.len() + Self::COLUMNS.len());
            }
            visit(&joined)
        })
    }

    /// How the lines that were read were joined.
    pub(super) fn finish(self) -> JoinReport {
        let without_lines = self.orders.values().filter(|order| !order.has_lines);
        JoinReport {
            orders_without_lines: without_lines.count() as u64,
            ..self.report
        }
    }
}

/// Puts what a row says under the identifier in its first column; a row without one
/// belongs to nothing.
fn insert<const N: usize, T: PartialEq>(
    known: &mut HashMap<Box<str>, T>,
    row: &NamedRow<'_, N>,
    value: T,
) -> Result<(), Fault> {
    let Some(identifier) = row.identifier(0) else {
        return Ok(());
    };
    match known.entry(identifier) {
        Entry::Vacant(place) => {
            place.insert(value);
            Ok(())
        }
        Entry::Occupied(place) if *place.get() == value => Ok(()),
        Entry::Occupied(_) => Err(row.fault(0, EACH_ONCE)),
    }
}
