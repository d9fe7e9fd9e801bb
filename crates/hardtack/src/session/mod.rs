//! The session as handlers use it.

mod device;
mod extract;
mod flashes;
mod login;
mod save;
mod update;
mod whole;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use hardtack_core::session::Turn;
use hardtack_core::value::{self, Value};
use hardtack_core::{Error, ErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::marker::Main;
use crate::slot::{Data, Open, PERMANENT_KEY, Refusal, Slot, State, is_misused};

pub use device::{Device, DeviceError, DeviceHandle, Devices, NoDeviceHandle};
pub use save::{SaveError, Saved};

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
/// is ever forgotten.
///
/// After the response head has been sent (in a streaming body, a WebSocket, server-sent events) a handle reads the
/// session as it was then. Writes do nothing: a method that returns a `Result` returns an error, the others log one. The
/// guide's page on [long-lived connections](crate::guide::long_lived) shows how to open the session again.
pub struct Session<K = Main> {
    slot: Arc<Slot>,
    marker: PhantomData<fn() -> K>,
}

impl<K: 'static> Session<K> {
    /// The value of a key, or `None` if there is none of this type. A value of another type is a `warn` in the log.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.try_get(key).unwrap_or_else(|error| {
            // What is refused is in the log already.
            if error.kind() != ErrorKind::Session {
                tracing::warn!(key, %error, "a session value is not of the type asked for");
            }
            None
        })
    }

    /// The value of a key: `None` if there is none.
    ///
    /// # Errors
    ///
    /// If there is one, of another type; or inside the function of an [`update`](Session::update) of the same session.
    pub fn try_get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        // The text is taken out, so that a type's own deserializing never runs under the lock.
        let text: Option<Box<str>> = self.try_read(|data| data.get(key).map(Into::into))?;
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
    ///
    /// Nothing is changed, and the log has an error, once the response head has been sent, and for the key `_user_id`:
    /// [`log_in`](Session::log_in) sets that, so that there is no login that the store does not know.
    pub fn insert(&self, key: &str, value: impl Into<Value>) {
        // What is refused is in the log.
        let _ = self.set(key, value.into().to_text());
    }

    /// Sets a key to anything that serde can serialize.
    ///
    /// # Errors
    ///
    /// If the value cannot be written as Flask's JSON, such as a map whose keys are not scalars; if the response head has
    /// been sent; or if the key is `_user_id`, which only [`log_in`](Session::log_in) sets.
    pub fn try_insert<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        Ok(self.set(key, value::to_text(value)?)?)
    }

    /// Removes a key, and says whether it was there. For `_user_id` it does nothing, which is an error in the log: use
    /// [`log_out`](Session::log_out).
    pub fn remove(&self, key: &str) -> bool {
        let removed = self.try_write(key, |data| data.remove(key));
        let removed = removed.and_then(|removed| removed.map_err(|refusal| self.slot.refused(key, refusal)));
        removed.unwrap_or_default()
    }

    /// Removes a key and returns its value, or `None` if there was none of this type; then it stays.
    pub fn take<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let value = self.get(key)?;
        self.remove(key).then_some(value)
    }

    /// Whether there is such a key.
    pub fn contains(&self, key: &str) -> bool {
        self.read(|data| data.get(key).is_some()).unwrap_or_default()
    }

    /// Gives the session a new id, for whenever somebody's rights change. Requests that still name the old one are served
    /// for the [grace period](crate::Lifetime::grace), reading and writing; after it the old one is unknown.
    ///
    /// [`log_in`](Session::log_in) and [`log_out`](Session::log_out) change the id by themselves, without grace. A session
    /// kept in its cookie has no id; it is written anew.
    pub fn renew(&self) {
        self.write("its id", |data| {
            if data.turn == Turn::Stay {
                data.turn = Turn::Renew;
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
        self.read(|data| data.is_permanent()).unwrap_or_default()
    }

    /// Looks at the data, as it is or as it was when the response head was sent.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&Data) -> R) -> Option<R> {
        self.try_read(look).ok()
    }

    /// As [`read`](Session::read), with the reason why not, which is in the log.
    pub(crate) fn try_read<R>(&self, look: impl FnOnce(&Data) -> R) -> Result<R, Refusal> {
        self.try_read_open(|open| look(open.data()))
    }

    /// As [`try_read`](Session::try_read), with what the backend keeps beside the data.
    pub(crate) fn try_read_open<R>(&self, look: impl FnOnce(&Open) -> R) -> Result<R, Refusal> {
        let mut state = self.slot.lock();
        let refusal = if is_misused(Arc::as_ptr(&self.slot)) {
            state.record_misuse()
        } else {
            match &mut *state {
                State::Open(open) => {
                    open.data_mut().used = true;
                    return Ok(look(open));
                }
                State::Closed(Some(last)) => return Ok(look(last)),
                State::Unopened | State::Closed(None) => Refusal::TooLate,
            }
        };
        drop(state);
        Err(self.slot.refused("a read", refusal))
    }

    /// Changes the data of the open session. After the response head has been sent it does nothing, which is an error in
    /// the log.
    pub(crate) fn write<R>(&self, what: &str, change: impl FnOnce(&mut Data) -> R) -> Option<R> {
        self.try_write(what, change).ok()
    }

    /// As [`write`](Session::write), with the reason why not, which is in the log.
    pub(crate) fn try_write<R>(&self, what: &str, change: impl FnOnce(&mut Data) -> R) -> Result<R, Refusal> {
        self.try_write_open(what, |open| change(open.data_mut()))
    }

    /// As [`try_write`](Session::try_write), with what the backend keeps beside the data.
    pub(crate) fn try_write_open<R>(
        &self,
        what: &str,
        change: impl FnOnce(&mut Open) -> R,
    ) -> Result<R, Refusal> {
        let mut state = self.slot.lock();
        let refusal = if is_misused(Arc::as_ptr(&self.slot)) {
            state.record_misuse()
        } else if let State::Open(open) = &mut *state {
            open.data_mut().used = true;
            return Ok(change(open));
        } else {
            Refusal::TooLate
        };
        drop(state);
        Err(self.slot.refused(what, refusal))
    }

    /// Sets a key to a wire text. What is refused is in the log.
    fn set(&self, key: &str, text: String) -> Result<(), Refusal> {
        self.try_write(key, |data| data.set(key, text))?.map_err(|refusal| self.slot.refused(key, refusal))
    }

    pub(crate) fn of(slot: Arc<Slot>) -> Self {
        Self { slot, marker: PhantomData }
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
