//! Cookies and sessions for tower and axum: Flask's ease and wire format, and nothing lost.
#![forbid(unsafe_code)]

mod clock;
mod closing;
mod config;
mod counts;
mod device;
mod flashes;
mod future;
mod keys;
mod layer;
mod login;
mod next;
mod opening;
mod rejection;
mod save;
mod sealed;
mod session;
mod session_cookie;
mod slot;
mod update;
mod user;
mod vault;

pub use hardtack_core::{cookie, crypto, session as protocol, store, value};

pub use counts::Counts;
pub use device::{Device, DeviceError, DeviceHandle, NoDeviceHandle};
pub use future::ResponseFuture;
pub use hardtack_core::cookie::{Cookies, RemoveCookie, SameSite, SetCookie};
pub use hardtack_core::crypto::{Compression, Digest, Key, KeyDerivation, KeyRing, Signing};
pub use hardtack_core::session::{Flash, Lifetime};
pub use hardtack_core::store::{MemoryStore, SessionStore};
pub use hardtack_core::value::Value;
pub use hardtack_core::{Error, ErrorKind};
pub use keys::{generate_secret, keys_from_env};
pub use layer::{Main, SessionLayer, SessionService};
pub use next::NextPath;
pub use rejection::SessionRejection;
pub use save::{SaveError, Saved};
pub use session::Session;
pub use user::{User, UserRejection};
