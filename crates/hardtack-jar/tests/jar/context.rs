use hardtack_jar::{BuiltInSuffixes, Jar, Profile, RequestKind, Site, SiteContext};

use crate::support::{Browser, http, script};

const URL: &str = "https://example.com/";

fn filled(profile: Profile) -> Browser {
    let mut browser = Browser::with(Jar::new().profile(profile));
    for line in ["s=1; SameSite=Strict", "l=1; SameSite=Lax", "n=1; SameSite=None; Secure", "d=1"] {
        browser.set(URL, line).expect("taken");
    }
    browser
}

#[test]
fn u17_each_context_sends_its_share() {
    let browser = filled(Profile::Standard);
    for (context, by_request, by_script) in [
        (SiteContext::SameSite, "s=1; l=1; n=1; d=1", "s=1; l=1; n=1; d=1"),
        (SiteContext::Navigation, "l=1; n=1; d=1", "n=1"),
        (SiteContext::UnsafeNavigation, "n=1", "n=1"),
        (SiteContext::CrossSite, "n=1", "n=1"),
    ] {
        assert_eq!(browser.header_by(&http(URL).context(context)), by_request, "{context:?}");
        assert_eq!(browser.header_by(&script(URL).context(context)), by_script, "{context:?}");
    }
}

#[test]
fn u17_each_context_stores_its_share() {
    for (context, stored) in [
        (SiteContext::SameSite, 4),
        (SiteContext::Navigation, 4),
        (SiteContext::UnsafeNavigation, 4),
        (SiteContext::CrossSite, 1),
    ] {
        let mut browser = Browser::new();
        let request = http(URL).context(context);
        for line in ["s=1; SameSite=Strict", "l=1; SameSite=Lax", "n=1; SameSite=None; Secure", "d=1"] {
            let _ = browser.set_by(&request, line);
        }
        assert_eq!(browser.jar.len(), stored, "{context:?}");
    }
}

#[test]
fn u17_chromium_sends_young_cookies_with_forms_of_other_sites() {
    let mut browser = filled(Profile::Chromium);
    let form = http(URL).context(SiteContext::UnsafeNavigation);
    browser.advance(120);
    assert_eq!(browser.header_by(&form), "n=1; d=1");
    browser.advance(1);
    assert_eq!(browser.header_by(&form), "n=1");
    // Setting the cookie again does not reset its age.
    browser.set(URL, "d=1").expect("taken");
    assert_eq!(browser.header_by(&form), "n=1");
}

#[test]
fn sites_are_of_one_scheme_and_one_owner() {
    let site = |url: &str| Site::of(&BuiltInSuffixes, url).expect("a site");
    for (a, b, same) in [
        ("https://a.example.com/", "https://b.example.com/", true),
        ("https://example.com/", "https://example.com:8443/", true),
        ("https://example.com/", "wss://example.com/", true),
        ("https://example.com/", "http://example.com/", false),
        ("https://a.github.io/", "https://b.github.io/", false),
        ("https://a.co.uk/", "https://b.co.uk/", false),
        ("http://192.0.2.3/", "http://192.0.2.3:81/", true),
        ("http://192.0.2.3/", "http://192.0.2.4/", false),
        ("http://localhost/", "http://localhost:3000/", true),
    ] {
        assert_eq!(site(a) == site(b), same, "{a} {b}");
        let context = SiteContext::of(Some(&site(a)), &site(b), RequestKind::Embedded);
        assert_eq!(context == SiteContext::SameSite, same, "{a} {b}");
    }
    let shown = site("https://a.example.com/x");
    assert_eq!(shown.to_string().parse::<Site>().expect("a site"), shown);
}
