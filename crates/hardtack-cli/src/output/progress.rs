use indicatif::{ProgressBar, ProgressStyle};

/// A progress display for long operations. It is shown on standard error if that is a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Counts items whose total is unknown.
    pub(crate) fn counting(what: &'static str) -> Self {
        Self::with(ProgressBar::no_length(), "{spinner} {msg}: {human_pos} ({per_sec})", what)
    }

    /// Shows the progress of a known number of steps.
    pub(crate) fn of(steps: usize, what: &'static str) -> Self {
        Self::with(ProgressBar::new(steps as u64), "{bar:30} {pos}/{len} {msg}", what)
    }

    fn with(bar: ProgressBar, template: &str, what: &'static str) -> Self {
        let style = ProgressStyle::with_template(template).expect("the template is one of the two above");
        Self { bar: bar.with_style(style).with_message(what) }
    }

    pub(crate) fn advance(&self, by: usize) {
        self.bar.inc(by as u64);
    }
}

impl Drop for Progress {
    /// Removes the bar, so that only the output remains.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
