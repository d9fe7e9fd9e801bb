use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::env;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use hardtack_jar::Profile;

use crate::case::{Case, Rule};
use crate::dice::Dice;
use crate::generator::cases;
use crate::ours;
use crate::server::Server;
use crate::theirs::{Window, launch};

/// As many as show what they do on two cores.
const WINDOWS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium, which ./test installs"]
async fn the_jar_does_what_chromium_does() {
    let number = |name, default| env::var(name).map_or(default, |text| text.parse().unwrap());
    let seed: u64 = number("HARDTACK_COOKIE_SEED", 1);
    let lines = usize::try_from(number("HARDTACK_COOKIE_LINES", 32)).unwrap();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let mut all = VecDeque::new();
    for rule in Rule::ALL {
        // Each rule by itself, so that one can be looked at alone.
        let mut dice = Dice::new(seed.wrapping_mul(1_000).wrapping_add(rule as u64));
        if env::var("HARDTACK_COOKIE_RULE").is_ok_and(|only| only != format!("{rule:?}")) {
            continue;
        }
        all.extend(cases(rule, lines, &mut dice, now as i64));
    }
    let total = all.len();
    let queue = Arc::new(Mutex::new(all));
    let server = Arc::new(Server::start());
    let chromium = launch(&server).await.unwrap();
    println!("{}", chromium.version());
    let begun = std::time::Instant::now();
    let mut windows = Vec::new();
    for _ in 0..WINDOWS {
        let mut window = Window::open(&chromium, &server).await.unwrap();
        let queue = Arc::clone(&queue);
        windows.push(tokio::spawn(async move {
            let mut out = Vec::new();
            loop {
                let Some(case) = queue.lock().unwrap().pop_front() else { return out };
                let shown = window.play(&case).await.unwrap_or_else(|error| panic!("{case}\n{error}"));
                let played = ours::play(&case, Profile::Chromium, &shown.clock);
                out.push((case, played, shown));
            }
        }));
    }
    let mut bad = 0;
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for w in windows {
        for (case, played, shown) in w.await.unwrap() {
            let d = played.outcome.differences(&shown.outcome);
            *reasons.entry(format!("{:?} {:?}", played.refusal, shown.reasons)).or_default() += 1;
            if !d.is_empty() {
                bad += 1;
                println!("{case}\n   refused here {:?}, there {:?}", played.refusal, shown.reasons);
                for d in d {
                    println!("   {d}");
                }
            }
        }
    }
    for (k, v) in reasons {
        println!("R {v} {k}");
    }
    println!("{total} cases {bad} differ {:?}", begun.elapsed());
    let _ = BTreeSet::<u8>::new();
    let _: Option<Case> = None;
}
