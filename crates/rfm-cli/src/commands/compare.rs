//! `rfm compare`: who moved between two segments files.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use anyhow::Result;
use rfmkit::{
    modeling::{Comparison, SegmentTable, Transitions},
    output::Outputs,
};

use crate::{
    cli::CompareArgs,
    failure::UsageError,
    flows, screen,
    session::{Session, is_same_file},
    table::{Table, decimal, exact, percent, signed, thousands},
};

pub(crate) fn run(args: &CompareArgs) -> Result<()> {
    Session::start(args.project.given())?;
    check_target(args)?;
    let before = SegmentTable::read_csv(&args.before)?;
    let after = SegmentTable::read_csv(&args.after)?;
    let comparison = Comparison::new(&before, &after);
    if let Some(path) = &args.list {
        Outputs::write_one(path, |out| comparison.write_csv(out))?;
    }
    if args.output.json {
        return Ok(screen::json(&comparison)?);
    }
    if args.output.quiet {
        return Ok(());
    }
    let transitions = &comparison.transitions;
    let mut out = anstream::stdout().lock();
    side(&mut out, "before", &args.before, &before)?;
    side(&mut out, "after", &args.after, &after)?;
    flows::summary(&mut out, &summary(transitions))?;
    flows::customers(&mut out, transitions)?;
    moves(&mut out, transitions)?;
    segments(&mut out, transitions)?;
    if let Some(path) = &args.list {
        writeln!(out)?;
        screen::wrote(&mut out, &[path])?;
    }
    Ok(())
}

/// Makes sure that the list replaces nothing but an earlier list.
fn check_target(args: &CompareArgs) -> Result<(), UsageError> {
    let Some(list) = &args.list else {
        return Ok(());
    };
    let taken = |role| UsageError::ListTarget {
        path: list.display().to_string(),
        role,
    };
    if [&args.before, &args.after]
        .iter()
        .any(|input| is_same_file(list, input))
    {
        return Err(taken("is compared"));
    }
    // What cannot be read is told when it is written.
    match is_list(list) {
        Ok(false) => Err(taken("is no such list")),
        _ => Ok(()),
    }
}

/// Whether a file is a list of moves, or nothing would be lost with it.
fn is_list(path: &Path) -> io::Result<bool> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() || metadata.len() == 0 {
        return Ok(true);
    }
    let mut start = Vec::new();
    let length = Comparison::HEADER.len() as u64;
    File::open(path)?.take(length).read_to_end(&mut start)?;
    Ok(start == Comparison::HEADER.as_bytes())
}

fn side(out: &mut dyn Write, name: &str, path: &Path, table: &SegmentTable) -> Result<()> {
    let customers = thousands(table.rows().len() as u64);
    let revenue = exact(&table.revenue().to_string());
    let fact = format!(
        "{}: {customers} customers, revenue {revenue}",
        path.display()
    );
    Ok(screen::fact(out, name, &fact)?)
}

fn summary(transitions: &Transitions) -> String {
    let common = thousands(transitions.common().customers);
    let moved = match flows::largest(transitions) {
        None => format!("None of {common} customers in both moved"),
        Some(largest) => format!(
            "{} of {common} customers in both ({}) moved; {largest}",
            thousands(transitions.moved().customers),
            percent(transitions.moved_share()),
        ),
    };
    format!(
        "{moved}. New: {}, gone: {}.",
        thousands(transitions.arrived().customers),
        thousands(transitions.gone().customers)
    )
}

/// Prints who went where, with what revenue before and after.
fn moves(out: &mut dyn Write, transitions: &Transitions) -> Result<()> {
    let moves = transitions.moves();
    if moves.is_empty() {
        return Ok(());
    }
    let headings = [
        ["", "", "revenue", "revenue"],
        ["moved", "customers", "before", "after"],
    ];
    let rows = moves.iter().map(|way| {
        [
            flows::name(way),
            thousands(way.flow.customers),
            exact(&way.flow.revenue_before.to_string()),
            exact(&way.flow.revenue_after.to_string()),
        ]
    });
    Ok(flows::print(out, &Table::new(&headings, rows))?)
}

/// Prints how large each segment was and is.
fn segments(out: &mut dyn Write, transitions: &Transitions) -> Result<()> {
    let headings = [
        ["", "customers", "", "", "revenue", "", ""],
        [
            "segment", "before", "after", "net", "before", "after", "net",
        ],
    ];
    let rows = transitions.segments().into_iter().map(|change| {
        [
            change.segment.name().to_owned(),
            thousands(change.customers_before),
            thousands(change.customers_after),
            signed(change.customers_net as f64, 0),
            decimal(change.revenue_before.to_f64(), 0),
            decimal(change.revenue_after.to_f64(), 0),
            signed(change.revenue_net.to_f64(), 0),
        ]
    });
    Ok(flows::print(out, &Table::new(&headings, rows))?)
}
