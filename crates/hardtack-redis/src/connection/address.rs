use hardtack_core::store::StoreError;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo};

use crate::error::CONNECTING;
use crate::options::RedisOptions;

/// The address of the servers that store the sessions, parsed from a URL.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// A single server.
    Server(ConnectionInfo),
    /// The master that Sentinels monitor under a name.
    Sentinel {
        sentinels: Vec<ConnectionInfo>,
        name: String,
        /// The master's settings. Its address is a placeholder: that of the first Sentinel.
        master: ConnectionInfo,
    },
    /// The addresses of some of a cluster's nodes.
    Cluster(Vec<ConnectionInfo>),
}

const URL_FORMS: &str = "the URL is invalid: use redis://[[user]:password@]host[:port][/db], \
                     redis-sentinel://host[:port],…/name[/db], or redis-cluster://host[:port],…, with rediss for \
                     TLS";

impl Address {
    /// Parses a URL. Errors never quote the URL, because it may contain a password.
    pub(crate) fn parse(url: &str, options: &RedisOptions) -> Result<Self, StoreError> {
        let (scheme, rest) = url.split_once("://").ok_or_else(|| connecting(URL_FORMS))?;
        let is_tls = scheme.starts_with("rediss") || scheme == "valkeys";
        if is_tls && !cfg!(feature = "tls") {
            return Err(connecting(
                "this program was built without the feature `tls`, which rediss:// requires: enable it",
            ));
        }
        check_parameters(scheme, rest)?;
        match scheme {
            "redis-cluster" | "rediss-cluster" => {
                let (_, nodes) = nodes(rest, is_tls, options)?;
                Ok(Self::Cluster(nodes))
            }
            "redis-sentinel" | "rediss-sentinel" => sentinel(rest, is_tls, options),
            _ => node(url, options).map(Self::Server),
        }
    }
}

/// Refuses unknown parameters, because the driver would silently ignore them. The error quotes a parameter's name only
/// if it looks like a name.
fn check_parameters(scheme: &str, rest: &str) -> Result<(), StoreError> {
    let known: &[&str] =
        if scheme.ends_with("+unix") { &["db", "pass", "protocol", "user"] } else { &["protocol"] };
    // A password may contain anything except an @.
    let address = rest.rsplit_once('@').map_or(rest, |(_, address)| address);
    let query =
        address.split('#').next().and_then(|address| address.split_once('?')).map_or("", |(_, query)| query);
    let names = query.split('&').filter_map(|parameter| parameter.split('=').next());
    let unknown = names.into_iter().find(|name| !name.is_empty() && !known.contains(name));
    let Some(name) = unknown else { return Ok(()) };
    let is_name = name.len() <= MAX_NAME_BYTES
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let what =
        if is_name { format!("parameter `{name}`") } else { "query contains a parameter that".to_owned() };
    let why = format!("the URL's {what} is unknown: use one of {}", known.join(", "));
    Err(StoreError::new(CONNECTING, why))
}

/// The maximum length of a parameter name that an error quotes. A longer one may be anything, such as a part of a
/// password.
const MAX_NAME_BYTES: usize = 40;

/// Returns the same settings with another host and port.
pub(crate) fn at(info: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let addr = match info.addr() {
        ConnectionAddr::TcpTls { insecure, tls_params, .. } => ConnectionAddr::TcpTls {
            host: host.to_owned(),
            port,
            insecure: *insecure,
            tls_params: tls_params.clone(),
        },
        _ => ConnectionAddr::Tcp(host.to_owned(), port),
    };
    info.clone().set_addr(addr)
}

/// Parses the part of a Sentinel URL after the scheme: `[user:password@]host[:port],…/name[/db]`. The default port is
/// 26379.
fn sentinel(rest: &str, is_tls: bool, options: &RedisOptions) -> Result<Address, StoreError> {
    let (authority, path) = rest.split_once('/').ok_or_else(|| connecting(URL_FORMS))?;
    let (name, db) = path.split_once('/').map_or((path, None), |(name, db)| (name, Some(db)));
    if name.is_empty() {
        return Err(connecting(URL_FORMS));
    }
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    let with_ports: Vec<String> = hosts
        .split(',')
        .map(|host| if has_port(host) { host.to_owned() } else { format!("{host}:26379") })
        .collect();
    let user = authority.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
    let db = db.map(|db| format!("/{db}")).unwrap_or_default();
    let (master, _) = nodes(&format!("{user}{}{db}", with_ports.join(",")), is_tls, options)?;
    let (_, mut sentinels) = nodes(&with_ports.join(","), is_tls, options)?;
    if let Some(password) = &options.sentinel_password {
        for sentinel in &mut sentinels {
            let settings = sentinel.redis_settings().clone().set_password(password);
            *sentinel = sentinel.clone().set_redis_settings(settings);
        }
    }
    Ok(Address::Sentinel { sentinels, name: name.to_owned(), master })
}

/// Parses `[user:password@]host[:port],…[/db]`, and returns the first node and all nodes.
fn nodes(
    rest: &str,
    is_tls: bool,
    options: &RedisOptions,
) -> Result<(ConnectionInfo, Vec<ConnectionInfo>), StoreError> {
    let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
    let (user, hosts) = authority.rsplit_once('@').map_or(("", authority), |(user, hosts)| (user, hosts));
    let at = if user.is_empty() { "" } else { "@" };
    let scheme = if is_tls { "rediss" } else { "redis" };
    let all: Vec<ConnectionInfo> = hosts
        .split(',')
        .map(|host| node(&format!("{scheme}://{user}{at}{host}{path}"), options))
        .collect::<Result<_, _>>()?;
    let first = all.first().cloned().ok_or_else(|| connecting(URL_FORMS))?;
    Ok((first, all))
}

fn node(url: &str, options: &RedisOptions) -> Result<ConnectionInfo, StoreError> {
    let info = url.into_connection_info().map_err(|_| connecting(URL_FORMS))?;
    options.trust(info)
}

/// Checks whether a port follows the host, which may be an IPv6 address in brackets.
fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'))
}

fn connecting(why: &'static str) -> StoreError {
    StoreError::new(CONNECTING, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, StoreError> {
        Address::parse(url, &RedisOptions::new())
    }

    fn places(nodes: &[ConnectionInfo]) -> Vec<String> {
        nodes.iter().map(|node| node.addr().to_string()).collect()
    }

    #[test]
    fn a_server_has_an_address_a_password_and_a_database() {
        let Address::Server(info) = parse("redis://ada:p%40ss@example.com:7000/3").unwrap() else {
            panic!("one server")
        };
        assert_eq!(info.addr().to_string(), "example.com:7000");
        let settings = info.redis_settings();
        assert_eq!((settings.username(), settings.password()), (Some("ada"), Some("p@ss")));
        assert_eq!(settings.db(), 3);
        assert!(matches!(parse("redis+unix:///run/redis.sock").unwrap(), Address::Server(_)));
    }

    #[test]
    fn a_cluster_has_several_nodes_with_one_password() {
        let Address::Cluster(nodes) = parse("redis-cluster://:secret@one,two:7001,[::1]:7002").unwrap()
        else {
            panic!("a cluster")
        };
        assert_eq!(places(&nodes), ["one:6379", "two:7001", "::1:7002"]);
        assert!(nodes.iter().all(|node| node.redis_settings().password() == Some("secret")));
    }

    #[test]
    fn sentinels_have_the_masters_name_but_not_its_password() {
        let Address::Sentinel { sentinels, name, master } =
            parse("redis-sentinel://:secret@one,two:7001,[::1]/mine/2").unwrap()
        else {
            panic!("Sentinels")
        };
        assert_eq!(places(&sentinels), ["one:26379", "two:7001", "::1:26379"]);
        assert!(sentinels.iter().all(|node| node.redis_settings().password().is_none()));
        assert_eq!(name, "mine");
        assert_eq!((master.redis_settings().password(), master.redis_settings().db()), (Some("secret"), 2));
    }

    #[cfg(feature = "tls")]
    #[test]
    fn rediss_requires_tls_and_another_address_keeps_it() {
        for url in ["rediss://one", "rediss-cluster://one", "rediss-sentinel://one/mine"] {
            let info = match parse(url).unwrap() {
                Address::Server(info) => info,
                Address::Cluster(mut nodes) => nodes.remove(0),
                Address::Sentinel { master, .. } => master,
            };
            assert!(matches!(at(&info, "two", 1).addr(), ConnectionAddr::TcpTls { insecure: false, .. }));
        }
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        for (url, name) in [
            ("redis://:secret@one/0?ssl_cert_reqs=none", "`ssl_cert_reqs`"),
            (
                "redis-cluster://:sec?ret@one,two?protocol=resp3&read_from_replicas=true",
                "`read_from_replicas`",
            ),
            ("redis+unix:///run/redis.sock?database=1", "`database`"),
            ("redis://one?sec:ret", "contains a parameter that"),
        ] {
            let error = parse(url).unwrap_err();
            let why = std::error::Error::source(&error).unwrap().to_string();
            assert!(why.contains(name) && !why.contains("secret"), "{why}");
        }
        for url in
            ["redis://one/0?protocol=resp3", "redis://:a%3Fb=c@one", "redis+unix:///run/r.sock?db=1&pass=x"]
        {
            assert!(parse(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_invalid_url_error_lists_the_forms_and_omits_the_url() {
        for url in
            ["", "redis", "http://secret@one", "redis://:secret@one:port", "redis-sentinel://secret@one"]
        {
            let error = parse(url).unwrap_err();
            let why = std::error::Error::source(&error).unwrap().to_string();
            assert!(why.contains("redis-cluster://"), "{why}");
            assert!(!format!("{error:?}").contains("secret"));
        }
    }
}
