use std::sync::Arc;

use hardtack_core::protocol::{CookieAction, Dictionary, Lineage, Origin, Owner, SessionId, StoreKey};
use hardtack_core::store::Located;
use http::HeaderValue;

use crate::config::StoreBackend;
use crate::slot::Data;

/// An open session that is kept in a store.
pub(crate) struct StoreSession {
    pub(crate) data: Data,
    pub(crate) backend: Arc<StoreBackend>,
    /// The session's key, version, and record; `None` if the store does not have a record.
    pub(crate) located: Option<Located>,
    /// The session's user: the owner in the record, or the user who is logging in.
    pub(crate) owner: Option<Owner>,
    /// The lineage in the record.
    pub(crate) lineage: Option<Lineage>,
    pub(crate) label: Label,
    /// The id that the browser has, or that the response will contain.
    pub(crate) id: Option<SessionId>,
    /// The change to the cookie that an early save has left to the response.
    pub(crate) pending_cookie: CookieAction,
    /// Whether the outcome of an early save is unknown, so that the response cannot be a success.
    pub(crate) unsure: bool,
}

/// The name of the session's device.
#[derive(Default)]
pub(crate) struct Label {
    /// The name given in this request.
    pub(crate) given: Option<Arc<str>>,
    /// The `User-Agent` that the browser sent.
    pub(crate) agent: Option<HeaderValue>,
}

impl StoreSession {
    pub(crate) fn new(
        backend: &Arc<StoreBackend>,
        origin: Origin,
        base: Dictionary,
        located: Option<Located>,
    ) -> Box<Self> {
        let record = located.as_ref().map(|located| &located.record);
        let owner = record.and_then(|record| record.owner().cloned());
        let lineage = record.and_then(|record| record.lineage().copied());
        // The box is allocated first, so that the session is built in place instead of being copied into it.
        let room = Box::new_uninit();
        let session = Self {
            data: Data::new(origin, base),
            backend: Arc::clone(backend),
            located,
            owner,
            lineage,
            label: Label::default(),
            id: None,
            pending_cookie: CookieAction::Nothing,
            unsure: false,
        };
        Box::write(room, session)
    }

    /// Returns the key of the session's record, if the store has one.
    pub(crate) fn key(&self) -> Option<&StoreKey> {
        self.located.as_ref().map(|located| &located.key)
    }

    /// Returns the logged-in user. If the user named in the data is not the owner, nobody is logged in, because the
    /// session could not be listed among that user's devices, or ended there.
    pub(crate) fn user(&self) -> Option<String> {
        let is_owner = |user: &String| self.owner.as_ref().is_some_and(|owner| owner.as_str() == user);
        self.data.named_user().filter(is_owner)
    }

    /// Returns whether the device does not have a name yet.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.located.as_ref().is_none_or(|located| located.record.label.is_none())
    }
}
