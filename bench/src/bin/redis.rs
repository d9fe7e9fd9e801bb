//! `cargo run --release --bin redis`: what `RedisStore` does in a second, beside redis-rs alone, a pool of fred's, and
//! tower-sessions' store on that pool.
//!
//! hardtack, redis-rs and fred's first column write only over the version they know; fred's second and tower-sessions
//! write over whatever is there.
//!
//! All use one Redis server of this machine's, started for the purpose, and take turns, so that a noisy neighbour
//! disturbs all of them. An argument is the number of sessions, one million if there is none.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fred::prelude::{ClientLike, Config, Expiration, KeysInterface, LuaInterface, Pool};
use hardtack_bench_load::{DATA, TASKS, data, key, median, mixed, record};
use hardtack_core::store::{SessionStore, Swap, Version};
use hardtack_engines::Redis;
use hardtack_redis::RedisStore;
use redis::aio::MultiplexedConnection;
use tokio::runtime::Runtime;
use tower_sessions_core_014::SessionStore as _;
use tower_sessions_core_014::session::{Id, Record as TheirRecord};

const ROUNDS: usize = 7;
const TURN: Duration = Duration::from_millis(1500);

/// What fred's documentation and tower-sessions' examples have.
const POOL: usize = 6;

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> Result {
    let sessions = match std::env::args().nth(1) {
        Some(number) => number.parse()?,
        None => 1_000_000,
    };
    let engine = Redis::start()?;
    let runtime = Runtime::new()?;
    let hardtack = runtime.block_on(Hardtack::connected(&engine, sessions))?;
    let bare = runtime.block_on(Bare::connected(&engine))?;
    let fred = runtime.block_on(Fred::connected(&engine))?;
    // It uses the records of `bare`.
    let comparing = FredComparing { fred: fred.clone(), digest: Arc::clone(&bare.digest) };
    let theirs = TowerSessions(tower_sessions_redis_store::RedisStore::new(fred.pool.clone()));

    let bench = Bench { runtime: &runtime, sessions };
    bench.fill(&hardtack);
    bench.fill(&bare);
    bench.fill(&fred);
    bench.fill(&theirs);

    let mut rates: [[Vec<f64>; 5]; 2] = Default::default();
    for round in 0..ROUNDS {
        let turns = [
            [
                bench.writes(&hardtack),
                bench.writes(&bare),
                bench.writes(&comparing),
                bench.writes(&fred),
                bench.writes(&theirs),
            ],
            [
                bench.reads(&hardtack),
                bench.reads(&bare),
                bench.reads(&comparing),
                bench.reads(&fred),
                bench.reads(&theirs),
            ],
        ];
        for (rates, rate) in rates.iter_mut().flatten().zip(turns.iter().flatten()) {
            rates.push(*rate);
        }
        eprintln!("round {} of {ROUNDS}: {turns:.0?}", round + 1);
    }

    println!("{}, append-only file synchronised every second, on the same machine", engine.version());
    println!(
        "{sessions} sessions of {DATA} bytes, {TASKS} tasks, median of {ROUNDS} rounds, operations a second"
    );
    let names = ["hardtack", "redis-rs", "fred, script", "fred", "tower-s."];
    println!("{:<8}{}", "", names.map(|name| format!("{name:>14}")).concat());
    for (name, rates) in ["writes", "reads"].into_iter().zip(rates) {
        let rates = rates.map(|rates| median(rates.into_iter()));
        println!("{name:<8}{}", rates.map(|rate| format!("{rate:>14.0}")).concat());
        println!("{:<8}{}", "of", rates.map(|rate| format!("{:>14.2}", rates[0] / rate)).concat());
    }

    for (name, kind) in [("write", Kind::Write), ("read", Kind::Read)] {
        let before = commands(&engine)?;
        for number in 0..1000 {
            match kind {
                Kind::Write => runtime.block_on(hardtack.write(number)),
                Kind::Read => runtime.block_on(hardtack.read(number)),
            }
        }
        println!("round trips per {name}: {:.3}", (commands(&engine)? - before) as f64 / 1000.0);
    }
    Ok(())
}

enum Kind {
    Write,
    Read,
}

/// How many commands clients have sent: those within scripts are counted under other names.
fn commands(engine: &Redis) -> Result<u64> {
    let stats = engine.command(&["INFO", "commandstats"])?;
    let mut calls = 0;
    for line in stats.lines() {
        let Some((name, rest)) = line.split_once(":calls=") else { continue };
        // Not `set`, which the script calls: a plain one is only sent to create.
        if ["evalsha", "eval", "get"].iter().any(|sent| name == format!("cmdstat_{sent}")) {
            calls += rest.split(',').next().unwrap_or_default().parse::<u64>()?;
        }
    }
    Ok(calls)
}

/// One who reads and writes sessions by number.
trait Contestant: Clone + Send + Sync + 'static {
    fn create(&self, number: u64) -> impl Future<Output = ()> + Send;
    fn write(&self, number: u64) -> impl Future<Output = ()> + Send;
    fn read(&self, number: u64) -> impl Future<Output = ()> + Send;
}

/// The store, with the versions that its writers know.
#[derive(Clone)]
struct Hardtack {
    store: RedisStore,
    versions: Arc<Vec<AtomicU64>>,
}

impl Hardtack {
    async fn connected(engine: &Redis, sessions: u64) -> Result<Self> {
        let store = RedisStore::connect(engine.url()).await?;
        Ok(Self { store, versions: Arc::new((0..sessions).map(|_| AtomicU64::new(0)).collect()) })
    }
}

impl Contestant for Hardtack {
    async fn create(&self, number: u64) {
        let created = self.store.create(&key(number), &record(number)).await;
        self.versions[number as usize].store(version_of(created), Ordering::Relaxed);
    }

    async fn write(&self, number: u64) {
        let version = &self.versions[number as usize];
        let expected = Version::new(version.load(Ordering::Relaxed));
        let replaced = self.store.replace(&key(number), expected, &record(number)).await;
        version.store(version_of(replaced), Ordering::Relaxed);
    }

    async fn read(&self, number: u64) {
        let stored = self.store.load(&key(number)).await.expect("the server answers");
        assert_eq!(stored.expect("it was created").record.data.len(), DATA);
    }
}

fn version_of<E: std::fmt::Debug>(swap: std::result::Result<Swap, E>) -> u64 {
    match swap.expect("the server answers") {
        Swap::Done(version) => version.get(),
        Swap::Refused => panic!("each session has one writer at a time"),
    }
}

/// redis-rs alone: one multiplexed connection, `GET`, and the smallest script that compares and sets.
#[derive(Clone)]
struct Bare {
    connection: MultiplexedConnection,
    digest: Arc<str>,
}

const COMPARE_AND_SET: &str = r"
if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1";

impl Bare {
    async fn connected(engine: &Redis) -> Result<Self> {
        let mut connection = redis::Client::open(engine.url())?.get_multiplexed_async_connection().await?;
        connection.set_response_timeout(Duration::from_secs(30));
        let mut load = redis::cmd("SCRIPT");
        load.arg("LOAD").arg(COMPARE_AND_SET);
        let digest: String = load.query_async(&mut connection).await?;
        Ok(Self { connection, digest: digest.into() })
    }
}

impl Contestant for Bare {
    async fn create(&self, number: u64) {
        let mut set = redis::cmd("SET");
        set.arg(bare_key(number)).arg(versioned(number)).arg("PX").arg(LIFE);
        let () = set.query_async(&mut self.connection.clone()).await.expect("the server answers");
    }

    async fn write(&self, number: u64) {
        let mut swap = redis::cmd("EVALSHA");
        let value = versioned(number);
        swap.arg(&*self.digest).arg(1).arg(bare_key(number)).arg(&value[..8]).arg(&value).arg(LIFE);
        let done: u8 = swap.query_async(&mut self.connection.clone()).await.expect("the server answers");
        assert_eq!(done, 1);
    }

    async fn read(&self, number: u64) {
        let mut get = redis::cmd("GET");
        get.arg(bare_key(number));
        let data: Vec<u8> = get.query_async(&mut self.connection.clone()).await.expect("it was created");
        assert_eq!(data.len(), DATA + 8);
    }
}

/// A pool of fred's: `GET`, and a `SET` that compares nothing.
#[derive(Clone)]
struct Fred {
    pool: Pool,
}

impl Fred {
    async fn connected(engine: &Redis) -> Result<Self> {
        let pool = Pool::new(Config::from_url(&engine.url())?, None, None, None, POOL)?;
        pool.init().await?;
        Ok(Self { pool })
    }

    async fn set(&self, number: u64) {
        let life = Some(Expiration::PX(LIFE));
        let data = data(number);
        let set = self.pool.set::<(), _, _>(fred_key(number), data.as_slice(), life, None, false);
        set.await.expect("the server answers");
    }
}

impl Contestant for Fred {
    async fn create(&self, number: u64) {
        self.set(number).await;
    }

    async fn write(&self, number: u64) {
        self.set(number).await;
    }

    async fn read(&self, number: u64) {
        let data: Vec<u8> = self.pool.get(fred_key(number)).await.expect("it was created");
        assert_eq!(data.len(), DATA);
    }
}

/// The same pool with what the others do: the smallest script that compares and sets.
#[derive(Clone)]
struct FredComparing {
    fred: Fred,
    digest: Arc<str>,
}

impl Contestant for FredComparing {
    async fn create(&self, number: u64) {
        let (life, value) = (Some(Expiration::PX(LIFE)), versioned(number));
        let set = self.fred.pool.set::<(), _, _>(bare_key(number), value.as_slice(), life, None, false);
        set.await.expect("the server answers");
    }

    async fn write(&self, number: u64) {
        let value = versioned(number);
        let arguments: Vec<fred::types::Value> =
            vec![value[..8].into(), value.as_slice().into(), LIFE.into()];
        let done: u8 = self
            .fred
            .pool
            .evalsha(&*self.digest, vec![bare_key(number)], arguments)
            .await
            .expect("the server answers");
        assert_eq!(done, 1);
    }

    async fn read(&self, number: u64) {
        let data: Vec<u8> = self.fred.pool.get(bare_key(number)).await.expect("it was created");
        assert_eq!(data.len(), DATA + 8);
    }
}

/// tower-sessions' store: a `SET` that compares nothing, and MessagePack.
#[derive(Clone)]
struct TowerSessions(tower_sessions_redis_store::RedisStore<Pool>);

impl Contestant for TowerSessions {
    async fn create(&self, number: u64) {
        self.0.create(&mut their_record(number)).await.expect("the server answers");
    }

    async fn write(&self, number: u64) {
        self.0.save(&their_record(number)).await.expect("the server answers");
    }

    async fn read(&self, number: u64) {
        let record = self.0.load(&their_id(number)).await.expect("the server answers");
        assert_eq!(record.expect("it was created").data.len(), 1);
    }
}

fn their_record(number: u64) -> TheirRecord {
    let data = serde_json::Value::String("x".repeat(DATA));
    TheirRecord {
        id: their_id(number),
        data: HashMap::from([("data".to_owned(), data)]),
        expiry_date: time::OffsetDateTime::now_utc() + time::Duration::DAY,
    }
}

fn their_id(number: u64) -> Id {
    Id(i128::from(mixed(number)) << 64 | i128::from(number))
}

struct Bench<'a> {
    runtime: &'a Runtime,
    sessions: u64,
}

impl Bench<'_> {
    fn fill<C: Contestant>(&self, contestant: &C) {
        let sessions = self.sessions;
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let contestant = contestant.clone();
                self.runtime.spawn(async move {
                    for number in (task..sessions).step_by(TASKS as usize) {
                        contestant.create(number).await;
                    }
                })
            })
            .collect();
        self.runtime.block_on(async {
            for task in tasks {
                task.await.expect("no task panics");
            }
        });
    }

    fn writes<C: Contestant>(&self, contestant: &C) -> f64 {
        let contestant = contestant.clone();
        self.rate(move |number| {
            let contestant = contestant.clone();
            async move { contestant.write(number).await }
        })
    }

    fn reads<C: Contestant>(&self, contestant: &C) -> f64 {
        let contestant = contestant.clone();
        self.rate(move |number| {
            let contestant = contestant.clone();
            async move { contestant.read(number).await }
        })
    }

    /// Operations a second, from all tasks, each over sessions of its own.
    fn rate<F: Future<Output = ()> + Send>(
        &self,
        operation: impl Fn(u64) -> F + Clone + Send + 'static,
    ) -> f64 {
        let (begin, sessions) = (Instant::now(), self.sessions / TASKS * TASKS);
        let tasks: Vec<_> = (0..TASKS)
            .map(|task| {
                let operation = operation.clone();
                self.runtime.spawn(async move {
                    let mut count = 0_u64;
                    while begin.elapsed() < TURN {
                        let number = mixed(count * TASKS + task) % sessions / TASKS * TASKS + task;
                        operation(number).await;
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let counts = self.runtime.block_on(async {
            let mut sum = 0;
            for task in tasks {
                sum += task.await.expect("no task panics");
            }
            sum
        });
        counts as f64 / begin.elapsed().as_secs_f64()
    }
}

/// A day, in milliseconds.
const LIFE: i64 = 86_400_000;

/// As long as hardtack's are.
fn bare_key(number: u64) -> String {
    format!("bare-driver:{:016x}{:016x}{:011x}", mixed(number), mixed(!number), number)
}

/// 22 characters, as a 128-bit id has in base64url.
fn fred_key(number: u64) -> String {
    format!("f{:016x}{number:05x}", mixed(number))
}

fn versioned(number: u64) -> Vec<u8> {
    [&number.to_be_bytes()[..], &data(number)].concat()
}
