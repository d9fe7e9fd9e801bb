use std::error::Error;
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use hardtack::{Session, SessionLayer};
use hardtack_conformance::{Defect, DefectiveStore};
use hardtack_stores::AnyStore;
use serde::{Deserialize, Serialize};

use crate::options::{ServeOptions, VersionChecks};

/// The content of every page: the session's user and data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionView {
    pub(crate) user: Option<String>,
    pub(crate) count: u64,
    pub(crate) list: Vec<u64>,
}

/// Runs one application server until its parent process exits.
pub(crate) async fn serve(options: &ServeOptions) -> Result<(), Box<dyn Error>> {
    std::thread::spawn(|| {
        drop(std::io::stdin().read(&mut [0]));
        std::process::exit(0);
    });
    // The database may be unavailable, as in production, so opening the store is retried.
    let store = loop {
        match AnyStore::open(&options.url).await {
            Ok(store) => break store,
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    let sessions = match options.version_checks {
        VersionChecks::On => SessionLayer::stored(store),
        VersionChecks::Off => {
            SessionLayer::stored(DefectiveStore::new(Arc::new(store), Defect::CompareAndSwap))
        }
    };
    let app = Router::new()
        .route("/", get(async |session: Session| page(&session)))
        .route("/login", post(log_in))
        .route("/count", post(count))
        .route("/push", post(push))
        .route("/renew", post(renew))
        .route("/logout", post(log_out))
        .route("/revoke", post(revoke))
        .layer(sessions.insecure_http());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    std::io::stdout().flush()?;
    axum::serve(listener, app).await?;
    Ok(())
}

fn page(session: &Session) -> Json<SessionView> {
    Json(SessionView {
        user: session.user(),
        count: session.get("count").unwrap_or_default(),
        list: session.get("list").unwrap_or_default(),
    })
}

#[derive(Deserialize)]
struct Login {
    user: String,
}

async fn log_in(session: Session, Query(login): Query<Login>) -> Json<SessionView> {
    session.log_in(login.user);
    page(&session)
}

async fn count(session: Session) -> Json<SessionView> {
    if session.user().is_some() {
        session.update("count", |count: &mut u64| *count += 1);
    }
    page(&session)
}

#[derive(Deserialize)]
struct Push {
    item: u64,
}

async fn push(session: Session, Query(push): Query<Push>) -> Json<SessionView> {
    if session.user().is_some() {
        session.update("list", move |list: &mut Vec<u64>| list.push(push.item));
    }
    page(&session)
}

async fn renew(session: Session) -> Json<SessionView> {
    session.renew();
    page(&session)
}

async fn log_out(session: Session) -> Json<SessionView> {
    session.log_out();
    page(&session)
}

/// Ends all sessions of the user, including this one.
async fn revoke(
    session: Session,
) -> Result<Json<SessionView>, (StatusCode, [(&'static str, &'static str); 1])> {
    match session.end_others().await {
        Ok(_) => {
            session.log_out();
            Ok(page(&session))
        }
        Err(_) => Err((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")])),
    }
}
