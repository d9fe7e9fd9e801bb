use crate::pages::Page;

/// The same application in Flask. `python3 flask/app.py` runs it.
const FLASK: &str = include_str!("../../flask/app.py");

/// Returns the source of a handler of a page.
pub(crate) fn of(page: &Page, handler: &str) -> Option<&'static str> {
    let head = format!("fn {handler}(");
    let at = ["\n", "\nasync ", "\npub(crate) ", "\npub(crate) async "]
        .iter()
        .find_map(|before| Some(page.source.find(&format!("{before}{head}"))? + 1))?;
    let lines = page.source.get(at..)?;
    // In rustfmt's output, only the closing brace of a function is at the start of a line.
    let to = lines.find("\n}\n")? + 2;
    lines.get(..to)
}

/// Returns the source of the equivalent Flask function, with its decorators.
pub(crate) fn of_flask(function: &str) -> Option<&'static str> {
    let at = FLASK.find(&format!("\ndef {function}("))? + 1;
    // Decorators directly precede the function, without an empty line in between.
    let from = FLASK.get(..at)?.rfind("\n\n")? + 2;
    let lines = FLASK.get(from..)?;
    let to = lines.find("\n\n\n").unwrap_or(lines.len());
    Some(lines.get(..to)?.trim())
}

/// Returns the lines that a page's templates mark as worth showing.
pub(crate) fn of_template(page: &Page) -> Option<&'static str> {
    page.templates.iter().find_map(|template| {
        let (_, marked) = template.source.split_once("{# lines #}\n")?;
        marked.split_once("\n{# end #}").map(|(lines, _)| lines)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::pages;

    #[test]
    fn every_page_has_its_lines() {
        for page in pages() {
            assert!(!page.handlers.is_empty(), "{}", page.path);
            for handler in page.handlers {
                let lines =
                    of(page, handler).unwrap_or_else(|| panic!("no handler {handler}"));
                assert!(lines.contains("fn ") && lines.ends_with('}'), "{lines}");
                let all = page.source.matches(&format!("fn {handler}(")).count();
                assert_eq!(
                    all, 1,
                    "another function {handler} would be shown in its place"
                );
            }
            assert_eq!(of(page, "nothing"), None);
        }
    }

    #[test]
    fn every_flask_function_that_a_page_shows_is_there() {
        for function in pages().flat_map(|page| page.flask) {
            let lines =
                of_flask(function).unwrap_or_else(|| panic!("no function {function}"));
            assert!(lines.starts_with("@app.") || lines.starts_with("def "), "{lines}");
            assert_eq!(lines.matches("def ").count(), 1, "{lines}");
        }
        assert_eq!(of_flask("nothing"), None);
    }

    #[test]
    #[cfg_attr(not(feature = "inspect"), ignore = "some pages need the inspector")]
    fn every_flask_function_is_shown_by_a_page() {
        for lines in FLASK.split("\n\n\n").filter(|lines| lines.starts_with("@app.")) {
            let is_shown = |function: &&str| of_flask(function) == Some(lines.trim());
            assert!(
                pages()
                    .flat_map(|page| page.flask.iter().copied())
                    .any(|function| is_shown(&function)),
                "{lines}"
            );
        }
    }
}
