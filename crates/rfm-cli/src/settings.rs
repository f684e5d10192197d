//! Settings as options of the command line.

use std::{ffi::OsStr, fmt::Debug, marker::PhantomData};

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use rfmkit::config::{Group, Key};

/// The longest default that a help text has room for; `rfm config` shows all.
const LONGEST_DEFAULT: usize = 40;

/// The words of an option, for completions. Any text is taken: what parses the
/// text says what will not do, for settings from wherever they come.
#[derive(Clone, Debug)]
pub(crate) struct Words(pub(crate) Vec<&'static str>);

impl TypedValueParser for Words {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.0.iter().map(PossibleValue::new)))
    }
}

/// What a shell offers for the value of a setting.
fn value_hint(key: Key) -> ValueHint {
    match key.value_name() {
        "FILE" => ValueHint::FilePath,
        "DIR" => ValueHint::DirPath,
        _ => ValueHint::Other,
    }
}

/// Options for the settings of some groups, made from the list of settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings<G> {
    given: Vec<(Key, String)>,
    groups: PhantomData<G>,
}

/// The groups of settings that a command takes.
pub(crate) trait Groups: Debug {
    /// In the order in which the help lists them.
    const GROUPS: &[Group];
}

/// Names lists of groups, and the options for them.
macro_rules! settings {
    ($($(#[$doc:meta])* $options:ident = $groups:ident [$($group:ident),+];)+) => {$(
        #[derive(Clone, Debug)]
        pub(crate) struct $groups;

        impl Groups for $groups {
            const GROUPS: &[Group] = &[$(Group::$group),+];
        }

        $(#[$doc])*
        pub(crate) type $options = Settings<$groups>;
    )+};
}

settings! {
    /// The settings that every command takes.
    ProjectSettings = Project [Project];
    /// The settings of commands that read raw data.
    DataSettings = Data [Data];
    /// The settings of the download.
    DownloadSettings = Download [Download];
    /// The settings of commands that train.
    TrainingSettings = Training [Training];
    /// Where the service is.
    AddressSettings = Address [Address];
    /// The settings of the service.
    ServiceSettings = Service [Address, Service];
    /// All settings.
    EverySetting = Every [Data, Download, Training, Address, Service, Project];
}

impl<G: Groups> Settings<G> {
    /// The settings that were typed.
    pub(crate) fn given(&self) -> impl Iterator<Item = (Key, String)> {
        self.given.iter().cloned()
    }

    fn keys() -> impl Iterator<Item = Key> {
        let of = |group: &Group| {
            let group = *group;
            Key::ALL.into_iter().filter(move |key| key.group() == group)
        };
        G::GROUPS.iter().flat_map(of)
    }
}

impl<G: Groups> Args for Settings<G> {
    fn augment_args(command: Command) -> Command {
        Self::keys().fold(command, |command, key| {
            let default = key
                .default()
                .filter(|default| default.len() <= LONGEST_DEFAULT)
                .map_or_else(String::new, |default| format!(" [default: {default}]"));
            let heading = match key.group() {
                Group::Project => "Project",
                Group::Data => "Reading data",
                Group::Download => "Download",
                Group::Training => "Training",
                Group::Address | Group::Service => "Service",
            };
            let arg = Arg::new(key.name())
                .long(key.option())
                .value_name(key.value_name())
                .help(format!("{}{default}", key.help()))
                .help_heading(heading);
            let arg = match key.words() {
                words if words.is_empty() => arg.value_hint(value_hint(key)),
                words => arg.value_parser(Words(words)).hide_possible_values(true),
            };
            command.arg(if key.is_switch() {
                arg.num_args(0..=1)
                    .require_equals(true)
                    .default_missing_value("true")
            } else if key.is_list() {
                arg.action(ArgAction::Append).allow_hyphen_values(true)
            } else {
                arg.allow_hyphen_values(true)
            })
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<G: Groups> FromArgMatches for Settings<G> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut settings = Self {
            given: Vec::new(),
            groups: PhantomData,
        };
        settings.update_from_arg_matches(matches)?;
        Ok(settings)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.given = Self::keys()
            .filter_map(|key| {
                let values: Vec<&str> = matches
                    .get_many::<String>(key.name())?
                    .map(String::as_str)
                    .collect();
                Some((key, values.join(",")))
            })
            .collect();
        Ok(())
    }
}
