use super::site::Site;

/// The key of a cookie partition: each top-level site has separate cookies for the sites that it embeds (CHIPS).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartitionKey {
    site: Site,
    cross_site_ancestor: bool,
}

impl PartitionKey {
    /// Creates the partition key for the content in a tab that shows a page on this site. The content may be the site's
    /// own, or embedded.
    pub const fn new(top_level: Site) -> Self {
        Self { site: top_level, cross_site_ancestor: false }
    }

    /// Records that the embedded content, or a page between it and the tab's page, is on another site.
    #[must_use]
    pub const fn with_cross_site_ancestor(mut self) -> Self {
        self.cross_site_ancestor = true;
        self
    }

    /// Returns the site of the tab's page.
    pub const fn site(&self) -> &Site {
        &self.site
    }

    /// Returns whether the embedded content, or a page between it and the tab's page, is on another site.
    pub const fn has_cross_site_ancestor(&self) -> bool {
        self.cross_site_ancestor
    }
}
