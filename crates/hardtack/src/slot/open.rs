use hardtack_core::protocol::{IdChange, Owner};

use crate::slot::{CookieSession, Data, StoreSession, USER_KEY};

/// An open session. The variants are boxed, so that the slot of an unopened session is small.
pub(crate) enum Open {
    Cookie(Box<CookieSession>),
    Store(Box<StoreSession>),
}

impl Open {
    #[inline]
    pub(crate) fn data(&self) -> &Data {
        match self {
            Self::Cookie(session) => &session.data,
            Self::Store(session) => &session.data,
        }
    }

    #[inline]
    pub(crate) fn data_mut(&mut self) -> &mut Data {
        match self {
            Self::Cookie(session) => &mut session.data,
            Self::Store(session) => &mut session.data,
        }
    }

    /// Returns the user who has logged in.
    pub(crate) fn user(&self) -> Option<String> {
        match self {
            // The user in the data is trusted: the signature or encryption authenticates the whole cookie, and
            // Flask-Login may have logged the user in.
            Self::Cookie(session) => session.data.named_user(),
            Self::Store(session) => session.user(),
        }
    }

    /// Returns whether a user is logged in, or was logged in when the request began. This includes a user that another
    /// application has stored and that cannot be read here, and the owner of a session that has been cleared.
    pub(crate) fn has_user(&self) -> bool {
        let data = self.data();
        data.get(USER_KEY).is_some()
            || match self {
                Self::Cookie(_) if data.id_change == IdChange::LogIn => true,
                Self::Cookie(_) => !data.changes.forgets() && data.base.get(USER_KEY).is_some(),
                Self::Store(session) => session.owner.is_some(),
            }
    }

    /// Sets the owner of the session, if the backend records the user outside the data.
    pub(crate) fn set_owner(&mut self, owner: Option<Owner>) {
        match self {
            Self::Cookie(_) => {}
            Self::Store(session) => session.owner = owner,
        }
    }

    /// Returns a copy of the session, which handles read after the response head has been sent.
    #[cold]
    pub(crate) fn snapshot(&self) -> Self {
        let Data { origin, base, changes, flashes, .. } = self.data();
        let whole = changes.whole(base);
        let mut last = match self {
            Self::Cookie(session) => {
                Self::Cookie(CookieSession::new(&session.backend, *origin, whole, session.meta))
            }
            Self::Store(session) => {
                let mut last = StoreSession::new(&session.backend, *origin, whole, None);
                last.owner.clone_from(&session.owner);
                Self::Store(last)
            }
        };
        last.data_mut().flashes.clone_from(flashes);
        last
    }
}
