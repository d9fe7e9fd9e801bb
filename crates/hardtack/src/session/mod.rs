//! The session type that handlers use.

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

use hardtack_core::protocol::IdChange;
use hardtack_core::value::{self, Value};
use hardtack_core::{Error, ErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::marker::Main;
use crate::slot::{Data, Open, PERMANENT_KEY, Refusal, Slot, State, is_misused};

pub use device::{Device, DeviceError, DeviceHandle, Devices, ParseDeviceHandleError};
pub use save::{SaveError, Saved};

/// The session of one browser: a dictionary that is kept between the browser's requests.
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
/// A `Session` is a handle, not a value. It can be cloned and stored, and all handles of one request refer to the same
/// session. Once a session has been extracted, all its methods work in memory, except the few that are `async`. Changes
/// are saved when the response is ready, before it is sent.
///
/// The marker `K` distinguishes the sessions of an application that has several;
/// see [`SessionLayer::named`](crate::SessionLayer::named).
///
/// # Types
///
/// A value keeps its type: a list is read back as a list, and a tuple as a tuple. [`insert`](Session::insert) takes
/// anything that converts into a [`Value`], and [`try_insert`](Session::try_insert) anything that serde can serialize.
///
/// # What it does not do
///
/// A `Session` never lends out a reference to a stored value. The only way to change a value in place
/// is [`update`](Session::update), so a change cannot be forgotten.
///
/// After the response head has been sent (in a streaming body, a WebSocket, or server-sent events), a handle reads the
/// session as it was then. Writes have no effect: methods that return a `Result` return an error, and other methods log
/// an error. The guide's page on [long-lived connections](crate::guide::long_lived) shows how to open the session
/// again.
pub struct Session<K = Main> {
    slot: Arc<Slot>,
    marker: PhantomData<fn() -> K>,
}

impl<K: 'static> Session<K> {
    /// Returns the value of a key, or `None` if the key is missing or its value has another type. In the latter case, a
    /// warning is logged.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.try_get(key).unwrap_or_else(|error| {
            // A refusal has already been logged.
            if error.kind() != ErrorKind::Session {
                tracing::warn!(key, %error, "a session value is not of the requested type");
            }
            None
        })
    }

    /// Returns the value of a key, or `None` if the key is missing.
    ///
    /// # Errors
    ///
    /// Returns an error if the value has another type, or if this method is called inside the function of
    /// an [`update`](Session::update) of the same session.
    pub fn try_get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        // The wire text is copied, so that a type's own deserialization code never runs under the lock.
        let text: Option<Box<str>> = self.try_read(|data| data.get(key).map(Into::into))?;
        text.map(|text| value::from_text(&text)).transpose()
    }

    /// Sets a key to a value.
    ///
    /// ```
    /// # fn handler(session: hardtack::Session) {
    /// session.insert("name", "Ada");
    /// session.insert("scores", vec![3, 1, 2]);
    /// session.insert("point", (1.5, 2.5));
    /// # }
    /// ```
    ///
    /// If two requests insert the same key at the same time, the last one wins. To compute a value from the previous
    /// value, use [`update`](Session::update).
    ///
    /// If the response head has been sent, or if the call would change `_user_id`, nothing is changed, and an error is
    /// logged. Only [`log_in`](Session::log_in) sets that key, so that the store contains the owner of every login.
    pub fn insert(&self, key: &str, value: impl Into<Value>) {
        // A refusal has already been logged.
        let _ = self.set(key, value.into().to_text());
    }

    /// Sets a key to anything that serde can serialize.
    ///
    /// # Errors
    ///
    /// Returns an error if the value cannot be written as Flask's JSON, such as a map whose keys are not scalars; if
    /// the response head has been sent; or if the call would change `_user_id`, which only [`log_in`](Session::log_in)
    /// sets.
    pub fn try_insert<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), Error> {
        Ok(self.set(key, value::to_text(value)?)?)
    }

    /// Removes a key, and returns whether it was present. The key `_user_id` is not removed, and an error is logged:
    /// use [`log_out`](Session::log_out) instead.
    pub fn remove(&self, key: &str) -> bool {
        let removed = self.try_write(key, |data| data.remove(key));
        let removed = removed.and_then(|removed| removed.map_err(|refusal| self.slot.refused(key, refusal)));
        removed.unwrap_or_default()
    }

    /// Removes a key and returns its value, or `None` if the key is missing or its value has another type. A value of
    /// another type is kept, and so is `_user_id`, for which `None` is returned.
    pub fn take<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let value = self.get(key)?;
        self.remove(key).then_some(value)
    }

    /// Returns whether the key is present.
    pub fn contains(&self, key: &str) -> bool {
        self.read(|data| data.get(key).is_some()).unwrap_or_default()
    }

    /// Gives the session a new id. Call this method when a user's privileges change. During the [grace
    /// period](crate::Lifetime::grace), requests with the old id can still read and write the session. After that, the
    /// old id is unknown.
    ///
    /// The methods [`log_in`](Session::log_in) and [`log_out`](Session::log_out) change the id by themselves, without a
    /// grace period. A session kept in its cookie has no id, so `renew` only writes its cookie again.
    pub fn renew(&self) {
        self.write("session id", |data| {
            if data.id_change == IdChange::Stay {
                data.id_change = IdChange::Renew;
            }
        });
    }

    /// Keeps the cookie after the browser closes, for as long as the session can last ("remember me").
    ///
    /// The setting remains until [`temporary`](Session::temporary) is called. It does not make the session last longer,
    /// because the server decides when a session ends.
    pub fn permanent(&self) {
        self.insert(PERMANENT_KEY, true);
    }

    /// Keeps the cookie only until the browser closes. This is the default.
    pub fn temporary(&self) {
        self.insert(PERMANENT_KEY, false);
    }

    /// Returns whether the cookie is kept after the browser closes.
    pub fn is_permanent(&self) -> bool {
        self.read(|data| data.is_permanent()).unwrap_or_default()
    }

    /// Reads the data as it is now, or as it was when the response head was sent.
    pub(crate) fn read<R>(&self, look: impl FnOnce(&Data) -> R) -> Option<R> {
        self.try_read(look).ok()
    }

    /// Reads the data like [`read`](Session::read), but returns the refusal if the data cannot be read. The refusal has
    /// already been logged.
    pub(crate) fn try_read<R>(&self, look: impl FnOnce(&Data) -> R) -> Result<R, Refusal> {
        self.try_read_open(|open| look(open.data()))
    }

    /// Reads the session like [`try_read`](Session::try_read), including the backend's own state.
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

    /// Changes the data of the open session. After the response head has been sent, changes nothing and logs an error.
    pub(crate) fn write<R>(&self, what: &str, change: impl FnOnce(&mut Data) -> R) -> Option<R> {
        self.try_write(what, change).ok()
    }

    /// Changes the data like [`write`](Session::write), but returns the refusal if the data cannot be changed. The
    /// refusal has already been logged.
    pub(crate) fn try_write<R>(&self, what: &str, change: impl FnOnce(&mut Data) -> R) -> Result<R, Refusal> {
        self.try_write_open(what, |open| change(open.data_mut()))
    }

    /// Changes the session like [`try_write`](Session::try_write), including the backend's own state.
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

    /// Sets a key to the wire text of a value. A refusal has already been logged.
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

/// Redacted: omits the session's contents.
impl<K> fmt::Debug for Session<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}
