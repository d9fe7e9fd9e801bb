use std::fmt;
use std::time::Duration;

use hardtack_core::store::StoreError;
use redis::ConnectionInfo;

/// Options for connecting a [`RedisStore`](crate::RedisStore). Created by
/// [`RedisStore::options`](crate::RedisStore::options).
///
/// ```no_run
/// # async fn run() -> Result<(), hardtack_core::store::StoreError> {
/// use hardtack_redis::RedisStore;
/// use std::time::Duration;
///
/// let store = RedisStore::options()
///     .prefix("shop:")
///     .connect_timeout(Duration::from_millis(500))
///     .response_timeout(Duration::from_secs(1))
///     .connect("redis://localhost")
///     .await?;
/// # drop(store);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "options have no effect until `connect` is called"]
pub struct RedisOptions {
    pub(crate) prefix: String,
    pub(crate) connect_timeout: Duration,
    pub(crate) response_timeout: Duration,
    pub(crate) longest_pause: Duration,
    pub(crate) linger: Duration,
    pub(crate) replicas: Option<Replicas>,
    pub(crate) sentinel_password: Option<String>,
    #[cfg(feature = "tls")]
    root_certificate: Option<Vec<u8>>,
}

/// The number of replicas that must have a write before it is acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) timeout: Duration,
}

impl RedisOptions {
    pub(crate) fn new() -> Self {
        Self {
            prefix: "hardtack:".to_owned(),
            connect_timeout: Duration::from_secs(2),
            response_timeout: Duration::from_secs(2),
            longest_pause: Duration::from_secs(1),
            linger: Duration::from_secs(60),
            replicas: None,
            sentinel_password: None,
            #[cfg(feature = "tls")]
            root_certificate: None,
        }
    }

    /// Sets the prefix of every key; `hardtack:` by default. Applications that share a server need different prefixes.
    ///
    /// Records are stored under the prefix, `s:`, and the key in base64url. An owner's entries are stored under the
    /// prefix, `o:`, the length of the purpose, the purpose, and the owner's name, as in `hardtack:o:7:session:jane`.
    /// The format number of the records is stored under the prefix and `form`. Do not use braces in the prefix with a
    /// cluster: they would put all keys on one node.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the timeout for connecting; 2 s by default. Requests that need the connection wait for it, so this is also
    /// how long a client waits if the machine disappears without closing its connections.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout for an answer, after which the operation fails and the connection is replaced; 2 s by default.
    ///
    /// A write that timed out may or may not have been applied. It is not sent again.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Sets the longest pause between two attempts to connect to an unreachable server; 1 s by default.
    ///
    /// The first pause is 50 ms, and each further one is twice as long. Requests during a pause fail immediately, so
    /// that they do not pile up during an outage. When the outage ends, the server is found again within this time.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets the minimum time that Redis keeps a record after it expired; 60 s by default.
    ///
    /// The application's clock decides whether a session has expired, not Redis's. This setting only decides when the
    /// memory is freed. Redis may keep the record longer, by up to a sixteenth of the session's idle timeout, so that
    /// its expiry is updated a few times per idle timeout instead of on every write. A shorter time saves memory. Use a
    /// longer time if the application's clock runs slower than Redis's, is set back, or differs by more than this from
    /// another application server's clock.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Acknowledges a write only when `count` replicas have it too, and fails it if they do not within `timeout`
    /// (whole milliseconds). By default, writes do not wait for replicas.
    ///
    /// This sends Redis's `WAIT` along with every write, so it still takes one round trip, but the writes of one
    /// connection then wait for each other's replication. It nearly eliminates what a failover can lose, but not
    /// entirely: a replica without the write may still be promoted.
    ///
    /// ```
    /// use hardtack_redis::RedisStore;
    /// use std::time::Duration;
    ///
    /// let options = RedisStore::options().wait_for_replicas(1, Duration::from_millis(200));
    /// # drop(options);
    /// ```
    pub fn wait_for_replicas(mut self, count: u32, timeout: Duration) -> Self {
        self.replicas = Some(Replicas { count, timeout });
        self
    }

    /// Sets the password of the Sentinels themselves, if they have one; the password in the URL is for the servers.
    pub fn sentinel_password(mut self, password: impl Into<String>) -> Self {
        self.sentinel_password = Some(password.into());
        self
    }

    /// Trusts only servers whose certificate this one (PEM) has signed. By default, the operating system's certificates
    /// are trusted.
    #[cfg(feature = "tls")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificate = Some(pem.into());
        self
    }

    /// Adds the trusted certificates if TLS is used.
    #[cfg(feature = "tls")]
    pub(crate) fn trust(&self, info: ConnectionInfo) -> Result<ConnectionInfo, StoreError> {
        let redis::ConnectionAddr::TcpTls { .. } = info.addr() else { return Ok(info) };
        // An error means that the application has already chosen a cryptography provider, which works too.
        drop(rustls::crypto::ring::default_provider().install_default());
        let Some(root) = &self.root_certificate else { return Ok(info) };
        let certificates = redis::TlsCertificates { client_tls: None, root_cert: Some(root.clone()) };
        let client = redis::Client::build_with_tls(info, certificates)
            .map_err(|error| StoreError::new(crate::error::CONNECTING, error))?;
        Ok(client.get_connection_info().clone())
    }

    #[cfg(not(feature = "tls"))]
    pub(crate) fn trust(&self, info: ConnectionInfo) -> Result<ConnectionInfo, StoreError> {
        Ok(info)
    }
}

/// Redacts the password.
impl fmt::Debug for RedisOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisOptions")
            .field("prefix", &self.prefix)
            .field("connect_timeout", &self.connect_timeout)
            .field("response_timeout", &self.response_timeout)
            .field("longest_pause", &self.longest_pause)
            .field("linger", &self.linger)
            .field("replicas", &self.replicas)
            .finish_non_exhaustive()
    }
}
