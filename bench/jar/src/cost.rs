//! Measures how long it takes to read `Set-Cookie` lines, to insert cookies, and to retrieve them, in jars of ten, ten
//! thousand, and a million cookies, with ten cookies per host.
//!
//! Checking a line determines which cookie the line creates, or why the cookie is refused. `cookie_store` does this
//! when it parses the line.

use std::env;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use cookie_store::{Cookie, CookieStore, RawCookie};
use hardtack_jar::{RequestContext, Jar, Limits, SetCookieLine};
use url::Url;

use crate::theirs::header;

const SIZES: [usize; 3] = [10, 10_000, 1_000_000];
const PER_HOST: usize = 10;
const RETRIEVALS: usize = 20_000;
const READINGS: usize = 50_000;

/// The maximum ratio between the instructions of a retrieval from a million cookies and those of a retrieval from ten
/// thousand.
const MAX_RATIO: f64 = 1.5;

/// The names of the measurements, in the order in which [`ours`] and [`theirs`] return them.
const WHAT: [&str; 4] = ["read a line", "read and check a line", "insert", "retrieve"];

pub(crate) fn print() {
    println!("| cookies | | hardtack-jar, ns | cookie_store, ns | times |\n|--:|---|--:|--:|--:|");
    for size in SIZES {
        // The best of several rounds is used, because disturbances only ever add time. Each round measures both jars.
        let rounds = if size > 100_000 { 3 } else { 15 };
        let (mut ours_best, mut theirs_best) = ([f64::INFINITY; 4], [f64::INFINITY; 4]);
        for _ in 0..rounds {
            keep_best(&mut ours_best, ours(size));
            keep_best(&mut theirs_best, theirs(size));
        }
        for (what, (ours, theirs)) in WHAT.into_iter().zip(ours_best.into_iter().zip(theirs_best)) {
            println!("| {size} | {what} | {ours:.0} | {theirs:.0} | {:.1} |", theirs / ours);
        }
    }
    let instructions = SIZES.map(instructions);
    println!("\nInstructions of a retrieval: {instructions:?}");
    let ratio = instructions[2] as f64 / instructions[1] as f64;
    println!("A million to ten thousand: {ratio:.2} {}", if ratio <= MAX_RATIO { "✓" } else { "✗" });
}

fn keep_best(best: &mut [f64; 4], new: [f64; 4]) {
    for (best, new) in best.iter_mut().zip(new) {
        *best = best.min(new);
    }
}

/// Returns the nanoseconds of each measurement.
fn ours(size: usize) -> [f64; 4] {
    let requests: Vec<RequestContext> = hosts(size).map(|url| RequestContext::http(&url).expect("a URL")).collect();
    let lines = lines();
    let mut jar = big();
    let insert = each(size, |index| {
        let (request, line) = (&requests[index / PER_HOST], &lines[index % PER_HOST]);
        black_box(jar.set(request, line, now()).is_ok());
    });
    let read = each(READINGS, |index| {
        black_box(SetCookieLine::parse(&lines[index % PER_HOST]).is_ok());
    });
    let check = each(READINGS, |index| {
        black_box(jar.check(&requests[host(index, size)], &lines[index % PER_HOST], now()).is_ok());
    });
    let retrieve = each(RETRIEVALS, |index| {
        black_box(jar.header(&requests[host(index, size)], now()));
    });
    assert_eq!(jar.len(), size);
    [read, check, insert, retrieve]
}

fn theirs(size: usize) -> [f64; 4] {
    let urls: Vec<Url> = hosts(size).map(|url| Url::parse(&url).expect("a URL")).collect();
    let lines = lines();
    let mut store = CookieStore::new();
    let insert = each(size, |index| {
        black_box(store.parse(&lines[index % PER_HOST], &urls[index / PER_HOST]).is_ok());
    });
    let read = each(READINGS, |index| {
        black_box(RawCookie::parse(lines[index % PER_HOST].as_str()).is_ok());
    });
    let check = each(READINGS, |index| {
        black_box(Cookie::parse(lines[index % PER_HOST].as_str(), &urls[host(index, size)]).is_ok());
    });
    // `cookie_store` visits every domain, so twenty thousand retrievals from a million cookies would take a quarter of
    // an hour.
    let retrieve = each((20_000_000 / size).clamp(20, RETRIEVALS), |index| {
        black_box(header(&store, &urls[host(index, size)]));
    });
    assert_eq!(store.iter_any().count(), size);
    [read, check, insert, retrieve]
}

fn each(times: usize, mut act: impl FnMut(usize)) -> f64 {
    let start = Instant::now();
    (0..times).for_each(&mut act);
    start.elapsed().as_nanos() as f64 / times as f64
}

/// Returns the number of instructions of a retrieval. Runs this program under valgrind, which counts only inside
/// [`retrieve_all`].
fn instructions(size: usize) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*cost*retrieve_all*"])
        .arg(env::current_exe().expect("the running program has a path"))
        .args(["retrieve", &size.to_string()])
        .output()
        .expect("valgrind is installed");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, rest) =
        text.split_once("Collected :").unwrap_or_else(|| panic!("valgrind did not report a count:\n{text}"));
    let collected: u64 =
        rest.lines().next().unwrap_or_default().trim().parse().expect("a number of instructions");
    collected / RETRIEVALS as u64
}

pub(crate) fn retrieve_from(size: usize) {
    let requests: Vec<RequestContext> = hosts(size).map(|url| RequestContext::http(&url).expect("a URL")).collect();
    let lines = lines();
    let mut jar = big();
    for index in 0..size {
        jar.set(&requests[index / PER_HOST], &lines[index % PER_HOST], now()).expect("taken");
    }
    retrieve_all(&jar, &requests);
}

#[inline(never)]
fn retrieve_all(jar: &Jar, requests: &[RequestContext]) {
    for index in 0..RETRIEVALS {
        black_box(jar.header(&requests[host(index, requests.len() * PER_HOST)], now()));
    }
}

fn big() -> Jar {
    Jar::new().limits(Limits::default().total(usize::MAX))
}

/// Returns the number of the host to visit next. Consecutive hosts are not next to each other in memory.
fn host(index: usize, size: usize) -> usize {
    index.wrapping_mul(7_919) % (size / PER_HOST)
}

fn hosts(size: usize) -> impl Iterator<Item = String> {
    (0..size / PER_HOST).map(|number| format!("https://www.shop{number}.com/catalogue/shoes"))
}

/// Returns `Set-Cookie` lines as a shop might send them.
fn lines() -> Vec<String> {
    let attributes = [
        "",
        "; Path=/",
        "; Path=/; Secure; HttpOnly; SameSite=Lax",
        "; Path=/; Expires=Wed, 01 Jan 2031 00:00:00 GMT",
        "; Path=/; Max-Age=31536000; SameSite=None; Secure",
        "; Path=/catalogue; HttpOnly",
    ];
    (0..PER_HOST)
        .map(|number| format!("name{number}=value{number:032}{}", attributes[number % attributes.len()]))
        .collect()
}

/// Returns a fixed time that is close to the system time, because `cookie_store` uses the system time.
fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000)
}
