//! Runs each case in Chromium and in the jar, and compares the results.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use hardtack_jar::{Profile, Refusal};

use crate::case::{Case, Rule, Step, Way};
use crate::differences::{DIFFERENCES, DifferenceKind};
use crate::generator::cases;
use crate::ours;
use crate::refusals::{By, InChromium, in_chromium};
use crate::rng::Rng;
use crate::server::Server;
use crate::theirs::{Shown, Window, launch};

/// The number of tabs that run cases concurrently, which is enough for two cores.
const WINDOWS: usize = 4;

/// The minimum number of different lines with which each rule must be tested.
const MIN_LINES: usize = 20;

/// The result of comparing Chromium and the jar in a case.
enum Verdict {
    /// Both a jar with the standard profile and a jar with Chromium's profile do what Chromium does.
    Agreed,
    /// At least one of the jars does something else, and these differences explain it.
    Explained(Vec<&'static str>),
    Unexplained(String),
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, which ./test installs"]
async fn the_jar_does_what_chromium_does_but_for_known_differences() {
    let seed = number("HARDTACK_COOKIE_SEED", 1);
    let lines = usize::try_from(number("HARDTACK_COOKIE_LINES", 30)).unwrap();
    let only = env::var("HARDTACK_COOKIE_RULE").ok();
    let rules =
        Rule::ALL.into_iter().filter(|rule| only.as_ref().is_none_or(|only| *only == format!("{rule:?}")));
    let rules: Vec<Rule> = rules.collect();
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = i64::try_from(since_1970.as_secs()).unwrap();

    let mut all: Vec<Case> = DIFFERENCES.iter().map(|difference| difference.example()).collect();
    for rule in &rules {
        // Each rule has its own seed, so that its cases are the same if it is tested alone.
        let mut rng = Rng::new(seed.wrapping_mul(1_000).wrapping_add(*rule as u64));
        all.extend(cases(*rule, lines, &mut rng, now));
    }
    let (version, played) = play_all(all).await;

    let (mut agreed, mut explained, mut unexplained) = (0, 0, Vec::new());
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tried: BTreeMap<Rule, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for (case, shown) in &played {
        tried.entry(case.rule).or_default().insert(case.line().to_vec());
        match judge(case, shown) {
            Verdict::Agreed => agreed += 1,
            Verdict::Explained(ids) => {
                explained += 1;
                for id in ids {
                    *uses.entry(id).or_default() += 1;
                }
            }
            Verdict::Unexplained(how) => unexplained.push(how),
        }
    }
    for difference in DIFFERENCES {
        let times = uses.get(difference.id).copied().unwrap_or_default();
        println!("{:?} {} ({times}): {}", difference.rule, difference.id, difference.sentence);
    }
    let (first, last) = (rules.first().unwrap(), rules.last().unwrap());
    println!(
        "summary: chromium {version}: {} strings for {first:?} … {last:?} (seed {seed}), {agreed} agreed, {explained} \
         explained by {} rules, {} unexplained",
        tried.values().map(BTreeSet::len).sum::<usize>(),
        uses.len(),
        unexplained.len(),
    );
    assert!(
        unexplained.is_empty(),
        "{} differences have no rule:\n{}",
        unexplained.len(),
        unexplained.join("\n")
    );
    let idle: Vec<_> =
        DIFFERENCES.iter().map(|difference| difference.id).filter(|id| !uses.contains_key(id)).collect();
    assert!(idle.is_empty(), "these explain nothing any more: {idle:?}");
    for rule in rules {
        assert!(tried[&rule].len() >= MIN_LINES, "{rule:?} was tried with {} lines", tried[&rule].len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Chromium, which ./test installs"]
async fn each_refusal_is_also_chromiums_or_explained() {
    let server = Arc::new(Server::start());
    let chromium = launch(&server).await.unwrap();
    let mut window = Window::open(&chromium, &server).await.unwrap();
    let mut not = 0;
    for &refusal in Refusal::ALL {
        let shown = match in_chromium(refusal) {
            InChromium::Shown(shown) => shown,
            InChromium::Not(why) => {
                println!("{refusal:?} is not shown by Chromium: {why}");
                not += 1;
                continue;
            }
        };
        let mut steps: Vec<Step> =
            shown.before.iter().map(|(url, line)| Step::typed(url).sets(line.as_bytes())).collect();
        let way = match shown.by {
            By::Answer => Way::Typed,
            By::AnswerTo(page) => Way::Fetched { top: page.to_owned() },
            By::Script => Way::Script,
        };
        steps.push(Step::by(way, shown.url).sets(shown.line));
        let case = Case::new(Rule::S1, steps);
        let there = window.play(&case).await.unwrap_or_else(|error| panic!("{case}\n{error}"));
        let here = ours::play(&case, Profile::Chromium, &there.clock);
        assert_eq!(here.refusal, Some(refusal), "{case}");
        let differences = here.outcome.differences(&there.outcome);
        assert!(differences.is_empty(), "{case}\n{}", differences.join("\n"));
        let said = there.reasons.unwrap_or_default();
        assert_eq!(said, shown.reason.map(str::to_owned).into_iter().collect::<Vec<_>>(), "{case}");
    }
    println!(
        "summary: chromium {}: {} of {} reasons of the jar refuse the same cookie there, {not} cannot be shown",
        chromium.version().trim_start_matches("Chrome/"),
        Refusal::ALL.len() - not,
        Refusal::ALL.len(),
    );
}

/// Runs the cases in Chromium. Returns Chromium's version, and each case with its result.
async fn play_all(cases: Vec<Case>) -> (String, Vec<(Case, Shown)>) {
    let server = Arc::new(Server::start());
    let chromium = launch(&server).await.unwrap();
    let (cases, next) = (Arc::new(cases), Arc::new(AtomicUsize::new(0)));
    let mut windows = Vec::new();
    for _ in 0..WINDOWS {
        let mut window = Window::open(&chromium, &server).await.unwrap();
        let (cases, next) = (Arc::clone(&cases), Arc::clone(&next));
        windows.push(tokio::spawn(async move {
            let mut played = Vec::new();
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let shown = window.play(case).await.unwrap_or_else(|error| panic!("{case}\n{error}"));
                played.push((case.clone(), shown));
            }
            played
        }));
    }
    let mut played = Vec::new();
    for window in windows {
        played.extend(window.await.unwrap());
    }
    (chromium.version().trim_start_matches("Chrome/").to_owned(), played)
}

fn judge(case: &Case, shown: &Shown) -> Verdict {
    let theirs = &shown.outcome;
    let standard = ours::play(case, Profile::Standard, &shown.clock);
    let chromium = ours::play(case, Profile::Chromium, &shown.clock);
    let differences = chromium.outcome.differences(theirs);
    let agrees = |case: &Case| {
        ours::play(case, Profile::Chromium, &shown.clock).outcome.differences(theirs).is_empty()
    };
    let standard_agrees = standard.outcome.differences(theirs).is_empty();
    if standard_agrees && differences.is_empty() {
        return Verdict::Agreed;
    }
    let (mut ids, mut changed) = (Vec::new(), case.clone());
    for difference in DIFFERENCES {
        match difference.kind {
            DifferenceKind::Profile(is_so) if differences.is_empty() && is_so(case, &standard, &chromium) => {
                return Verdict::Explained(vec![difference.id]);
            }
            DifferenceKind::Shown(is_so) if !standard_agrees && is_so(case, theirs) => {
                return Verdict::Explained(vec![difference.id]);
            }
            DifferenceKind::AsIf(as_if) if !standard_agrees && !differences.is_empty() => {
                if as_if(case).as_ref().is_some_and(agrees) {
                    return Verdict::Explained(vec![difference.id]);
                }
                // A case may show several differences.
                if let Some(next) = as_if(&changed) {
                    ids.push(difference.id);
                    changed = next;
                    if agrees(&changed) {
                        return Verdict::Explained(ids);
                    }
                }
            }
            _ => {}
        }
    }
    Verdict::Unexplained(format!(
        "{case}\n  refused here {:?}, there {:?}\n  {}",
        chromium.refusal,
        shown.reasons,
        if differences.is_empty() {
            "by the standard it would be another".to_owned()
        } else {
            differences.join("\n  ")
        },
    ))
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name)
        .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}
