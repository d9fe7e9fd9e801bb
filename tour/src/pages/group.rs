use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use super::page::Page;

/// Pages about one topic.
#[derive(Debug)]
#[non_exhaustive]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// The pages, in reading order.
    pub pages: &'static [Page],
}

impl Group {
    /// Converts the group to a template value.
    pub(crate) fn to_template(&self) -> Value {
        let pages: Value = self.pages.iter().map(Page::to_link).collect();
        context! { title => self.title, pages }
    }
}
