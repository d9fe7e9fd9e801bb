use indicatif::{ProgressBar, ProgressStyle};

/// How far long work is, on standard error if that is a terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Of work of which nobody knows how much it is.
    pub(crate) fn counting(what: &'static str) -> Self {
        Self::with(ProgressBar::no_length(), "{spinner} {msg}: {human_pos} ({per_sec})", what)
    }

    /// Of so many steps.
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
    /// The outcome stands alone.
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
