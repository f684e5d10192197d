//! The roll-up of runs to customers.

use std::sync::Arc;

use rayon::prelude::*;

use super::totals::{CustomerTotal, Invoice, Last, Repeats, Totals, is_after};
use crate::dataset::{Returns, Rolled, Run, Timestamp, TotalMoney};

/// What the runs of each customer come to.
pub(super) fn totals(rolled: &Rolled, returns: Returns) -> Totals {
    let parts: Vec<Totals> = rolled
        .parts
        .par_iter()
        .map(|part| {
            let mut totals = Totals::default();
            let mut present = Vec::new();
            for of_customer in part.runs.by_customer() {
                present.clear();
                present.extend(of_customer);
                let name = part.customers.get(present[0].key.customer);
                let repeats = &mut totals.repeats;
                let total = customer(name, &present, &rolled.countries, returns, repeats);
                totals.customers.push(total);
            }
            totals
        })
        .collect();
    let mut all = Totals::default();
    for part in parts {
        all.customers.extend(part.customers);
        all.repeats.add(part.repeats);
    }
    all
}

fn customer(
    name: &str,
    runs: &[Run],
    countries: &[Arc<str>],
    returns: Returns,
    repeats: &mut Repeats,
) -> CustomerTotal {
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
            if returns == Returns::Net {
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
                .map(|number| &countries[number as usize]);
            let purchase = (run.key.time, country);
            if last.is_none_or(|last| is_after(with_text(purchase), with_text(last))) {
                last = Some(purchase);
            }
        }
        if let Some(invoice) = invoice {
            repeats.count(&invoice);
            total.frequency += 1;
        }
    }
    total.last = last.map(|(time, country)| Last {
        time,
        country: country.cloned(),
    });
    total
}

/// A purchase with the name of its country.
fn with_text((time, country): (Timestamp, Option<&Arc<str>>)) -> (Timestamp, Option<&str>) {
    (time, country.map(|text| &**text))
}
