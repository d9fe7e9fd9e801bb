use hardtack_core::protocol::Dictionary;
use hardtack_core::value::{self, Value};
use hardtack_core::{Error, ErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::session::Session;
use crate::slot::Refusal;

/// Methods that read or write several keys together.
impl<K: 'static> Session<K> {
    /// Sets several keys. If this would change `_user_id`, none of the keys is set, and an error is logged.
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// session.extend([("width", 640), ("height", 480)]);
    /// # }
    /// ```
    pub fn extend<Q: AsRef<str>, V: Into<Value>>(&self, pairs: impl IntoIterator<Item = (Q, V)>) {
        let texts: Vec<(Q, String)> =
            pairs.into_iter().map(|(key, value)| (key, value.into().to_text())).collect();
        // A refusal has already been logged.
        let _ = self.set_all(texts);
    }

    /// Returns all keys, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.whole().keys().map(Into::into).collect()
    }

    /// Returns all keys with their current values, sorted by key. A damaged value is omitted, and a warning is logged.
    pub fn iter(&self) -> impl Iterator<Item = (String, Value)> {
        let whole = self.whole();
        let pairs: Vec<_> = whole
            .iter()
            .filter_map(|(key, text)| match Value::from_text(text) {
                Ok(value) => Some((key.into_owned(), value)),
                Err(error) => {
                    tracing::warn!(%key, %error, "a session value cannot be read");
                    None
                }
            })
            .collect();
        pairs.into_iter()
    }

    /// Returns the number of keys.
    pub fn len(&self) -> usize {
        self.whole().len()
    }

    /// Returns whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.read(|data| data.changes.leaves_empty(&data.base)).unwrap_or(true)
    }

    /// Reads the whole session as a single type of the application. The session may contain other keys as well, such as
    /// `_user_id`.
    ///
    /// ```
    /// # use hardtack_jar::Browser;
    /// # use axum::{Router, routing::get};
    /// # use hardtack::{Error, MemoryStore, Session, SessionLayer};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize, PartialEq, Debug)]
    /// struct Preferences { theme: String, columns: u8 }
    ///
    /// fn save_and_read(session: &Session) -> Result<(), Error> {
    ///     let wide = Preferences { theme: "dark".to_owned(), columns: 3 };
    ///     session.write_from(&wide)?;
    ///     assert_eq!(session.keys(), ["columns", "theme"]);
    ///     assert_eq!(session.read_as::<Preferences>()?, wide);
    ///     Ok(())
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let handler = |session: Session| async move { save_and_read(&session).unwrap() };
    /// # let app = Router::new().route("/", get(handler)).layer(SessionLayer::stored(MemoryStore::new()));
    /// # assert_eq!(Browser::new(app).get("/").await?.status(), 200);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the session cannot be read as a `T`.
    pub fn read_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        value::from_text(self.whole().as_text())
    }

    /// Sets one key for each field of a struct or map. Other keys are kept.
    ///
    /// # Errors
    ///
    /// Returns an error if `fields` is not a struct or map, or cannot be written as Flask's JSON; if the response head
    /// has been sent; or if one of the fields is `_user_id` with a value other than the current one. In each case,
    /// nothing is changed.
    pub fn write_from<T: Serialize + ?Sized>(&self, fields: &T) -> Result<(), Error> {
        let fields = Dictionary::parse(value::to_text(fields)?).map_err(|error| {
            Error::new(ErrorKind::Value, "a whole session must be a struct or a map").with_source(error)
        })?;
        Ok(self.set_all(fields.iter().map(|(key, text)| (key, text.into())).collect())?)
    }

    /// Removes all keys that this request can see. Keys that a concurrent request adds are kept. To end a session for
    /// good, use [`destroy`](Session::destroy).
    pub fn clear(&self) {
        self.write("all keys", |data| data.changes.clear(&data.base));
    }

    /// Returns the whole session, as this request sees it.
    pub(crate) fn whole(&self) -> Dictionary {
        self.read(|data| data.changes.whole(&data.base)).unwrap_or_default()
    }

    /// Sets all these keys, or none of them if one is refused. A refusal has already been logged.
    fn set_all<Q: AsRef<str>>(&self, texts: Vec<(Q, String)>) -> Result<(), Refusal> {
        const WHAT: &str = "several keys";
        let set = self.try_write(WHAT, |data| {
            if texts.iter().any(|(key, text)| data.reserves(key.as_ref(), text)) {
                return Err(Refusal::Reserved);
            }
            data.changes.note_write();
            for (key, text) in texts {
                data.changes.set(&data.base, key.as_ref(), text);
            }
            Ok(())
        })?;
        set.map_err(|refusal| self.slot().refused(WHAT, refusal))
    }
}
