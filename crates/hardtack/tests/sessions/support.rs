//! A browser of one cookie, and requests whose handler is a closure.

use std::convert::Infallible;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use hardtack::protocol::{Owner, Record, StoreKey};
use hardtack::store::{StoreError, Stored, Summary, Swap, Version};
use hardtack::{Key, KeyRing, MemoryStore, Session, SessionLayer, SessionStore};
use http::{HeaderMap, Request, Response, StatusCode, header};
use tower::{Layer, ServiceExt, service_fn};

/// Three kinds of session, each under its name.
pub(crate) fn kinds() -> [(&'static str, SessionLayer); 3] {
    [
        ("signed", SessionLayer::signed(keys())),
        ("encrypted", SessionLayer::encrypted(keys())),
        ("stored", SessionLayer::stored(MemoryStore::new())),
    ]
}

pub(crate) fn keys() -> KeyRing {
    KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap())
}

/// A clock that stands still until it is turned.
#[derive(Clone, Default)]
pub(crate) struct Clock(Arc<AtomicU64>);

impl Clock {
    pub(crate) fn turn(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let seconds = Arc::clone(&self.0);
        move || SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds.load(Ordering::SeqCst))
    }
}

/// What a browser keeps of the session's cookie.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Browser {
    pub(crate) cookie: Option<String>,
}

/// What came back.
pub(crate) struct Reply<T> {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) value: Option<T>,
}

impl<T> Reply<T> {
    pub(crate) fn set_cookie(&self) -> Vec<&str> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
    }
}

impl Browser {
    /// Sends a request, and keeps the cookie that comes back.
    pub(crate) async fn send<K, T, F, Fut>(&mut self, layer: &SessionLayer<K>, handler: F) -> Reply<T>
    where
        K: 'static,
        F: FnOnce(Session<K>) -> Fut,
        Fut: Future<Output = T>,
    {
        self.send_for(StatusCode::OK, layer, handler).await
    }

    /// The same, for a handler that answers with a status.
    pub(crate) async fn send_for<K, T, F, Fut>(
        &mut self,
        status: StatusCode,
        layer: &SessionLayer<K>,
        handler: F,
    ) -> Reply<T>
    where
        K: 'static,
        F: FnOnce(Session<K>) -> Fut,
        Fut: Future<Output = T>,
    {
        let reply = self.late(status, layer, handler).await;
        self.take(&reply);
        reply
    }

    /// A request whose answer the browser has not read yet.
    pub(crate) async fn late<K, T, F, Fut>(
        &self,
        status: StatusCode,
        layer: &SessionLayer<K>,
        handler: F,
    ) -> Reply<T>
    where
        K: 'static,
        F: FnOnce(Session<K>) -> Fut,
        Fut: Future<Output = T>,
    {
        let mut request = Request::new(());
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        let value = Mutex::new(None);
        let mut handler = Some(handler);
        let service = service_fn(|request: Request<()>| {
            let (handler, value) = (handler.take().unwrap(), &value);
            async move {
                let mut response = Response::new(String::new());
                match Session::<K>::open(request.extensions(), request.headers()).await {
                    Ok(session) => {
                        *response.status_mut() = status;
                        let returned = handler(session).await;
                        *value.lock().unwrap() = Some(returned);
                    }
                    Err(rejection) if rejection.is_store_failure() => {
                        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                    }
                    Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
                }
                Ok::<_, Infallible>(response)
            }
        });
        let response = layer.layer(service).oneshot(request).await.unwrap();
        let (parts, _) = response.into_parts();
        Reply { status: parts.status, headers: parts.headers, value: value.into_inner().unwrap() }
    }

    /// Keeps what an answer says of the cookie.
    pub(crate) fn take<T>(&mut self, reply: &Reply<T>) {
        for set in reply.set_cookie() {
            let pair = set.split(';').next().unwrap();
            let is_removed = set.contains("Max-Age=0");
            self.cookie = (!is_removed).then(|| pair.to_owned());
        }
    }
}

/// A store that counts its calls, and fails them when told to.
#[derive(Clone, Default)]
pub(crate) struct Spy {
    store: Arc<MemoryStore>,
    calls: Arc<AtomicU64>,
    broken: Arc<AtomicBool>,
}

impl Spy {
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn break_down(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    pub(crate) fn sessions(&self) -> u64 {
        self.store.counters().live
    }

    fn call(&self) -> Result<(), StoreError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            Err(StoreError::new("being a test", "told to fail"))
        } else {
            Ok(())
        }
    }
}

impl SessionStore for Spy {
    async fn load(&self, key: &StoreKey) -> Result<Option<Stored>, StoreError> {
        self.call()?;
        self.store.load(key).await
    }

    async fn create(&self, key: &StoreKey, record: &Record) -> Result<Swap, StoreError> {
        self.call()?;
        self.store.create(key, record).await
    }

    async fn replace(&self, key: &StoreKey, expected: Version, record: &Record) -> Result<Swap, StoreError> {
        self.call()?;
        self.store.replace(key, expected, record).await
    }

    async fn touch(
        &self,
        key: &StoreKey,
        expected: Version,
        last_seen: SystemTime,
        expires_at: SystemTime,
    ) -> Result<bool, StoreError> {
        self.call()?;
        self.store.touch(key, expected, last_seen, expires_at).await
    }

    async fn delete(&self, key: &StoreKey, expected: Version) -> Result<bool, StoreError> {
        self.call()?;
        self.store.delete(key, expected).await
    }

    async fn owned_by(&self, owner: &Owner) -> Result<Vec<Summary>, StoreError> {
        self.call()?;
        self.store.owned_by(owner).await
    }

    async fn delete_owned_by(&self, owner: &Owner, except: Option<&StoreKey>) -> Result<u64, StoreError> {
        self.call()?;
        self.store.delete_owned_by(owner, except).await
    }

    async fn sweep(&self, now: SystemTime, at_most: usize) -> Result<usize, StoreError> {
        self.call()?;
        self.store.sweep(now, at_most).await
    }
}
