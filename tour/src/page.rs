use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

/// A page of the tour.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page {
    /// Where it is.
    pub path: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What it shows, in a sentence.
    pub about: &'static str,
    /// The functions of the tour's own source whose lines it shows.
    pub handlers: &'static [&'static str],
    /// The functions of `flask/app.py` beside them.
    pub flask: &'static [&'static str],
    /// What it needs scripts for.
    pub script: Script,
}

/// What a page needs scripts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Script {
    /// Nothing: all of it works without JavaScript.
    Unused,
    /// A part of it is about something that only scripts reach, as localStorage; the rest works without.
    InPart,
}

impl Page {
    /// A page that works without scripts.
    pub(crate) const fn new(
        path: &'static str,
        title: &'static str,
        about: &'static str,
        handlers: &'static [&'static str],
        flask: &'static [&'static str],
    ) -> Self {
        Self { path, title, about, handlers, flask, script: Script::Unused }
    }

    /// A part of it needs scripts.
    pub(crate) const fn in_part_by_script(mut self) -> Self {
        self.script = Script::InPart;
        self
    }

    /// As a link to it.
    pub(crate) fn to_link(&self) -> Value {
        context! { path => self.path, title => self.title, about => self.about }
    }
}
