use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use crate::contents::GROUPS;

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

/// Pages about one thing.
#[derive(Debug)]
#[non_exhaustive]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// Its pages, in the order to walk them.
    pub pages: &'static [Page],
}

/// Every page, in the order to walk them.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    GROUPS.iter().flat_map(|group| group.pages)
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

    /// The page at a path, or above it: `/step-one/tea` is one of `/step-one`.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let above = path.match_indices('/').nth(1).map_or(path, |(at, _)| &path[..at]);
        pages()
            .find(|page| page.path == path)
            .or_else(|| pages().find(|page| page.path == above))
    }

    /// As templates see it, with its neighbours.
    pub(crate) fn to_template(&self) -> Value {
        let place = pages().position(|page| page.path == self.path);
        let neighbour =
            |at: Option<usize>| at.and_then(|at| pages().nth(at)).map(Self::to_link);
        context! {
            path => self.path,
            title => self.title,
            about => self.about,
            handlers => self.handlers.iter().copied().collect::<Value>(),
            flask => self.flask.iter().copied().collect::<Value>(),
            uses_scripts => self.script == Script::InPart,
            before => neighbour(place.and_then(|at| at.checked_sub(1))),
            after => neighbour(place.map(|at| at + 1)),
        }
    }

    fn to_link(&self) -> Value {
        context! { path => self.path, title => self.title, about => self.about }
    }
}

impl Group {
    pub(crate) const fn new(title: &'static str, pages: &'static [Page]) -> Self {
        Self { title, pages }
    }

    /// As templates see it.
    pub(crate) fn to_template(&self) -> Value {
        let pages: Value = self.pages.iter().map(Page::to_link).collect();
        context! { title => self.title, pages }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_found_by_its_path_and_by_one_below() {
        assert_eq!(Page::at("/login").map(|page| page.path), Some("/login"));
        assert_eq!(Page::at("/cookies/x/y").map(|page| page.path), Some("/cookies"));
        assert!(Page::at("/nothing").is_none() && Page::at("").is_none());
    }

    #[test]
    fn no_path_is_twice() {
        let mut paths: Vec<_> = pages().map(|page| page.path).collect();
        let all = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), all);
    }
}
