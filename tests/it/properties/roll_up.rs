//! The roll-up of purchases to customers.

use proptest::{
    collection, option,
    prelude::*,
    sample::{Index, select},
};
use rfmkit::{
    dataset::{Money, Purchase, Sink, TotalMoney},
    features::{Accumulator, CustomerRow, ExtraColumns, RfmTable},
};

use crate::oracle::at;

/// A purchase that owns its texts, or a return; seconds since 1970, millionths.
#[derive(Clone, Debug)]
struct Bought {
    customer: &'static str,
    invoice: &'static str,
    seconds: i64,
    amount: i64,
    country: Option<&'static str>,
}

/// Few of each, so that customers, invoices, instants and countries coincide;
/// now and then an amount that overflows the sum.
fn purchases() -> impl Strategy<Value = Vec<Bought>> {
    let amount = prop_oneof![
        20 => 1_i64..1_000_000_000,
        5 => -1_000_000_000_i64..0,
        1 => Just(i64::MIN),
        1 => i64::MAX / 2..=i64::MAX,
    ];
    let bought = (
        select(&["7", "007", "12", "Bob", "Zoë"][..]),
        select(&["1", "2", "3", "C4"][..]),
        0_i64..4,
        amount,
        option::of(select(&["France", "EIRE", "Österreich"][..])),
    )
        .prop_map(|(customer, invoice, slot, amount, country)| Bought {
            customer,
            invoice,
            seconds: slot * 40_000,
            amount,
            country,
        });
    collection::vec(bought, 0..14)
}

fn roll_up(purchases: &[Bought]) -> Accumulator {
    let mut accumulator = Accumulator::default();
    for bought in purchases {
        let amount = Money::from_millionths(bought.amount);
        if amount.is_negative() {
            accumulator.push_return(bought.customer, amount);
            continue;
        }
        accumulator.push(&Purchase {
            customer: bought.customer,
            invoice: bought.invoice,
            time: at(bought.seconds),
            amount,
            country: bought.country,
        });
    }
    accumulator
}

/// All that can be seen of an accumulator, from a snapshot common to all.
fn seen(accumulator: Accumulator) -> impl PartialEq + std::fmt::Debug {
    let totals = accumulator.totals();
    let busiest = totals
        .busiest_customer()
        .map(|(customer, lines)| (customer.to_owned(), lines));
    let (len, is_empty) = (totals.len(), totals.is_empty());
    let net_not_positive = totals.net_not_positive();
    let extra = ExtraColumns {
        country: true,
        returned: true,
    };
    let table = totals.table(at(10 * 86_400), extra);
    (
        net_not_positive,
        len,
        is_empty,
        busiest,
        table.map_err(|error| error.to_string()),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn merging_nothing_changes_nothing(x in purchases()) {
        prop_assert_eq!(seen(roll_up(&x).merge(Accumulator::default())), seen(roll_up(&x)));
        prop_assert_eq!(seen(Accumulator::default().merge(roll_up(&x))), seen(roll_up(&x)));
    }

    #[test]
    fn merging_is_commutative(x in purchases(), y in purchases()) {
        prop_assert_eq!(
            seen(roll_up(&x).merge(roll_up(&y))),
            seen(roll_up(&y).merge(roll_up(&x)))
        );
    }

    #[test]
    fn merging_is_associative(x in purchases(), y in purchases(), z in purchases()) {
        prop_assert_eq!(
            seen(roll_up(&x).merge(roll_up(&y)).merge(roll_up(&z))),
            seen(roll_up(&x).merge(roll_up(&y).merge(roll_up(&z))))
        );
    }

    #[test]
    fn merging_parts_is_rolling_up_the_whole(x in purchases(), y in purchases()) {
        let whole = [x.clone(), y.clone()].concat();
        prop_assert_eq!(seen(roll_up(&x).merge(roll_up(&y))), seen(roll_up(&whole)));
    }

    #[test]
    fn the_order_of_purchases_does_not_matter(
        (x, shuffled) in purchases().prop_flat_map(|x| (Just(x.clone()), Just(x).prop_shuffle()))
    ) {
        prop_assert_eq!(seen(roll_up(&x)), seen(roll_up(&shuffled)));
    }
}

proptest! {
    #[test]
    fn the_hash_of_a_table_covers_every_value_of_it(
        rows in collection::btree_map("[0-9a-z]{1,4}", (0_u64..9, 1_u64..9, 1_i64..9), 1..8),
        row in any::<Index>(), column in 0..4,
    ) {
        let rows: Vec<CustomerRow> = rows
            .into_iter()
            .map(|(customer, (recency, frequency, monetary))| CustomerRow {
                customer: customer.into(),
                recency,
                frequency,
                monetary: Money::from_millionths(monetary).into(),
                country: None,
                returned: TotalMoney::default(),
            })
            .collect();
        let hash = |rows: &[CustomerRow]| RfmTable::new(rows.to_vec(), ExtraColumns::default()).unwrap().hash();
        let mut changed = rows.clone();
        let row = &mut changed[row.index(rows.len())];
        match column {
            0 => row.customer = format!("-{}", &row.customer[1..]).into(),
            1 => row.recency += 1,
            2 => row.frequency += 1,
            _ => row.monetary = row.monetary + Money::from_millionths(1),
        }
        prop_assert_ne!(hash(&changed), hash(&rows));
        let mut turned = rows.clone();
        turned.reverse();
        prop_assert_eq!(hash(&turned), hash(&rows));
    }
}
