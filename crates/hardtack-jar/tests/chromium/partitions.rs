//! Tests how many cookies and bytes one domain can store in a partition.

use std::sync::Arc;

use hardtack_jar::Profile;

use crate::case::{Case, Rule, Step, Way};
use crate::ours;
use crate::server::Server;
use crate::theirs::{Window, launch};

const WIDGET: &str = "https://widget.test/";

/// Returns a step in which the widget, in a frame of the page `top`, sets a cookie.
fn partitioned(top: &str, pair: &str) -> Step {
    Step::by(Way::Framed { top: top.to_owned() }, WIDGET).sets(line(pair))
}

fn line(pair: &str) -> String {
    format!("{pair}; Path=/; Secure; SameSite=None; Partitioned")
}

/// Compares the cookies in the jar with the browser's list of cookies. In this test, the oldest cookies are evicted,
/// because Chromium records the use of a cookie only once a minute.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, which ./test installs"]
async fn a_partition_keeps_what_chromium_keeps() {
    let server = Arc::new(Server::start());
    let chromium = launch(&server).await.unwrap();
    let mut window = Window::open(&chromium, &server).await.unwrap();
    let login = || Step::typed(WIDGET).sets("login=1; Path=/; Secure; SameSite=None");
    let shop = "https://shop.test/";
    let long = |name: &str, bytes: usize| format!("{name}={}", "x".repeat(bytes - name.len()));

    // There are 182 cookies in a partition, which is two more than the limit. The other cookies do not count toward
    // this limit.
    let mut many = vec![login(), partitioned("https://blog.test/", "id=1")];
    for first in [0, 91] {
        let more = (first + 1..first + 91).map(|number| line(&format!("n{number}=1")));
        many.push(partitioned(shop, &format!("n{first}=1")).sets_too(more));
    }

    // The names and values in the partition have 10,240 bytes, which is exactly the limit. The next two cases exceed
    // it.
    let exactly = vec![
        login(),
        partitioned("https://blog.test/", &long("a", 4_000)),
        partitioned(shop, &long("a", 4_000)),
        partitioned(shop, &long("b", 4_000)),
        partitioned(shop, &long("c", 2_240)),
    ];
    let mut over = exactly.clone();
    over.push(partitioned(shop, "d=1"));
    let mut replaced = exactly.clone();
    replaced.push(partitioned(shop, &long("b", 4_001)));

    for (steps, left) in [(many, 182), (exactly, 5), (over, 5), (replaced, 4)] {
        let case = Case::new(Rule::S14, steps);
        let there = window.play(&case).await.unwrap_or_else(|error| panic!("{error}"));
        let here = ours::play(&case, Profile::Chromium, &there.clock);
        let names = |outcome: &crate::outcome::Outcome| {
            outcome.kept.iter().map(|kept| (kept.partition.clone(), kept.name.clone())).collect::<Vec<_>>()
        };
        assert_eq!(names(&here.outcome), names(&there.outcome));
        assert_eq!(there.outcome.kept.len(), left);
        let differences = here.outcome.differences(&there.outcome);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
