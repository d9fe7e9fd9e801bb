use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use hardtack_core::base64;
use hardtack_core::session::{Owner, StoreKey};
use hardtack_core::store::{StoreError, Summary};

use crate::config::{Config, Kind};
use crate::session::Session;
use crate::slot::{Standing, State};
use crate::vault::Vault;

/// One of the sessions that a user has open: a line of "your devices".
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Device {
    /// By which it can be ended.
    pub handle: DeviceHandle,
    /// What it calls itself: the name it was given, or what its browser says.
    pub label: Option<String>,
    /// When its session began.
    pub created_at: SystemTime,
    /// When it was last used, to the precision of touching.
    pub last_seen: SystemTime,
    /// Whether it is the one that asks.
    pub is_current: bool,
}

/// Names a device towards its owner. It can be shown in a page: it opens no session.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DeviceHandle(StoreKey);

/// Why a user's devices cannot be listed or ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum DeviceError {
    /// The session is kept in its cookie: the server knows of no other, and cannot end one.
    Unsupported,
    /// Nobody has logged in.
    NotLoggedIn,
    /// The response head has been sent, so which session this is can no longer be told.
    TooLate,
    /// The store is broken.
    Store(StoreError),
}

impl<K: 'static> Session<K> {
    /// The sessions of the user who has logged in here, the one last used first.
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
    /// If nobody has logged in, on a session kept in its cookie, or if the store is broken.
    pub async fn devices(&self) -> Result<Vec<Device>, DeviceError> {
        let Fleet { vault, owner, current } = self.fleet()?;
        let now = self.slot().config.now();
        let mut theirs = self.store(vault.owned_by(owner).await)?;
        theirs.retain(|device| device.expires_at > now);
        theirs.sort_by_key(|device| std::cmp::Reverse(device.last_seen));
        Ok(theirs.into_iter().map(|device| Device::new(device, current)).collect())
    }

    /// Ends one of the user's sessions, also for requests under way, and says whether there was one.
    ///
    /// # Errors
    ///
    /// As [`devices`](Session::devices).
    pub async fn end_device(&self, device: &DeviceHandle) -> Result<bool, DeviceError> {
        let Fleet { vault, owner, .. } = self.fleet()?;
        let ended = self.store(vault.end(owner, device.0).await)?;
        if ended {
            self.config().tally.revoked(1);
        }
        Ok(ended)
    }

    /// Ends all of the user's sessions but this one, and says how many: "log out everywhere else".
    ///
    /// # Errors
    ///
    /// As [`devices`](Session::devices).
    pub async fn end_others(&self) -> Result<u64, DeviceError> {
        let Fleet { vault, owner, current } = self.fleet()?;
        let ended = self.store(vault.end_others(owner, current).await)?;
        self.config().tally.revoked(ended);
        Ok(ended)
    }

    /// Names this device in the user's list, for instance "the kitchen tablet". Without a name it is called what its
    /// browser called itself at the login. A session kept in its cookie keeps no
    /// name.
    pub fn name_device(&self, label: impl Into<Arc<str>>) {
        let label = label.into();
        self.write("its device's name", |open| open.label.given = Some(label));
    }

    fn fleet(&self) -> Result<Fleet, DeviceError> {
        let Kind::Stored { vault, .. } = &self.config().kind else { return Err(DeviceError::Unsupported) };
        // A handle that is left over reads the session as it was, and that one may have another key by now.
        if matches!(*self.slot().lock(), State::Closed(_)) {
            return Err(DeviceError::TooLate);
        }
        let seen = self.read(|open| {
            let current = match &open.standing {
                Standing::Stored(place) => Some(place.key),
                Standing::Nowhere | Standing::Sealed(_) => None,
            };
            (open.user(), current)
        });
        match seen {
            Some((Some(user), current)) => {
                Ok(Fleet { vault: Arc::clone(vault), owner: Owner::new(user), current })
            }
            Some((None, _)) => Err(DeviceError::NotLoggedIn),
            None => Err(DeviceError::TooLate),
        }
    }

    fn store<T>(&self, answer: Result<T, StoreError>) -> Result<T, DeviceError> {
        answer.map_err(|error| {
            self.config().tally.failed(&error);
            DeviceError::Store(error)
        })
    }

    fn config(&self) -> &Config {
        &self.slot().config
    }
}

/// Where a user's sessions are, and which of them asks.
struct Fleet {
    vault: Arc<dyn Vault>,
    owner: Owner,
    current: Option<StoreKey>,
}

impl Device {
    fn new(summary: Summary, current: Option<StoreKey>) -> Self {
        Self {
            handle: DeviceHandle(summary.key),
            label: summary.label.as_deref().map(Into::into),
            created_at: summary.created_at,
            last_seen: summary.last_seen,
            is_current: current == Some(summary.key),
        }
    }
}

/// As it stands in a form or a link.
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

/// The text is no device's handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDeviceHandle;

impl FromStr for DeviceHandle {
    type Err = NoDeviceHandle;

    fn from_str(text: &str) -> Result<Self, NoDeviceHandle> {
        base64::decode_id(text.as_bytes()).map(|key| Self(StoreKey::from_bytes(key))).ok_or(NoDeviceHandle)
    }
}

impl fmt::Display for NoDeviceHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the handle of a device")
    }
}

impl std::error::Error for NoDeviceHandle {}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unsupported => {
                "a session kept in its cookie knows of no other device: use SessionLayer::stored"
            }
            Self::NotLoggedIn => "nobody has logged in",
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
