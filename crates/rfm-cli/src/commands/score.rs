//! `rfm score`: the segment of one customer.

use anyhow::Result;
use rfmkit::{
    features::{Feature, Rfm},
    modeling::Segment,
};
use serde_json::{Map, json};

use crate::{cli::ScoreArgs, failure::UsageError, screen, session::Session, table::decimal};

pub(crate) fn run(args: &ScoreArgs) -> Result<()> {
    let rfm = parse(args)?;
    let session = Session::start(args.project.given())?;
    let loaded = session.config.model.load()?;
    let score = loaded.model.score(rfm);
    let segment = score.segment;
    let strategy = session.playbook.strategy(segment);
    let distances = score.squared_distances.map(f64::sqrt);
    let by_segment = || Segment::ALL.into_iter().zip(distances);
    let doubts: Vec<String> = loaded.model.segments()[segment.label()]
        .doubts
        .iter()
        .map(ToString::to_string)
        .collect();
    let source = session.config.model.describe(&loaded);
    if args.output.json {
        let distances: Map<String, serde_json::Value> = by_segment()
            .map(|(segment, distance)| (segment.name().to_owned(), distance.into()))
            .collect();
        return Ok(screen::json(&json!({
            "segment_name": segment.name(),
            "cluster_label": segment.label(),
            "distances": distances,
            "strategy": strategy,
            "doubts": doubts,
            "model": source,
            "is_reference_model": loaded.is_reference,
        }))?);
    }
    if args.output.quiet {
        return Ok(());
    }
    let mut out = anstream::stdout().lock();
    screen::heading(&mut out, segment)?;
    let distances: Vec<String> = by_segment()
        .map(|(segment, distance)| format!("{segment} {}", decimal(distance, 2)))
        .collect();
    let mut facts = vec![
        ("strategy", strategy.to_owned()),
        ("distances", distances.join(", ")),
    ];
    facts.extend(doubts.into_iter().map(|doubt| ("doubt", doubt)));
    facts.push(("model", source));
    for (name, fact) in facts {
        screen::fact(&mut out, name, &fact)?;
    }
    Ok(())
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
