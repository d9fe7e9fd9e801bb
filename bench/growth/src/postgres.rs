use std::pin::pin;
use std::time::Instant;

use hardtack_bench_load::{Ours, Result, data, expiry, key};
use hardtack_engines::Postgres;
use hardtack_postgres::PostgresStore;
use tokio::runtime::Runtime;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, NoTls};

use crate::{Grown, compare, in_order};

const SETTINGS: [&str; 6] = [
    "fsync=on",
    "synchronous_commit=on",
    "shared_buffers=6GB",
    "min_wal_size=8GB",
    "max_wal_size=16GB",
    "checkpoint_timeout=30min",
];

pub(crate) fn run(runtime: &Runtime, sizes: &[u64]) -> Result {
    let engine = Postgres::start_with(&SETTINGS)?;
    let url = engine.url();
    let client = runtime.block_on(connect(&url))?;
    let mut grown = Vec::new();
    for &size in sizes {
        let since = Instant::now();
        let table = format!("session_{size}");
        let options = PostgresStore::options().table(table.as_str()).without_sweeping();
        let store = runtime.block_on(options.connect(&url))?;
        runtime.block_on(fill(&client, &table, size))?;
        grown.push(Grown::new(size, since, |versions| Ours::new(store, versions)));
    }
    runtime.block_on(client.batch_execute("CHECKPOINT"))?;
    compare(runtime, &format!("{}: {}", engine.version(), SETTINGS.join(", ")), &grown)
}

async fn fill(client: &Client, table: &str, size: u64) -> Result {
    let copy = format!(
        "COPY {table} (key, version, data, created_at, last_seen, expires_at, deadline, sweep_at) FROM STDIN BINARY"
    );
    let times = [Type::INT8, Type::INT8, Type::INT8, Type::INT8, Type::INT8];
    let types = [&[Type::BYTEA, Type::INT8, Type::BYTEA][..], &times].concat();
    let expiry = expiry();
    let mut rows = pin!(BinaryCopyInWriter::new(client.copy_in(&copy).await?, &types));
    for number in in_order(size) {
        let (key, data) = (key(number), data(number));
        let key = key.as_bytes().as_slice();
        rows.as_mut().write(&[&key, &0_i64, &data, &0_i64, &0_i64, &expiry, &expiry, &expiry]).await?;
    }
    rows.finish().await?;
    Ok(client.batch_execute(&format!("VACUUM ANALYZE {table}")).await?)
}

async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
