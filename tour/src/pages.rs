use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use crate::contents::GROUPS;
use crate::page::{Page, Script};

/// Returns every page, in reading order.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    GROUPS.iter().flat_map(|group| group.pages)
}

impl Page {
    /// Returns the page at a path or above it: `/step-one/tea` belongs to `/step-one`.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let above = path.match_indices('/').nth(1).map_or(path, |(at, _)| &path[..at]);
        pages()
            .find(|page| page.path == path)
            .or_else(|| pages().find(|page| page.path == above))
    }

    /// Converts the page to a template value, with links to the previous and the next page.
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
