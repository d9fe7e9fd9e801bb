//! Sessions emit the same events with every store, and each event once, regardless of the calls that the store needs.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::{Arc, Mutex};

use hardtack::{EventKind, Session, SessionLayer, Stored};
use hardtack_engines::{MariaDb, Postgres, Redis, RedisCluster};
use hardtack_jar::Browser;
use hardtack_stores::AnyStore;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The events that a layer emitted, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<&'static str>>>);

impl Seen {
    fn subscribe(&self, store: AnyStore) -> SessionLayer<Stored> {
        let seen = self.clone();
        SessionLayer::stored(store).on_event(move |event| {
            let name = match event.kind() {
                EventKind::Loaded { .. } => "loaded",
                EventKind::Missed { .. } => "missed",
                EventKind::Created { .. } => "created",
                EventKind::Written { .. } => "written",
                EventKind::Merged { .. } => "merged",
                EventKind::Conflict { .. } => "conflict",
                EventKind::Dropped { .. } => "dropped",
                EventKind::Renewed { .. } => "renewed",
                EventKind::LoggedIn { .. } => "logged in",
                EventKind::LoggedOut { .. } => "logged out",
                EventKind::Ended { .. } => "ended",
                EventKind::Listed { .. } => "listed",
                EventKind::Revoked { .. } => "revoked",
                _ => "unexpected",
            };
            seen.0.lock().unwrap().push(name);
        })
    }

    fn take(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Runs the requests of a session's whole life on a store, and checks the events of each step.
async fn has_the_events_of_every_store(url: &str) -> Result {
    let seen = Seen::default();
    let layer = seen.subscribe(AnyStore::open(url).await?);
    let (browser, phone) = (Browser::new(axum::Router::new()), Browser::new(axum::Router::new()));
    let write = |browser: Browser, value: u64| {
        let layer = layer.clone();
        async move {
            browser.try_within(&layer, |session: Session| async move { session.insert("a", value) }).await
        }
    };

    write(browser.tab(), 1).await?;
    assert_eq!(seen.take(), ["created"], "{url}: a first write");
    browser.try_within(&layer, |session: Session| async move { session.keys() }).await?;
    assert_eq!(seen.take(), ["loaded"], "{url}: a read");
    write(browser.tab(), 2).await?;
    assert_eq!(seen.take(), ["loaded", "written"], "{url}: a write");
    browser.try_within(&layer, |session: Session| async move { session.log_in("jane") }).await?;
    assert_eq!(seen.take(), ["loaded", "written", "logged in"], "{url}: a login");
    browser.try_within(&layer, |session: Session| async move { session.renew() }).await?;
    assert_eq!(seen.take(), ["loaded", "written", "renewed"], "{url}: a renewal");

    let tab = browser.thief();
    tab.try_within(&layer, |session: Session| {
        let other = write(browser.tab(), 3);
        async move {
            session.insert("b", 1);
            other.await.unwrap();
        }
    })
    .await?;
    let met = ["loaded", "loaded", "written", "conflict", "written", "merged"];
    assert_eq!(seen.take(), met, "{url}: two requests that meet");

    phone.try_within(&layer, |session: Session| async move { session.log_in("jane") }).await?;
    assert_eq!(seen.take(), ["created", "logged in"], "{url}: a login on another device");
    browser
        .try_within(&layer, |session: Session| async move {
            assert_eq!(session.devices().await.unwrap().len(), 2);
            assert_eq!(session.end_others().await.unwrap(), 1);
        })
        .await?;
    assert_eq!(seen.take(), ["loaded", "listed", "revoked"], "{url}: logging out elsewhere");
    phone.try_within(&layer, |session: Session| async move { session.keys() }).await?;
    assert_eq!(seen.take(), ["missed"], "{url}: the other device");

    let late = browser.thief();
    late.try_within(&layer, |session: Session| {
        let (layer, browser) = (layer.clone(), browser.tab());
        async move {
            session.insert("b", 2);
            let out = browser.try_within(&layer, |session: Session| async move { session.log_out() });
            out.await.unwrap();
        }
    })
    .await?;
    let dropped = ["loaded", "loaded", "ended", "logged out", "conflict", "dropped"];
    assert_eq!(seen.take(), dropped, "{url}: a write that meets a logout");
    Ok(())
}

#[tokio::test]
async fn memory_and_sqlite() -> Result {
    let folder = tempfile::tempdir()?;
    has_the_events_of_every_store("memory:").await?;
    has_the_events_of_every_store(&format!("sqlite:{}", folder.path().join("sessions.db").display())).await
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn postgres() -> Result {
    has_the_events_of_every_store(&Postgres::start()?.url()).await
}

#[tokio::test]
#[ignore = "needs MariaDB"]
async fn mariadb() -> Result {
    has_the_events_of_every_store(&MariaDb::start()?.url()).await
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn redis() -> Result {
    has_the_events_of_every_store(&Redis::start()?.url()).await
}

#[tokio::test]
#[ignore = "needs Redis"]
async fn redis_cluster() -> Result {
    has_the_events_of_every_store(&RedisCluster::start()?.url()).await
}
