//! `rfm report`: what came out, for people.

use anyhow::Result;
use rfmkit::{
    modeling::Segment,
    output::Outputs,
    plots::Theme,
    report::{Origin, Report},
};

use super::figures::{self, Shop};
use crate::{cli::ReportArgs, screen, session::Session};

pub(crate) fn run(args: &ReportArgs) -> Result<()> {
    let session = Session::start(args.project.given())?;
    let shop = Shop::load(&session)?;
    let (drawn, _) = shop.draw(Theme::Light);
    let features_blake3 = shop.table.hash();
    let origin = Origin::load(&session.clean_report(), &features_blake3);
    let report = Report {
        table: &shop.table,
        features_blake3: &features_blake3,
        segments: &shop.segments,
        model: &shop.model,
        origin: origin.as_ref(),
        evaluation: shop.evaluation.as_ref(),
        figures: &drawn,
        strategies: Segment::ALL.map(|segment| session.playbook.strategy(segment)),
        is_anonymous: args.anonymise,
    };
    let (html, markdown) = (session.report("html"), session.report("md"));
    let mut outputs = Outputs::default();
    // The Markdown file shows them.
    figures::write(&mut outputs, &session, &drawn)?;
    outputs.write(&html, |out| out.write_all(report.html().as_bytes()))?;
    outputs.write(&markdown, |out| out.write_all(report.markdown().as_bytes()))?;
    outputs.commit()?;
    if !args.quiet {
        let mut out = anstream::stdout().lock();
        screen::wrote(&mut out, &[&html, &markdown, &session.figures()])?;
    }
    Ok(())
}
