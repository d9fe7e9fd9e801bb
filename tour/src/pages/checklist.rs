use hardtack_minijinja::context;
use hardtack_minijinja::minijinja::Value;

/// Something to watch, read, or do on a page.
#[derive(Debug)]
pub(crate) struct ChecklistItem {
    /// The identifier, which is used in forms and in the stored progress.
    pub(crate) id: &'static str,
    activity: Activity,
    text: &'static str,
}

/// The activity that an item asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Activity {
    Watch,
    Read,
    Do,
}

/// The items of all pages, each with the path of its page.
#[derive(Debug)]
pub(crate) struct Checklist {
    items: Vec<(&'static ChecklistItem, &'static str)>,
}

impl ChecklistItem {
    pub(crate) const fn new(
        id: &'static str,
        activity: Activity,
        text: &'static str,
    ) -> Self {
        Self { id, activity, text }
    }
}

impl Activity {
    fn name(self) -> &'static str {
        match self {
            Self::Watch => "Watch",
            Self::Read => "Read",
            Self::Do => "Do",
        }
    }
}

impl Checklist {
    /// Creates a checklist from items, and sorts them by activity, and by identifier within an activity.
    pub(crate) fn new(
        items: impl IntoIterator<Item = (&'static ChecklistItem, &'static str)>,
    ) -> Self {
        let mut items: Vec<_> = items.into_iter().collect();
        items.sort_by_key(|(item, _)| (item.activity, item.id));
        Self { items }
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &'static str> {
        self.items.iter().map(|(item, _)| item.id)
    }

    /// Converts the items to a template value. Items are done if their identifiers are in `done`.
    pub(crate) fn to_template(&self, done: &[String]) -> Value {
        let to_template = |(item, path): &(&ChecklistItem, &str)| {
            let is_done = done.iter().any(|id| id == item.id);
            context! { id => item.id, activity => item.activity.name(), path => *path, text => item.text, is_done }
        };
        self.items.iter().map(to_template).collect()
    }
}
