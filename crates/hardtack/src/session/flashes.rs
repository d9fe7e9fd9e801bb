use hardtack_core::protocol::{
    DEFAULT_CATEGORY, FLASHES_KEY, Flash, MAX_FLASHES, Replay, add_flash, count_flashes, drop_flashes,
    read_flashes,
};

use crate::observe::{EventKind, Subject};
use crate::session::Session;

impl<K: 'static> Session<K> {
    /// Stores a message for the next page that shows messages. At most 64 messages are kept: a further message replaces
    /// the oldest one, so that a session does not grow without bound if the visitor never opens such a page.
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

    /// Stores a message with a category, such as `"error"`. The category is the first argument here, but the last
    /// argument of Flask's `flash`.
    pub fn flash_as(&self, category: impl Into<String>, message: impl Into<String>) {
        let flash = Flash::new(category, message);
        let dropped = self.write(FLASHES_KEY, |data| {
            let waiting = data.get(FLASHES_KEY);
            let dropped = (count_flashes(waiting) + 1).saturating_sub(MAX_FLASHES);
            let outcome = add_flash(waiting, &flash);
            data.changes.update(
                &data.base,
                FLASHES_KEY,
                outcome,
                Replay::new(move |text| add_flash(text, &flash)),
            );
            dropped
        });
        if let Some(number @ 1..) = dropped {
            self.slot().emit(Subject::default(), EventKind::FlashesDropped { number });
        }
    }

    /// Returns the waiting messages, in the order in which they were stored, and removes them. Messages that a
    /// concurrent request stores are not removed.
    ///
    /// Within one request, each call returns the same messages. A message stored after the first call waits for the
    /// next page.
    ///
    /// A Flask program can flash any value, such as `flash(form.errors)`. A message that is not a string is returned as
    /// its JSON.
    ///
    /// A `HEAD` request does not remove any messages, because the visitor does not see its response. Otherwise, a link
    /// checker or a preview would use up the visitor's messages.
    pub fn flashes(&self) -> Vec<Flash> {
        let is_head = self.slot().is_head;
        if let Some(shown) = self.read(|data| data.flashes.clone()).flatten() {
            return shown;
        }
        let shown = self.write(FLASHES_KEY, |data| {
            let waiting = data.get(FLASHES_KEY);
            let shown = read_flashes(waiting);
            if waiting.is_some() && !is_head {
                let (outcome, again) = (drop_flashes(waiting, &shown), shown.clone());
                let again = Replay::new(move |text| drop_flashes(text, &again));
                data.changes.update(&data.base, FLASHES_KEY, outcome, again);
            }
            data.flashes.get_or_insert(shown).clone()
        });
        shown.unwrap_or_default()
    }
}
