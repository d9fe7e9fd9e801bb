use std::fmt;
use std::time::Duration;

use hardtack_core::store::StoreError;
use redis::ConnectionInfo;

/// How a [`RedisStore`](crate::RedisStore) is to be connected. Begin with
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
#[must_use = "options connect nothing until `connect` is called"]
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

/// How many replicas must have a write before it is acknowledged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replicas {
    pub(crate) count: u32,
    pub(crate) patience: Duration,
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

    /// Sets what every key begins with; `hardtack:` by default. Applications that share a server need one each.
    ///
    /// Records are stored under the prefix, `s:` and the key in base64url; the entries of an owner under the prefix, `o:`,
    /// the purpose behind its length, and the owner's name, as in `hardtack:o:7:session:jane`; the number of the records'
    /// form under the prefix and `form`. A part of the prefix in braces puts all keys of a cluster on one node: leave it out there.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how long making a connection may take; 2 s by default. Whoever needs the connection waits for it, so
    /// this is also how long a visitor waits when the machine is gone without a word.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets how long an answer may take, before the operation fails and the connection is replaced; 2 s by default.
    ///
    /// A write that failed so may have been applied or not. It is not sent again.
    pub fn response_timeout(mut self, timeout: Duration) -> Self {
        self.response_timeout = timeout;
        self
    }

    /// Sets the longest pause between two attempts at a server that cannot be reached; 1 s by default.
    ///
    /// The first pause is 50 ms, and each further one twice as long. What comes during a pause fails at once, so that
    /// no visitors pile up during an outage; after it, the server is found again within this time.
    pub fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// Sets how long Redis keeps a record after it expired, at least; 60 s by default.
    ///
    /// Whether a session has expired is decided by the application's clock, not by Redis': this is only when the
    /// memory is given back. It may come later, by a sixteenth of what the session lived without a visit: so Redis' own
    /// expiry is moved a few times in such a life, and not by each write. A shorter time saves memory; a clock that runs
    /// slower than Redis', is set back, or differs from another application server's by more, needs a longer one.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }

    /// Acknowledges a write only when so many replicas have it as well, and fails it if they have not within
    /// `patience` (whole milliseconds); by default nobody waits for replicas.
    ///
    /// It is Redis' `WAIT`, sent along with every write, so it is still one round trip; but writes of one connection
    /// then wait for one another's replication. It narrows what a failover can lose to nearly nothing, and not to
    /// nothing: a replica without the write may still be the one that is promoted.
    ///
    /// ```
    /// use hardtack_redis::RedisStore;
    /// use std::time::Duration;
    ///
    /// let options = RedisStore::options().wait_for_replicas(1, Duration::from_millis(200));
    /// # drop(options);
    /// ```
    pub fn wait_for_replicas(mut self, count: u32, patience: Duration) -> Self {
        self.replicas = Some(Replicas { count, patience });
        self
    }

    /// Sets the password of the Sentinels themselves, where they have one; the URL's is the servers'.
    pub fn sentinel_password(mut self, password: impl Into<String>) -> Self {
        self.sentinel_password = Some(password.into());
        self
    }

    /// Trusts servers whose certificate this one has signed (PEM), and no others; by default those that the
    /// operating system trusts.
    #[cfg(feature = "tls")]
    pub fn root_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificate = Some(pem.into());
        self
    }

    /// Adds what servers are trusted, where TLS is asked for.
    #[cfg(feature = "tls")]
    pub(crate) fn trust(&self, info: ConnectionInfo) -> Result<ConnectionInfo, StoreError> {
        let redis::ConnectionAddr::TcpTls { .. } = info.addr() else { return Ok(info) };
        // An error says that the application has chosen a cryptography before, which is as well.
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

/// Without the password.
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
