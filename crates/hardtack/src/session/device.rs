use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::base64;
use hardtack_core::protocol::{Lineage, Owner, StoreKey};
use hardtack_core::store::{StoreError, Summary};

use crate::config::{Backend, Config, DynStore};
use crate::observe::{EventKind, EventUser, Stopwatch, StoreOperation, Subject};
use crate::session::Session;
use crate::slot::{Open, State};

/// One of a user's sessions, as shown in a list such as "your devices".
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Device {
    /// The handle for ending this session.
    pub handle: DeviceHandle,
    /// The name from [`Session::name_device`], or else the first 120 characters of the `User-Agent` that the browser
    /// sent at login. `None` if there is neither.
    pub label: Option<String>,
    /// When the session began.
    pub created_at: SystemTime,
    /// When the session was last used. Uses without a change are recorded at most once per touch interval.
    pub last_seen: SystemTime,
    /// Whether this is the session of the current request.
    pub is_current: bool,
}

/// A page of a user's sessions, sorted by their last use, the most recent first. The pages themselves are in the order
/// of the sessions' keys. A page contains at most [`Devices::PAGE`] sessions.
///
/// `Devices` dereferences to a slice of [`Device`]s. Expired sessions are omitted, so a page may contain fewer sessions
/// than the maximum even if it is not the last page.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    devices: Vec<Device>,
    next_page: Option<DeviceHandle>,
}

/// A handle that identifies a device to its owner. A handle is safe to show on a page, because it does not give access
/// to the session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceHandle(StoreKey);

/// The error returned if a user's devices cannot be listed or ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// Sessions are kept in cookies, so the server can neither list nor end the user's other sessions.
    Unsupported,
    /// No user is logged in.
    NotLoggedIn,
    /// The response head has been sent, and the session may have a different id by now, so it can no longer be
    /// identified.
    TooLate,
    /// The store failed.
    Store(StoreError),
}

impl<K: 'static> Session<K> {
    /// Returns the first page of the logged-in user's sessions.
    ///
    /// The page contains at most [`Devices::PAGE`] sessions, the most recently used first. To get the next page,
    /// pass [`Devices::next_page`] to [`devices_after`](Session::devices_after).
    ///
    /// ```
    /// # use hardtack_jar::Browser;
    /// # use axum::{Router, routing::get};
    /// # use hardtack::{MemoryStore, SessionLayer};
    /// use hardtack::{DeviceError, Session};
    ///
    /// async fn devices(session: Session) -> Result<String, DeviceError> {
    ///     let devices = session.devices().await?;
    ///     let lines = devices.iter().map(|device| {
    ///         let label = device.label.as_deref().unwrap_or("unknown");
    ///         format!("{label}{}\n", if device.is_current { " (this one)" } else { "" })
    ///     });
    ///     Ok(lines.collect())
    /// }
    ///
    /// async fn log_out_elsewhere(session: Session) -> Result<String, DeviceError> {
    ///     Ok(format!("{} ended", session.end_others().await?))
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app: Router = Router::new().route("/", get(devices)).route("/end", get(log_out_elsewhere))
    /// #     .route("/in", get(|session: Session| async move { session.log_in("jane"); session.name_device("a laptop") }))
    /// #     .layer(SessionLayer::stored(MemoryStore::new()));
    /// # let one = Browser::new(app);
    /// # let other = one.stranger();
    /// # assert_eq!(one.get("/").await?.status(), 401);
    /// # one.get("/in").await?;
    /// # other.get("/in").await?;
    /// # assert_eq!(one.get("/").await?.text().matches("a laptop").count(), 2);
    /// # assert_eq!(one.get("/end").await?.text(), "1 ended");
    /// # assert_eq!(one.get("/").await?.text(), "a laptop (this one)\n");
    /// # assert_eq!(other.get("/").await?.status(), 401);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if no user is logged in, if the session is kept in its cookie, if the response head has been
    /// sent, or if the store fails.
    pub async fn devices(&self) -> Result<Devices, DeviceError> {
        self.page_of_devices(None).await
    }

    /// Returns the next page of the user's sessions. `page` is the [`next_page`](Devices::next_page) of the previous
    /// page.
    ///
    /// The handle may be read from a link, such as `?after=…`, because any handle is accepted.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`devices`](Session::devices).
    pub async fn devices_after(&self, page: &DeviceHandle) -> Result<Devices, DeviceError> {
        self.page_of_devices(Some(page.0)).await
    }

    async fn page_of_devices(&self, after: Option<StoreKey>) -> Result<Devices, DeviceError> {
        let Fleet { store, owner: user, lineage, key } = self.fleet()?;
        let purpose = self.config().purpose.clone();
        let stopwatch = self.config().events.start();
        let listed = store.owned_by(purpose, user.clone(), after, Devices::PAGE).await;
        let mut theirs = self.answered(StoreOperation::List, stopwatch, listed)?;
        let subject = Subject::of(key.as_ref()).took(stopwatch.elapsed());
        let (user, number) = (EventUser(user.as_str()), theirs.len());
        self.slot().emit(subject, EventKind::Listed { user, number });
        let last = theirs.last().filter(|_| theirs.len() >= Devices::PAGE);
        let next_page = last.map(|device| DeviceHandle(device.key));
        let now = self.config().now();
        theirs.retain(|device| device.expires_at > now);
        theirs.sort_by_key(|device| std::cmp::Reverse(device.last_seen));
        let devices = theirs.into_iter().map(|device| Device::new(device, lineage)).collect();
        Ok(Devices { devices, next_page })
    }

    /// Ends one of the user's sessions, and returns whether it existed. Requests in progress can no longer change that
    /// session.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`devices`](Session::devices).
    pub async fn end_device(&self, device: &DeviceHandle) -> Result<bool, DeviceError> {
        let Fleet { store, owner, .. } = self.fleet()?;
        let stopwatch = self.config().events.start();
        let ended = store.end(self.config().purpose.clone(), owner.clone(), device.0).await;
        let ended = self.answered(StoreOperation::Revoke, stopwatch, ended)?;
        self.report_revoked(Some(&device.0), &owner, ended.into(), stopwatch);
        Ok(ended)
    }

    /// Ends all of the user's sessions except this one ("log out everywhere else"), and returns how many were ended.
    ///
    /// This session is kept even if another tab renews it at the same time, and the others are ended even if they are
    /// being renewed. If the user logged in with the same request, both the new session and the session from before the
    /// login are kept.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`devices`](Session::devices).
    pub async fn end_others(&self) -> Result<u64, DeviceError> {
        let Fleet { store, owner, lineage, key } = self.fleet()?;
        let purpose = self.config().purpose.clone();
        let stopwatch = self.config().events.start();
        let ended = store.end_others(purpose, owner.clone(), lineage).await;
        let ended = self.answered(StoreOperation::Revoke, stopwatch, ended)?;
        self.report_revoked(key.as_ref(), &owner, ended, stopwatch);
        Ok(ended)
    }

    /// Names this device in the user's list of devices, for instance "the kitchen tablet". A device without a name is
    /// listed with the start of the `User-Agent` that its browser sent at login. A session kept in its cookie does
    /// not store a name.
    pub fn name_device(&self, label: impl Into<Arc<str>>) {
        let label = label.into();
        // A refusal has already been logged.
        let _ = self.try_write_open("device name", |open| {
            if let Open::Store(session) = open {
                session.label.given = Some(label);
            }
        });
    }

    fn fleet(&self) -> Result<Fleet, DeviceError> {
        let Backend::Store(_) = &self.config().backend else { return Err(DeviceError::Unsupported) };
        // After the response, a remaining handle reads the session as it was then, but the session may have another key
        // by now.
        if matches!(*self.slot().lock(), State::Closed(_)) {
            return Err(DeviceError::TooLate);
        }
        self.try_read_open(Fleet::of).unwrap_or(Err(DeviceError::TooLate))
    }

    fn answered<T>(
        &self,
        operation: StoreOperation,
        stopwatch: Stopwatch,
        answer: Result<T, StoreError>,
    ) -> Result<T, DeviceError> {
        answer.map_err(|error| {
            let subject = Subject::default().took(stopwatch.elapsed());
            self.slot().emit(subject, EventKind::StoreFailed { operation, error: &error });
            DeviceError::Store(error)
        })
    }

    /// Reports that sessions were ended: the session with this key, or all of the user's sessions except the session
    /// with this key.
    fn report_revoked(&self, key: Option<&StoreKey>, user: &Owner, number: u64, stopwatch: Stopwatch) {
        let subject = Subject::of(key).took(stopwatch.elapsed());
        self.slot().emit(subject, EventKind::Revoked { user: EventUser(user.as_str()), number });
    }

    fn config(&self) -> &Config {
        &self.slot().config
    }
}

/// The store of a user's sessions, and the session of the current request.
struct Fleet {
    store: Arc<dyn DynStore>,
    owner: Owner,
    /// The lineage of the current session in the store. A login that has not been saved yet does not have its own
    /// lineage. In that case, this is the lineage of the session from before the login, which the login itself will
    /// end.
    lineage: Option<Lineage>,
    /// The key of the current session, if the session is stored.
    key: Option<StoreKey>,
}

impl Fleet {
    /// Returns the sessions of the current user. The user is the owner in the record, or the user whom this request
    /// logs in. The user named in the session's data is ignored.
    fn of(open: &Open) -> Result<Self, DeviceError> {
        let Open::Store(session) = open else { return Err(DeviceError::Unsupported) };
        let owner = session.owner.clone().ok_or(DeviceError::NotLoggedIn)?;
        let (store, lineage) = (Arc::clone(&session.backend.store), session.lineage);
        Ok(Self { store, owner, lineage, key: session.key().copied() })
    }
}

impl Devices {
    /// The maximum number of sessions on a page.
    pub const PAGE: usize = 100;

    /// Returns the handle to pass to [`Session::devices_after`] for the next page, or `None` if this is the last page.
    #[must_use]
    pub fn next_page(&self) -> Option<&DeviceHandle> {
        self.next_page.as_ref()
    }
}

impl Deref for Devices {
    type Target = [Device];

    fn deref(&self) -> &[Device] {
        &self.devices
    }
}

impl IntoIterator for Devices {
    type Item = Device;
    type IntoIter = std::vec::IntoIter<Device>;

    fn into_iter(self) -> Self::IntoIter {
        self.devices.into_iter()
    }
}

impl<'a> IntoIterator for &'a Devices {
    type Item = &'a Device;
    type IntoIter = std::slice::Iter<'a, Device>;

    fn into_iter(self) -> Self::IntoIter {
        self.devices.iter()
    }
}

impl Device {
    fn new(summary: Summary, current: Option<Lineage>) -> Self {
        Self {
            handle: DeviceHandle(summary.key),
            label: summary.label.as_deref().map(Into::into),
            created_at: summary.created_at,
            last_seen: summary.last_seen,
            is_current: summary.login.is_some_and(|login| Some(login.lineage) == current),
        }
    }
}

/// Writes the handle as text for a form or a link.
impl fmt::Display for DeviceHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64::encode_id(self.0.as_bytes()))
    }
}

impl fmt::Debug for DeviceHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceHandle")
    }
}

/// The error returned if a string is not the handle of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParseDeviceHandleError;

impl FromStr for DeviceHandle {
    type Err = ParseDeviceHandleError;

    fn from_str(text: &str) -> Result<Self, ParseDeviceHandleError> {
        base64::decode_id(text.as_bytes())
            .map(|key| Self(StoreKey::from_bytes(key)))
            .ok_or(ParseDeviceHandleError)
    }
}

impl fmt::Display for ParseDeviceHandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid device handle")
    }
}

impl std::error::Error for ParseDeviceHandleError {}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => {
                "a session kept in its cookie cannot see other devices: use SessionLayer::stored"
            }
            Self::NotLoggedIn => "no user is logged in",
            Self::TooLate => {
                "the response head has been sent: list or end devices before the handler returns"
            }
            Self::Store(_) => "the session store failed",
        })
    }
}

impl std::error::Error for DeviceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Unsupported | Self::NotLoggedIn | Self::TooLate => None,
        }
    }
}

#[cfg(feature = "axum08")]
impl axum_core::response::IntoResponse for DeviceError {
    fn into_response(self) -> axum_core::response::Response {
        use http::{StatusCode, header};
        match self {
            Self::Unsupported => StatusCode::NOT_IMPLEMENTED.into_response(),
            Self::NotLoggedIn => StatusCode::UNAUTHORIZED.into_response(),
            Self::TooLate => {
                tracing::error!("{self}");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            Self::Store(_) => (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "1")]).into_response(),
        }
    }
}
