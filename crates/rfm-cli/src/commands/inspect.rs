//! `rfm inspect`: what an export holds, and how it would be read.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use rfmkit::{
    config::OnBadRow,
    dataset::{InputFile, Role},
    features::{self, ColumnInspection, Finding, Inspection},
};

use super::features::unused;
use crate::{
    cli::InspectArgs,
    failure::{UnreadableFiles, UsageError},
    input,
    progress::Bar,
    screen,
    session::Session,
    table::{Table, WIDTH, exact, plain, thousands, wrap},
};

/// The longest text of a cell that is shown whole.
const LONGEST: usize = 24;

pub(crate) fn run(args: &InspectArgs) -> Result<()> {
    let session = Session::start(args.data.given().chain(args.project.given()))?;
    let inputs = input::find(&session, &args.inputs)?;
    refuse_pipes(&inputs)?;
    let config = &session.config;
    let inspection = {
        let _bar = Bar::watch_passes(
            (["reading", "cleaning"], inputs.len()),
            Arc::clone(&config.read.progress),
        );
        features::inspect(&inputs, &config.read, &config.clean)?
    };
    if args.output.json {
        screen::json(&inspection)?;
    } else if !args.output.quiet {
        show(&mut anstream::stdout().lock(), &inspection)?;
        unused(config, &inspection.inputs);
    }
    if is_readable(&inspection, config.on_bad_row) {
        return Ok(());
    }
    let files = inputs.len();
    Err(UnreadableFiles { files }.into())
}

/// Whether features could be made of the files.
fn is_readable(inspection: &Inspection, on_bad_row: OnBadRow) -> bool {
    let is_fatal = |finding: &Finding| match finding {
        Finding::Error { .. } => true,
        Finding::Faults { .. } => on_bad_row == OnBadRow::Stop,
        _ => false,
    };
    let counts = inspection.cleaning.as_ref().map_or(0, |report| report.kept);
    counts > 0 && !inspection.findings.iter().any(is_fatal)
}

fn refuse_pipes(inputs: &[PathBuf]) -> Result<(), UsageError> {
    let is_pipe = |path: &&PathBuf| {
        let is_other = path
            .metadata()
            .is_ok_and(|file| !file.is_file() && !file.is_dir());
        path.as_path() == Path::new("-") || is_other
    };
    match inputs.iter().find(is_pipe) {
        None => Ok(()),
        Some(path) => Err(UsageError::Pipe {
            path: path.display().to_string(),
        }),
    }
}

fn show(out: &mut dyn Write, inspection: &Inspection) -> io::Result<()> {
    for file in &inspection.inputs {
        writeln!(
            out,
            "{}: {}",
            plain(&file.path.to_string_lossy()),
            described(file)
        )?;
    }
    writeln!(out, "source {}", inspection.source)?;
    for remark in inspection.joined.iter().flat_map(screen::joins) {
        writeln!(out, "{}", wrap(&remark, WIDTH).join("\n"))?;
    }
    writeln!(out)?;
    columns(out, inspection)?;
    writeln!(out)?;
    roles(out, inspection)?;
    writeln!(out)?;
    first_rows(out, inspection)?;
    if let Some(report) = &inspection.cleaning {
        writeln!(out)?;
        screen::counts(out, report, false)?;
        if let (Some(first), Some(last)) = (report.first, report.last) {
            writeln!(out, "purchases from {first} to {last}")?;
        }
        if let Some(order) = report.date_order {
            writeln!(out, "dates are read with {order}, as some lines show")?;
        }
    }
    if inspection.findings.is_empty() {
        return writeln!(out, "\nnothing looks wrong");
    }
    writeln!(out, "\nwhat looks wrong:")?;
    for finding in &inspection.findings {
        item(out, &plain(&finding.to_string()))?;
        if let Finding::Error {
            hint: Some(hint), ..
        }
        | Finding::Faults {
            hint: Some(hint), ..
        } = finding
        {
            for line in wrap(&format!("hint: {hint}"), WIDTH - 4) {
                writeln!(out, "    {line}")?;
            }
        }
    }
    Ok(())
}

/// How a file is written, and how much there is.
fn described(file: &InputFile) -> String {
    let mut parts = vec![file.format.to_owned()];
    parts.extend(file.packing.map(|packing| format!("in {packing}")));
    parts.extend(file.encoding.map(str::to_owned));
    parts.extend(file.delimiter.map(|delimiter| match delimiter {
        '\t' => "delimiter tab".to_owned(),
        other => format!("delimiter {:?}", other.to_string()),
    }));
    parts.extend(
        file.sheet
            .as_ref()
            .map(|sheet| format!("sheet {:?}", plain(sheet))),
    );
    parts.push(format!("{} lines", thousands(file.rows)));
    parts.push(format!("{} bytes", thousands(file.bytes)));
    parts.join(", ")
}

/// A line for each column: what is in it.
fn columns(out: &mut dyn Write, inspection: &Inspection) -> io::Result<()> {
    let mut table = Table::default();
    table.row([
        "column", "missing", "numbers", "dates", "texts", "least", "greatest",
    ]);
    for column in &inspection.columns {
        // Whole numbers that count or cost nothing are identifiers and codes.
        let bounds = [&column.least, &column.greatest];
        let is_amount = column.role.is_some_and(Role::is_number)
            || bounds
                .into_iter()
                .flatten()
                .any(|bound| bound.contains('.'));
        let bound = |bound: &Option<String>| match bound {
            None => String::new(),
            Some(date) if column.dates > 0 => date.split(' ').next().unwrap_or(date).to_owned(),
            Some(number) if is_amount => exact(number),
            Some(number) => number.clone(),
        };
        table.row([
            short(&column.name),
            thousands(column.missing),
            thousands(column.numbers),
            thousands(column.dates),
            thousands(column.texts),
            bound(&column.least),
            bound(&column.greatest),
        ]);
    }
    lines(out, &table)
}

/// What each column would be read as, why, and what it holds; then those without
/// a role.
fn roles(out: &mut dyn Write, inspection: &Inspection) -> io::Result<()> {
    let mut others = Vec::new();
    for column in &inspection.columns {
        match role(column) {
            Some(role) => item(out, &format!("{}: {role}", short(&column.name)))?,
            None => others.push(short(&column.name)),
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    item(
        out,
        &format!("only to tell duplicates: {}", others.join(", ")),
    )
}

fn role(column: &ColumnInspection) -> Option<String> {
    let (role, reason) = (column.role?, column.reason?);
    let mut text = if column.is_used {
        format!("the {role}, {reason}")
    } else {
        format!("could be the {role}, {reason}, and is not used")
    };
    if !column.examples.is_empty() {
        let examples: Vec<String> = column.examples.iter().map(|text| short(text)).collect();
        text += &format!("; {}", examples.join(" | "));
    }
    Some(text)
}

fn first_rows(out: &mut dyn Write, inspection: &Inspection) -> io::Result<()> {
    writeln!(out, "first rows:")?;
    for row in &inspection.first_rows {
        let fields: Vec<String> = row.iter().map(|field| short(field)).collect();
        item(out, &fields.join(" | "))?;
    }
    Ok(())
}

fn lines(out: &mut dyn Write, table: &Table) -> io::Result<()> {
    for line in table.lines() {
        writeln!(out, "{line}")?;
    }
    Ok(())
}

/// Prints a text as an item of a list, broken into lines.
fn item(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for (i, line) in wrap(text, WIDTH - 4).iter().enumerate() {
        let start = if i == 0 { "  -" } else { "   " };
        writeln!(out, "{start} {line}")?;
    }
    Ok(())
}

/// A text in one line, cut where it is long.
fn short(text: &str) -> String {
    let text = plain(&text.replace(['\n', '\r'], " "));
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
