use hardtack_jar::{
    BuiltInSuffixes, Jar, JarChange, Limits, PartitionKey, Refusal, RequestContext, Site, SiteContext,
};

use crate::support::{Browser, http, script};

fn embedded_in(top: &str) -> RequestContext {
    let site = Site::of(&BuiltInSuffixes, top).expect("a site");
    http("https://widget.example/").context(SiteContext::CrossSite).partition(PartitionKey::new(site))
}

#[test]
fn c2_each_embedding_site_has_its_own_partition() {
    let mut browser = Browser::new();
    let lines =
        ["id=shop; Secure; SameSite=None; Partitioned", "id=blog; Secure; SameSite=None; Partitioned"];
    let tops = ["https://shop.example/", "https://blog.example/"];
    for (line, top) in lines.iter().zip(tops) {
        assert_eq!(browser.set_by(&embedded_in(top), line), Ok(JarChange::Added));
    }
    assert_eq!(browser.header_by(&embedded_in(tops[0])), "id=shop");
    assert_eq!(browser.header_by(&embedded_in("https://www.shop.example:8443/x")), "id=shop");
    assert_eq!(browser.header_by(&embedded_in(tops[1])), "id=blog");
    assert_eq!(browser.header_by(&embedded_in("http://blog.example/")), "");
    assert_eq!(browser.header("https://widget.example/"), "");
}

#[test]
fn c2_a_page_of_its_own_has_its_own_partition() {
    let mut browser = Browser::new();
    let line = "id=own; Secure; Partitioned";
    assert_eq!(browser.set("https://widget.example/", line), Ok(JarChange::Added));
    assert_eq!(browser.header("https://widget.example/"), "id=own");
    // If the user reaches the same page by a link, it is also the tab's own page.
    let linked = http("https://widget.example/").context(SiteContext::Navigation);
    assert_eq!(browser.header_by(&linked), "id=own");
    assert_eq!(browser.header_by(&embedded_in("https://shop.example/")), "");
}

#[test]
fn a_name_can_exist_with_and_without_a_partition() {
    let mut browser = Browser::new();
    let url = "https://widget.example/";
    browser.set(url, "id=all; Secure; SameSite=None").expect("taken");
    browser.advance(1);
    assert_eq!(browser.set(url, "id=own; Secure; Partitioned"), Ok(JarChange::Added));
    assert_eq!(browser.header(url), "id=all; id=own");
    assert_eq!(browser.set(url, "id=; Secure; Partitioned; Max-Age=0"), Ok(JarChange::Removed));
    assert_eq!(browser.header(url), "id=all");
}

#[test]
fn a_page_in_between_is_another_partition() {
    let mut browser = Browser::new();
    let site = Site::of(&BuiltInSuffixes, "https://widget.example/").expect("a site");
    let direct = http("https://widget.example/").partition(PartitionKey::new(site.clone()));
    let between = http("https://widget.example/")
        .context(SiteContext::CrossSite)
        .partition(PartitionKey::new(site).with_cross_site_ancestor());
    browser.set_by(&between, "id=1; Secure; SameSite=None; Partitioned").expect("taken");
    assert_eq!((browser.header_by(&between).as_str(), browser.header_by(&direct).as_str()), ("id=1", ""));
}

#[test]
fn errors_name_what_is_missing() {
    let mut browser = Browser::new();
    let url = "https://widget.example/";
    assert_eq!(browser.set(url, "id=1; Partitioned"), Err(Refusal::PartitionedWithoutSecure));
    let unknown = http(url).context(SiteContext::CrossSite);
    let line = "id=1; Secure; SameSite=None; Partitioned";
    assert_eq!(browser.set_by(&unknown, line), Err(Refusal::UnknownPartition));
    assert_eq!(browser.set_by(&script(url), line), Ok(JarChange::Added));
}

/// Returns a browser with the widget's own login, and with another login in the partition of each of `sites` sites.
fn widget(limits: Limits, sites: usize) -> Browser {
    let mut browser = Browser::with(Jar::new().limits(limits));
    browser.set("https://widget.example/", "login=1; Secure").expect("taken");
    for number in 0..sites {
        browser.advance(1);
        let page = embedded_in(&format!("https://s{number}.example/"));
        browser.set_by(&page, "id=1; Secure; SameSite=None; Partitioned").expect("taken");
    }
    browser
}

#[test]
fn a_widget_in_many_sites_keeps_its_own_login() {
    let mut browser = widget(Limits::default(), 400);
    assert_eq!((browser.jar.len(), browser.jar.evicted()), (401, 0));
    assert_eq!(browser.header("https://widget.example/"), "login=1");
    // The widget's own cookies do not evict cookies in partitions.
    for number in 0..200 {
        browser.advance(1);
        browser.set("https://widget.example/", &format!("n{number}=1; Secure")).expect("taken");
    }
    assert_eq!((browser.jar.len(), browser.jar.evicted()), (580, 21));
    assert_eq!(browser.header_by(&embedded_in("https://s0.example/")), "id=1");
}

#[test]
fn each_partition_has_limits_of_its_own() {
    let limits = Limits::default().per_domain(1).per_partition(3).per_partition_bytes(100);
    let mut browser = widget(limits, 2);
    let [first, second] = [0, 1].map(|number| embedded_in(&format!("https://s{number}.example/")));
    let line = |pair: &str| format!("{pair}; Secure; SameSite=None; Partitioned");
    for name in ["a", "b", "c"] {
        browser.advance(1);
        browser.set_by(&first, &line(&format!("{name}=1"))).expect("taken");
    }
    assert_eq!(browser.header_by(&first), "a=1; b=1; c=1");
    assert_eq!((browser.header_by(&second).as_str(), browser.jar.evicted()), ("id=1", 1));
    // The limit in bytes applies to names and values. The least recently used cookies are evicted until the rest fits.
    browser.advance(1);
    browser.set_by(&first, &line(&format!("b={}", "x".repeat(97)))).expect("taken");
    assert_eq!(browser.header_by(&first), format!("b={}; c=1", "x".repeat(97)));
    // Both cookies were used when they were sent, so the older one is evicted.
    browser.advance(1);
    browser.set_by(&first, &line("d=22")).expect("taken");
    assert_eq!(browser.header_by(&first), "c=1; d=22");
    // A cookie that is too large for the partition is itself evicted.
    browser.advance(1);
    browser.set_by(&first, &line(&format!("e={}", "x".repeat(100)))).expect("taken");
    assert_eq!(browser.header_by(&first), "");
    assert_eq!(browser.header("https://widget.example/"), "login=1");
}

#[test]
fn the_expired_of_a_partition_go_first() {
    let mut browser = widget(Limits::default().per_partition(2), 1);
    let page = embedded_in("https://s0.example/");
    browser.set_by(&page, "a=1; Secure; SameSite=None; Partitioned; Max-Age=2").expect("taken");
    browser.advance(2);
    browser.set_by(&page, "b=1; Secure; SameSite=None; Partitioned").expect("taken");
    assert_eq!((browser.header_by(&page).as_str(), browser.jar.evicted()), ("id=1; b=1", 0));
}

#[test]
fn a_partition_that_was_restored_over_its_limits_does_not_grow() {
    let mut browser = widget(Limits::default().per_partition_bytes(10), 1);
    let page = embedded_in("https://s0.example/");
    let mut cookie = browser.jar.iter().last().expect("a cookie").record().into_owned();
    cookie.name = b"long".to_vec().into();
    cookie.value = [b'x'; 60].to_vec().into();
    browser.jar.restore(&cookie, browser.now).expect("taken");
    browser.advance(1);
    let line = |pair: &str| format!("{pair}; Secure; SameSite=None; Partitioned");
    // The first line does not change the size of the partition. The second adds one byte, and so exceeds the limit.
    browser.set_by(&page, &line(&format!("long={}", "y".repeat(60)))).expect("taken");
    assert_eq!((browser.jar.len(), browser.jar.evicted()), (3, 0));
    browser.advance(1);
    browser.set_by(&page, &line("id=22")).expect("taken");
    assert_eq!(browser.header_by(&page), "id=22");
}
