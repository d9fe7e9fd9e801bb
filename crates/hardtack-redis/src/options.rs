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

/// The number of replicas that must have a write before it is acknowledged, and how long to wait for them.
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
    /// The name of a record is the prefix, `s:`, and the key in base64url. The name of an owner's index is the prefix,
    /// `o:`, the length of the purpose, the purpose, and the owner's name, as in `hardtack:o:7:session:jane`. The
    /// format number of the records is stored under the prefix followed by `form`. With a cluster, do not use braces in
    /// the prefix, because they would put all keys on one node.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets the timeout for connecting; 2 s by default. Requests that need the connection wait for it, so a request
    /// waits this long if the server's machine has disappeared without closing its connections.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets the timeout for an answer; 2 s by default. When it expires, the operation fails and the connection is
    /// replaced.
    ///
    /// A write that timed out may or may not have been applied. It is not sent again.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Sets the longest pause between two attempts to connect to an unreachable server; 1 s by default.
    ///
    /// The first pause is at most 50 ms, and each further pause is about twice as long. Requests during a pause fail
    /// immediately, so that they do not accumulate during an outage. After the outage, the first request after the
    /// pause reconnects.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets the minimum time for which Redis keeps a record after the record expired; 60 s by default.
    ///
    /// The application's clock decides whether a session has expired, not the clock of Redis. This setting only decides
    /// when Redis frees the memory. Redis may keep the record longer, by up to a sixteenth of the session's idle
    /// timeout, so that the expiry in Redis is updated a few times per idle timeout instead of on every write. A
    /// shorter time saves memory. Use a longer time if the application's clock runs slower than that of Redis, is set
    /// back, or differs by more than this time from the clock of another application server.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Acknowledges a write only after `count` replicas have it too. The write fails if they do not have it within
    /// `timeout` (whole milliseconds). By default, writes do not wait for replicas.
    ///
    /// Redis's command `WAIT` is sent together with every write, so a write still takes one round trip, but the writes
    /// on one connection wait for each other's replication. A failover can then lose almost nothing, but a loss remains
    /// possible: a replica without the write may be promoted.
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

    /// Sets the password of the Sentinels, if they have one. The password in the URL is only for the servers that they
    /// monitor.
    pub fn sentinel_password(mut self, password: impl Into<String>) -> Self {
        self.sentinel_password = Some(password.into());
        self
    }

    /// Sets the root certificate (PEM) with which the servers' certificates must be signed. By default, the operating
    /// system's certificates are trusted.
    #[cfg(feature = "tls")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificate = Some(pem.into());
        self
    }

    /// Adds the root certificate to the settings of a connection if the connection uses TLS.
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

/// Omits the Sentinels' password and the root certificate.
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
