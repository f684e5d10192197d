//! A progress bar for steps that take their time.

mod pace;

use std::{
    io::{IsTerminal, stderr},
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rfmkit::progress::Progress;

use self::pace::Pace;

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

/// What a step does, and the further thing that it does after so many starts of
/// its counters.
type Passes = ([&'static str; 2], usize);

impl Bar {
    /// Starts to watch a step.
    pub(crate) fn watch(step: &'static str, progress: Arc<Progress>) -> Self {
        Self::watch_passes(([step; 2], 0), progress)
    }

    /// Starts to watch a step that goes over some files, and then over them again.
    pub(crate) fn watch_passes(passes: Passes, progress: Arc<Progress>) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = stderr()
            .is_terminal()
            .then(|| thread::spawn(move || draw(passes, &progress, &stopped)));
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

fn draw((steps, files): Passes, progress: &Progress, stopped: &mpsc::Receiver<()>) {
    let goes_on = |wait| stopped.recv_timeout(wait) == Err(mpsc::RecvTimeoutError::Timeout);
    #[expect(clippy::disallowed_methods, reason = "it is for people, and no result")]
    let start = Instant::now();
    let mut pace = Pace::default();
    let mut bar = None;
    loop {
        let starts = progress.starts();
        let (done, total) = progress.get();
        pace.see(start.elapsed(), starts, done);
        if start.elapsed() >= PATIENCE {
            let bar = bar.get_or_insert_with(|| {
                ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr())
            });
            let template = if total > 0 {
                "{msg:9} {wide_bar} {percent:>3} %  {prefix}"
            } else {
                "{msg:9} {human_pos}  {prefix}"
            };
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_message(steps[usize::from(starts > files)]);
            bar.set_prefix(pace.words(total, progress.unit()));
            bar.set_length(total.max(done));
            bar.set_position(done);
            bar.tick();
        }
        if !goes_on(REFRESH) {
            if let Some(bar) = bar {
                bar.finish_and_clear();
            }
            return;
        }
    }
}
