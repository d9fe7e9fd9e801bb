use hardtack_jar::{Access, BuiltInSuffixes, Change, PartitionKey, Refusal, Site, SiteContext};

use crate::support::{Browser, http, script};

fn embedded_in(top: &str) -> Access {
    let site = Site::of(&BuiltInSuffixes, top).expect("a site");
    http("https://widget.example/").context(SiteContext::CrossSite).partition(PartitionKey::new(site))
}

#[test]
fn c2_each_site_that_embeds_has_a_jar_of_its_own() {
    let mut browser = Browser::new();
    let lines =
        ["id=shop; Secure; SameSite=None; Partitioned", "id=blog; Secure; SameSite=None; Partitioned"];
    let tops = ["https://shop.example/", "https://blog.example/"];
    for (line, top) in lines.iter().zip(tops) {
        assert_eq!(browser.set_by(&embedded_in(top), line), Ok(Change::Added));
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
    assert_eq!(browser.set("https://widget.example/", line), Ok(Change::Added));
    assert_eq!(browser.header("https://widget.example/"), "id=own");
    // The same page reached by a link is the tab's own, too.
    let linked = http("https://widget.example/").context(SiteContext::Navigation);
    assert_eq!(browser.header_by(&linked), "id=own");
    assert_eq!(browser.header_by(&embedded_in("https://shop.example/")), "");
}

#[test]
fn one_name_may_be_there_with_and_without_partition() {
    let mut browser = Browser::new();
    let url = "https://widget.example/";
    browser.set(url, "id=all; Secure; SameSite=None").expect("taken");
    browser.turn(1);
    assert_eq!(browser.set(url, "id=own; Secure; Partitioned"), Ok(Change::Added));
    assert_eq!(browser.header(url), "id=all; id=own");
    assert_eq!(browser.set(url, "id=; Secure; Partitioned; Max-Age=0"), Ok(Change::Removed));
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
fn what_is_missing_is_told() {
    let mut browser = Browser::new();
    let url = "https://widget.example/";
    assert_eq!(browser.set(url, "id=1; Partitioned"), Err(Refusal::PartitionedWithoutSecure));
    let unknown = http(url).context(SiteContext::CrossSite);
    let line = "id=1; Secure; SameSite=None; Partitioned";
    assert_eq!(browser.set_by(&unknown, line), Err(Refusal::UnknownPartition));
    assert_eq!(browser.set_by(&script(url), line), Ok(Change::Added));
}
