/// The files that answer requests.
const SOURCES: [&str; 4] = [
    include_str!("cookies.rs"),
    include_str!("sessions.rs"),
    include_str!("home.rs"),
    include_str!("login.rs"),
];

/// The lines of a handler, out of the very source that was compiled: what a page shows is what it runs.
pub(crate) fn of(handler: &str) -> Option<&'static str> {
    let head = format!("\nasync fn {handler}(");
    SOURCES.iter().find_map(|source| {
        let from = source.find(&head)? + 1;
        let lines = source.get(from..)?;
        // rustfmt puts the closing brace of a function, and nothing else of it, at the line's start.
        let to = lines.find("\n}\n")? + 2;
        lines.get(..to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::GROUPS;

    #[test]
    fn every_page_has_its_lines() {
        for page in GROUPS.iter().flat_map(|group| group.pages) {
            for handler in page.handlers {
                let lines = of(handler).unwrap_or_else(|| panic!("no handler {handler}"));
                assert!(lines.starts_with("async fn ") && lines.ends_with('}'), "{lines}");
                assert_eq!(lines.matches("async fn ").count(), 1, "{lines}");
            }
        }
        assert_eq!(of("nothing"), None);
    }
}
