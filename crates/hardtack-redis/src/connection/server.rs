use std::fmt;
use std::io;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Cmd, ConnectionInfo, ErrorKind, Pipeline, RedisError, RedisResult, ServerErrorKind, Value};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::connection::ConnectionSettings;
use crate::connection::sentinel;
use crate::options::Replicas;

/// A server, with a single connection that all tasks share. The connection is replaced after it breaks.
///
/// After a connection breaks, a write is not sent again, because the server may have executed it.
pub(crate) struct Server {
    address: ServerAddress,
    settings: ConnectionSettings,
    /// A `std` lock instead of an async one, because it is held only to clone or replace a handle, never across an
    /// await.
    connection: RwLock<Option<NumberedConnection>>,
    /// The lock that a task holds while it connects. All other tasks wait for the result.
    connecting: Mutex<Backoff>,
}

/// The address of a server.
#[derive(Debug, Clone)]
pub(crate) enum ServerAddress {
    /// A fixed address.
    Fixed(ConnectionInfo),
    /// The address that the Sentinels report for the master of this name.
    Sentinel { sentinels: Vec<ConnectionInfo>, name: String, master: ConnectionInfo },
}

/// Whether a command is a write for which to wait for replicas, if that is configured. A write whose loss does no harm
/// is sent as a `Read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CommandKind {
    Read,
    Write,
}

/// A connection and its number. The number prevents a task that finds a connection broken from dropping a newer
/// connection.
#[derive(Clone)]
struct NumberedConnection {
    number: u64,
    connection: MultiplexedConnection,
}

/// The number of connections made so far, the number of failed attempts since the last one, and the time before which
/// no further attempt is made.
#[derive(Default)]
struct Backoff {
    connections: u64,
    failures: u32,
    until: Option<Instant>,
}

const MIN_PAUSE: Duration = Duration::from_millis(50);

impl Server {
    pub(crate) fn new(address: ServerAddress, settings: ConnectionSettings) -> Self {
        let (connection, connecting) = (RwLock::default(), Mutex::default());
        Self { address, settings, connection, connecting }
    }

    /// Returns the address, or the monitored master's name, for display. It never contains the password.
    pub(crate) fn address(&self) -> String {
        match &self.address {
            ServerAddress::Fixed(info) => info.addr().to_string(),
            ServerAddress::Sentinel { name, .. } => format!("the master {name}"),
        }
    }

    /// Sends one command. After a write, waits for the replicas if that is configured.
    pub(crate) async fn send(&self, command: &Cmd, kind: CommandKind) -> RedisResult<Value> {
        match (kind, self.settings.replicas) {
            (CommandKind::Write, Some(replicas)) => {
                let mut pipeline = redis::pipe();
                pipeline.add_command(command.clone());
                pipeline.add_command(wait(replicas));
                let mut answers = self.send_all(&pipeline, 2).await?.into_iter();
                let answer = check_reply(answers.next())?;
                check_replicas(check_reply(answers.next())?, replicas)?;
                Ok(answer)
            }
            _ => {
                let NumberedConnection { number, mut connection } = self.connected().await?;
                let answer = connection.send_packed_command(command).await;
                self.drop_if_broken(number, answer.and_then(|answer| check_reply(Some(answer))))
            }
        }
    }

    /// Sends a read-only command, and retries it once if the connection turns out to be broken.
    pub(crate) async fn read(&self, command: &Cmd) -> RedisResult<Value> {
        match self.send(command, CommandKind::Read).await {
            Err(error) if error.is_connection_dropped() => self.send(command, CommandKind::Read).await,
            answer => answer,
        }
    }

    /// Sends a command after another node has redirected it to this one with `ASK`.
    pub(crate) async fn send_asking(&self, command: &Cmd, kind: CommandKind) -> RedisResult<Value> {
        let mut pipeline = redis::pipe();
        pipeline.add_command(redis::cmd("ASKING"));
        pipeline.add_command(command.clone());
        let replicas = self.settings.replicas.filter(|_| kind == CommandKind::Write);
        if let Some(replicas) = replicas {
            pipeline.add_command(wait(replicas));
        }
        let mut answers = self.send_all(&pipeline, 2 + usize::from(replicas.is_some())).await?.into_iter();
        check_reply(answers.next())?;
        let answer = check_reply(answers.next())?;
        if let Some(replicas) = replicas {
            check_replicas(check_reply(answers.next())?, replicas)?;
        }
        Ok(answer)
    }

    /// Sends several commands at once, and returns their replies.
    ///
    /// # Errors
    ///
    /// Returns the first reply that is an error. The driver returns such a reply as a value, but it can show that the
    /// connection must be dropped.
    async fn send_all(&self, pipeline: &Pipeline, count: usize) -> RedisResult<Vec<Value>> {
        let NumberedConnection { number, mut connection } = self.connected().await?;
        let answers = connection.send_packed_commands(pipeline, 0, count).await;
        let checked =
            answers.and_then(|answers| answers.into_iter().map(|answer| check_reply(Some(answer))).collect());
        self.drop_if_broken(number, checked)
    }

    /// Drops the connection if the error shows that it is no longer usable: it is broken, the server does not answer,
    /// or the server is no longer a master.
    fn drop_if_broken<T>(&self, number: u64, answer: RedisResult<T>) -> RedisResult<T> {
        if let Err(error) = &answer {
            let is_demoted = error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly);
            if error.is_io_error() || error.is_unrecoverable_error() || is_demoted {
                let mut connection = self.connection.write().unwrap_or_else(PoisonError::into_inner);
                connection.take_if(|connection| connection.number == number);
            }
        }
        answer
    }

    /// Returns the connection, connecting first if there is none.
    ///
    /// # Errors
    ///
    /// Fails if connecting fails, and immediately during the pause after a failed attempt.
    async fn connected(&self) -> RedisResult<NumberedConnection> {
        if let Some(connection) = self.connection() {
            return Ok(connection);
        }
        let mut backoff = self.connecting.lock().await;
        if let Some(connection) = self.connection() {
            return Ok(connection);
        }
        backoff.check(Instant::now())?;
        // The future is boxed, because connecting is rare, and unboxed it would double the size of every operation's
        // future.
        let connection = match Box::pin(self.connect()).await {
            Ok(connection) => connection,
            Err(error) => {
                backoff.failed(Instant::now(), self.settings.longest_pause);
                return Err(error);
            }
        };
        *backoff = Backoff { connections: backoff.connections + 1, ..Backoff::default() };
        let connection = NumberedConnection { number: backoff.connections, connection };
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = Some(connection.clone());
        Ok(connection)
    }

    fn connection(&self) -> Option<NumberedConnection> {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        match &self.address {
            ServerAddress::Fixed(info) => self.settings.connect(info).await,
            ServerAddress::Sentinel { sentinels, name, master } => {
                let info = sentinel::find_master(sentinels, name, master, &self.settings).await?;
                let mut connection = self.settings.connect(&info).await?;
                sentinel::is_master(&mut connection).await?;
                Ok(connection)
            }
        }
    }
}

impl Backoff {
    fn check(&self, now: Instant) -> RedisResult<()> {
        match self.until {
            Some(until) if now < until => Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "the server could not be reached a moment ago and is not retried yet",
            )
            .into()),
            _ => Ok(()),
        }
    }

    fn failed(&mut self, now: Instant, longest: Duration) {
        let pause = MIN_PAUSE.saturating_mul(1 << self.failures.min(16)).min(longest);
        // The pause is shortened by a random amount of up to half, so that many clients do not reconnect at the same
        // time.
        let pause = pause.mul_f64(rand::random_range(0.5..=1.0));
        self.failures += 1;
        self.until = Some(now + pause);
    }
}

/// Converts an error reply or a missing reply to `Err`. Errors inside a list belong to single requests, and are kept in
/// the list.
pub(crate) fn check_reply(answer: Option<Value>) -> RedisResult<Value> {
    match answer {
        Some(Value::ServerError(error)) => Err(error.into()),
        Some(value) => Ok(value),
        None => Err(RedisError::from((
            ErrorKind::UnexpectedReturnType,
            "the server did not respond to every command",
        ))),
    }
}

fn wait(replicas: Replicas) -> Cmd {
    let mut wait = redis::cmd("WAIT");
    wait.arg(replicas.count).arg(replicas.timeout.as_millis().max(1) as u64);
    wait
}

fn check_replicas(answer: Value, replicas: Replicas) -> RedisResult<()> {
    match answer {
        Value::Int(count) if count >= i64::from(replicas.count) => Ok(()),
        _ => Err(RedisError::from((
            ErrorKind::Client,
            "too few replicas confirmed the write, so it may still be lost",
        ))),
    }
}

/// Omits the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("place", &self.address()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_end() {
        let (mut backoff, mut now) = (Backoff::default(), Instant::now());
        assert!(backoff.check(now).is_ok());
        for longest in [50, 100, 200, 400, 400, 400] {
            backoff.failed(now, Duration::from_millis(400));
            assert!(backoff.check(now).is_err());
            let pause = backoff.until.unwrap() - now;
            assert!(pause <= Duration::from_millis(longest) && pause >= Duration::from_millis(longest / 2));
            now += pause;
            assert!(backoff.check(now).is_ok());
        }
    }
}
