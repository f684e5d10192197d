//! What the indices mean for four segments, in words.

use std::collections::BTreeMap;

use super::{Index, Quality};
use crate::modeling::segment::SEGMENTS;

/// By custom, a silhouette above this is strong structure, above the next
/// reasonable, above the last weak (Kaufman and Rousseeuw 1990).
const SILHOUETTES: [f64; 3] = [0.7, 0.5, 0.25];
/// By custom, an adjusted Rand index from here on is excellent, from the next
/// on moderate (Steinley 2004).
const STABILITIES: [f64; 2] = [0.9, 0.65];

/// What the indices mean for four segments.
pub(super) fn of_four(by_clusters: &[Quality], preferred: &BTreeMap<Index, usize>) -> String {
    let four = by_clusters
        .iter()
        .find(|quality| quality.clusters == SEGMENTS && quality.inertia.is_some());
    let Some(four) = four else {
        return "Four segments need at least four customers that differ.".to_owned();
    };
    let sentences = [
        Some(preference(preferred)),
        four.silhouette.map(structure),
        four.stability.map(stability),
        Some(
            "Four segments are kept because they answer two questions that can be acted on: did \
             the customer buy lately, and is the customer valuable? Fewer clusters leave a \
             question open, more of them split an answer."
                .to_owned(),
        ),
    ];
    sentences
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

fn preference(preferred: &BTreeMap<Index, usize>) -> String {
    let names: Vec<&str> = preferred
        .iter()
        .filter(|&(_, &clusters)| clusters == SEGMENTS)
        .map(|(index, _)| index.name())
        .collect();
    match &names[..] {
        [] => "No index prefers four.".to_owned(),
        all if all.len() == preferred.len() => "Every index prefers four.".to_owned(),
        some => format!(
            "Four is preferred by {}, not by the others.",
            some.join(" and ")
        ),
    }
}

fn structure(silhouette: f64) -> String {
    let words = if silhouette > SILHOUETTES[0] {
        "strong structure: the four lie well apart"
    } else if silhouette > SILHOUETTES[1] {
        "reasonable structure: the four lie apart, with some customers between them"
    } else if silhouette > SILHOUETTES[2] {
        "weak structure: the four touch, and who is near a border could as well belong to \
         the other side"
    } else {
        "no structure: the borders run through a crowd"
    };
    format!("A silhouette of {silhouette:.2} is by custom {words}.")
}

fn stability(stability: f64) -> String {
    let words = if stability >= STABILITIES[0] {
        "training on part of the customers gives the same four"
    } else if stability >= STABILITIES[1] {
        "training on part of the customers gives much the same four, with borders that shift"
    } else {
        "training on part of the customers gives another four, so that who belongs where is partly chance"
    };
    format!("A stability of {stability:.2} means that {words}.")
}
