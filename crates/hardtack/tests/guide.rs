//! The guide is complete: each page is in rustdoc and in the table of contents, and each link resolves, in rustdoc and
//! in the file.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

const GUIDE: &str = include_str!("../src/guide.rs");
const CONTENTS: &str = include_str!("../docs/guide.md");

#[test]
fn every_page_is_a_module_and_in_the_contents() {
    for page in pages() {
        let (name, file) = (stem(&page), page.file_name().unwrap().to_str().unwrap().to_owned());
        assert!(GUIDE.contains(&format!("include_str!(\"../docs/{file}\")")), "{file} is in no module");
        if name != "guide" {
            assert!(GUIDE.contains(&format!("pub mod {name} {{}}")), "{name} is no module");
            assert!(CONTENTS.contains(&format!("]: {file}")), "{file} is not in the contents");
        }
    }
}

#[test]
fn every_link_of_a_page_leads_somewhere_in_both_forms() {
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for (label, target) in text.lines().filter_map(definition) {
            assert!(page.parent().unwrap().join(target).exists(), "{}: {target}", page.display());
            assert!(GUIDE.contains(&format!("\n[{label}]: crate::")), "rustdoc does not know [{label}]");
        }
        let inline = text.match_indices("](").filter(|(at, _)| !text[at + 2..].starts_with('#'));
        assert_eq!(inline.count(), 0, "{}: a link in rustdoc's form or a file's, not both", page.display());
    }
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let pages: Vec<_> = files.filter(|path| path.extension().is_some_and(|ext| ext == "md")).collect();
    assert!(pages.len() > 10);
    pages
}

fn stem(page: &Path) -> String {
    page.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Parses a line that defines a link: `[label]: target`.
fn definition(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once("]: ")
}
