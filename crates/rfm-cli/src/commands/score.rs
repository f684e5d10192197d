//! `rfm score`: the segment of one customer.

use anyhow::Result;
use rfm_api::ExplainedSegment;
use rfmkit::{
    features::{Feature, Rfm},
    modeling::Segment,
};

use crate::{cli::ScoreArgs, failure::UsageError, screen, session::Session, table::decimal};

pub(crate) fn run(args: &ScoreArgs) -> Result<()> {
    let rfm = parse(args)?;
    let session = Session::start(args.project.given())?;
    let loaded = session.load_model()?;
    let explained = ExplainedSegment::new(&loaded, &session.playbook, rfm);
    if args.output.json {
        return Ok(screen::json(&explained)?);
    }
    if args.output.quiet {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    screen::heading(&mut out, explained.segment_name)?;
    for (name, fact) in facts(&explained) {
        screen::fact(&mut out, name, &fact)?;
    }
    screen::fact(&mut out, "model", &session.config.model.describe(&loaded))?;
    Ok(())
}

/// What is said about the segment of a customer, beside names.
fn facts(explained: &ExplainedSegment) -> Vec<(&'static str, String)> {
    let distance = |segment: Segment| {
        let distance = explained.distances[segment.name()];
        format!("{segment} {}", decimal(distance, 2))
    };
    let mut facts = vec![
        ("strategy", explained.strategy.clone()),
        ("distances", Segment::ALL.map(distance).join(", ")),
        (
            "decided by",
            format!(
                "{}, against {}",
                explained.deciding_feature, explained.second_nearest
            ),
        ),
    ];
    if let Some(change) = explained.changes.first() {
        let places = if change.feature == Feature::Monetary {
            2
        } else {
            0
        };
        let to = decimal(change.to, places);
        let fact = format!("{} with a {} of {to}", change.segment_name, change.feature);
        facts.push(("would be", fact));
    }
    facts.extend(
        explained
            .doubts
            .iter()
            .map(|doubt| ("doubt", doubt.clone())),
    );
    facts
}

/// Reads the three values; whole numbers may be written as `15` or `15.0`.
fn parse(args: &ScoreArgs) -> Result<Rfm, UsageError> {
    let texts = [&args.recency, &args.frequency, &args.monetary];
    let fault = |feature: Feature| UsageError::Number {
        option: feature.name(),
        found: texts[feature as usize].clone(),
        expected: feature.range(),
    };
    let mut values = [0.0; 3];
    for feature in Feature::ALL {
        let text = texts[feature as usize];
        values[feature as usize] = text.parse().map_err(|_| fault(feature))?;
    }
    Rfm::from_array(values).map_err(|error| fault(error.feature))
}
