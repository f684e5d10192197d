//! What every command starts with: settings, threads, places of files.

use std::{
    fs::File,
    io::{ErrorKind::NotFound, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use rfmkit::{
    config::{self, Config, Key, Layer, Playbook},
    modeling::{History, LoadedModel, ModelError, ModelSource},
};

use crate::failure::{self, MisnamedModel, UsageError};

/// A run of a command in a project's folder.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) config: Config,
    /// What to do about each segment.
    pub(crate) playbook: Playbook,
}

impl Session {
    /// Resolves the settings and prepares the threads.
    pub(crate) fn start(options: impl IntoIterator<Item = (Key, String)>) -> Result<Self> {
        let command_line = Layer::from_options(options);
        let (environment, unknown) = Layer::from_variables(std::env::vars_os())?;
        for name in unknown {
            failure::warn(&format!("the variable {name} is no setting of rfm"));
        }
        let mut layers = vec![command_line, environment];
        let file = config::file_in(&config::root(&layers));
        layers.push(Layer::from_file(&file)?);
        let config = config::resolve(&layers)?;
        rayon::ThreadPoolBuilder::new()
            .num_threads(config.threads.unwrap_or(0))
            .build_global()
            .context("cannot start threads")?;
        let playbook = Playbook::load(&config.root)?;
        Ok(Self { config, playbook })
    }

    /// The model, or the built-in one.
    pub(crate) fn load_model(&self) -> Result<LoadedModel> {
        let model = self.config.model.load();
        model.map_err(|error| model_error(&self.config.root, error))
    }

    /// A file in the project's folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.config.root.join(relative)
    }

    /// The reference data, where they were downloaded.
    pub(crate) fn raw_workbook(&self) -> PathBuf {
        self.path("data/raw/online_retail.xlsx")
    }

    pub(crate) fn features(&self) -> PathBuf {
        self.path("data/processed/rfm_features.csv")
    }

    pub(crate) fn features_parquet(&self) -> PathBuf {
        self.path("data/processed/rfm_features.parquet")
    }

    pub(crate) fn segments(&self) -> PathBuf {
        self.path("data/processed/customer_segments.csv")
    }

    pub(crate) fn clean_report(&self) -> PathBuf {
        self.path("data/interim/clean_report.json")
    }

    pub(crate) fn rejected(&self) -> PathBuf {
        self.path("data/interim/rejected.csv")
    }

    pub(crate) fn run_record(&self) -> PathBuf {
        self.path("data/processed/run.json")
    }

    pub(crate) fn evaluation(&self) -> PathBuf {
        self.path("models/evaluation.json")
    }

    pub(crate) fn evaluation_table(&self) -> PathBuf {
        self.path("models/evaluation.csv")
    }

    pub(crate) fn silhouettes(&self) -> PathBuf {
        self.path("models/silhouettes.json")
    }

    /// The folder of the figures.
    pub(crate) fn figures(&self) -> PathBuf {
        self.path("reports/figures")
    }

    /// A figure by its name and the ending of its file.
    pub(crate) fn figure(&self, name: &str, ending: &str) -> PathBuf {
        self.figures().join(format!("{name}.{ending}"))
    }

    /// The report, by the ending of its file.
    pub(crate) fn report(&self, ending: &str) -> PathBuf {
        self.path(&format!("reports/report.{ending}"))
    }

    /// Makes sure that the model does not replace a file that is no model.
    ///
    /// `inputs` are the exports that are read in the same run.
    pub(crate) fn check_model_target(&self, inputs: &[PathBuf]) -> Result<(), UsageError> {
        let model = &self.config.model.path;
        let same = |other: &Path| is_same_file(model, other);
        let taken = |role| UsageError::ModelTarget {
            path: model.display().to_string(),
            role,
        };
        if inputs.iter().any(|input| same(input)) {
            return Err(taken("the input"));
        }
        let outputs = [
            self.features(),
            self.features_parquet(),
            self.segments(),
            self.clean_report(),
            self.rejected(),
            self.run_record(),
            self.evaluation(),
            self.evaluation_table(),
            self.silhouettes(),
        ];
        if outputs.iter().any(|output| same(output)) {
            return Err(taken("another output of rfm"));
        }
        // Every model, and every broken one, is JSON or empty.
        let mut first = [0];
        let start = File::open(model).and_then(|mut file| file.read(&mut first));
        match start {
            Ok(1) if first[0] != b'{' => Err(taken("no model")),
            _ => Ok(()),
        }
    }
}

/// The error of a model that could not be loaded; if its path would be the name
/// of a model of the project in `root`, the error says where that is.
pub(crate) fn model_error(root: &Path, error: ModelError) -> anyhow::Error {
    let named = || {
        let ModelError::Read { path, source } = &error else {
            return None;
        };
        let name = path.to_str().filter(|_| source.kind() == NotFound)?;
        let usual = ModelSource {
            path: root.join(Key::Model.default()?),
            is_given: false,
        };
        let found = History::open(usual).ok()?.find(name).ok()?;
        // The built-in model has no file.
        Path::new(&found.place).exists().then_some(found.place)
    };
    match named() {
        Some(path) => MisnamedModel {
            message: failure::words(&error),
            path,
        }
        .into(),
        None => error.into(),
    }
}

/// Whether two paths lead to one file.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => a == b,
    }
}
