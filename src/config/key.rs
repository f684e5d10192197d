//! The settings that there are. Options, variables, keys of the file and their
//! documentation all come from here.

/// One setting.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Key {
    /// The project's folder.
    Root,
    /// The model file.
    Model,
    /// The number of threads.
    Threads,
    /// The delimiter of CSV.
    Delimiter,
    /// The decimal mark of CSV.
    Decimal,
    /// The encoding of CSV.
    Encoding,
    /// The sheet of a workbook.
    Sheet,
    /// Columns named by role.
    Columns,
    /// How dates are written.
    DateFormat,
    /// The zone to which zoned dates are converted.
    TimeZone,
    /// The instant from which recency counts.
    Snapshot,
    /// The seed of training.
    Seed,
    /// The restarts of training.
    Restarts,
}

/// The commands that take a setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    /// Every command.
    Project,
    /// Commands that read raw data.
    Data,
    /// Commands that train.
    Training,
}

impl Key {
    /// Every setting, in the order in which they are listed.
    pub const ALL: [Self; 13] = [
        Self::Root,
        Self::Model,
        Self::Threads,
        Self::Delimiter,
        Self::Decimal,
        Self::Encoding,
        Self::Sheet,
        Self::Columns,
        Self::DateFormat,
        Self::TimeZone,
        Self::Snapshot,
        Self::Seed,
        Self::Restarts,
    ];

    /// The key in `rfm.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Model => "model",
            Self::Threads => "threads",
            Self::Delimiter => "delimiter",
            Self::Decimal => "decimal",
            Self::Encoding => "encoding",
            Self::Sheet => "sheet",
            Self::Columns => "columns",
            Self::DateFormat => "date_format",
            Self::TimeZone => "time_zone",
            Self::Snapshot => "snapshot",
            Self::Seed => "seed",
            Self::Restarts => "restarts",
        }
    }

    /// The option without its dashes.
    #[must_use]
    pub fn option(self) -> String {
        self.name().replace('_', "-")
    }

    /// The environment variable.
    #[must_use]
    pub fn variable(self) -> String {
        format!("RFM_{}", self.name().to_uppercase())
    }

    /// The commands that take the setting.
    #[must_use]
    pub const fn group(self) -> Group {
        match self {
            Self::Root | Self::Model | Self::Threads => Group::Project,
            Self::Seed | Self::Restarts => Group::Training,
            _ => Group::Data,
        }
    }

    /// The value where no layer gives one.
    #[must_use]
    pub const fn default(self) -> Option<&'static str> {
        match self {
            Self::Model => Some("models/segmentation.json"),
            Self::Threads => Some("0"),
            Self::Root | Self::Decimal => Some("."),
            Self::DateFormat => Some("auto"),
            Self::TimeZone => Some("UTC"),
            Self::Seed => Some("42"),
            Self::Restarts => Some("100"),
            Self::Delimiter | Self::Encoding | Self::Sheet | Self::Columns | Self::Snapshot => None,
        }
    }

    /// What stands for the value in help texts.
    #[must_use]
    pub const fn value_name(self) -> &'static str {
        match self {
            Self::Root => "DIR",
            Self::Model => "FILE",
            Self::Threads | Self::Seed | Self::Restarts => "N",
            Self::Delimiter | Self::Decimal => "CHAR",
            Self::Encoding | Self::Sheet => "NAME",
            Self::Columns => "ROLE=NAME,…",
            Self::DateFormat => "FORMAT",
            Self::TimeZone => "ZONE",
            Self::Snapshot => "TIME",
        }
    }

    /// One line on what the setting does.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Root => "The project's folder, with data/ and models/",
            Self::Model => "The model file",
            Self::Threads => "Threads to use; 0 for one on each core",
            Self::Delimiter => "The character between fields, or `tab`; found by itself",
            Self::Decimal => "The decimal mark of CSV, `.` or `,`",
            Self::Encoding => "The encoding of CSV, such as windows-1252; utf-8 unless given",
            Self::Sheet => "The sheet of a workbook; the first unless given",
            Self::Columns => {
                "Columns by role: invoice, date, quantity, price, amount, customer, country"
            }
            Self::DateFormat => "auto, day-first, month-first, or a pattern such as %d.%m.%y %H:%M",
            Self::TimeZone => "The zone to whose civil time dates with a zone are converted",
            Self::Snapshot => {
                "The instant from which recency counts; 24 hours after the last purchase unless given"
            }
            Self::Seed => "The seed from which training draws its starts",
            Self::Restarts => "The starts that training tries",
        }
    }
}
