//! Events in Prometheus and in an audit log: `cargo run -p hardtack --example metrics --features metrics`, then open
//! http://localhost:3012/login and http://localhost:3012/metrics.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use hardtack::{EventKind, MemoryStore, Session, SessionEvent, SessionLayer, describe_metrics};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let prometheus = PrometheusBuilder::new().install_recorder()?;
    describe_metrics();
    let app = Router::new()
        .route("/login", get(log_in))
        .route("/logout", get(log_out))
        .layer(SessionLayer::stored(MemoryStore::new()).on_event(audit))
        .route("/metrics", get(metrics))
        .with_state(prometheus);
    let listener = tokio::net::TcpListener::bind("localhost:3012").await?;
    Ok(axum::serve(listener, app).await?)
}

/// Prints logins and logouts. If an audit log is slow, write it in a separate task, behind a channel.
fn audit(event: &SessionEvent<'_>) {
    match event.kind() {
        EventKind::LoggedIn { user, .. } => println!("{} logged in", user.as_str()),
        EventKind::LoggedOut { user, .. } => println!("{} logged out", user.as_str()),
        _ => {}
    }
}

async fn log_in(session: Session) -> &'static str {
    session.log_in("jane"); // after checking her password
    "Welcome"
}

async fn log_out(session: Session) -> &'static str {
    session.log_out();
    "Goodbye"
}

async fn metrics(State(prometheus): State<PrometheusHandle>) -> String {
    prometheus.render()
}
