use std::sync::{Arc, Mutex};

use hardtack_jar::{Jar, JarEvent, Limits, SharedJar};

use crate::server::serve;

#[tokio::test]
async fn refusals_and_evictions_are_reported_without_values() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let address = serve().await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&told);
    let jar = Jar::new().limits(Limits::default().per_domain(1));
    let cookies = SharedJar::new(jar).on_event(move |url, event: &JarEvent<'_>| {
        events.lock().expect("no panic").push(format!("{url} {event}"));
    });
    let cookies = Arc::new(cookies);
    let client =
        ::reqwest::Client::builder().cookie_provider(Arc::clone(&cookies)).build().expect("a client");
    for path in ["/bad", "/set"] {
        client.get(format!("http://{address}{path}")).send().await.expect("an answer");
    }
    let told = told.lock().expect("no panic");
    assert_eq!(told.len(), 2, "{told:?}");
    let refused =
        "/bad cookie `all` is refused: its domain is a public suffix, under which anyone can register a name";
    assert!(told[0].contains(refused), "{told:?}");
    assert!(told[1].ends_with("/set 1 cookie was evicted to make room"), "{told:?}");
    assert!(!told[0].contains("secret"), "{told:?}");
}
