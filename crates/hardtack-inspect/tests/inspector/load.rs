use axum::Router;
use axum::routing::get;
use hardtack::{Session, SessionLayer, SetCookie};
use hardtack_inspect::Inspector;

use crate::browser::Browser;
use crate::wire::TOKEN;

/// The maximum number of bytes by which the memory of the process may grow during the second 10,000 exchanges.
const MAX_GROWTH: u64 = 12 << 20;

fn app(inspector: Inspector) -> Router {
    Router::new()
        .route(
            "/",
            get(|session: Session| async move {
                session.insert("cart", vec!["tea"; 20]);
                session.update("n", |n: &mut u64| *n += 1);
                SetCookie::new("last", "x".repeat(1000))
            }),
        )
        .layer(SessionLayer::encrypted(keys()))
        .layer(inspector)
}

fn keys() -> hardtack::KeyRing {
    hardtack::KeyRing::new(hardtack::Key::new("the secret of a test that is long enough").unwrap())
}

/// Returns the resident memory of this process in bytes.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? << 10)
}

#[tokio::test]
async fn twenty_thousand_exchanges_are_counted_exactly_and_take_bounded_memory() {
    let inspector = Inspector::new().token(TOKEN).show_values();
    let app = app(inspector.clone());
    let mut halves = Vec::new();
    for _ in 0..2 {
        for _ in 0..1_000 {
            // Each browser is new, and sends ten requests, each of which changes its session.
            let mut browser = Browser::new(&app);
            for _ in 0..10 {
                browser.get("/").await;
            }
        }
        halves.push(resident());
    }
    assert_eq!(inspector.total(), 20_000);
    let exchanges = inspector.exchanges(None);
    assert_eq!(exchanges.len(), 1_000);
    let numbers: Vec<_> = exchanges.iter().map(|exchange| exchange.number).collect();
    assert!(numbers.iter().copied().eq((19_001..=20_000).rev()), "none is left out and none is there twice");
    let visitors: std::collections::BTreeSet<_> =
        exchanges.iter().map(|exchange| &exchange.visitor.name).collect();
    // Two of a hundred browsers may have the same four letters.
    assert!((97..=100).contains(&visitors.len()), "ten exchanges of each: {}", visitors.len());
    if let [Some(first), Some(second)] = halves[..] {
        let growth = second.saturating_sub(first);
        assert!(growth < MAX_GROWTH, "{growth} bytes more");
        println!(
            "summary: the inspector after 20,000 exchanges: {} MiB resident, {} KiB more than after 10,000",
            second >> 20,
            growth >> 10
        );
    }
}
