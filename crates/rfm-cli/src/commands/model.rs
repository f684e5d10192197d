//! `rfm model`: the present model and those before it.

mod diff;
mod list;
mod promote;
mod show;
mod verify;

use anyhow::Result;

use crate::cli::{ModelArgs, ModelCommand};

pub(crate) fn run(args: &ModelArgs) -> Result<()> {
    match &args.command {
        ModelCommand::Show(args) => show::run(args),
        ModelCommand::List(args) => list::run(args),
        ModelCommand::Diff(args) => diff::run(args),
        ModelCommand::Promote(args) => promote::run(args),
        ModelCommand::Verify(args) => verify::run(args),
    }
}
