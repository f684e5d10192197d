//! The roll-up of runs to customers.

use std::sync::Arc;

use rayon::prelude::*;

use super::totals::{CustomerTotal, Invoice, Last, Totals, is_after};
use crate::dataset::{Returns, Rolled, Run, Timestamp, TotalMoney};

/// What the runs of each customer come to.
pub(super) fn totals(rolled: &Rolled, returns: Returns) -> Totals {
    let parts: Vec<Totals> = rolled
        .parts
        .par_iter()
        .map(|part| {
            let mut roll_up = RollUp {
                countries: &rolled.countries,
                returns,
                totals: Totals::default(),
            };
            let mut present = Vec::new();
            for of_customer in part.runs.by_customer() {
                present.clear();
                present.extend(of_customer);
                let name = part.customers.get(present[0].key.customer);
                roll_up.customer(name, &present);
            }
            roll_up.totals
        })
        .collect();
    let mut all = Totals::default();
    let customers = parts.iter().map(|part| part.customers.len()).sum();
    all.customers.reserve_exact(customers);
    for part in parts {
        all.customers.extend(part.customers);
        all.repeats.add(part.repeats);
    }
    all
}

/// The customers of one part.
struct RollUp<'a> {
    countries: &'a [Arc<str>],
    returns: Returns,
    totals: Totals,
}

impl RollUp<'_> {
    /// Takes all runs of a customer in.
    fn customer(&mut self, name: &str, runs: &[Run]) {
        let mut total = CustomerTotal {
            customer: name.into(),
            last: None,
            frequency: 0,
            bought: TotalMoney::default(),
            returned: TotalMoney::default(),
            lines: 0,
        };
        let mut last = None;
        for of_invoice in runs.chunk_by(|a, b| a.key.invoice == b.key.invoice) {
            let mut invoice: Option<Invoice> = None;
            for run in of_invoice {
                if self.returns == Returns::Net {
                    total.returned = total.returned + run.returned();
                }
                if run.purchases == 0 {
                    continue;
                }
                let lines = Invoice {
                    lines: run.purchases.into(),
                    amount: run.uniform_amount(),
                };
                match &mut invoice {
                    Some(invoice) => invoice.merge(lines),
                    none => *none = Some(lines),
                }
                total.bought = total.bought + run.bought();
                total.lines += u64::from(run.purchases);
                let country = run
                    .key
                    .country()
                    .map(|number| &self.countries[number as usize]);
                let purchase = (run.key.time, country);
                if last.is_none_or(|last| is_after(with_text(purchase), with_text(last))) {
                    last = Some(purchase);
                }
            }
            if let Some(invoice) = invoice {
                self.totals.repeats.count(&invoice);
                total.frequency += 1;
            }
        }
        total.last = last.map(|(time, country)| Last {
            time,
            country: country.cloned(),
        });
        self.totals.customers.push(total);
    }
}

/// A purchase with the name of its country.
fn with_text((time, country): (Timestamp, Option<&Arc<str>>)) -> (Timestamp, Option<&str>) {
    (time, country.map(|text| &**text))
}
