//! Checks that four times the input takes four times the work: at most 4.4 times the instructions, counted by valgrind.
//!
//! This is a program without a test function, because it starts itself under valgrind.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::env;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, SystemTime};

use hardtack_jar::{Format, Jar, Limits, RequestContext, SetCookieLine, canonical_host, cookie_date};

const MAX_RATIO: f64 = 4.4;

/// Limits that no shape exceeds.
const UNLIMITED: Limits = Limits::new().per_domain(usize::MAX).total(usize::MAX);

/// The shapes of the inputs, named after the part that grows, and the smaller size of each.
const SHAPES: &[(&str, usize)] = &[
    ("many attributes", 4_000),
    ("a long value", 200_000),
    ("many equals signs", 200_000),
    ("much white space", 200_000),
    ("many paths", 20_000),
    ("many dates", 4_000),
    ("a date of many tokens", 50_000),
    ("a date of one token", 200_000),
    // This host is long enough to be copied in the same way at both sizes.
    ("a long host", 40_000),
    ("a long path", 100_000),
    ("lines of cookies.txt", 1_000),
    ("members of JSON", 1_000),
    ("hosts of JSON", 800),
    ("names of one domain", 2_000),
    ("paths of one name", 2_000),
    ("longer and longer paths", 1_000),
    ("one domain's expired cookies", 2_000),
    ("copies of one domain's cookies", 1_000),
    ("partitions of one domain", 500),
    ("cookies that a server sets for one domain", 2_000),
    ("cookies that a server sets for a full domain", 1_000),
    ("plain lines beside one domain's secure cookies", 500),
    ("plain lines above secure subdomains", 500),
];

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, word, shape, size] = arguments.as_slice()
        && word == "work"
    {
        let input = input(shape, size.parse().unwrap());
        work(shape, &input);
        return;
    }
    // Like a test with `#[ignore]`, this test does not run by default, because it needs valgrind.
    if !arguments.iter().any(|argument| argument == "--include-ignored" || argument == "--ignored") {
        println!(
            "test four_times_the_input_takes_four_times_the_work ... ignored, needs valgrind, which ./test installs"
        );
        println!("test result: ok. 0 passed; 0 failed; 1 ignored");
        return;
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        assert_ne!(env::var("CI").as_deref(), Ok("true"), "valgrind is not installed");
        println!("summary: skipped: the jar's linear time: valgrind is not installed");
        println!("test result: ok. 0 passed; 0 failed; 1 ignored");
        return;
    }
    let mut worst = (0.0, "");
    for &(shape, size) in SHAPES {
        let ratio = instructions(shape, size * 4) as f64 / instructions(shape, size) as f64;
        println!("{shape}: {ratio:.2}");
        assert!(ratio <= MAX_RATIO, "{shape}: {ratio:.2} times the instructions for four times the input");
        if ratio > worst.0 {
            worst = (ratio, shape);
        }
    }
    println!(
        "summary: the jar's linear time: {} shapes, at most {:.2} times the instructions for four times the input ({})",
        SHAPES.len(),
        worst.0,
        worst.1
    );
    println!("test result: ok. 1 passed; 0 failed; 0 ignored");
}

/// Counts the instructions of [`work`] only.
fn instructions(shape: &str, size: usize) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*linear*work*"])
        .arg(env::current_exe().unwrap())
        .args(["work", shape, &size.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, rest) =
        text.split_once("Collected :").unwrap_or_else(|| panic!("valgrind counted nothing:\n{text}"));
    rest.lines().next().unwrap().trim().parse().unwrap()
}

fn input(shape: &str, size: usize) -> String {
    match shape {
        "many attributes" => format!("a=b{}", "; Secure; x=y; Path=/".repeat(size)),
        "a long value" => format!("a={}", "b".repeat(size)),
        "many equals signs" => format!("a=b; {}", "=".repeat(size)),
        "much white space" => format!("a=b; {}c", " \t".repeat(size)),
        "many paths" => format!("a=b{}", "; Path=/x".repeat(size)),
        "many dates" => format!("a=b{}", "; Expires=Tue, 14 Nov 2023 22:14:20 GMT".repeat(size)),
        "a date of many tokens" => "1 x 22: Nov-".repeat(size),
        "a date of one token" => "1".repeat(size),
        "a long host" => format!("{}example", "a.".repeat(size)),
        "a long path" => format!("https://example.com/{}", "a/".repeat(size)),
        "lines of cookies.txt" => (0..size)
            .map(|number| {
                format!("h{}.example.com\tFALSE\t/\tFALSE\t0\tn{}\t{number}\n", number % 50, number % 7)
            })
            .collect(),
        "names of one domain" => lines(size, |number| format!("/\tFALSE\t0\tn{number}")),
        "paths of one name" => lines(size, |number| format!("/{number}\tFALSE\t0\tn")),
        // The jar sorts longer paths before shorter ones. The same 100 lengths occur repeatedly.
        "longer and longer paths" => {
            lines(size, |number| format!("/{}\tFALSE\t0\tn{number}", "x".repeat(number % 100)))
        }
        "one domain's expired cookies" => lines(size, |number| format!("/\tFALSE\t1\tn{number}")),
        "copies of one domain's cookies" => {
            let once = lines(size, |number| format!("/\tFALSE\t0\tn{number}"));
            format!("{once}{once}")
        }
        "partitions of one domain" => partitions(size),
        "cookies that a server sets for one domain" | "cookies that a server sets for a full domain" => {
            (0..size).map(|number| format!("n{number}=1; Secure\n")).collect()
        }
        "plain lines beside one domain's secure cookies" => recording(size, |_| String::new()),
        "plain lines above secure subdomains" => recording(size, |number| format!("h{number}.")),
        "members of JSON" => json(size, 50),
        // There are fewer cookies than the jar keeps, so that nothing is evicted.
        "hosts of JSON" => json(size, size),
        other => panic!("there is no shape {other}"),
    }
}

/// Returns lines of `cookies.txt` for one domain.
fn lines(size: usize, line: impl Fn(usize) -> String) -> String {
    (0..size).map(|number| format!("example.com\tFALSE\t{}\t1\n", line(number))).collect()
}

fn partitions(size: usize) -> String {
    let cookie = |number: usize| {
        format!(
            r#"{{"name": "n", "value": "1", "domain": "example.com", "path": "/", "secure": true, "partitionKey":
            {{"topLevelSite": "https://s{number}.example", "hasCrossSiteAncestor": true}}}}"#
        )
    };
    format!("[{}]", (0..size).map(cookie).collect::<Vec<_>>().join(","))
}

/// Returns a recording of `size` encrypted and `size` unencrypted responses, which set cookies with the same name.
fn recording(size: usize, subdomain: impl Fn(usize) -> String) -> String {
    let entry = |url: &str, line: &str| {
        format!(
            r#"{{"startedDateTime": "2023-11-14T22:00:00Z", "request": {{"url": "{url}"}},
            "response": {{"headers": [{{"name": "Set-Cookie", "value": "{line}"}}]}}}}"#
        )
    };
    let entries = (0..size).flat_map(|number| {
        let secure = format!("n=1; Secure; Path=/{number}/s; Domain={}example.com", subdomain(number));
        let url = format!("https://{}example.com/", subdomain(number));
        [entry(&url, &secure), entry("http://example.com/", &format!("n=1; Path=/{number}/p"))]
    });
    format!(r#"{{"log": {{"entries": [{}]}}}}"#, entries.collect::<Vec<_>>().join(","))
}

/// Returns a JSON array of cookies for this many hosts.
fn json(size: usize, hosts: usize) -> String {
    let cookie = |number: usize| {
        let (host, name) = (number % hosts, number % 7);
        format!(r#"{{"name": "n{name}", "value": "{number}", "domain": "h{host}.example.com"}}"#)
    };
    format!("[{}]", (0..size).map(cookie).collect::<Vec<_>>().join(","))
}

#[inline(never)]
fn work(shape: &str, input: &str) {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    match shape {
        "a date of many tokens" | "a date of one token" => drop(black_box(cookie_date(input))),
        "a long host" => drop(black_box(canonical_host(input))),
        "a long path" => {
            let request = RequestContext::http(input).unwrap();
            let mut jar = Jar::new();
            jar.set(&request, "a=b", now).unwrap();
            drop(black_box(jar.header(&request, now)));
        }
        "lines of cookies.txt"
        | "names of one domain"
        | "paths of one name"
        | "longer and longer paths"
        | "one domain's expired cookies"
        | "copies of one domain's cookies" => {
            drop(black_box(Jar::new().import(Format::Netscape, input, now)));
        }
        "members of JSON" | "hosts of JSON" | "partitions of one domain" => {
            drop(black_box(Jar::new().import(Format::DevTools, input, now)));
        }
        "plain lines beside one domain's secure cookies" | "plain lines above secure subdomains" => {
            let mut jar = Jar::new();
            let imported = jar.import(Format::Har, input, now).unwrap();
            assert_eq!(imported.total(), imported.taken());
            drop(black_box(jar));
        }
        "cookies that a server sets for one domain" | "cookies that a server sets for a full domain" => {
            let most = if shape.contains("full") { UNLIMITED.per_domain(20) } else { UNLIMITED };
            let request = RequestContext::http("https://example.com/").unwrap();
            let mut jar = Jar::new().limits(most);
            for line in input.lines() {
                jar.set(&request, line, now).unwrap();
            }
            drop(black_box(jar));
        }
        _ => {
            let request = RequestContext::http("https://example.com/").unwrap();
            let _ = black_box(Jar::new().set(&request, input, now));
            let _ = black_box(SetCookieLine::parse(input));
        }
    }
}
