//! The settings that there are. Options, variables, keys of the file and their
//! documentation all come from here.

use std::borrow::Cow;

use crate::dataset::{Preset, Role};

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
    /// The lines above the header.
    SkipLines,
    /// The system that files come from.
    Source,
    /// Columns named by role.
    Columns,
    /// In what amounts are.
    Unit,
    /// The statuses of orders that count.
    Paid,
    /// How dates are written.
    DateFormat,
    /// The zone to which zoned dates are converted.
    TimeZone,
    /// The instant from which recency counts.
    Snapshot,
    /// The time from which lines count.
    Since,
    /// What lines with an amount below zero are.
    Returns,
    /// Whether equal lines all count.
    KeepDuplicates,
    /// What happens to lines that do not parse.
    OnBadRow,
    /// The address of the reference data.
    DownloadUrl,
    /// What a downloaded workbook must be.
    DownloadCheck,
    /// The time in which something of a download must come.
    DownloadTimeout,
    /// The seed of training.
    Seed,
    /// The restarts of training.
    Restarts,
    /// The address on which the service listens.
    Host,
    /// The port on which the service listens.
    Port,
    /// Whether a new model file is loaded while the service runs.
    Watch,
    /// The file of the clients' keys.
    ApiKeys,
    /// The file of the administrators' keys.
    AdminKeys,
    /// The origins of pages that may call the service.
    CorsOrigins,
    /// Further names of the service on loopback.
    AllowedHosts,
    /// How the log is written.
    LogFormat,
    /// How much is logged.
    LogLevel,
    /// The largest body.
    MaxBody,
    /// The most connections at once.
    MaxConnections,
    /// The most requests at once.
    MaxRequests,
    /// The time for a request to come in.
    Timeout,
    /// The time between not ready and the end of listening.
    Drain,
    /// The time for the last requests.
    ShutdownTimeout,
}

/// The commands that take a setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    /// Every command.
    Project,
    /// Commands that read raw data.
    Data,
    /// The download.
    Download,
    /// Commands that train.
    Training,
    /// Commands that listen at an address, or ask there.
    Address,
    /// The service.
    Service,
}

impl Key {
    /// Every setting, in the order in which they are listed.
    pub const ALL: [Self; 39] = [
        Self::Root,
        Self::Model,
        Self::Threads,
        Self::Delimiter,
        Self::Decimal,
        Self::Encoding,
        Self::Sheet,
        Self::SkipLines,
        Self::Source,
        Self::Columns,
        Self::Unit,
        Self::Paid,
        Self::DateFormat,
        Self::TimeZone,
        Self::Snapshot,
        Self::Since,
        Self::Returns,
        Self::KeepDuplicates,
        Self::OnBadRow,
        Self::DownloadUrl,
        Self::DownloadCheck,
        Self::DownloadTimeout,
        Self::Seed,
        Self::Restarts,
        Self::Host,
        Self::Port,
        Self::Watch,
        Self::ApiKeys,
        Self::AdminKeys,
        Self::CorsOrigins,
        Self::AllowedHosts,
        Self::LogFormat,
        Self::LogLevel,
        Self::MaxBody,
        Self::MaxConnections,
        Self::MaxRequests,
        Self::Timeout,
        Self::Drain,
        Self::ShutdownTimeout,
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
            Self::SkipLines => "skip_lines",
            Self::Source => "source",
            Self::Columns => "columns",
            Self::Unit => "unit",
            Self::Paid => "paid",
            Self::DateFormat => "date_format",
            Self::TimeZone => "time_zone",
            Self::Snapshot => "snapshot",
            Self::Since => "since",
            Self::Returns => "returns",
            Self::KeepDuplicates => "keep_duplicates",
            Self::OnBadRow => "on_bad_row",
            Self::DownloadUrl => "download_url",
            Self::DownloadCheck => "download_check",
            Self::DownloadTimeout => "download_timeout",
            Self::Seed => "seed",
            Self::Restarts => "restarts",
            Self::Host => "host",
            Self::Port => "port",
            Self::Watch => "watch",
            Self::ApiKeys => "api_keys",
            Self::AdminKeys => "admin_keys",
            Self::CorsOrigins => "cors_origins",
            Self::AllowedHosts => "allowed_hosts",
            Self::LogFormat => "log_format",
            Self::LogLevel => "log_level",
            Self::MaxBody => "max_body",
            Self::MaxConnections => "max_connections",
            Self::MaxRequests => "max_requests",
            Self::Timeout => "timeout",
            Self::Drain => "drain",
            Self::ShutdownTimeout => "shutdown_timeout",
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
            Self::Delimiter
            | Self::Decimal
            | Self::Encoding
            | Self::Sheet
            | Self::SkipLines
            | Self::Source
            | Self::Columns
            | Self::Unit
            | Self::Paid
            | Self::DateFormat
            | Self::TimeZone
            | Self::Snapshot
            | Self::Since
            | Self::Returns
            | Self::KeepDuplicates
            | Self::OnBadRow => Group::Data,
            Self::DownloadUrl | Self::DownloadCheck | Self::DownloadTimeout => Group::Download,
            Self::Seed | Self::Restarts => Group::Training,
            Self::Host | Self::Port => Group::Address,
            _ => Group::Service,
        }
    }

    /// The value where no layer gives one.
    #[must_use]
    pub const fn default(self) -> Option<&'static str> {
        match self {
            Self::Model => Some("models/segmentation.json"),
            Self::Threads | Self::SkipLines => Some("0"),
            Self::Root | Self::Decimal => Some("."),
            Self::DateFormat => Some("auto"),
            Self::TimeZone => Some("UTC"),
            Self::DownloadUrl => {
                Some("https://archive.ics.uci.edu/static/public/352/online+retail.zip")
            }
            Self::DownloadTimeout => Some("60"),
            Self::Seed => Some("42"),
            Self::Restarts => Some("100"),
            Self::Host => Some("127.0.0.1"),
            Self::Port => Some("8000"),
            Self::Watch | Self::KeepDuplicates => Some("false"),
            Self::Returns => Some("ignore"),
            Self::OnBadRow => Some("stop"),
            Self::LogFormat => Some("text"),
            Self::LogLevel => Some("info"),
            Self::MaxBody => Some("4194304"),
            Self::MaxConnections => Some("4096"),
            Self::MaxRequests => Some("256"),
            Self::Timeout => Some("15"),
            Self::Drain => Some("1"),
            Self::ShutdownTimeout => Some("8"),
            Self::Delimiter
            | Self::Encoding
            | Self::Sheet
            | Self::Source
            | Self::Columns
            | Self::Unit
            | Self::Paid
            | Self::Snapshot
            | Self::Since
            | Self::DownloadCheck
            | Self::ApiKeys
            | Self::AdminKeys
            | Self::CorsOrigins
            | Self::AllowedHosts => None,
        }
    }

    /// What stands for the value in help texts.
    #[must_use]
    pub const fn value_name(self) -> &'static str {
        match self {
            Self::Root => "DIR",
            Self::Model | Self::ApiKeys | Self::AdminKeys => "FILE",
            Self::Threads
            | Self::SkipLines
            | Self::Seed
            | Self::Restarts
            | Self::Port
            | Self::MaxConnections
            | Self::MaxRequests => "N",
            Self::Delimiter | Self::Decimal => "CHAR",
            Self::Encoding | Self::Sheet | Self::Source => "NAME",
            Self::Unit => "UNIT",
            Self::Paid => "STATUS,...",
            Self::Columns => "ROLE=NAME,...",
            Self::DateFormat | Self::LogFormat => "FORMAT",
            Self::TimeZone => "ZONE",
            Self::Snapshot | Self::Since => "TIME",
            Self::Returns | Self::OnBadRow | Self::DownloadCheck => "WHAT",
            Self::DownloadUrl => "URL",
            Self::Host => "ADDRESS",
            Self::Watch | Self::KeepDuplicates => "BOOL",
            Self::CorsOrigins => "ORIGIN,...",
            Self::AllowedHosts => "HOST,...",
            Self::LogLevel => "LEVEL",
            Self::MaxBody => "BYTES",
            Self::DownloadTimeout | Self::Timeout | Self::Drain | Self::ShutdownTimeout => {
                "SECONDS"
            }
        }
    }

    /// One line on what the setting does.
    #[must_use]
    pub fn help(self) -> Cow<'static, str> {
        let help = match self {
            Self::Root => "The project's folder, with data/ and models/",
            Self::Model => "The model file",
            Self::Threads => "Threads to use; 0 for one on each core",
            Self::Delimiter => "The character between fields, or `tab`; found by itself",
            Self::Decimal => "The decimal mark of CSV, `.` or `,`",
            Self::Encoding => "The encoding of CSV, such as windows-1252; utf-8 unless given",
            Self::Sheet => "The sheet of a workbook; the first unless given",
            Self::SkipLines => "Lines of CSV, or rows of a sheet, above the header",
            Self::Source => {
                let names = Preset::ALL.map(Preset::name).join(", ");
                return format!("The system that files come from: {names}; found by itself").into();
            }
            Self::Columns => {
                let roles = Role::ALL.map(Role::option).join(", ");
                return format!("Columns by role: {roles}").into();
            }
            Self::Unit => "In what amounts are, `whole` or `cents`; as the source has it",
            Self::Paid => "The statuses of orders that count; as the source has it",
            Self::DateFormat => "auto, day-first, month-first, or a pattern such as %d.%m.%y %H:%M",
            Self::TimeZone => "The zone to whose civil time dates with a zone are converted",
            Self::Snapshot => {
                "The instant from which recency counts; 24 hours after the last purchase unless given"
            }
            Self::Since => "The time from which lines count; all unless given",
            Self::Returns => {
                "Lines below zero: `ignore` them, or `net` them off what their customer spent"
            }
            Self::KeepDuplicates => "Count lines that are equal in every column, every one",
            Self::OnBadRow => {
                "Lines that do not parse: `stop`, or `quarantine` them in data/interim/rejected.csv"
            }
            Self::DownloadUrl => {
                "The zip archive with the workbook; that of the UCI repository unless given"
            }
            Self::DownloadCheck => {
                "`reference` wants the columns and lines of UCI Online Retail, `readable` any table; for another URL the latter unless given"
            }
            Self::DownloadTimeout => {
                "The time in which something must come, an answer or more of it"
            }
            Self::Seed => "The seed from which training draws its starts",
            Self::Restarts => "The starts that training tries",
            Self::Host => "The address on which the service listens",
            Self::Port => "The port on which the service listens; 0 for any that is free",
            Self::Watch => "Look for a new model and new keys every second",
            Self::ApiKeys => {
                "A file with the keys that clients need, one a line; open to all unless given"
            }
            Self::AdminKeys => {
                "A file with the keys that may reload the model, one a line; off unless given"
            }
            Self::CorsOrigins => {
                "Web pages that may call the service, such as https://shop.example, or `*`"
            }
            Self::AllowedHosts => {
                "Names under which the service is called on loopback, beside localhost"
            }
            Self::LogFormat => "text or json",
            Self::LogLevel => "error, warn, info, or debug, which logs every request",
            Self::MaxBody => {
                "The largest body that is read as a whole; NDJSON and CSV have no limit"
            }
            Self::MaxConnections => {
                "Clients that are connected and have sent something, at once; more are refused"
            }
            Self::MaxRequests => "Requests that are worked on at once; more are refused",
            Self::Timeout => "The time in which a request must have come in",
            Self::Drain => {
                "How long SIGTERM is answered by `not ready` before the service stops to listen"
            }
            Self::ShutdownTimeout => "The time for requests to finish after that",
        };
        help.into()
    }

    /// The words that the setting takes; empty if it takes any text, or others
    /// as well.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        match self {
            Self::Decimal => vec![".", ","],
            Self::Source => Preset::ALL.map(Preset::name).to_vec(),
            Self::Unit => vec!["whole", "cents"],
            Self::Returns => vec!["ignore", "net"],
            Self::OnBadRow => vec!["stop", "quarantine"],
            Self::DownloadCheck => vec!["reference", "readable"],
            Self::LogFormat => vec!["text", "json"],
            Self::LogLevel => vec!["error", "warn", "info", "debug"],
            key if key.is_switch() => vec!["true", "false"],
            _ => Vec::new(),
        }
    }

    /// Whether the setting takes several values, with commas between them.
    #[must_use]
    pub const fn is_list(self) -> bool {
        matches!(
            self,
            Self::Columns | Self::Paid | Self::CorsOrigins | Self::AllowedHosts
        )
    }

    /// Whether the setting is on where it stands without a value, as an option.
    #[must_use]
    pub const fn is_switch(self) -> bool {
        matches!(self, Self::Watch | Self::KeepDuplicates)
    }
}
