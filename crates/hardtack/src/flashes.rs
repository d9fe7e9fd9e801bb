use hardtack_core::session::{
    DEFAULT_CATEGORY, FLASHES_KEY, Flash, Replay, add_flash, drop_flashes, read_flashes,
};

use crate::session::Session;

impl<K: 'static> Session<K> {
    /// Leaves a message for the next page that shows messages.
    ///
    /// ```
    /// # use hardtack_jar::Browser;
    /// # use axum::{Router, routing::get};
    /// # use hardtack::{MemoryStore, SessionLayer};
    /// use hardtack::Session;
    ///
    /// async fn save(session: Session) {
    ///     session.flash("Saved.");
    ///     session.flash_as("warning", "It was rather long.");
    /// }
    ///
    /// async fn page(session: Session) -> String {
    ///     let lines = session.flashes().into_iter().map(|flash| format!("{}: {}\n", flash.category, flash.message));
    ///     lines.collect()
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Router::new().route("/save", get(save)).route("/", get(page))
    /// #     .layer(SessionLayer::stored(MemoryStore::new()));
    /// # let browser = Browser::new(app);
    /// # browser.get("/save").await?;
    /// # assert_eq!(browser.get("/").await?.text(), "message: Saved.\nwarning: It was rather long.\n");
    /// # assert_eq!(browser.get("/").await?.text(), "");
    /// # Ok(())
    /// # }
    /// ```
    pub fn flash(&self, message: impl Into<String>) {
        self.flash_as(DEFAULT_CATEGORY, message);
    }

    /// Leaves a message of a category, as in `"error"`. The category goes first; Flask's `flash` has it last.
    pub fn flash_as(&self, category: impl Into<String>, message: impl Into<String>) {
        let flash = Flash { category: category.into(), message: message.into() };
        self.write(FLASHES_KEY, |open| {
            let outcome = add_flash(open.get(FLASHES_KEY), &flash);
            open.changes.update(
                &open.base,
                FLASHES_KEY,
                outcome,
                Replay::new(move |text| add_flash(text, &flash)),
            );
        });
    }

    /// The messages that wait, in the order they were left. They are then gone, exactly these and no others.
    ///
    /// Within one request it gives the same messages each time; one left after the first call waits for the next page.
    pub fn flashes(&self) -> Vec<Flash> {
        let shown = self.write(FLASHES_KEY, |open| {
            if let Some(shown) = &open.flashes {
                return shown.clone();
            }
            let waiting = open.get(FLASHES_KEY);
            let shown = read_flashes(waiting);
            if waiting.is_some() {
                let (outcome, again) = (drop_flashes(waiting, &shown), shown.clone());
                let again = Replay::new(move |text| drop_flashes(text, &again));
                open.changes.update(&open.base, FLASHES_KEY, outcome, again);
            }
            open.flashes = Some(shown.clone());
            shown
        });
        shown.unwrap_or_default()
    }
}
