//! Tables of customers who go from segment to segment.

use std::io::{self, Write};

use rfmkit::modeling::{Segment, Transition, Transitions};

use crate::table::{Table, WIDTH, thousands, wrap};

/// Prints what happened in words, below an empty line.
pub(crate) fn summary(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out)?;
    for line in wrap(text, WIDTH) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Prints a table below an empty line.
pub(crate) fn print(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    writeln!(out)?;
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Prints how many customers go from which segment to which; who is new or
/// gone only where somebody is.
pub(crate) fn customers(out: &mut dyn Write, transitions: &Transitions) -> io::Result<()> {
    let segments = || Segment::ALL.into_iter().map(Some);
    let outside = |customers: u64| (customers > 0).then_some(None);
    let to: Vec<Option<Segment>> = segments()
        .chain(outside(transitions.gone().customers))
        .collect();
    let from: Vec<Option<Segment>> = segments()
        .chain(outside(transitions.arrived().customers))
        .collect();
    let mut table = Table::default();
    let heading = |name: &str, line: fn(&str) -> &str, last: &str| {
        let columns = to
            .iter()
            .map(|to| line(to.map_or("gone", Segment::name)).to_owned());
        let row = [name.to_owned()].into_iter().chain(columns);
        row.chain([last.to_owned()]).collect::<Vec<_>>()
    };
    table.row(heading("customers", first_words, ""));
    table.row(heading("from / to", last_word, "all"));
    let count = |from, to| transitions.flow(from, to).customers;
    let mut row = |name: &str, counts: Vec<u64>| {
        let all = counts.iter().sum();
        let counts = counts.into_iter().chain([all]).map(thousands);
        table.row([name.to_owned()].into_iter().chain(counts));
    };
    for &from in &from {
        let counts = to.iter().map(|&to| count(from, to)).collect();
        row(from.map_or("new", Segment::name), counts);
    }
    let column = |to| from.iter().map(|&from| count(from, to)).sum();
    row("all", to.iter().map(|&to| column(to)).collect());
    print(out, &table)
}

/// All words of a name but the last.
fn first_words(name: &str) -> &str {
    name.rsplit_once(' ').map_or("", |(first, _)| first)
}

fn last_word(name: &str) -> &str {
    name.rsplit_once(' ').map_or(name, |(_, last)| last)
}

/// Which way customers go: `At-Risk to Champions`.
pub(crate) fn name(way: &Transition) -> String {
    match (way.from, way.to) {
        (Some(from), Some(to)) => format!("{from} to {to}"),
        (Some(from), None) => format!("gone from {from}"),
        (None, Some(to)) => format!("new in {to}"),
        (None, None) => String::new(),
    }
}

/// The largest group that moves between two segments, in words; `None` if
/// nobody does.
pub(crate) fn largest(transitions: &Transitions) -> Option<String> {
    let moves = transitions.moves();
    let largest = moves
        .iter()
        .find(|way| way.from.is_some() && way.to.is_some())?;
    Some(format!(
        "the largest group, {}, from {}",
        thousands(largest.flow.customers),
        name(largest)
    ))
}
