use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use axum::Router;
use axum::routing::get;
use hardtack::{MemoryStore, Session, SessionLayer};
use hardtack_inspect::Inspector;

use crate::browser::Browser;
use crate::wire::{TOKEN, ask, connect, listen, serve};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn app(inspector: Inspector) -> Router {
    Router::new()
        .route("/", get(|session: Session| async move { session.insert("n", 1) }))
        .route("/other", get(|| async {}))
        .layer(SessionLayer::stored(MemoryStore::new()))
        .layer(inspector)
}

fn exchanges(events: &str) -> usize {
    events.matches("event: exchange").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn exchanges_are_streamed_as_they_happen() {
    let inspector = Inspector::new().token(TOKEN);
    let port = serve(app(inspector)).await;
    tokio::task::spawn_blocking(move || {
        let mut all = connect(LOOPBACK, port, "/inspect/events", "");
        let mut one_path = connect(LOOPBACK, port, "/inspect/events?path=other", "");
        for stream in [&mut all, &mut one_path] {
            // A stream is connected once it has sent its totals.
            assert_eq!(exchanges(&listen(stream, |text| text.contains("\"total\":0"))), 0);
        }
        ask(LOOPBACK, port, "/", "");
        ask(LOOPBACK, port, "/other", "");
        let received = listen(&mut all, |text| exchanges(text) == 2 && text.contains("\"total\":2"));
        assert!(received.contains("Session created."), "{received}");
        let filtered = listen(&mut one_path, |text| text.contains("\"total\":2") && exchanges(text) > 0);
        assert_eq!(exchanges(&filtered), 1, "{filtered}");
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn page_receives_the_exchanges_that_it_missed() {
    let inspector = Inspector::new().token(TOKEN);
    let port = serve(app(inspector)).await;
    tokio::task::spawn_blocking(move || {
        let receive = |path: &str, headers: &str| {
            let mut stream = connect(LOOPBACK, port, path, headers);
            listen(&mut stream, |text| text.contains("event: totals"))
        };
        for _ in 0..5 {
            ask(LOOPBACK, port, "/other", "");
        }
        ask(LOOPBACK, port, "/", "");
        // The page receives the exchanges since it was rendered, the exchanges since the last event before it lost its
        // connection, or only those exchanges that have a certain path.
        let missed = receive("/inspect/events?after=4", "");
        assert_eq!(exchanges(&missed), 2, "{missed}");
        assert!(missed.find("id: 5").unwrap() < missed.find("id: 6").unwrap(), "{missed}");
        assert!(missed.contains("content-type: text/event-stream"), "{missed}");
        assert_eq!(exchanges(&receive("/inspect/events?after=2", "last-event-id: 5\r\n")), 1);
        assert_eq!(exchanges(&receive("/inspect/events?after=3&path=other", "")), 2);
        // A client has missed nothing if it has all exchanges, claims to have more than there are, or states no number.
        for path in ["/inspect/events?after=6", "/inspect/events?after=7", "/inspect/events"] {
            assert_eq!(exchanges(&receive(path, "")), 0, "{path}");
        }
        // If the page missed too many exchanges, the stream sends the newest, and says how many there were.
        for _ in 0..44 {
            ask(LOOPBACK, port, "/other", "");
        }
        let many = receive("/inspect/events?after=0", "");
        assert_eq!(exchanges(&many), 40, "{many}");
        assert!(many.contains("id: 50") && !many.contains("id: 10\n"), "{many}");
        assert!(many.contains("Showing 40 of 50 exchanges"), "{many}");
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_exchanges_some_are_shown_and_the_page_says_so() {
    const MANY: u64 = 3_000;
    let inspector = Inspector::new().token(TOKEN);
    let app = app(inspector.clone());
    let port = serve(app.clone()).await;
    let mut stream = connect(LOOPBACK, port, "/inspect/events", "");
    let mut stream = tokio::task::spawn_blocking(move || {
        listen(&mut stream, |text| text.contains("\"total\":0"));
        stream
    })
    .await
    .unwrap();
    let total = format!("\"total\":{MANY}");
    let received = thread::spawn(move || listen(&mut stream, |text| text.contains(&total)));
    let mut browser = Browser::new(&app);
    for _ in 0..MANY {
        browser.get("/other").await;
    }
    let received = tokio::task::spawn_blocking(|| received.join().unwrap()).await.unwrap();
    assert_eq!(inspector.total(), MANY);
    assert!(received.contains("Showing 40 of "), "{received}");
    let shown = exchanges(&received);
    assert!((41..MANY as usize).contains(&shown) || shown == 40, "{shown}");
    println!("summary: the inspector's stream: {shown} of {MANY} exchanges shown, all counted");
}
