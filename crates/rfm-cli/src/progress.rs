//! A progress bar for steps that take their time.

use std::{
    io::{IsTerminal, stderr},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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

fn draw(step: &'static str, progress: &Progress, stopped: &mpsc::Receiver<()>) {
    let goes_on = |wait| stopped.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout);
    if !goes_on(PATIENCE) {
        return;
    }
    let (_, total) = progress.get();
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let template =
        "{msg:9} {wide_bar} {percent:>3} %  {human_pos} of {human_len}  {per_sec:>12}  {eta} left";
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(step);
    loop {
        let (done, total) = progress.get();
        bar.set_length(total.max(done));
        bar.set_position(done);
        if !goes_on(REFRESH) {
            bar.finish_and_clear();
            return;
        }
    }
}
