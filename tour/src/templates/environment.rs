use hardtack_minijinja::minijinja::{Environment, Error, ErrorKind, Value};

use super::highlight::{Language, highlight};
use super::source_code::{flask_function, rust_function, template_excerpt};
use crate::pages::{
    GROUPS, Group, Template, page_at, page_to_template, pages, templates,
};
use crate::sessions::Backend;

/// The templates that several pages use, and those of responses that are not pages.
const SHARED: &[Template] = templates![
    "page.html",
    "message-head.html",
    "layout.html",
    "code-section.html",
    "messages.html",
    "not-found.html",
    "too-large.html",
    "previous-next.html",
    "headers-section.html",
    "exchanges.html",
];

/// Returns all templates, including those of the pages.
fn all_templates() -> impl Iterator<Item = &'static Template> {
    SHARED.iter().chain(pages().flat_map(|page| page.templates))
}

/// Returns the environment with all templates, and the values and functions that they share. `default_backend` applies
/// to visitors who have not chosen a backend.
pub(crate) fn environment(default_backend: Backend) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_loader(|name| {
        Ok(all_templates()
            .find(|template| template.name == name)
            .map(|template| template.source.to_owned()))
    });
    environment.add_global(
        "backends",
        Backend::ALL.into_iter().map(Backend::to_template).collect::<Value>(),
    );
    environment
        .add_global("groups", GROUPS.iter().map(Group::to_template).collect::<Value>());
    environment.add_global("has_inspector", cfg!(feature = "inspect"));
    environment.add_function("backend_of", move |cookie: Option<&str>| {
        cookie
            .and_then(|backend| backend.parse().ok())
            .unwrap_or(default_backend)
            .to_template()
    });
    environment
        .add_function("page_at", |path: &str| page_at(path).map(page_to_template));
    environment.add_function("rust_code", |path: &str, function: &str| {
        page_at(path)
            .and_then(|page| rust_function(page, function))
            .map(|code| highlight(code, Language::Rust))
            .ok_or_else(|| missing_function(function))
    });
    environment.add_function("template_code", |path: &str| {
        page_at(path)
            .and_then(template_excerpt)
            .map(|code| highlight(code, Language::Template))
    });
    environment.add_function("flask_code", |function: &str| {
        flask_function(function)
            .map(|code| highlight(code, Language::Python))
            .ok_or_else(|| missing_function(function))
    });
    environment
}

fn missing_function(function: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("there is no function {function}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_template_is_well_formed() {
        let environment = environment(Backend::Stored);
        for template in all_templates() {
            assert!(
                environment.get_template(template.name).is_ok(),
                "{}",
                template.name
            );
        }
    }

    #[test]
    #[cfg_attr(not(feature = "inspect"), ignore = "some pages need the inspector")]
    fn every_template_belongs_to_a_page_or_is_shared() {
        let known: BTreeSet<_> =
            all_templates().map(|template| template.name.to_owned()).collect();
        assert_eq!(
            known.len(),
            all_templates().count(),
            "a template belongs to one page only"
        );
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        for name in files_below(&folder) {
            assert!(
                !name.ends_with(".html") || known.contains(&name),
                "templates/{name} is not compiled in: add it to `templates` of the page that renders it, or to \
                 `SHARED` in src/templates/environment.rs"
            );
        }
    }

    /// Returns the paths of all files below a folder, relative to that folder.
    fn files_below(folder: &Path) -> Vec<String> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.path().is_dir() {
                let below = files_below(&entry.path());
                files.extend(below.into_iter().map(|file| format!("{name}/{file}")));
            } else {
                files.push(name);
            }
        }
        files
    }
}
