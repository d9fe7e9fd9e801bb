//! Tests the files of each tool with the tool itself: the tool sends the cookies that a jar wrote for it, and a jar
//! reads the cookies that the tool writes.
//!
//! `./test` installs the tools, and sets `HARDTACK_TOOLS` to the folder of the Python tools and `HARDTACK_NODE_MODULES`
//! to the folder of the Node.js tools. A tool that is not installed is skipped, except in CI.

#![cfg(all(feature = "json", feature = "psl"))]

mod cookie_store_crate;
mod differences;
mod server;
mod tool;

use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use differences::{Difference, differences};
use hardtack_jar::{CookieRecord, Format, Jar, PartitionKey, RequestContext, SameSite};
use server::{BLANK, BROWSER_HOSTS, SHOP, Server, sorted};
use tool::{Tool, installed};

/// Reads the file that a tool saved. The file must be in the tool's own format and completely readable.
fn saved(tool: &Tool, save: &Path, now: SystemTime) -> Jar {
    let text = fs::read(save).expect("a file");
    assert_eq!(Format::detect(&text).ok(), Some(tool.format), "{}", tool.name);
    let mut jar = Jar::new();
    let imported = jar.import(tool.format, &text, now).expect("the tool's format");
    assert_eq!(imported.left_out(), [], "{}", tool.name);
    jar
}

/// Returns cookies that together have all attributes.
fn cookies(now: SystemTime) -> Vec<CookieRecord<'static>> {
    let then = now - Duration::from_secs(3_600);
    let cookie = |name: &str, change: fn(&mut CookieRecord<'_>)| {
        let mut cookie = CookieRecord::new(name, "1", SHOP, then).into_owned();
        cookie.expires = Some(now + Duration::from_millis(86_400_250));
        cookie.last_access = then + Duration::from_secs(60);
        change(&mut cookie);
        cookie
    };
    let mut cookies = vec![
        cookie("plain", |_| {}),
        cookie("session", |cookie| cookie.expires = None),
        cookie("domain", |cookie| {
            cookie.domain = "shop.localhost".into();
            cookie.host_only = false;
        }),
        cookie("path", |cookie| cookie.path = "/a/b".into()),
        cookie("secure", |cookie| cookie.secure = true),
        cookie("hidden", |cookie| cookie.http_only = true),
        cookie("strict", |cookie| cookie.same_site = Some(SameSite::Strict)),
        cookie("lax", |cookie| cookie.same_site = Some(SameSite::Lax)),
        cookie("__Host-none", |cookie| {
            cookie.secure = true;
            cookie.same_site = Some(SameSite::None);
        }),
        cookie("quoted", |cookie| cookie.value = b"\"a b\"".into()),
        cookie("equals", |cookie| cookie.value = b"a=b==".into()),
        cookie("empty", |cookie| cookie.value = b"".into()),
        cookie("", |_| {}),
    ];
    let key = |site: &str| PartitionKey::new(site.parse().expect("a site"));
    for (name, key) in [
        ("own partition", key("https://shop.localhost")),
        ("partition", key("https://top.example").with_cross_site_ancestor()),
    ] {
        let mut cookie = cookie(name, |cookie| {
            cookie.secure = true;
            cookie.same_site = Some(SameSite::None);
        });
        cookie.partition = Some(key);
        cookies.push(cookie);
    }
    cookies
}

/// Lets a tool load a jar and save it again, and returns the differences.
fn loaded_and_saved(tool: &Tool, folder: &Path) -> Vec<Difference> {
    // Only browsers resolve the shop's host. The other tools load and save all cookies, even if they visit another
    // host.
    let host = if tool.hosts == BROWSER_HOSTS { SHOP } else { "127.0.0.1" };
    let server = Server::start("127.0.0.1").expect("a port");
    let now = SystemTime::now();
    let mut jar = Jar::new();
    for cookie in cookies(now) {
        let mut alone = Jar::new();
        alone.restore(&cookie, now).expect("a cookie");
        // A cookie that the format cannot store is left out, so the tool does not receive it.
        if alone.export(tool.format, now).expect("written").left_out().is_empty() {
            jar.restore(&cookie, now).expect("a cookie");
        }
    }
    let (load, save) = (folder.join("load.txt"), folder.join("save.txt"));
    fs::write(&load, jar.export(tool.format, now).expect("written").text()).expect("a file");
    tool.fetch(&format!("http://{host}:{}/a/b/{BLANK}", server.port), &load, &save);
    differences(&jar, &saved(tool, &save, now), tool.format, Duration::ZERO)
}

/// Lets a tool send the cookies of a jar to a server, receive others, and save all of them.
fn sent_and_received(tool: &Tool, folder: &Path) -> Vec<Difference> {
    let (load, save) = (folder.join("load.txt"), folder.join("save.txt"));
    let mut found = Vec::new();
    for (host, address) in tool.hosts {
        let Some(server) = Server::start(address) else { continue };
        let url = format!("http://{host}:{}/a/b", server.port);
        let (request, before) = (RequestContext::http(&url).expect("a URL"), SystemTime::now());
        let mut jar = Jar::new();
        for line in ["sent=1", "hidden=2; HttpOnly", "kept=3; Max-Age=36000", "all=4; Path=/", "none="] {
            jar.set(&request, line, before).expect("taken");
        }
        let expected = String::from_utf8(jar.header(&request, before).expect("cookies")).expect("UTF-8");
        // This cookie does not match the page, so some tools do not list it.
        let mut with_other = jar.clone();
        with_other.set(&request, "elsewhere=1; Path=/x", before).expect("taken");
        fs::write(&load, with_other.export(tool.format, before).expect("written").text()).expect("a file");
        tool.fetch(&url, &load, &save);
        assert_eq!(server.header(), sorted(&expected), "{} {url}", tool.name);
        let after = SystemTime::now();
        for line in server::lines(host) {
            jar.set(&request, line, before).expect("taken");
        }
        let delay = after.duration_since(before).expect("a clock that runs forward");
        let mut theirs = saved(tool, &save, after);
        theirs.retain(|cookie| cookie.path() != "/x");
        found.extend(differences(&jar, &theirs, tool.format, delay));
    }
    found
}

#[test]
fn each_tool_sends_and_saves_cookies_with_every_attribute() {
    let folder = tempfile::tempdir().expect("a folder");
    for (tool, version) in installed() {
        let mut found = loaded_and_saved(tool, folder.path());
        found.extend(sent_and_received(tool, folder.path()));
        let dropped: HashSet<_> = found.iter().map(|difference| difference.attribute).collect();
        let expected = tool.drops.iter().copied().map(Some).collect();
        assert_eq!(dropped, expected, "{} {version}: {found:#?}", tool.name);
        let drops: String =
            tool.drops.iter().map(|dropped| format!(", except {dropped}, which it drops")).collect();
        println!(
            "summary: {} keeps every attribute in {} files, both ways{drops}: {version}",
            tool.name, tool.format
        );
    }
}
