//! A progress bar for steps that take their time.

use std::{
    fmt,
    io::{IsTerminal, stderr},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use rfmkit::progress::Progress;

/// How long a step runs before a bar appears.
const PATIENCE: Duration = Duration::from_secs(1);
const REFRESH: Duration = Duration::from_millis(100);

/// A bar on the terminal while a step runs, gone when this is dropped.
///
/// There is none where stderr is no terminal, and none in the first second.
pub(crate) struct Bar {
    stop: mpsc::Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Starts to watch a step.
    pub(crate) fn watch(step: &'static str, progress: Arc<Progress>) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = stderr()
            .is_terminal()
            .then(|| thread::spawn(move || draw(step, &progress, &stopped)));
        Self { stop, thread }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        // Sending fails only if the thread has ended, which is as well.
        let _ = self.stop.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn draw(step: &'static str, progress: &Arc<Progress>, stopped: &mpsc::Receiver<()>) {
    let goes_on = |wait| stopped.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let (_, total) = progress.get();
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    // The unit is known from when the step starts, which may be after the bar.
    let counters = Arc::clone(progress);
    let rate = move |state: &ProgressState, out: &mut dyn fmt::Write| {
        let unit = counters.unit();
        // A bar has no use for an error of the terminal.
        let _ = write!(out, "{} {unit}/s", scaled(state.per_sec()));
    };
    let style = |template| {
        let style = ProgressStyle::with_template(template)
            .map(|style| style.with_key("rate", rate.clone()).progress_chars("=> "));
        style.unwrap_or_else(|_| ProgressStyle::default_bar())
    };
    bar.set_style(style("{msg:9} {human_pos}  {rate}"));
    bar.set_message(step);
    let mut is_bounded = false;
    loop {
        let (done, total) = progress.get();
        if total > 0 && !is_bounded {
            is_bounded = true;
            bar.set_style(style(
                "{msg:9} {wide_bar} {percent:>3} %  {rate}  {eta} left",
            ));
        }
        bar.set_length(total.max(done));
        bar.set_position(done);
        if !goes_on(REFRESH) {
            bar.finish_and_clear();
            return;
        }
    }
}

/// A rate in two or three digits: `394 M`.
fn scaled(rate: f64) -> String {
    const PREFIXES: [(f64, &str); 3] = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let prefix = PREFIXES.into_iter().find(|(size, _)| rate >= *size);
    let (size, prefix) = prefix.unwrap_or((1.0, ""));
    let scaled = rate / size;
    let places = usize::from(scaled < 10.0);
    format!("{scaled:.places$}{prefix}")
}
