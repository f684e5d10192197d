//! `rfm score`: the segment of one customer.

use anyhow::Result;
use rfmkit::{
    features::{Feature, Rfm, RfmError},
    modeling::Segment,
};
use serde_json::{Map, json};

use crate::{cli::ScoreArgs, failure::UsageError, screen, session::Session, table::decimal};

pub(crate) fn run(args: &ScoreArgs) -> Result<()> {
    let rfm = parse(args)?;
    let session = Session::start(args.project.given())?;
    let loaded = session.model_or_reference()?;
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
    let source = if loaded.is_reference {
        "the built-in reference model (UCI Online Retail)".to_owned()
    } else {
        session.config.model.display().to_string()
    };
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
    let number = |feature: Feature, text: &str| {
        text.parse::<f64>().map_err(|_| UsageError::Number {
            option: feature.name(),
            found: text.to_owned(),
            expected: feature.range(),
        })
    };
    let whole = |feature: Feature, text: &str| {
        let value = number(feature, text)?;
        // Beyond a quadrillion a number is out of every range; below, exact.
        if value.fract() == 0.0 && (0.0..1e15).contains(&value) {
            Ok(value as u64)
        } else {
            Err(UsageError::Number {
                option: feature.name(),
                found: text.to_owned(),
                expected: feature.range(),
            })
        }
    };
    let recency = whole(Feature::Recency, &args.recency)?;
    let frequency = whole(Feature::Frequency, &args.frequency)?;
    let monetary = number(Feature::Monetary, &args.monetary)?;
    Rfm::new(recency, frequency, monetary).map_err(|RfmError { feature, .. }| {
        let found = match feature {
            Feature::Recency => &args.recency,
            Feature::Frequency => &args.frequency,
            Feature::Monetary => &args.monetary,
        };
        UsageError::Number {
            option: feature.name(),
            found: found.clone(),
            expected: feature.range(),
        }
    })
}
