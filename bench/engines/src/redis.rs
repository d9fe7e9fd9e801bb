use fred::prelude::{ClientLike, Config, Expiration, KeysInterface, LuaInterface, Pool};
use fred::types::Value;
use futures_util::{StreamExt, TryStreamExt, stream};
use hardtack_bench_load::{DATA, Result, TASKS, Versions, data, key, mixed, operation, record};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;
use redis::aio::MultiplexedConnection;
use tower_sessions_core::SessionStore as _;
use tower_sessions_redis_store::RedisStore as TowerStore;

use crate::candidate::{Candidate, hardtack, tower, tower_record};
use crate::contest::Contest;

/// The size of the pools, as in fred's documentation and in the examples of tower-sessions.
const POOL: usize = 6;

/// The server's settings. The append-only file is not rewritten during the measurement, because a rewrite would take
/// processor time from one candidate's turn.
const SETTINGS: [&str; 3] = ["appendonly yes", "appendfsync everysec", "auto-aof-rewrite-percentage 0"];

/// The lifetime of a record: one day, in milliseconds.
const LIFE: i64 = 86_400_000;

/// The smallest script that compares a version and sets a record.
const COMPARE_AND_SET: &str = r"
if redis.call('GETRANGE', KEYS[1], '0', '7') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1";

pub(crate) struct OnRedis(Redis);

impl OnRedis {
    pub(crate) fn start() -> Result<Self> {
        Ok(Self(Redis::start_with(&SETTINGS)?))
    }
}

impl Contest for OnRedis {
    fn title(&self) -> String {
        format!("{}: {}", self.0.version(), SETTINGS.join(", "))
    }

    fn url(&self) -> String {
        format!("{}/0", self.0.url())
    }

    async fn fill(&self, sessions: u64, versions: &Versions) -> Result {
        let store = RedisStore::connect(self.url()).await?;
        let tower = TowerStore::new(pool(&self.url()).await?);
        let bare = connect(&self.url()).await?;
        stream::iter(0..sessions)
            .map(Ok)
            .try_for_each_concurrent(TASKS as usize, |number| {
                let (store, tower, mut bare) = (&store, &tower, bare.clone());
                async move {
                    match store.create(&key(number), &record(number)).await? {
                        Swap::Done(version) => versions.note(number, version),
                        Swap::Refused => return Err("the record already exists".into()),
                    }
                    tower.create(&mut tower_record(number)).await?;
                    let mut sets = redis::pipe();
                    sets.set(name_of_versioned(number), versioned(number)).ignore();
                    sets.set(name_of_plain(number), data(number)).ignore();
                    Result::<_>::Ok(sets.query_async::<()>(&mut bare).await?)
                }
            })
            .await
    }

    async fn candidates(&self, url: &str, versions: &Versions) -> Result<Vec<Candidate>> {
        let store = RedisStore::connect(url).await?;
        let connection = connect(url).await?;
        let script = redis::Script::new(COMPARE_AND_SET);
        script.prepare_invoke().load_async(&mut connection.clone()).await?;
        let digest = script.get_hash();
        Ok(vec![
            hardtack(store, None, versions),
            bare(connection, digest),
            comparing(pool(url).await?, digest),
            plain(pool(url).await?),
            tower("tower-sessions, pool of 6", TowerStore::new(pool(url).await?)),
        ])
    }
}

/// Creates the candidate for redis-rs alone, with one multiplexed connection. It reads with `GET`, and writes with the
/// script [`COMPARE_AND_SET`].
fn bare(connection: MultiplexedConnection, digest: &str) -> Candidate {
    let (reading, digest) = (connection.clone(), digest.to_owned());
    Candidate {
        name: "redis-rs, script",
        write: operation(move |number| {
            let mut connection = connection.clone();
            let (mut swap, value) = (redis::cmd("EVALSHA"), versioned(number));
            swap.arg(&digest).arg(1).arg(name_of_versioned(number)).arg(&value[..8]).arg(&value).arg(LIFE);
            async move { done(swap.query_async(&mut connection).await?) }
        }),
        read: Some(operation(move |number| {
            let mut connection = reading.clone();
            async move {
                let mut get = redis::cmd("GET");
                get.arg(name_of_versioned(number));
                let value: Vec<u8> = get.query_async(&mut connection).await?;
                assert_eq!(value.len(), DATA + 8);
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    }
}

/// Creates the candidate for a fred pool, with the same script and the same records as for redis-rs.
fn comparing(pool: Pool, digest: &str) -> Candidate {
    let (reading, digest) = (pool.clone(), digest.to_owned());
    Candidate {
        name: "fred, pool of 6, script",
        write: operation(move |number| {
            let (pool, digest, value) = (pool.clone(), digest.clone(), versioned(number));
            async move {
                let arguments: Vec<Value> = vec![value[..8].into(), value.as_slice().into(), LIFE.into()];
                done(pool.evalsha(digest, vec![name_of_versioned(number)], arguments).await?)
            }
        }),
        read: Some(operation(move |number| {
            let pool = reading.clone();
            async move {
                let value: Vec<u8> = pool.get(name_of_versioned(number)).await?;
                assert_eq!(value.len(), DATA + 8);
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    }
}

/// Creates the candidate for a fred pool that writes with `SET`, which compares nothing.
fn plain(pool: Pool) -> Candidate {
    let reading = pool.clone();
    Candidate {
        name: "fred, pool of 6, SET",
        write: operation(move |number| {
            let pool = pool.clone();
            async move {
                let (name, life) = (name_of_plain(number), Some(Expiration::PX(LIFE)));
                Ok(pool.set::<(), _, _>(name, data(number).as_slice(), life, None, false).await?)
            }
        }),
        read: Some(operation(move |number| {
            let pool = reading.clone();
            async move {
                let value: Vec<u8> = pool.get(name_of_plain(number)).await?;
                assert_eq!(value.len(), DATA);
                Ok(())
            }
        })),
        touch: None,
        batches: None,
    }
}

fn done(answer: u8) -> Result {
    if answer == 1 { Ok(()) } else { Err("each session has one writer at a time".into()) }
}

async fn connect(url: &str) -> Result<MultiplexedConnection> {
    Ok(redis::Client::open(url)?.get_multiplexed_async_connection().await?)
}

async fn pool(url: &str) -> Result<Pool> {
    let pool = Pool::new(Config::from_url(url)?, None, None, None, POOL)?;
    pool.init().await?;
    Ok(pool)
}

/// Returns the key of a versioned record, which is as long as hardtack's keys.
fn name_of_versioned(number: u64) -> String {
    format!("bare-driver:{:016x}{:016x}{number:011x}", mixed(number), mixed(!number))
}

/// Returns the key of a plain record, which has 22 characters, the length of a 128-bit id in base64url.
fn name_of_plain(number: u64) -> String {
    format!("f{:016x}{number:05x}", mixed(number))
}

fn versioned(number: u64) -> Vec<u8> {
    [&number.to_be_bytes()[..], &data(number)].concat()
}
