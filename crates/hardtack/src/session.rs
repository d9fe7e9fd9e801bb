use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use hardtack_core::session::{Dictionary, Turn};
use hardtack_core::value::{self, Value};
use hardtack_core::{Error, ErrorKind};
use http::{Extensions, HeaderMap};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::handles::Handles;
use crate::layer::Main;
use crate::opening;
use crate::rejection::SessionRejection;
use crate::slot::{Open, PERMANENT_KEY, Slot, State};

/// One browser's dictionary, kept between its requests.
///
/// ```
/// # use hardtack_jar::Browser;
/// # use axum::{Router, routing::get};
/// # use hardtack::{MemoryStore, SessionLayer};
/// use hardtack::Session;
///
/// async fn put(session: Session) {
///     session.insert("fav_number", 42);
/// }
///
/// async fn read(session: Session) -> String {
///     session.get("fav_number").unwrap_or(0_i64).to_string()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let app = Router::new().route("/put", get(put)).route("/", get(read)).layer(SessionLayer::stored(MemoryStore::new()));
/// # let browser = Browser::new(app);
/// # assert_eq!(browser.get("/").await?.text(), "0");
/// # browser.get("/put").await?;
/// # assert_eq!(browser.get("/").await?.text(), "42");
/// # Ok(())
/// # }
/// ```
///
/// It is a place, not a value: a handle that can be cloned and kept, and all handles of one request reach the same
/// session. After the extractor every method works in memory, except the few that are `async`. What was changed is
/// saved when the response is ready, before it is sent.
///
/// `K` tells several sessions of one application apart; see [`SessionLayer::named`](crate::SessionLayer::named).
///
/// # Types
///
/// A value keeps its type: a list comes back as a list, a tuple as a tuple. Anything that serde can serialize goes in
/// by [`try_insert`](Session::try_insert), and what [`Value`] can be made of by [`insert`](Session::insert).
///
/// # What it does not do
///
/// There is no way to hold a value inside and change it: `update` is the one way to change in place, so that no change
/// is ever forgotten. Writes after the response head has left (from a streaming body) do nothing, and are logged as an
/// error.
pub struct Session<K = Main> {
    slot: Arc<Slot>,
    marker: PhantomData<fn() -> K>,
}

impl<K: 'static> Session<K> {
    /// The session of a request, for services that are no axum handlers.
    ///
    /// ```
    /// use hardtack::{MemoryStore, Session, SessionLayer};
    /// use http::{Request, Response};
    /// use tower::{BoxError, Layer, ServiceExt, service_fn};
    ///
    /// async fn page(request: Request<()>) -> Result<Response<String>, BoxError> {
    ///     let session: Session = Session::open(request.extensions(), request.headers()).await?;
    ///     let visits = session.update("visits", |n: &mut u64| { *n += 1; *n });
    ///     Ok(Response::new(format!("Visit number {visits}")))
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), BoxError> {
    /// let service = SessionLayer::stored(MemoryStore::new()).layer(service_fn(page));
    /// let answer = service.oneshot(Request::new(())).await?;
    /// assert_eq!(answer.body(), "Visit number 1");
    /// assert!(answer.headers().contains_key("set-cookie"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If no layer has seen the request, if the layer's settings contradict each other, or if the store is broken.
    pub async fn open(extensions: &Extensions, headers: &HeaderMap) -> Result<Self, SessionRejection> {
        let session = Self::open_unaccessed(extensions, headers).await?;
        if let State::Open(open) = &mut *session.slot.lock() {
            open.accessed = true;
        }
        Ok(session)
    }

    /// As [`open`](Session::open), but the response depends on the session only if it is then used, not by having it.
    ///
    /// For what hands the session on, as a template engine does.
    ///
    /// # Errors
    ///
    /// As [`open`](Session::open).
    pub async fn open_unaccessed(
        extensions: &Extensions,
        headers: &HeaderMap,
    ) -> Result<Self, SessionRejection> {
        let slot = Handles::slot::<K>(extensions)?;
        opening::open(&slot, headers).await?;
        Ok(Self { slot, marker: PhantomData })
    }

    /// The value of a key, or `None` if there is none of this type. A value of another type is a `warn` in the log.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.try_get(key).unwrap_or_else(|error| {
            tracing::warn!(key, %error, "a session value is not of the type asked for");
            None
        })
    }

    /// The value of a key: `None` if there is none.
    ///
    /// # Errors
    ///
    /// If there is one, of another type.
    pub fn try_get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        // The text is taken out, so that a type's own deserializing never runs under the lock.
        let text: Option<Box<str>> = self.read(|open| open.get(key).map(Into::into)).flatten();
        text.map(|text| value::from_text(&text)).transpose()
    }

    /// Sets a key.
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// session.insert("name", "Ada");
    /// session.insert("scores", vec![3, 1, 2]);
    /// session.insert("point", (1.5, 2.5));
    /// # }
    /// ```
    ///
    /// When two requests at once insert the same key, the last one wins; to compute a value from the one before, use
    /// [`update`](Session::update).
    pub fn insert(&self, key: &str, value: impl Into<Value>) {
        let text = value.into().to_text();
        self.write(key, |open| open.changes.set(&open.base, key, text));
    }

    /// Sets a key to anything that serde can serialize.
    ///
    /// # Errors
    ///
    /// If the value cannot be written as Flask's JSON, as a map with keys that are no scalars.
    pub fn try_insert<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        let text = value::to_text(value)?;
        self.write(key, |open| open.changes.set(&open.base, key, text));
        Ok(())
    }

    /// Sets several keys.
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// session.extend([("width", 640), ("height", 480)]);
    /// # }
    /// ```
    pub fn extend<Q: AsRef<str>, V: Into<Value>>(&self, pairs: impl IntoIterator<Item = (Q, V)>) {
        let texts: Vec<(Q, String)> =
            pairs.into_iter().map(|(key, value)| (key, value.into().to_text())).collect();
        self.write("several keys", |open| {
            open.changes.note_write();
            for (key, text) in texts {
                open.changes.set(&open.base, key.as_ref(), text);
            }
        });
    }

    /// Removes a key, and says whether it was there.
    pub fn remove(&self, key: &str) -> bool {
        self.write(key, |open| {
            let there = open.get(key).is_some();
            // As in Flask, taking away what is not there is no write.
            there && open.changes.remove(&open.base, key)
        })
        .unwrap_or_default()
    }

    /// Removes a key and returns its value, or `None` if there was none of this type; then it stays.
    pub fn take<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let value = self.get(key)?;
        self.remove(key);
        Some(value)
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &str) -> bool {
        self.read(|open| open.get(key).is_some()).unwrap_or_default()
    }

    /// All keys, in order.
    pub fn keys(&self) -> Vec<String> {
        self.whole().keys().map(Into::into).collect()
    }

    /// All keys with their values, in order, as they are now. A value that is damaged is left out, with a `warn`.
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

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.whole().len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.read(|open| open.changes.leaves_empty(&open.base)).unwrap_or(true)
    }

    /// The whole session as one type of the application's. It knows its own keys: others, as `_user_id`, may be there.
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
    /// If it is not of that type.
    pub fn read_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        value::from_text(self.whole().as_text())
    }

    /// Sets one key for each field of a type of the application's. Other keys stay.
    ///
    /// # Errors
    ///
    /// If it is no struct or map, or cannot be written as Flask's JSON.
    pub fn write_from<T: Serialize + ?Sized>(&self, fields: &T) -> Result<(), Error> {
        let fields = Dictionary::parse(value::to_text(fields)?).map_err(|error| {
            Error::new(ErrorKind::Value, "only a struct or a map can be a whole session").with_source(error)
        })?;
        self.write("several keys", |open| {
            for (key, text) in fields.iter() {
                open.changes.set(&open.base, &key, text.into());
            }
        });
        Ok(())
    }

    /// Removes all keys that this request can see. What a parallel request adds survives; to end a session for good,
    /// use [`destroy`](Session::destroy).
    pub fn clear(&self) {
        self.write("all keys", |open| open.changes.clear(&open.base));
    }

    /// Gives the session a new id, for whenever somebody's rights change. Requests that still name the old one are served
    /// for the [grace period](crate::Lifetime::grace), reading and writing; after it the old one is unknown.
    ///
    /// [`log_in`](Session::log_in) and [`log_out`](Session::log_out) change the id by themselves, without grace. A session
    /// kept in its cookie has no id; it is written anew.
    pub fn renew(&self) {
        self.write("its id", |open| {
            if open.turn == Turn::Stay {
                open.turn = Turn::Renew;
            }
        });
    }

    /// Lets the cookie outlive the browser, as long as the session can live: "remember me".
    ///
    /// It is kept over later writes, until [`temporary`](Session::temporary). It makes no session live longer: when one
    /// ends is the server's to say.
    pub fn permanent(&self) {
        self.insert(PERMANENT_KEY, true);
    }

    /// Lets the cookie live as long as the browser runs, which is the default.
    pub fn temporary(&self) {
        self.insert(PERMANENT_KEY, false);
    }

    /// Whether the cookie outlives the browser.
    pub fn is_permanent(&self) -> bool {
        self.read(|open| open.is_permanent()).unwrap_or_default()
    }

    /// All of it, as this request sees it.
    pub(crate) fn whole(&self) -> Dictionary {
        self.read(|open| open.changes.whole(&open.base)).unwrap_or_default()
    }

    /// Looks at the open session. `None` once the response head has left.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&Open) -> R) -> Option<R> {
        match &mut *self.slot.lock() {
            State::Open(open) => {
                open.used = true;
                Some(look(open))
            }
            State::Unopened | State::Closed => None,
        }
    }

    /// Changes the open session. Once the response head has left it does nothing, which is an error in the log.
    pub(crate) fn write<R>(&self, what: &str, change: impl FnOnce(&mut Open) -> R) -> Option<R> {
        if let State::Open(open) = &mut *self.slot.lock() {
            open.used = true;
            return Some(change(open));
        }
        self.slot.config.tally.late(what);
        None
    }

    pub(crate) fn slot(&self) -> &Arc<Slot> {
        &self.slot
    }
}

impl<K> Clone for Session<K> {
    fn clone(&self) -> Self {
        Self { slot: Arc::clone(&self.slot), marker: PhantomData }
    }
}

/// Nothing of what is in it.
impl<K> fmt::Debug for Session<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

#[cfg(feature = "axum08")]
impl<S: Sync, K: 'static> axum_core::extract::FromRequestParts<S> for Session<K> {
    type Rejection = SessionRejection;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, SessionRejection> {
        Self::open(&parts.extensions, &parts.headers).await
    }
}
