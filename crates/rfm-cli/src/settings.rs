//! Settings as options of the command line.

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use rfmkit::config::{Group, Key};

/// Options for settings, made from the list of settings itself.
///
/// The parameters say which groups of settings a command takes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings<
    const PROJECT: bool,
    const DATA: bool,
    const TRAINING: bool,
    const SERVICE: bool,
> {
    given: Vec<(Key, String)>,
}

/// The settings that every command takes.
pub(crate) type ProjectSettings = Settings<true, false, false, false>;
/// The settings of commands that read raw data.
pub(crate) type DataSettings = Settings<false, true, false, false>;
/// The settings of commands that train.
pub(crate) type TrainingSettings = Settings<false, false, true, false>;
/// The settings of the service.
pub(crate) type ServiceSettings = Settings<false, false, false, true>;
/// All settings.
pub(crate) type EverySetting = Settings<true, true, true, true>;

impl<const P: bool, const D: bool, const T: bool, const S: bool> Settings<P, D, T, S> {
    /// The settings that were typed.
    pub(crate) fn given(&self) -> impl Iterator<Item = (Key, String)> {
        self.given.iter().cloned()
    }

    fn keys() -> impl Iterator<Item = Key> {
        Key::ALL.into_iter().filter(|key| match key.group() {
            Group::Project => P,
            Group::Data => D,
            Group::Training => T,
            Group::Service => S,
        })
    }
}

impl<const P: bool, const D: bool, const T: bool, const S: bool> Args for Settings<P, D, T, S> {
    fn augment_args(command: Command) -> Command {
        Self::keys().fold(command, |command, key| {
            let default = key
                .default()
                .map_or_else(String::new, |default| format!(" [default: {default}]"));
            let heading = match key.group() {
                Group::Project => "Project",
                Group::Data => "Reading data",
                Group::Training => "Training",
                Group::Service => "Service",
            };
            let arg = Arg::new(key.name())
                .long(key.option())
                .value_name(key.value_name())
                .help(format!("{}{default}", key.help()))
                .help_heading(heading);
            command.arg(if key.is_switch() {
                arg.num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("true")
            } else {
                arg.allow_hyphen_values(true)
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const P: bool, const D: bool, const T: bool, const S: bool> FromArgMatches
    for Settings<P, D, T, S>
{
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut settings = Self::default();
        settings.update_from_arg_matches(matches)?;
        Ok(settings)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.given = Self::keys()
            .filter_map(|key| {
                let value = matches.get_one::<String>(key.name())?;
                Some((key, value.clone()))
            })
            .collect();
        Ok(())
    }
}
