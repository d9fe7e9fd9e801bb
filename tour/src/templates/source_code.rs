use crate::pages::Page;

/// The source code of the same application in Flask, which `python3 flask/app.py` runs.
const FLASK: &str = include_str!("../../flask/app.py");

/// Returns the source code of a function in the Rust file of a page.
pub(crate) fn rust_function(page: &Page, function: &str) -> Option<&'static str> {
    let head = format!("fn {function}(");
    let at = ["\n", "\nasync ", "\npub(crate) ", "\npub(crate) async "]
        .iter()
        .find_map(|before| Some(page.source.find(&format!("{before}{head}"))? + 1))?;
    let lines = page.source.get(at..)?;
    // rustfmt indents all lines of a function's body, so the first brace at the start of a line closes the function.
    let to = lines.find("\n}\n")? + 2;
    lines.get(..to)
}

/// Returns the source code of a function in the Flask application, with its decorators.
pub(crate) fn flask_function(function: &str) -> Option<&'static str> {
    let at = FLASK.find(&format!("\ndef {function}("))? + 1;
    // Decorators directly precede the function, without an empty line in between.
    let from = FLASK.get(..at)?.rfind("\n\n")? + 2;
    let lines = FLASK.get(from..)?;
    let to = lines.find("\n\n\n").unwrap_or(lines.len());
    Some(lines.get(..to)?.trim())
}

/// Returns the excerpt that is marked in a page's templates.
pub(crate) fn template_excerpt(page: &Page) -> Option<&'static str> {
    page.templates.iter().find_map(|template| {
        let (_, marked) = template.source.split_once("{# excerpt #}\n")?;
        marked.split_once("\n{# end #}").map(|(lines, _)| lines)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::pages;

    #[test]
    fn every_rust_function_that_a_page_shows_exists() {
        for page in pages() {
            assert!(!page.rust_functions.is_empty(), "{}", page.path);
            for function in page.rust_functions {
                let lines = rust_function(page, function)
                    .unwrap_or_else(|| panic!("no function {function}"));
                assert!(lines.contains("fn ") && lines.ends_with('}'), "{lines}");
                let all = page.source.matches(&format!("fn {function}(")).count();
                assert_eq!(
                    all, 1,
                    "another function {function} would be shown instead"
                );
            }
            assert_eq!(rust_function(page, "nothing"), None);
        }
    }

    #[test]
    fn every_flask_function_that_a_page_shows_exists() {
        for function in pages().flat_map(|page| page.flask_functions) {
            let lines = flask_function(function)
                .unwrap_or_else(|| panic!("no function {function}"));
            assert!(lines.starts_with("@app.") || lines.starts_with("def "), "{lines}");
            assert_eq!(lines.matches("def ").count(), 1, "{lines}");
        }
        assert_eq!(flask_function("nothing"), None);
    }

    #[test]
    #[cfg_attr(not(feature = "inspect"), ignore = "some pages need the inspector")]
    fn every_flask_function_is_shown_by_a_page() {
        for lines in FLASK.split("\n\n\n").filter(|lines| lines.starts_with("@app.")) {
            let is_shown =
                |function: &&str| flask_function(function) == Some(lines.trim());
            assert!(
                pages()
                    .flat_map(|page| page.flask_functions.iter().copied())
                    .any(|function| is_shown(&function)),
                "{lines}"
            );
        }
    }
}
