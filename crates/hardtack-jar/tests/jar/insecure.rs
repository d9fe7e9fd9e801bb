use hardtack_jar::{CookieRecord, Jar, JarChange, Refusal};

use crate::support::{Browser, http};

const URL: &str = "https://a.co.uk/";

#[test]
fn without_a_suffix_list_any_domain_above_is_allowed_and_no_other() {
    let line = "id=1; Domain=co.uk";
    assert_eq!(Browser::new().set(URL, line), Err(Refusal::PublicSuffix));
    let mut browser = Browser::with(Jar::insecure_without_suffix_list());
    assert_eq!(browser.set(URL, line), Ok(JarChange::Added));
    assert_eq!(browser.header("https://b.co.uk/"), "id=1");
    assert_eq!(browser.set(URL, "id=1; Domain=b.co.uk"), Err(Refusal::ForeignDomain));
}

#[test]
fn without_prefix_rules_the_other_rules_still_apply() {
    let lines = ["__Host-a=1; Domain=a.co.uk", "__Secure-b=1", "__Http-c=1; Secure", "__Host-Http-d=1"];
    for line in lines {
        assert!(matches!(Browser::new().set(URL, line), Err(Refusal::Prefix(_))), "{line}");
        let mut browser = Browser::with(Jar::new().insecure_without_prefix_rules());
        assert_eq!(browser.jar.check(&http(URL), line, browser.now), Ok(()), "{line}");
        assert_eq!(browser.set(URL, line), Ok(JarChange::Added), "{line}");
    }
    let mut browser = Browser::with(Jar::new().insecure_without_prefix_rules());
    assert_eq!(browser.set(URL, "=__Host-a"), Ok(JarChange::Added));
    let record = CookieRecord::new("__Secure-b", "1", "a.co.uk", browser.now);
    assert_eq!(browser.jar.restore(&record, browser.now), Ok(JarChange::Added));
    assert_eq!(browser.set("http://a.co.uk/", "__Secure-c=1; Secure"), Err(Refusal::InsecureSecure));
    assert_eq!(browser.set(URL, "__Secure-d=1; SameSite=None"), Err(Refusal::NoneWithoutSecure));
}
