//! How many customers go from which segment to which, and with what revenue.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use super::segment::{SEGMENTS, Segment};
use crate::dataset::{Money, TotalMoney};

/// The places where a customer can be: a segment, or outside of all.
const PLACES: usize = SEGMENTS + 1;

/// Customers by their segment before and after.
///
/// `None` in the place of a segment stands for outside: before it for those
/// who are new, after it for those who are gone.
///
/// ```
/// use rfmkit::{dataset::Money, modeling::{Segment, Transitions}};
///
/// let euros = |amount: i64| Money::from_millionths(amount * 1_000_000);
/// let mut transitions = Transitions::default();
/// transitions.add(Some((Segment::AtRisk, euros(100))), Some((Segment::Champions, euros(250))));
/// transitions.add(None, Some((Segment::NewCustomers, euros(20))));
/// let back = transitions.flow(Some(Segment::AtRisk), Some(Segment::Champions));
/// assert_eq!(back.customers, 1);
/// assert_eq!(back.revenue_after.to_string(), "250");
/// assert_eq!(transitions.arrived().customers, 1);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Transitions {
    flows: [[Flow; PLACES]; PLACES],
}

/// Customers who go the same way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Flow {
    /// How many they are.
    pub customers: u64,
    /// The sum of their monetary values before; nothing for new ones.
    pub revenue_before: TotalMoney,
    /// The sum of their monetary values after; nothing for those who are gone.
    pub revenue_after: TotalMoney,
}

/// Customers who go from one place to another, or stay.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub struct Transition {
    /// The segment before; `None` for new customers.
    pub from: Option<Segment>,
    /// The segment after; `None` for customers who are gone.
    pub to: Option<Segment>,
    /// How many they are, and their revenue.
    #[serde(flatten)]
    pub flow: Flow,
}

/// One segment before and after.
///
/// Shares are of all customers, or of all revenue, on their side, from 0 to 1;
/// 0 where there are none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SegmentChange {
    /// The segment.
    #[serde(rename = "segment_name")]
    pub segment: Segment,
    /// Its customers before.
    pub customers_before: u64,
    /// Its customers after.
    pub customers_after: u64,
    /// How many more they are after.
    pub customers_net: i64,
    /// Their share before.
    pub share_before: f64,
    /// Their share after.
    pub share_after: f64,
    /// Its revenue before.
    pub revenue_before: TotalMoney,
    /// Its revenue after.
    pub revenue_after: TotalMoney,
    /// How much more it is after.
    pub revenue_net: TotalMoney,
    /// The share of the revenue before.
    pub revenue_share_before: f64,
    /// The share of the revenue after.
    pub revenue_share_after: f64,
}

/// The row or column of a place: segments by label, then outside.
fn place(segment: Option<Segment>) -> usize {
    segment.map_or(SEGMENTS, Segment::label)
}

/// Every place in the order of rows and columns.
fn places() -> impl Iterator<Item = Option<Segment>> {
    Segment::ALL.into_iter().map(Some).chain([None])
}

impl Flow {
    fn plus(self, other: Self) -> Self {
        Self {
            customers: self.customers + other.customers,
            revenue_before: self.revenue_before + other.revenue_before,
            revenue_after: self.revenue_after + other.revenue_after,
        }
    }
}

impl Transitions {
    /// Counts a customer with segment and monetary value on each side.
    pub fn add(&mut self, before: Option<(Segment, Money)>, after: Option<(Segment, Money)>) {
        let segment = |side: Option<(Segment, Money)>| side.map(|(segment, _)| segment);
        let money = |side: Option<(Segment, Money)>| side.map(|(_, money)| money).into_iter();
        let flow = &mut self.flows[place(segment(before))][place(segment(after))];
        *flow = flow.plus(Flow {
            customers: 1,
            revenue_before: money(before).sum(),
            revenue_after: money(after).sum(),
        });
    }

    /// The customers who go from one place to another.
    #[must_use]
    pub fn flow(&self, from: Option<Segment>, to: Option<Segment>) -> Flow {
        self.flows[place(from)][place(to)]
    }

    /// Every way that somebody goes, in the order of the labels from and to,
    /// outside last.
    pub fn iter(&self) -> impl Iterator<Item = Transition> {
        let ways = places().flat_map(|from| places().map(move |to| (from, to)));
        let all = ways.map(|(from, to)| Transition {
            from,
            to,
            flow: self.flow(from, to),
        });
        all.filter(|way| way.flow.customers > 0)
    }

    /// The ways that lead elsewhere, most customers first; at a tie in the
    /// order of [`iter`](Self::iter).
    #[must_use]
    pub fn moves(&self) -> Vec<Transition> {
        let mut moves: Vec<Transition> = self.iter().filter(|way| way.from != way.to).collect();
        moves.sort_by_key(|way| std::cmp::Reverse(way.flow.customers));
        moves
    }

    /// The customers who are there before.
    #[must_use]
    pub fn before(&self) -> Flow {
        self.sum(|way| way.from.is_some())
    }

    /// The customers who are there after.
    #[must_use]
    pub fn after(&self) -> Flow {
        self.sum(|way| way.to.is_some())
    }

    /// The customers who are there before and after.
    #[must_use]
    pub fn common(&self) -> Flow {
        self.sum(|way| way.from.is_some() && way.to.is_some())
    }

    /// The customers who go from one segment to another.
    #[must_use]
    pub fn moved(&self) -> Flow {
        self.sum(|way| way.from != way.to && way.from.is_some() && way.to.is_some())
    }

    /// The share that moved of the customers who are there before and after,
    /// from 0 to 1; 0 where there are none.
    #[must_use]
    pub fn moved_share(&self) -> f64 {
        share(
            self.moved().customers as f64,
            self.common().customers as f64,
        )
    }

    /// The customers who are new.
    #[must_use]
    pub fn arrived(&self) -> Flow {
        self.sum(|way| way.from.is_none())
    }

    /// The customers who are gone.
    #[must_use]
    pub fn gone(&self) -> Flow {
        self.sum(|way| way.to.is_none())
    }

    /// Each segment before and after, in the order of the labels.
    #[must_use]
    pub fn segments(&self) -> [SegmentChange; SEGMENTS] {
        let (all_before, all_after) = (self.before(), self.after());
        Segment::ALL.map(|segment| {
            let before = self.sum(|way| way.from == Some(segment));
            let after = self.sum(|way| way.to == Some(segment));
            SegmentChange {
                segment,
                customers_before: before.customers,
                customers_after: after.customers,
                customers_net: after.customers as i64 - before.customers as i64,
                share_before: share(before.customers as f64, all_before.customers as f64),
                share_after: share(after.customers as f64, all_after.customers as f64),
                revenue_before: before.revenue_before,
                revenue_after: after.revenue_after,
                revenue_net: after.revenue_after - before.revenue_before,
                revenue_share_before: share(
                    before.revenue_before.to_f64(),
                    all_before.revenue_before.to_f64(),
                ),
                revenue_share_after: share(
                    after.revenue_after.to_f64(),
                    all_after.revenue_after.to_f64(),
                ),
            }
        })
    }

    fn sum(&self, goes: impl Fn(&Transition) -> bool) -> Flow {
        let ways = self.iter().filter(goes);
        ways.fold(Flow::default(), |sum, way| sum.plus(way.flow))
    }
}

impl Serialize for Transitions {
    /// The counts, every way that somebody goes, and the segments.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Transitions", 8)?;
        out.serialize_field("customers_before", &self.before().customers)?;
        out.serialize_field("customers_after", &self.after().customers)?;
        out.serialize_field("moved", &self.moved().customers)?;
        out.serialize_field("moved_share", &self.moved_share())?;
        out.serialize_field("arrived", &self.arrived().customers)?;
        out.serialize_field("gone", &self.gone().customers)?;
        out.serialize_field("flows", &self.iter().collect::<Vec<_>>())?;
        out.serialize_field("segments", &self.segments())?;
        out.end()
    }
}

/// A part of a whole from 0 to 1; 0 of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
