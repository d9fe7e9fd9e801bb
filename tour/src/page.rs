use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

/// A page of the tour.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page {
    /// The path.
    pub path: &'static str,
    /// The heading.
    pub title: &'static str,
    /// A summary in one sentence.
    pub about: &'static str,
    /// The functions in the tour's own source that the page shows.
    pub handlers: &'static [&'static str],
    /// The functions in `flask/app.py` that it shows beside them.
    pub flask: &'static [&'static str],
    /// The part of the page that needs scripts.
    pub script: Script,
}

/// The part of a page that needs scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// None: the whole page works without JavaScript.
    Unused,
    /// A part about something that only scripts can reach, such as localStorage. The rest works without JavaScript.
    InPart,
}

impl Page {
    /// Creates a page that works without scripts.
    pub(crate) const fn new(
        path: &'static str,
        title: &'static str,
        about: &'static str,
        handlers: &'static [&'static str],
        flask: &'static [&'static str],
    ) -> Self {
        Self { path, title, about, handlers, flask, script: Script::Unused }
    }

    /// Marks the page as needing scripts for a part of it.
    pub(crate) const fn in_part_by_script(mut self) -> Self {
        self.script = Script::InPart;
        self
    }

    /// Converts the page to a link for templates.
    pub(crate) fn to_link(&self) -> Value {
        context! { path => self.path, title => self.title, about => self.about }
    }
}
