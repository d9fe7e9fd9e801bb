use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, Session, SessionLayer};
use hardtack_inspect::Inspector;

use crate::browser::Browser;
use crate::wire::{ask, connect, listen, serve};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn app(inspector: Inspector) -> Router {
    Router::new()
        .route("/", get(|session: Session| async move { session.insert("n", 1) }))
        .route("/other", get(|| async {}))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(inspector)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_as_it_happens() {
    let inspector = Inspector::new();
    let port = serve(app(inspector)).await;
    let stream = connect(LOOPBACK, port, "/inspect/events", "");
    let told = thread::spawn(move || listen(stream, |text| text.contains("\"total\":2")));
    let one_path = connect(LOOPBACK, port, "/inspect/events?path=other", "");
    let sifted = thread::spawn(move || listen(one_path, |text| text.contains("\"total\":2")));
    tokio::task::spawn_blocking(move || {
        ask(LOOPBACK, port, "/", "");
        ask(LOOPBACK, port, "/other", "");
        let told = told.join().unwrap();
        assert_eq!(told.matches("event: exchange").count(), 2, "{told}");
        assert!(told.contains("A session begins."), "{told}");
        assert!(told.contains("content-type: text/event-stream"), "{told}");
        let sifted = sifted.join().unwrap();
        assert_eq!(sifted.matches("event: exchange").count(), 1, "{sifted}");
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_some_are_shown_and_it_is_said_so() {
    const MANY: u64 = 3_000;
    let inspector = Inspector::new();
    let app = app(inspector.clone());
    let port = serve(app.clone()).await;
    let stream = connect(LOOPBACK, port, "/inspect/events", "");
    let total = format!("\"total\":{MANY}");
    let told = thread::spawn(move || listen(stream, |text| text.contains(&total)));
    // The stream is there once something has come of it.
    ask(LOOPBACK, port, "/other", "");
    let mut browser = Browser::new(&app);
    for _ in 1..MANY {
        browser.get("/other").await;
    }
    let told = tokio::task::spawn_blocking(|| told.join().unwrap()).await.unwrap();
    assert_eq!(inspector.total(), MANY);
    assert!(told.contains("Showing 40 of "), "{told}");
    let shown = told.matches("event: exchange").count();
    assert!((41..MANY as usize).contains(&shown) || shown == 40, "{shown}");
    println!("summary: the inspector's stream: {shown} of {MANY} exchanges shown, all counted");
}
