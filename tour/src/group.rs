use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use crate::page::Page;

/// Pages about one thing.
#[derive(Debug)]
#[non_exhaustive]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// Its pages, in the order to walk them.
    pub pages: &'static [Page],
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
