use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

use crate::page::Page;

/// Something to watch, read, or do.
pub(crate) struct Item {
    id: &'static str,
    sort: &'static str,
    path: &'static str,
    text: &'static str,
}

/// Returns the items of the course checklist whose pages exist.
pub(crate) fn checklist() -> impl Iterator<Item = &'static Item> {
    CHECKLIST.iter().filter(|item| Page::at(item.path).is_some())
}

const CHECKLIST: [Item; 15] = [
    Item::new(
        "w1",
        "Watch",
        "/conversation",
        "a stateless server remember your favorite food",
    ),
    Item::new(
        "w2",
        "Watch",
        "/step-zero",
        "a word go from one page to the next in seven ways",
    ),
    Item::new("w3", "Watch", "/visits", "a site count your visits"),
    Item::new("w4", "Watch", "/limits", "a browser drop a cookie of 4,097 bytes"),
    Item::new("w5", "Watch", "/flash", "a message appear once, and never again"),
    Item::new(
        "r1",
        "Read",
        "/storage",
        "how cookie, localStorage and sessionStorage differ",
    ),
    Item::new("r2", "Read", "/which", "which of them to use when"),
    Item::new("r3", "Read", "/anatomy", "a session’s cookie, layer by layer"),
    Item::new("r4", "Read", "/jar", "where developer tools show the jar"),
    Item::new("r5", "Read", "/tips", "what makes a session safe"),
    Item::new("d1", "Do", "/options", "set a cookie with every attribute"),
    Item::new("d2", "Do", "/delete-cookie", "set a cookie, and delete it"),
    Item::new(
        "d3",
        "Do",
        "/anatomy",
        "change one letter of a session, and see it refused",
    ),
    Item::new("d4", "Do", "/cart", "fill a cart, log in, and find it full"),
    Item::new(
        "d5",
        "Do",
        "/devices",
        "log in with two browsers, and end one from the other",
    ),
];

impl Item {
    const fn new(
        id: &'static str,
        sort: &'static str,
        path: &'static str,
        text: &'static str,
    ) -> Self {
        Self { id, sort, path, text }
    }

    /// Returns its identifier, used in forms and wherever progress is stored.
    pub(crate) fn id(&self) -> &'static str {
        self.id
    }

    pub(crate) fn is_in(&self, done: &[String]) -> bool {
        done.iter().any(|id| id == self.id)
    }

    /// Converts the item to a template value.
    pub(crate) fn to_template(&self, done: &[String]) -> Value {
        let is_done = self.is_in(done);
        context! { id => self.id, sort => self.sort, path => self.path, text => self.text, is_done }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::pages;

    #[test]
    #[cfg_attr(not(feature = "inspect"), ignore = "some pages stand on the inspector")]
    fn every_item_leads_to_a_page() {
        for (at, item) in CHECKLIST.iter().enumerate() {
            assert!(pages().any(|page| page.path == item.path), "{}", item.path);
            assert!(
                CHECKLIST[..at].iter().all(|other| other.id != item.id),
                "{}",
                item.id
            );
        }
    }
}
