//! Who moves between segments: from model to model, and from file to file.

use std::{collections::BTreeMap, fmt::Write as _, fs, sync::LazyLock};

use proptest::{collection, prelude::*, sample::select};
use rfmkit::{
    dataset::{Money, TotalMoney},
    modeling::{
        Comparison, Flow, ModelDiff, Segment, SegmentTable, SegmentationModel, Transitions,
    },
};

use super::model::{Values, table, train};

/// Models that do not agree.
static MODELS: LazyLock<[SegmentationModel; 3]> = LazyLock::new(|| {
    let shop = |scale: u32| {
        let customers = (0..60).map(|i| (i * 7 * scale % 400, 1 + i % 9, 500 + i64::from(i * i)));
        train(&table(&customers.collect::<Vec<Values>>()), 42, 3)
    };
    [SegmentationModel::reference(), shop(1), shop(13)]
});

fn model() -> impl Strategy<Value = &'static SegmentationModel> {
    (0..MODELS.len()).prop_map(|index| &MODELS[index])
}

fn customers() -> impl Strategy<Value = Vec<Values>> {
    collection::vec((0..700_u32, 1..60_u32, 1..5_000_000_i64), 1..60)
}

/// Every place on each side.
fn ways() -> impl Iterator<Item = (Option<Segment>, Option<Segment>)> {
    let places = || Segment::ALL.into_iter().map(Some).chain([None]);
    places().flat_map(move |from| places().map(move |to| (from, to)))
}

/// Whether one is the other seen from its end.
fn are_mirrored(a: &Transitions, b: &Transitions) -> bool {
    ways().all(|(from, to)| {
        let back = b.flow(to, from);
        a.flow(from, to)
            == Flow {
                customers: back.customers,
                revenue_before: back.revenue_after,
                revenue_after: back.revenue_before,
            }
    })
}

proptest! {
    #[test]
    fn from_a_model_to_itself_nobody_moves(customers in customers(), model in model()) {
        let diff = ModelDiff::new(model, model, &table(&customers));
        prop_assert_eq!(diff.transitions.moved(), Flow::default());
        prop_assert!(diff.transitions.moves().is_empty());
        for centroid in &diff.centroids {
            let [before, after] = [centroid.before, centroid.after].map(|it| it.map(f64::to_bits));
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn a_diff_counts_every_customer_once_on_each_side(
        customers in customers(), before in model(), after in model()
    ) {
        let table = table(&customers);
        let diff = ModelDiff::new(before, after, &table);
        let count = |model: &SegmentationModel, segment| {
            model.predict_table(&table).iter().filter(|found| **found == segment).count() as u64
        };
        for change in diff.transitions.segments() {
            prop_assert_eq!(change.customers_before, count(before, change.segment));
            prop_assert_eq!(change.customers_after, count(after, change.segment));
        }
        let common = diff.transitions.common();
        prop_assert_eq!(common.customers, customers.len() as u64);
        prop_assert_eq!(common.revenue_before, table.revenue());
        prop_assert_eq!(common.revenue_after, table.revenue());
        let back = ModelDiff::new(after, before, &table);
        prop_assert!(are_mirrored(&diff.transitions, &back.transitions));
    }
}

/// Segment and hundredths of the currency unit by customer.
type Side = BTreeMap<&'static str, (Segment, i64)>;

fn side() -> impl Strategy<Value = Side> {
    const CUSTOMERS: [&str; 9] = [
        "7", "007", "8", "70", "anna", "bert, jr", "Ä\"", "x y", "12346",
    ];
    let customer = (select(&CUSTOMERS), select(&Segment::ALL), 1..10_000_000_i64);
    collection::vec(customer, 1..12).prop_map(|rows| {
        let placed = rows
            .into_iter()
            .map(|(name, segment, cents)| (name, (segment, cents)));
        placed.collect()
    })
}

fn money(cents: i64) -> Money {
    Money::from_millionths(cents * 10_000)
}

/// Writes a side as a file, its columns turned round and one more added, and
/// reads it.
fn read(side: &Side, turn: usize) -> SegmentTable {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("segments.csv");
    let mut csv = String::new();
    let mut line = |mut cells: [String; 4]| {
        cells.rotate_left(turn % 4);
        writeln!(csv, "{}", cells.join(",")).unwrap();
    };
    line(["CustomerID", "segment_name", "note", "monetary"].map(str::to_owned));
    for (name, (segment, cents)) in side.iter().rev() {
        let name = format!("\"{}\"", name.replace('"', "\"\""));
        line([
            name,
            segment.to_string(),
            "x".to_owned(),
            money(*cents).to_string(),
        ]);
    }
    fs::write(&path, csv).unwrap();
    SegmentTable::read_csv(&path).unwrap()
}

fn revenue(side: &Side, of: impl Fn(&str) -> bool) -> TotalMoney {
    let rows = side.iter().filter(|(name, _)| of(name));
    rows.map(|(_, (_, cents))| money(*cents)).sum()
}

proptest! {
    #[test]
    fn a_comparison_is_what_counting_by_hand_gives(
        before in side(), after in side(), turn in 0..4_usize
    ) {
        let (first, second) = (read(&before, turn), read(&after, 0));
        let comparison = Comparison::new(&first, &second);
        let transitions = &comparison.transitions;
        let segment = |side: &Side, name: &str| side.get(name).map(|(segment, _)| *segment);
        for (from, to) in ways().filter(|way| *way != (None, None)) {
            let goes = |name: &str| segment(&before, name) == from && segment(&after, name) == to;
            let both = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
            let expected = Flow {
                customers: both.filter(|name| goes(name)).count() as u64,
                revenue_before: revenue(&before, goes),
                revenue_after: revenue(&after, goes),
            };
            prop_assert_eq!(transitions.flow(from, to), expected);
        }
        prop_assert_eq!(transitions.before().customers, before.len() as u64);
        prop_assert_eq!(transitions.after().customers, after.len() as u64);
        prop_assert_eq!(transitions.before().revenue_before, first.revenue());
        prop_assert_eq!(transitions.after().revenue_after, second.revenue());
        for change in transitions.segments() {
            let net = change.customers_after as i64 - change.customers_before as i64;
            prop_assert_eq!(change.customers_net, net);
            prop_assert_eq!(change.revenue_before + change.revenue_net, change.revenue_after);
        }
    }

    #[test]
    fn a_comparison_is_mirrored_when_its_sides_are_swapped(before in side(), after in side()) {
        let (before, after) = (read(&before, 0), read(&after, 0));
        let there = Comparison::new(&before, &after);
        let back = Comparison::new(&after, &before);
        prop_assert!(are_mirrored(&there.transitions, &back.transitions));
        prop_assert_eq!(there.moves.len(), back.moves.len());
        for (there, back) in there.moves.iter().zip(&back.moves) {
            prop_assert_eq!(&there.customer, &back.customer);
            prop_assert_eq!((there.before, there.after), (back.after, back.before));
        }
    }

    #[test]
    fn the_list_has_everybody_who_is_elsewhere(before in side(), after in side()) {
        let (first, second) = (read(&before, 0), read(&after, 0));
        let comparison = Comparison::new(&first, &second);
        let transitions = &comparison.transitions;
        let elsewhere = transitions.moves().iter().map(|way| way.flow.customers).sum::<u64>();
        prop_assert_eq!(comparison.moves.len() as u64, elsewhere);
        for moved in &comparison.moves {
            let side = |side: &Side| side.get(&*moved.customer).map(|(s, cents)| (*s, money(*cents)));
            prop_assert_eq!(moved.before, side(&before));
            prop_assert_eq!(moved.after, side(&after));
        }
        let mut csv = Vec::new();
        comparison.write_csv(&mut csv).unwrap();
        let lines = String::from_utf8(csv).unwrap().lines().count();
        prop_assert_eq!(lines, comparison.moves.len() + 1);
        let nobody = Comparison::new(&first, &first);
        prop_assert!(nobody.moves.is_empty());
    }
}

#[test]
fn the_largest_move_stands_first_and_a_tie_in_the_order_of_the_labels() {
    let mut transitions = Transitions::default();
    let mut add = |from, to, count| {
        for _ in 0..count {
            transitions.add(Some((from, money(1))), Some((to, money(1))));
        }
    };
    add(Segment::NewCustomers, Segment::AtRisk, 2);
    add(Segment::Champions, Segment::AtRisk, 1);
    add(Segment::AtRisk, Segment::AtRisk, 9);
    add(Segment::Champions, Segment::LostCustomers, 1);
    let moves: Vec<_> = transitions
        .moves()
        .iter()
        .map(|way| (way.from, way.to))
        .collect();
    let way = |from, to| (Some(from), Some(to));
    assert_eq!(
        moves,
        [
            way(Segment::NewCustomers, Segment::AtRisk),
            way(Segment::Champions, Segment::LostCustomers),
            way(Segment::Champions, Segment::AtRisk),
        ]
    );
}
