//! Tests how the server's clock affects `Expires`.

use std::sync::Arc;
use std::time::SystemTime;

use hardtack_jar::Profile;

use crate::case::{Case, HERE, Rule, Step};
use crate::date::imf;
use crate::ours;
use crate::server::Server;
use crate::theirs::{Window, launch};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, which ./test installs"]
async fn the_servers_clock_corrects_expires_as_in_chromium() {
    let server = Arc::new(Server::start());
    let chromium = launch(&server).await.unwrap();
    let mut window = Window::open(&chromium, &server).await.unwrap();
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = i64::try_from(since_1970.as_secs()).unwrap();
    let mut kept = 0;
    // `ahead` is the number of seconds by which the server's clock is ahead.
    for ahead in [0, 2 * HOUR, -2 * HOUR, 30, -30, 3_000 * DAY, -3_000 * DAY, DAY - now] {
        let date = now + ahead;
        for line in [
            format!("a=1; Expires={}", imf(date + HOUR)),
            format!("a=1; Expires={}", imf(date - HOUR)),
            format!("a=1; Expires={}", imf(date + 399 * DAY)),
            format!("a=1; Expires={}", imf(date + 500 * DAY)),
            format!("a=1; Expires={}", imf(date - HOUR).replace(" GMT", " +0500")),
            format!("a=1; Max-Age=3600; Expires={}", imf(date + 2 * HOUR)),
            "a=1; Max-Age=3600".to_owned(),
            "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
            "a=1; Expires=soon".to_owned(),
            "a=1".to_owned(),
        ] {
            let case = Case::new(Rule::P8, [Step::typed(HERE).at(date).sets(line), Step::fetched(HERE)]);
            let there = window.play(&case).await.unwrap_or_else(|error| panic!("{case}\n{error}"));
            let here = ours::play(&case, Profile::Chromium, &there.clock);
            let differences = here.outcome.differences(&there.outcome);
            assert!(differences.is_empty(), "{case}\n{}", differences.join("\n"));
            kept += here.outcome.kept.len();
        }
    }
    assert!(kept > 0);
    println!(
        "summary: chromium {}: clocks that differ, {kept} cookies kept until the same moment",
        chromium.version().trim_start_matches("Chrome/")
    );
}
