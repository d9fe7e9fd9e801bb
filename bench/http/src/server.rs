use std::net::Ipv4Addr;

use axum::Router;
use axum::routing::{get, post};
use hardtack::value::from_text;
use hardtack::{Session, SessionLayer, Value};
use hardtack_bench_load::Result;
use hardtack_stores::AnyStore;
use tokio::io::AsyncReadExt;

/// Runs a server with the store at a URL. The server prints its port, and exits when its standard input closes.
pub(crate) async fn serve(url: &str) -> Result {
    let sessions = SessionLayer::stored(AnyStore::open(url).await?);
    let app = Router::new().route("/login", post(log_in)).route("/", get(visit)).layer(sessions);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("{}", listener.local_addr()?.port());
    let end_of_input = async { drop(tokio::io::stdin().read(&mut [0]).await) };
    Ok(axum::serve(listener, app).with_graceful_shutdown(end_of_input).await?)
}

/// Logs in with the session in the request body, so that both servers store the same data.
async fn log_in(session: Session, content: String) -> Result<&'static str, String> {
    let Ok(Value::Dict(content)) = Value::from_text(&content) else {
        return Err("the session is an object".to_owned());
    };
    let user: String = from_text(&content["_user_id"].to_text()).map_err(|error| error.to_string())?;
    session.log_in(user);
    session.extend(content);
    Ok("ok")
}

async fn visit(session: Session) -> String {
    let visits = session.update("visits", |visits: &mut u64| {
        *visits += 1;
        *visits
    });
    visits.to_string()
}
