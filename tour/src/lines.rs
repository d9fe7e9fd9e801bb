/// The source files with the handlers.
const SOURCES: &[&str] = &[
    include_str!("concepts/anatomy.rs"),
    include_str!("concepts/attributes.rs"),
    include_str!("concepts/conversation.rs"),
    include_str!("concepts/cookies.rs"),
    include_str!("concepts/course.rs"),
    include_str!("concepts/devices.rs"),
    include_str!("concepts/flash.rs"),
    include_str!("concepts/home.rs"),
    include_str!("concepts/jar.rs"),
    include_str!("concepts/limits.rs"),
    include_str!("concepts/login.rs"),
    include_str!("concepts/remember.rs"),
    include_str!("concepts/sessions.rs"),
    include_str!("concepts/shop.rs"),
    include_str!("concepts/steps.rs"),
    include_str!("concepts/storage.rs"),
    include_str!("concepts/tips.rs"),
    include_str!("concepts/token.rs"),
    include_str!("concepts/types.rs"),
    include_str!("concepts/visits.rs"),
];

/// The same application in Flask. `python3 flask/app.py` runs it.
const FLASK: &str = include_str!("../flask/app.py");

/// Returns the source of a handler, from the same file that was compiled, so that a page shows the code that it runs.
pub(crate) fn of(handler: &str) -> Option<&'static str> {
    let head = format!("fn {handler}(");
    SOURCES.iter().find_map(|source| {
        let at = ["\n", "\nasync ", "\npub(crate) ", "\npub(crate) async "]
            .iter()
            .find_map(|before| Some(source.find(&format!("{before}{head}"))? + 1))?;
        let lines = source.get(at..)?;
        // In rustfmt's output, only the closing brace of a function is at the start of a line.
        let to = lines.find("\n}\n")? + 2;
        lines.get(..to)
    })
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
                    of(handler).unwrap_or_else(|| panic!("no handler {handler}"));
                assert!(lines.contains("fn ") && lines.ends_with('}'), "{lines}");
                let all: usize = SOURCES
                    .iter()
                    .map(|source| source.matches(&format!("fn {handler}(")).count())
                    .sum();
                assert_eq!(
                    all, 1,
                    "another function {handler} would be shown in its place"
                );
            }
        }
        assert_eq!(of("nothing"), None);
    }

    #[test]
    fn every_page_has_its_lines_in_flask() {
        for page in pages() {
            assert!(!page.flask.is_empty(), "{}", page.path);
            for function in page.flask {
                let lines = of_flask(function)
                    .unwrap_or_else(|| panic!("no function {function}"));
                assert!(
                    lines.starts_with("@app.") || lines.starts_with("def "),
                    "{lines}"
                );
                assert_eq!(lines.matches("def ").count(), 1, "{lines}");
            }
        }
        assert_eq!(of_flask("nothing"), None);
    }
}
