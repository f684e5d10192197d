//! What people read on the terminal: cleaning, segments, one customer.

use std::{
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};
use rfmkit::{
    config::Playbook,
    dataset::{CleanReport, JoinReport, ReturnsReport, Role},
    features::FeaturesReport,
    modeling::{SEGMENTS, Segment, SegmentationModel},
};
use serde::Serialize;

use crate::{
    failure,
    table::{Table, WIDTH, decimal, exact, percent, plain, thousands, wrap},
};

/// Prints a value as JSON for programs.
pub(crate) fn json(value: &impl Serialize) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)
}

/// Tells which files were written, a line each.
pub(crate) fn wrote(out: &mut dyn Write, paths: &[&Path]) -> io::Result<()> {
    for (i, path) in paths.iter().enumerate() {
        let verb = if i == 0 { "wrote" } else { "" };
        writeln!(out, "{verb:5} {}", plain(&path.to_string_lossy()))?;
    }
    Ok(())
}

/// The colour of a segment, the same wherever it is named.
fn color(segment: Segment) -> Style {
    let color = match segment {
        Segment::Champions => AnsiColor::Green,
        Segment::LostCustomers => AnsiColor::Red,
        Segment::NewCustomers => AnsiColor::Blue,
        Segment::AtRisk => AnsiColor::Yellow,
    };
    Style::new().fg_color(Some(color.into()))
}

const BOLD: Style = Style::new().bold();

/// Tells on stderr which columns were used and what looks wrong.
pub(crate) fn remarks(report: &FeaturesReport) {
    let column =
        |(role, name): (&Role, &String)| format!("{}={}", role.option(), name.escape_debug());
    let columns: Vec<String> = report.clean.columns.iter().map(column).collect();
    failure::note(&format!("source {}", report.clean.source));
    failure::note(&format!("columns {}", columns.join(", ")));
    if let Some(joined) = &report.joined {
        for remark in joins(joined) {
            failure::note(&remark);
        }
    }
    if let Some(amount) = &report.clean.ignored_amount_column {
        failure::note(&format!(
            "column {amount:?} is not used: the amount is quantity times unit price"
        ));
    }
    if let Some(order) = report.clean.date_order {
        failure::note(&format!("dates are read with {order}, as some lines show"));
    }
    if let Some(refund) = report.clean.columns.get(&Role::Refund)
        && report.net_not_positive.is_none()
        && report.clean.returns.lines > 0
    {
        failure::note(&format!(
            "what {refund:?} gives back is not taken off; `--returns net` does so"
        ));
    }
    warnings(report);
}

/// Tells to what lines were joined, and what was left over.
pub(crate) fn joins(joined: &JoinReport) -> Vec<String> {
    fn file(path: &Path) -> String {
        let name = path.file_name().unwrap_or_default();
        plain(&name.to_string_lossy())
    }
    let names: Vec<String> = joined
        .inputs
        .iter()
        .map(|input| file(&input.path))
        .collect();
    let mut remarks = vec![format!(
        "{} and their customers are joined from {}",
        counted(joined.orders, "order").0,
        names.join(" and ")
    )];
    let mut left_over = |number: u64, one: &str, many: &str| match number {
        0 => {}
        1 => remarks.push(format!("1 {one}")),
        _ => remarks.push(format!("{} {many}", thousands(number))),
    };
    left_over(
        joined.orders_without_lines,
        "order has no line, and does not count",
        "orders have no line, and do not count",
    );
    left_over(
        joined.orders_without_customer,
        "order is of an unknown customer; its lines have none",
        "orders are of unknown customers; their lines have none",
    );
    left_over(
        joined.lines_without_order,
        "line is of an unknown order, and so of no customer",
        "lines are of unknown orders, and so of no customer",
    );
    if !joined.not_needed.is_empty() {
        let names: Vec<String> = joined.not_needed.iter().map(|path| file(path)).collect();
        remarks.push(format!("not needed: {}", names.join(", ")));
    }
    remarks
}

/// Warns on stderr of what looks wrong in the data.
pub(crate) fn warnings(report: &FeaturesReport) {
    for warning in &report.warnings {
        failure::warn(&warning.to_string());
    }
}

/// Prints what cleaning dropped and why.
pub(crate) fn counts(out: &mut dyn Write, clean: &CleanReport, is_net: bool) -> io::Result<()> {
    let dropped = &clean.dropped;
    let mut table = Table::default();
    let mut reasons = Vec::new();
    let mut row = |name: &str, lines: u64, reason: &'static str| {
        let share = lines as f64 / clean.rows as f64;
        table.row([name, &thousands(lines), &percent(share)]);
        reasons.push(reason);
    };
    row("lines read", clean.rows, "");
    row("no customer", dropped.missing_customer, "");
    if dropped.not_paid > 0 {
        row("not paid", dropped.not_paid, "by the status of the order");
    }
    if dropped.continued > 0 {
        row(
            "continued",
            dropped.continued,
            "the amount stands in an earlier line",
        );
    }
    if clean.quarantined > 0 {
        row("do not parse", clean.quarantined, "");
    }
    row("duplicate", dropped.duplicate, "equal in every column");
    row("after the snapshot", dropped.after_snapshot, "");
    if dropped.before_since > 0 {
        row("before --since", dropped.before_since, "");
    }
    let reason = if is_net {
        "gifts"
    } else {
        "returns, cancellations, gifts"
    };
    row("not a purchase", dropped.not_a_purchase, reason);
    let reason = if is_net { "purchases and returns" } else { "" };
    row("kept", clean.kept, reason);
    for (line, reason) in table.lines().iter().zip(reasons) {
        writeln!(out, "{}", format!("  {line}  {reason}").trim_end())?;
    }
    Ok(())
}

/// Prints what cleaning dropped and why, and what came out.
pub(crate) fn cleaning(out: &mut dyn Write, report: &FeaturesReport) -> io::Result<()> {
    let clean = &report.clean;
    counts(out, clean, report.net_not_positive.is_some())?;
    if let Some(left_out) = report.net_not_positive {
        returns(out, &clean.returns, left_out)?;
    }
    writeln!(
        out,
        "{BOLD}{}{BOLD:#}, revenue {}, as of {}",
        counted(report.customers, "customer").0,
        exact(&report.revenue),
        report.snapshot
    )
}

/// So many of something, and the verb that goes with them.
pub(crate) fn counted(number: u64, what: &str) -> (String, &'static str) {
    match number {
        1 => (format!("1 {what}"), "is"),
        _ => (format!("{} {what}s", thousands(number)), "are"),
    }
}

/// Prints what came back, and the largest returns.
fn returns(out: &mut dyn Write, returns: &ReturnsReport, left_out: u64) -> io::Result<()> {
    let (back, are) = counted(returns.lines, "return");
    let (customers, left) = counted(left_out, "customer");
    let amount = exact(&returns.amount.to_string());
    writeln!(
        out,
        "{back} of {amount} {are} taken off; {customers} gave all back and {left} left out"
    )?;
    if returns.largest.is_empty() {
        return Ok(());
    }
    let mut table = Table::default();
    table.row(["largest returns", "customer", "date", "amount"]);
    for line in &returns.largest {
        table.row([
            plain(&line.invoice),
            plain(&line.customer),
            format!("{:.10}", line.time),
            exact(&line.amount.to_string()),
        ]);
    }
    for line in table.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// Prints the segments of a model: size, profile, revenue, strategy, doubts.
pub(crate) fn segments(
    out: &mut dyn Write,
    model: &SegmentationModel,
    playbook: &Playbook,
) -> io::Result<()> {
    let profiles = model.segments().each_ref().map(|segment| &segment.profile);
    let pairs = |feature: usize, places: usize| {
        let medians = profiles.map(|profile| decimal(profile.median[feature], 0));
        let width = medians.iter().map(String::len).max().unwrap_or(0);
        std::array::from_fn::<_, SEGMENTS, _>(|label| {
            let mean = decimal(profiles[label].mean[feature], places);
            format!("{mean} / {:>width$}", medians[label])
        })
    };
    let features = [pairs(0, 0), pairs(1, 1), pairs(2, 0)];
    let mut table = Table::default();
    table.row(["", "", "", "recency", "frequency", "monetary", "revenue"]);
    table.row([
        "segment",
        "customers",
        "share",
        "mean/med.",
        "mean/med.",
        "mean/median",
        "share",
    ]);
    for (label, profile) in profiles.into_iter().enumerate() {
        let [recency, frequency, monetary] = &features;
        table.row([
            Segment::ALL[label].name(),
            &thousands(profile.customers),
            &percent(profile.share),
            &recency[label],
            &frequency[label],
            &monetary[label],
            &percent(profile.revenue_share),
        ]);
    }
    let styles = [BOLD; 2].into_iter().chain(Segment::ALL.map(color));
    for (line, style) in table.lines().iter().zip(styles) {
        writeln!(out, "{style}{line}{style:#}")?;
    }
    writeln!(out)?;
    for segment in Segment::ALL {
        paragraph(out, segment, playbook.strategy(segment))?;
    }
    doubts(out, model)
}

/// Prints why names may not fit, if there is anything to say.
fn doubts(out: &mut dyn Write, model: &SegmentationModel) -> io::Result<()> {
    let doubtful = || model.segments().iter().filter(|s| !s.doubts.is_empty());
    if doubtful().next().is_none() {
        return Ok(());
    }
    writeln!(out, "\n{BOLD}Doubtful names{BOLD:#}")?;
    for model in doubtful() {
        for doubt in &model.doubts {
            paragraph(out, model.segment, &doubt.to_string())?;
        }
    }
    Ok(())
}

/// Prints a text beside the name of a segment.
fn paragraph(out: &mut dyn Write, segment: Segment, text: &str) -> io::Result<()> {
    const NAME: usize = 16;
    let style = color(segment);
    for (i, line) in wrap(text, WIDTH - NAME).iter().enumerate() {
        let name = if i == 0 { segment.name() } else { "" };
        writeln!(out, "{style}{name:<NAME$}{style:#}{line}")?;
    }
    Ok(())
}

/// Prints what is wrong with a model.
pub(crate) fn fault(out: &mut dyn Write, model: &str, error: &str) -> io::Result<()> {
    let lines = wrap(&plain(&format!("{model}: {error}")), WIDTH);
    writeln!(out, "{}", lines.join("\n"))
}

/// Prints the name of a segment in its colour, with its label.
pub(crate) fn heading(out: &mut dyn Write, segment: Segment) -> io::Result<()> {
    let style = color(segment).bold();
    writeln!(out, "{style}{segment}{style:#} (label {})", segment.label())
}

/// Prints a fact beside its name.
pub(crate) fn fact(out: &mut dyn Write, name: &str, fact: &str) -> io::Result<()> {
    const NAME: usize = 13;
    for (i, line) in wrap(&plain(fact), WIDTH - NAME).iter().enumerate() {
        let name = if i == 0 { name } else { "" };
        writeln!(out, "{:<NAME$}{line}", format!("  {name}"))?;
    }
    Ok(())
}
