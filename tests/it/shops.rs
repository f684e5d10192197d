//! Names of segments in shops that are unlike the reference data.

use rfmkit::{
    features::RfmTable,
    modeling::{Doubt, SEGMENTS, Segment, SegmentationModel},
};

use crate::properties::model::{Values, table, train};

/// By how much a score must differ from nought to say anything.
const CLEAR: f64 = 0.25;
const CUSTOMERS: u32 = 600;

/// Numbers from 0 up to 1 that look drawn, and are the same in every run.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        // SplitMix64 (Steele, Lea and Flood 2014).
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / 2_f64.powi(64)
    }

    fn between(&mut self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.next()
    }

    /// As likely from 1 to 10 as from 10 to 100.
    fn by_size(&mut self, least: f64, most: f64) -> f64 {
        self.between(least.ln(), most.ln()).exp()
    }
}

/// A customer who bought every `gap` days, first and last so many days ago,
/// for `price` each time.
fn customer(first: f64, last: f64, gap: f64, price: f64) -> Values {
    let orders = ((first - last).max(0.0) / gap) as u32 + 1;
    (
        last as u32,
        orders,
        (price * 100.0).round() as i64 * i64::from(orders),
    )
}

fn shop(of: impl Fn(&mut Draw) -> Values) -> RfmTable {
    let mut draw = Draw(1);
    let customers: Vec<Values> = (0..CUSTOMERS).map(|_| of(&mut draw)).collect();
    table(&customers)
}

/// Customers come and go at all times, at all rates.
fn normal() -> RfmTable {
    shop(|draw| {
        let (first, gap) = (draw.between(0.0, 730.0), draw.by_size(7.0, 200.0));
        let is_active = draw.next() < 0.4;
        let last = draw.between(0.0, if is_active { gap.min(first) } else { first });
        customer(first, last, gap, draw.by_size(5.0, 300.0))
    })
}

/// Nobody ever came back.
fn one_time_buyers() -> RfmTable {
    shop(|draw| {
        let last = draw.between(0.0, 365.0);
        customer(last, last, 1.0, draw.by_size(5.0, 300.0))
    })
}

/// Nobody ever came back, and there is one thing to buy.
fn one_thing_once() -> RfmTable {
    shop(|draw| {
        let last = draw.between(0.0, 365.0);
        customer(last, last, 1.0, 19.99)
    })
}

/// Every month brings far more customers than the one before.
fn fast_growing() -> RfmTable {
    shop(|draw| {
        let first = 365.0 * draw.next().powi(6);
        let last = first * draw.next();
        customer(
            first,
            last,
            draw.by_size(14.0, 200.0),
            draw.by_size(5.0, 300.0),
        )
    })
}

/// All pay the same every month, and none has left.
fn subscription() -> RfmTable {
    shop(|draw| {
        let (last, months) = (draw.between(0.0, 30.0), draw.between(0.0, 36.0).floor());
        customer(last + months * 30.0 + 1.0, last, 30.0, 9.99)
    })
}

/// Nearly all were gone a year ago.
fn dying() -> RfmTable {
    shop(|draw| {
        let first = draw.between(700.0, 1000.0);
        let last = if draw.next() < 0.03 {
            draw.between(0.0, 30.0)
        } else {
            draw.between(300.0, 600.0)
        };
        customer(
            first,
            last,
            draw.by_size(10.0, 300.0),
            draw.by_size(5.0, 300.0),
        )
    })
}

type Shop = (&'static str, fn() -> RfmTable);

const SHOPS: [Shop; 6] = [
    ("normal", normal),
    ("one-time buyers", one_time_buyers),
    ("one thing once", one_thing_once),
    ("fast-growing", fast_growing),
    ("subscription", subscription),
    ("dying", dying),
];

/// The mean standard scores of the customers of each segment.
fn mean_scores(table: &RfmTable, model: &SegmentationModel) -> [[f64; 3]; SEGMENTS] {
    let logs: Vec<[f64; 3]> = table
        .rows()
        .map(|rfm| rfm.to_array().map(f64::ln_1p))
        .collect();
    let segments = model.predict_table(table);
    Segment::ALL.map(|segment| {
        std::array::from_fn(|i| {
            let count = logs.len() as f64;
            let mean = logs.iter().map(|row| row[i]).sum::<f64>() / count;
            let variance = logs.iter().map(|row| (row[i] - mean).powi(2)).sum::<f64>() / count;
            // Where all are equal, rounding may leave a tiny variance.
            let deviation = if variance < 1e-20 {
                1.0
            } else {
                variance.sqrt()
            };
            let own = || logs.iter().zip(&segments).filter(|(_, s)| **s == segment);
            own()
                .map(|(row, _)| (row[i] - mean) / deviation)
                .sum::<f64>()
                / own().count() as f64
        })
    })
}

/// The median recency of the customers of a segment, in days.
fn median_recency(table: &RfmTable, model: &SegmentationModel, segment: Segment) -> f64 {
    let segments = model.predict_table(table);
    let own = table.recency().iter().zip(&segments);
    let mut days: Vec<u32> = own
        .filter(|(_, found)| **found == segment)
        .map(|(&days, _)| days)
        .collect();
    days.sort_unstable();
    f64::from(days[(days.len() - 1) / 2] + days[days.len() / 2]) / 2.0
}

/// Whether scores and days bear a name out beyond doubt.
fn is_borne_out(
    segment: Segment,
    [recency, frequency, monetary]: [f64; 3],
    median_recency: f64,
) -> bool {
    let (lapsed, valuable) = match segment {
        Segment::Champions => (-1.0, 1.0),
        Segment::LostCustomers => (1.0, -1.0),
        Segment::NewCustomers => (-1.0, -1.0),
        Segment::AtRisk => (1.0, 1.0),
    };
    let days_agree = if lapsed > 0.0 {
        median_recency > 30.0
    } else {
        median_recency <= 365.0
    };
    days_agree
        && recency * lapsed >= CLEAR
        && (frequency + monetary) * valuable >= CLEAR
        && (segment != Segment::AtRisk || frequency > 1e-9)
}

#[test]
fn a_name_is_borne_out_or_doubted_in_every_shop() {
    for (name, shop) in SHOPS {
        let table = shop();
        let model = train(&table, 42, 20);
        let scores = mean_scores(&table, &model);
        for (found, scores) in model.segments().iter().zip(scores) {
            let is_doubted = !found.doubts.is_empty();
            assert_ne!(
                is_borne_out(
                    found.segment,
                    scores,
                    median_recency(&table, &model, found.segment)
                ),
                is_doubted,
                "{name}: {} has scores {scores:?} and doubts {:?}",
                found.segment,
                found.doubts
            );
        }
    }
}

#[test]
fn every_shop_but_the_normal_one_has_doubts_in_words() {
    for (name, shop) in SHOPS {
        let model = train(&shop(), 42, 20);
        let doubts: Vec<String> = model
            .segments()
            .iter()
            .flat_map(|segment| &segment.doubts)
            .map(ToString::to_string)
            .collect();
        assert_eq!(doubts.is_empty(), name == "normal", "{name}: {doubts:?}");
        for doubt in doubts {
            assert!(doubt.split_whitespace().count() > 5, "{name}: {doubt:?}");
            let has_figure = doubt.contains("score") || doubt.contains("days");
            assert!(has_figure, "{name}: {doubt:?}");
        }
    }
}

#[test]
fn where_all_buy_every_month_nobody_is_lost_or_at_risk_beyond_doubt() {
    let model = train(&subscription(), 42, 20);
    for segment in [Segment::LostCustomers, Segment::AtRisk] {
        let doubts = &model.segments()[segment.label()].doubts;
        assert!(
            doubts
                .iter()
                .any(|doubt| matches!(doubt, Doubt::BoughtLately { median } if *median <= 30.0)),
            "{segment}: {doubts:?}"
        );
    }
}

/// Rounding must not make anybody buy more often than the average, whatever
/// the number of customers.
#[test]
fn nobody_is_at_risk_beyond_doubt_where_nobody_ever_came_back() {
    let mut draw = Draw(1);
    let mut customers = Vec::new();
    let mut undoubted = Vec::new();
    for count in 1..=200 {
        let last = draw.between(0.0, 365.0);
        customers.push(customer(last, last, 1.0, draw.by_size(5.0, 300.0)));
        if count >= 8 {
            let model = train(&table(&customers), 42, 2);
            let at_risk = &model.segments()[Segment::AtRisk.label()];
            if at_risk.doubts.is_empty() {
                undoubted.push((count, at_risk.centroid));
            }
        }
    }
    assert!(
        undoubted.is_empty(),
        "{} of 193: {undoubted:?}",
        undoubted.len()
    );
}

#[test]
fn what_is_the_same_for_all_scores_nought() {
    for count in 4..=200_u32 {
        for orders in 1..6 {
            let customers: Vec<Values> = (0..count).map(|i| (i, orders, 1999)).collect();
            let table = table(&customers);
            let model = train(&table, 42, 1);
            for rfm in table.rows() {
                let [_, frequency, monetary] = model.scaler().transform(rfm);
                let is_nought = frequency == 0.0 && monetary == 0.0;
                assert!(is_nought, "{count} customers: {frequency:e} {monetary:e}");
            }
        }
    }
}
