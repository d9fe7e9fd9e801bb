//! A server with tower-sessions, for the measurement of whole requests: `tower-server URL` prints its port, and exits
//! when its standard input closes.

use std::net::Ipv4Addr;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use fred::prelude::{ClientLike, Config, Pool};
use hardtack_bench_load::Result;
use serde_json::{Map, Value};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::io::AsyncReadExt;
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};
use tower_sessions_redis_store::RedisStore;
use tower_sessions_sqlx_store::{MySqlStore, PostgresStore, SqliteStore};

/// The size of the Redis pool, as in the examples of tower-sessions.
const REDIS_POOL: usize = 6;

#[tokio::main]
async fn main() -> Result {
    let url = std::env::args().nth(1).ok_or("the URL of a store is missing")?;
    if let Some(path) = url.strip_prefix("sqlite:") {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(60));
        let pool = SqlitePoolOptions::new().max_connections(10).test_before_acquire(false);
        let store = SqliteStore::new(pool.connect_with(options).await?);
        store.migrate().await?;
        serve(store).await
    } else if url.starts_with("postgres:") {
        let pool = PgPoolOptions::new().max_connections(32).test_before_acquire(false);
        let store = PostgresStore::new(pool.connect(&url).await?);
        store.migrate().await?;
        serve(store).await
    } else if url.starts_with("mysql:") {
        let pool = MySqlPoolOptions::new().max_connections(32).test_before_acquire(false);
        let store = MySqlStore::new(pool.connect(&url).await?);
        store.migrate().await?;
        serve(store).await
    } else {
        let pool = Pool::new(Config::from_url(&url)?, None, None, None, REDIS_POOL)?;
        pool.init().await?;
        serve(RedisStore::new(pool)).await
    }
}

async fn serve(store: impl SessionStore + Clone) -> Result {
    let expiry = Expiry::OnInactivity(time::Duration::days(1));
    let app = Router::new()
        .route("/login", post(log_in))
        .route("/", get(visit))
        .layer(SessionManagerLayer::new(store).with_expiry(expiry));
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    Ok(axum::serve(listener, app).with_graceful_shutdown(end_of_input()).await?)
}

async fn end_of_input() {
    drop(tokio::io::stdin().read(&mut [0]).await);
}

/// Logs in with the session in the request body, so that both servers store the same data.
async fn log_in(session: Session, content: String) -> Result<&'static str, String> {
    let content: Map<String, Value> = serde_json::from_str(&content).map_err(|error| error.to_string())?;
    for (key, value) in content {
        session.insert(&key, value).await.map_err(|error| error.to_string())?;
    }
    Ok("ok")
}

async fn visit(session: Session) -> Result<String, String> {
    let visits: u64 = session.get("visits").await.map_err(|error| error.to_string())?.unwrap_or(0) + 1;
    session.insert("visits", visits).await.map_err(|error| error.to_string())?;
    Ok(visits.to_string())
}
