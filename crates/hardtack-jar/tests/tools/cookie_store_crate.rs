//! Tests the files of the `cookie_store` crate, which `reqwest_cookie_store` and other crates use, too.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use cookie_store::CookieStore;
use cookie_store::serde::json;
use hardtack_jar::{Format, Jar, RequestContext};
use url::Url;

use crate::differences::differences;
use crate::{cookies, server};

const PAGE: &str = "https://www.shop.localhost/a/b";

fn imported(text: &[u8], now: SystemTime) -> Jar {
    assert_eq!(Format::detect(text).ok(), Some(Format::CookieStore));
    let mut jar = Jar::new();
    let imported = jar.import(Format::CookieStore, text, now).expect("the crate's format");
    assert_eq!(imported.left_out(), []);
    jar
}

/// Saves the crate's store in each of its formats, with all cookies.
fn saved(store: &CookieStore) -> [Vec<u8>; 2] {
    let (mut array, mut lines) = (Vec::new(), Vec::new());
    json::save_incl_expired_and_nonpersistent(store, &mut array).expect("written");
    #[expect(deprecated, reason = "programs have such files")]
    store.save_incl_expired_and_nonpersistent_json(&mut lines).expect("written");
    [array, lines]
}

#[test]
fn the_crate_cookie_store_loads_and_saves_what_was_written_for_it() {
    let now = SystemTime::now();
    let mut jar = Jar::new();
    for cookie in cookies(now).iter().filter(|cookie| cookie.partition.is_none() && !cookie.name.is_empty()) {
        jar.restore(cookie, now).expect("a cookie");
    }
    let exported = jar.export(Format::CookieStore, now).expect("written");
    let store = json::load_all(exported.text()).expect("what was written");
    let url = Url::parse(PAGE).expect("a URL");
    let mut sent: Vec<_> =
        store.get_request_values(&url).map(|(name, value)| format!("{name}={value}")).collect();
    sent.sort();
    let header = jar.header(&RequestContext::url(&url).expect("a page"), now).expect("cookies");
    assert_eq!(sent.join("; "), server::sorted(&String::from_utf8_lossy(&header)));
    for text in saved(&store) {
        let found = differences(&jar, &imported(&text, now), Format::CookieStore, Duration::ZERO);
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn files_of_the_crate_cookie_store_are_read() {
    let url = Url::parse(PAGE).expect("a URL");
    let before = SystemTime::now();
    let (mut store, mut jar) = (CookieStore::new(), Jar::new());
    // The crate does not support partitions, and saves a partitioned cookie like any other.
    for line in server::lines(server::SHOP).filter(|line| !line.contains("Partitioned")) {
        store.parse(line, &url).expect("taken");
        jar.set(&RequestContext::url(&url).expect("a page"), line, before).expect("taken");
    }
    let after = SystemTime::now();
    let delay = after.duration_since(before).expect("a clock that runs forward");
    for text in saved(&store) {
        let found = differences(&jar, &imported(&text, after), Format::CookieStore, delay);
        assert!(found.is_empty(), "{found:#?}");
    }
    println!("summary: cookie_store keeps every attribute in cookie-store files, both ways: {}", version());
}

fn version() -> String {
    let lock =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock")).expect("a lock");
    let (_, rest) = lock.split_once("name = \"cookie_store\"\nversion = \"").expect("the crate");
    rest.split('"').next().expect("a version").to_owned()
}
