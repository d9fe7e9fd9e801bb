use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use super::checklist::Checklist;
use super::group::Group;
use super::page::{Page, Script};
use super::{applications, authentication, cookies, session, start, state};

/// The groups of the tour's pages, in reading order.
pub const GROUPS: &[Group] = &[
    start::GROUP,
    state::GROUP,
    cookies::GROUP,
    session::GROUP,
    applications::GROUP,
    authentication::GROUP,
];

/// Returns every page, in reading order.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    GROUPS.iter().flat_map(|group| group.pages)
}

/// Returns the page at a path, or otherwise the page that the path is below: `/step-one/tea` is below `/step-one`.
pub(crate) fn page_at(path: &str) -> Option<&'static Page> {
    let above = path.match_indices('/').nth(1).map_or(path, |(at, _)| &path[..at]);
    pages()
        .find(|page| page.path == path)
        .or_else(|| pages().find(|page| page.path == above))
}

/// Converts a page to a template value, with links to the previous and the next page.
pub(crate) fn page_to_template(page: &Page) -> Value {
    let position = pages().position(|other| other.path == page.path);
    let neighbor =
        |at: Option<usize>| at.and_then(|at| pages().nth(at)).map(Page::to_link);
    context! {
        path => page.path,
        title => page.title,
        summary => page.summary,
        rust_functions => page.rust_functions.iter().copied().collect::<Value>(),
        flask_functions => page.flask_functions.iter().copied().collect::<Value>(),
        uses_scripts => page.script == Script::InPart,
        previous => neighbor(position.and_then(|at| at.checked_sub(1))),
        next => neighbor(position.map(|at| at + 1)),
    }
}

/// Returns the checklist of the course.
pub(crate) fn checklist() -> Checklist {
    let items =
        |page: &'static Page| page.checklist.iter().map(|item| (item, page.path));
    Checklist::new(pages().flat_map(items))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    #[cfg_attr(not(feature = "inspect"), ignore = "some pages need the inspector")]
    fn every_file_of_a_page_is_in_the_contents() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/pages");
        let folders = fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path());
        for folder in folders.filter(|path| path.is_dir()) {
            for file in fs::read_dir(&folder).unwrap() {
                let file = file.unwrap().path();
                let source = fs::read_to_string(&file).unwrap();
                let is_page = source.contains("\npub(crate) const PAGE: Page");
                assert!(
                    !is_page || pages().any(|page| page.source == source),
                    "{} is not in the contents: add its `PAGE` to the `GROUP` in mod.rs in the same folder",
                    file.display()
                );
            }
        }
    }

    #[test]
    fn a_page_is_found_by_its_path_and_by_paths_below_it() {
        let path = |path: &str| page_at(path).map(|page| page.path);
        assert_eq!(path("/login"), Some("/login"));
        assert_eq!(path("/cookies/x/y"), Some("/cookies"));
        assert!(path("/nothing").is_none() && path("").is_none());
    }

    #[test]
    fn every_page_has_its_own_path() {
        let mut paths: Vec<_> = pages().map(|page| page.path).collect();
        let all = paths.len();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), all);
    }

    #[test]
    fn every_item_of_the_checklist_has_its_own_identifier() {
        let checklist = checklist();
        let ids: BTreeSet<_> = checklist.ids().collect();
        assert_eq!(ids.len(), checklist.ids().count());
        assert!(!ids.is_empty());
    }
}
