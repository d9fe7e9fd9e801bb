use std::str::FromStr;
use std::time::Duration;

use hardtack_engines::{EngineError, MariaDb, Postgres, Proxy, Redis, RedisCluster};

use crate::fault::Fault;

/// The engine that stores the sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Redis,
    RedisCluster,
    Postgres,
    MariaDb,
}

/// A running engine, and the proxy through which the application connects to it.
#[derive(Debug)]
pub(crate) struct RunningEngine {
    engine: EngineServer,
    /// `None` for a cluster, whose servers announce their own addresses.
    proxy: Option<Proxy>,
}

#[derive(Debug)]
enum EngineServer {
    Redis(Redis),
    Cluster(RedisCluster),
    Postgres(Postgres),
    MariaDb(MariaDb),
}

impl RunningEngine {
    pub(crate) fn start(engine: Engine) -> Result<Self, EngineError> {
        let engine = match engine {
            // With `everysec`, a server that is killed loses acknowledged writes that it has not yet written to a busy
            // disk.
            Engine::Redis => EngineServer::Redis(Redis::start_with(&["appendfsync always"])?),
            Engine::RedisCluster => EngineServer::Cluster(RedisCluster::start()?),
            Engine::Postgres => EngineServer::Postgres(Postgres::start()?),
            Engine::MariaDb => EngineServer::MariaDb(MariaDb::start()?),
        };
        let proxy = match &engine {
            EngineServer::Cluster(_) => None,
            EngineServer::Redis(_) | EngineServer::Postgres(_) | EngineServer::MariaDb(_) => {
                Some(Proxy::start(port(&engine.url()).unwrap_or_default().1)?)
            }
        };
        Ok(Self { engine, proxy })
    }

    /// Returns the URL that the application uses, which is the proxy's if there is a proxy.
    pub(crate) fn url(&self) -> String {
        let url = self.engine.url();
        match (&self.proxy, port(&url)) {
            (Some(proxy), Some((at, old))) => {
                let rest = &url[at + old.to_string().len()..];
                format!("{}{}{rest}", &url[..at], proxy.port())
            }
            _ => url,
        }
    }

    pub(crate) fn version(&self) -> String {
        match &self.engine {
            EngineServer::Redis(engine) => engine.version(),
            EngineServer::Cluster(engine) => engine.version(),
            EngineServer::Postgres(engine) => engine.version(),
            EngineServer::MariaDb(engine) => engine.version(),
        }
    }

    /// Injects a fault into the database or into the connections to it. `turn` is the number of earlier injections.
    /// Some faults are injected only in the first turn.
    pub(crate) fn inject(&mut self, fault: Fault, turn: u32) -> Result<(), EngineError> {
        match (fault, &mut self.engine) {
            (Fault::RestartDatabase, EngineServer::Redis(engine)) if turn == 0 => {
                engine.kill()?;
                engine.restart()
            }
            (Fault::RestartDatabase, EngineServer::Postgres(engine)) if turn == 0 => {
                engine.kill()?;
                engine.restart()
            }
            (Fault::RestartDatabase, EngineServer::MariaDb(engine)) if turn == 0 => {
                engine.kill()?;
                engine.restart()
            }
            (Fault::KillMaster, EngineServer::Cluster(engine)) if turn == 0 => {
                let dead = engine.kill_master_of(0)?;
                engine.wait_for_promotion(0, dead)?;
                engine.restart()
            }
            (Fault::CutWires, _) => {
                self.proxy.iter().for_each(Proxy::cut);
                Ok(())
            }
            (Fault::DelayWires, _) => {
                let delay = Duration::from_millis(if turn.is_multiple_of(2) { 30 } else { 0 });
                self.proxy.iter().for_each(|proxy| proxy.delay(delay));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Removes the delay from the proxy.
    pub(crate) fn clear(&self) {
        self.proxy.iter().for_each(|proxy| proxy.delay(Duration::ZERO));
    }
}

impl EngineServer {
    fn url(&self) -> String {
        match self {
            Self::Redis(engine) => engine.url(),
            Self::Cluster(engine) => engine.url(),
            Self::Postgres(engine) => engine.url(),
            Self::MariaDb(engine) => engine.url(),
        }
    }
}

/// Returns the position of the port in a URL with one server, and the port.
fn port(url: &str) -> Option<(usize, u16)> {
    let host = url.find('@')? + 1;
    let at = host + url[host..].find(':')? + 1;
    let digits = url[at..].bytes().take_while(u8::is_ascii_digit).count();
    Some((at, url[at..at + digits].parse().ok()?))
}

impl FromStr for Engine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "redis" => Ok(Self::Redis),
            "redis-cluster" => Ok(Self::RedisCluster),
            "postgres" => Ok(Self::Postgres),
            "mariadb" => Ok(Self::MariaDb),
            _ => Err("use one of redis, redis-cluster, postgres, mariadb".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_found_in_a_url() {
        for url in ["redis://:hardtack@127.0.0.1:7000", "postgres://a:b@127.0.0.1:7000/postgres"] {
            assert_eq!(port(url).map(|(_, port)| port), Some(7000));
        }
        assert_eq!(port("memory:"), None);
    }
}
