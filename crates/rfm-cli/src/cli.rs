//! The command line: what can be typed.

mod model;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint, builder::TypedValueParser};
use clap_complete::Shell;
use rfmkit::dataset::sample::IdKind;

pub(crate) use self::model::{
    ModelArgs, ModelCommand, ModelDiffArgs, ModelListArgs, ModelPromoteArgs, ModelShowArgs,
    ModelVerifyArgs,
};
use crate::settings::{
    AddressSettings, DataSettings, DownloadSettings, EverySetting, ProjectSettings,
    ServiceSettings, TrainingSettings, Words,
};

/// RFM customer segmentation: from raw transactions to named segments.
#[derive(Debug, Parser)]
#[command(
    name = "rfm",
    version,
    max_term_width = 100,
    after_help = "Start with:\n  rfm sample --output orders.csv\n  rfm all orders.csv"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Features, training and prediction in one go
    #[command(before_help = example(
        "rfm all orders.xlsx",
        "reads the export of a shop, writes data/processed/ and models/, and shows the segments",
    ))]
    All(AllArgs),
    /// Look at an export: format, columns, dates, what looks wrong
    #[command(before_help = example(
        "rfm inspect orders.csv",
        "says how the file would be read; the exit code is 1 if `rfm features` would refuse it",
    ))]
    Inspect(InspectArgs),
    /// One row per customer: recency, frequency, monetary
    #[command(before_help = example(
        "rfm features orders.csv --delimiter ';' --decimal ','",
        "writes data/processed/rfm_features.csv and data/interim/clean_report.json",
    ))]
    Features(FeaturesArgs),
    /// Train the model on the features
    #[command(before_help = example(
        "rfm train --seed 7",
        "reads data/processed/rfm_features.csv and writes models/segmentation.json",
    ))]
    Train(TrainArgs),
    /// Compare numbers of clusters, and say what that means for four segments
    #[command(before_help = example(
        "rfm evaluate",
        "reads data/processed/rfm_features.csv and writes models/evaluation.json and .csv",
    ))]
    Evaluate(EvaluateArgs),
    /// Name the segment of every customer
    #[command(before_help = example(
        "rfm predict",
        "reads features and model and writes data/processed/customer_segments.csv",
    ))]
    Predict(PredictArgs),
    /// Draw the customers and their segments
    #[command(before_help = example(
        "rfm figures",
        "reads features and model and writes reports/figures/*.svg and *.png",
    ))]
    Figures(FiguresArgs),
    /// Write a report to send on: segments, figures, where all came from
    #[command(before_help = example(
        "rfm report --anonymise",
        "writes reports/report.html and report.md, with customers numbered instead of named",
    ))]
    Report(ReportArgs),
    /// Name the segment of one customer
    #[command(before_help = example(
        "rfm score --recency 15 --frequency 2 --monetary 350.75",
        "says New Customers, label 2, by the built-in reference model",
    ))]
    Score(ScoreArgs),
    /// Answer over HTTP: the segment of a customer, of many, or from transactions
    #[command(before_help = example(
        "rfm serve --watch",
        "listens on http://127.0.0.1:8000, with its documentation at /docs",
    ))]
    Serve(ServeArgs),
    /// Ask a running service whether it is ready
    #[command(before_help = example(
        "rfm health --port 8000",
        "prints its answer; the exit code is 0 if it is ready, else 1",
    ))]
    Health(HealthArgs),
    /// Make up transactions, for trying and measuring
    #[command(before_help = example(
        "rfm sample --output orders.csv",
        "writes 100,000 lines with the columns of the UCI Online Retail data",
    ))]
    Sample(SampleArgs),
    /// Fetch the UCI Online Retail data
    #[command(before_help = example(
        "rfm download",
        "writes data/raw/online_retail.xlsx, which `rfm all` then reads",
    ))]
    Download(DownloadArgs),
    /// Look at the model, and go back to earlier ones
    #[command(before_help = example(
        "rfm model show",
        "prints where each segment lies, who is in it, and how the model was trained",
    ))]
    Model(ModelArgs),
    /// Compare two segments files: who moved, who is new, who is gone
    #[command(before_help = example(
        "rfm compare june.csv data/processed/customer_segments.csv -o moved.csv",
        "prints who went where with what revenue, and lists these customers in moved.csv",
    ))]
    Compare(CompareArgs),
    /// Show every setting, its value and where it comes from
    #[command(before_help = example(
        "RFM_SEED=7 rfm config",
        "lists all settings; that of the seed comes from the environment",
    ))]
    Config(ConfigArgs),
    /// Print the completions for a shell
    #[command(before_help = example(
        "rfm completions bash > ~/.local/share/bash-completion/completions/rfm",
        "completes commands and options in every new bash",
    ))]
    Completions(CompletionsArgs),
    /// Print the manual page, or write those of all commands
    #[command(before_help = example(
        "rfm man --output ~/.local/share/man/man1",
        "writes rfm.1, rfm-all.1 and so on, for `man rfm-all`",
    ))]
    Man(ManArgs),
}

fn example(command: &str, effect: &str) -> String {
    format!("Example:\n  {command}\n  {effect}")
}

/// What a command prints.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct OutputArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but warnings and errors
    #[arg(long, short, conflicts_with = "json")]
    pub(crate) quiet: bool,
}

#[derive(Args, Debug)]
pub(crate) struct AllArgs {
    /// Exports: CSV (also as .gz or .zst), xlsx or Parquet; several, a folder or a
    /// pattern are read as one data set, `-` is standard input; the only file in
    /// data/raw/ unless given
    #[arg(value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) data: DataSettings,
    #[command(flatten)]
    pub(crate) training: TrainingSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct InspectArgs {
    /// Exports, as for `rfm features`; not standard input, as they are read twice
    #[arg(value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) data: DataSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct FeaturesArgs {
    /// Exports: CSV (also as .gz or .zst), xlsx or Parquet; several, a folder or a
    /// pattern are read as one data set, `-` is standard input; the only file in
    /// data/raw/ unless given
    #[arg(value_name = "INPUT", value_hint = ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,
    /// With `parquet` the features are written as Parquet, too
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    pub(crate) format: FeaturesFormat,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) data: DataSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

/// How the features are written beside the CSV that later steps read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum FeaturesFormat {
    Csv,
    Parquet,
}

#[derive(Args, Debug)]
pub(crate) struct TrainArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) training: TrainingSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct EvaluateArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) training: TrainingSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct PredictArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct FiguresArgs {
    /// The colours of the figures
    #[arg(long, value_name = "THEME", value_enum, default_value_t = FiguresTheme::Light)]
    pub(crate) theme: FiguresTheme,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ReportArgs {
    /// Number the customers who are listed instead of naming them
    #[arg(long)]
    pub(crate) anonymise: bool,
    /// Print nothing but warnings and errors
    #[arg(short, long)]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

/// How figures look.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FiguresTheme {
    /// Dark on white
    Light,
    /// Light on near black
    Dark,
}

#[derive(Args, Debug)]
pub(crate) struct ScoreArgs {
    /// Whole days since the last purchase, from 0 to 100000
    #[arg(long, value_name = "DAYS", value_hint = ValueHint::Other, allow_negative_numbers = true)]
    pub(crate) recency: String,
    /// Invoices, from 1 to 1000000000
    #[arg(long, value_name = "N", value_hint = ValueHint::Other, allow_negative_numbers = true)]
    pub(crate) frequency: String,
    /// The sum of all amounts, above 0
    #[arg(long, value_name = "AMOUNT", value_hint = ValueHint::Other, allow_negative_numbers = true)]
    pub(crate) monetary: String,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) service: ServiceSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct HealthArgs {
    #[command(flatten)]
    pub(crate) address: AddressSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct SampleArgs {
    /// The file to write; standard output unless given
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Replace a file that has other content
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Print nothing but warnings and errors
    #[arg(long, short, requires = "output")]
    pub(crate) quiet: bool,
    /// The number of lines, up to 1000000000
    #[arg(long, value_name = "N", value_hint = ValueHint::Other, default_value_t = 100_000,
          value_parser = clap::value_parser!(u64).range(..=1_000_000_000))]
    pub(crate) lines: u64,
    /// The seed from which everything is drawn
    #[arg(long, value_name = "N", value_hint = ValueHint::Other, default_value_t = 42)]
    pub(crate) seed: u64,
    /// How customers are named: numeric, email or uuid
    #[arg(long, value_name = "KIND", default_value = "numeric", hide_possible_values = true,
          value_parser = Words(vec!["numeric", "email", "uuid"]).try_map(|kind| kind.parse::<IdKind>()))]
    pub(crate) ids: IdKind,
    /// Put the lines into random order
    #[arg(long)]
    pub(crate) shuffle: bool,
    /// The share of invoices without a customer, from 0 to 1
    #[arg(long, value_name = "SHARE", value_hint = ValueHint::Other, default_value_t = 0.25, value_parser = share)]
    pub(crate) missing_share: f64,
    /// The share of lines that repeat the one before, from 0 to 1
    #[arg(long, value_name = "SHARE", value_hint = ValueHint::Other, default_value_t = 0.01, value_parser = share)]
    pub(crate) duplicate_share: f64,
    /// Lines for each customer on average, from 21 up
    #[arg(long, value_name = "N", value_hint = ValueHint::Other, default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(21..))]
    pub(crate) lines_per_customer: u32,
}

fn share(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "expected a share from 0 to 1".to_owned())
}

#[derive(Args, Debug)]
pub(crate) struct DownloadArgs {
    /// Fetch anew, and replace a workbook that is there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) download: DownloadSettings,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct CompareArgs {
    /// The segments file before
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) before: PathBuf,
    /// The segments file after
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) after: PathBuf,
    /// List the customers who moved, are new or are gone in a CSV file
    #[arg(long = "output", short = 'o', value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) list: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) project: ProjectSettings,
}

#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(flatten)]
    pub(crate) settings: EverySetting,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands into this folder
    #[arg(long, short, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) output: Option<PathBuf>,
}
