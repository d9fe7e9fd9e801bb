//! Tests `hardtack audit` on the tour, and on a site whose cookies have many problems.

use crate::bad_site::BadSite;
use crate::fixture::closed_port;
use crate::program::{Outcome, run};
use crate::tour::Tour;

fn audit(arguments: &[&str]) -> Outcome {
    run(["audit", "--json"].iter().chain(arguments))
}

/// Returns the rule and the severity of each finding about a cookie.
fn rules(outcome: &Outcome) -> Vec<(String, String)> {
    let json = outcome.json();
    let pages = json["pages"].as_array().expect("pages");
    let cookies = pages.iter().flat_map(|page| page["cookies"].as_array().expect("cookies"));
    let findings = cookies.flat_map(|cookie| cookie["findings"].as_array().expect("findings"));
    let text = |json: &serde_json::Value| json.as_str().expect("text").to_owned();
    findings.map(|one| (text(&one["rule"]), text(&one["severity"]))).collect()
}

#[test]
fn the_tour_passes_with_each_kind_of_session() {
    let folder = tempfile::tempdir().expect("a folder");
    for kind in ["stored", "signed", "encrypted"] {
        let tour = Tour::start(folder.path(), &["--kind", kind]);
        let paths =
            ["/", "/home", "/visits", "/login", "/some-route"].iter().flat_map(|path| ["--path", path]);
        let arguments: Vec<_> = [tour.url.as_str(), "--probe"].into_iter().chain(paths).collect();
        let outcome = audit(&arguments);
        assert_eq!(outcome.code, Some(0), "{kind}: {outcome:?}");
        let json = outcome.json();
        assert_eq!((&json["errors"], &json["warnings"]), (&0.into(), &0.into()), "{outcome:?}");
        let set = json["pages"]
            .as_array()
            .expect("pages")
            .iter()
            .flat_map(|page| page["cookies"].as_array().expect("cookies"));
        assert!(set.clone().any(|cookie| cookie["name"] == "__Host-session"), "{outcome:?}");
        assert!(set.clone().all(|cookie| cookie["kept"] == true), "{outcome:?}");
    }
    println!("summary: hardtack audit: the tour passes, in 3 kinds of session");
}

#[test]
fn every_problem_of_a_bad_site_is_reported() {
    let site = BadSite::start();
    let of = |path: &str, more: &[&str]| {
        let url = format!("{}{path}", site.https_url());
        audit(&[&[url.as_str(), "--insecure"], more].concat())
    };
    let bad = of("/bad", &[]);
    assert_eq!(bad.code, Some(1));
    let found = rules(&bad);
    for (rule, severity) in [
        ("GuessableId", "error"),
        ("NoHttpOnly", "error"),
        ("NoSameSite", "warning"),
        ("Cacheable", "warning"),
    ] {
        assert!(found.contains(&(rule.to_owned(), severity.to_owned())), "{rule}: {found:?}");
    }
    let dropped = of("/dropped", &[]);
    assert_eq!(dropped.json()["pages"][0]["cookies"][0]["kept"], false);
    assert!(rules(&dropped)[0].0.starts_with("Refused("), "{dropped:?}");
    assert!(!dropped.stdout.contains("secret-value"), "no value is printed");

    assert_eq!(of("/good", &["--fail-on", "notice"]).code, Some(0));
    assert_eq!(rules(&of("/good", &[])), []);
    println!("summary: hardtack audit: a bad site has {} findings, a good one none", found.len());
}

#[test]
fn a_redirect_is_followed_with_the_cookies_it_sets() {
    let site = BadSite::start();
    let outcome = audit(&[&format!("{}/moved", site.url()), "--fail-on", "never"]);
    let json = outcome.json();
    let pages: Vec<_> =
        json["pages"].as_array().expect("pages").iter().map(|page| page["status"].clone()).collect();
    assert_eq!(pages, [302, 200]);
    let down = audit(&[&format!("{}/down", site.https_url()), "--insecure"]);
    let finding = &down.json()["pages"][0]["findings"][0];
    assert_eq!((&finding["rule"], &finding["severity"]), (&"Downgrade".into(), &"error".into()));
}

#[test]
fn sessions_of_new_visitors_are_compared() {
    let site = BadSite::start();
    let findings = |path: &str| {
        let json = audit(&[&format!("{}{path}", site.url()), "--probe", "--fail-on", "never"]).json();
        let findings = json["pages"][0]["findings"].as_array().expect("findings").clone();
        let text = |member: &serde_json::Value| member.as_str().expect("text").to_owned();
        findings
            .iter()
            .map(|finding| (text(&finding["rule"]), text(&finding["reference"])))
            .collect::<Vec<_>>()
    };
    let one = |rule: &str, reference: &str| vec![(rule.to_owned(), reference.to_owned())];
    assert_eq!(findings("/bad"), one("SharedSession", "OWASP ASVS 5.0, 7.2.2"));
    assert_eq!(findings("/adopt"), one("PlantedSession", "OWASP Session Management Cheat Sheet"));
    assert_eq!(findings("/fresh"), []);
    assert_eq!(findings("/nothing"), []);
}

#[test]
fn a_jar_opens_pages_behind_a_login() {
    let site = BadSite::start();
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("{}/private", site.https_url());
    let status = |more: &[&str]| {
        let json = audit(&[&[url.as_str(), "--insecure"], more].concat()).json();
        json["pages"][0]["status"].clone()
    };
    assert_eq!(status(&[]), 403);
    for text in [
        "127.0.0.1\tFALSE\t/\tFALSE\t4102444800\tid\tsecret-value\n",
        // Firefox writes a cookie without `SameSite` in this form.
        r#"[{"name": "id", "value": "secret-value", "domain": "127.0.0.1", "path": "/", "secure": false,
            "httpOnly": true, "sameSite": "None"}]"#,
    ] {
        let jar = folder.path().join("jar");
        std::fs::write(&jar, text).expect("a file");
        assert_eq!(status(&["--jar", &jar.display().to_string()]), 200, "{text}");
    }
}

#[test]
fn an_unreachable_page_does_not_hide_the_others() {
    let site = BadSite::start();
    let closed = format!("http://{}/", closed_port());
    let bad = format!("{}/bad", site.url());
    for urls in [[bad.as_str(), closed.as_str()], [closed.as_str(), bad.as_str()]] {
        let outcome = audit(&urls);
        assert_eq!(outcome.code, Some(4), "an unreachable page takes precedence over findings: {outcome:?}");
        assert!(rules(&outcome).iter().any(|(rule, _)| rule == "GuessableId"), "{outcome:?}");
        let json = outcome.json();
        assert_eq!(json["unreached"][0]["url"], closed.as_str());
        assert!(json["unreached"][0]["reason"].as_str().is_some_and(|reason| reason.contains("refused")));
        let text = run(["audit"].iter().chain(&urls));
        assert!(text.stdout.contains(&format!("{closed}  not reached")), "{text:?}");
        assert!(text.stdout.contains("it can be guessed"), "{text:?}");
    }
    let all = audit(&[&bad, "--fail-on", "never"]);
    assert_eq!((all.code, &all.json()["unreached"]), (Some(0), &serde_json::json!([])));
}

#[test]
fn an_unreachable_page_behind_a_redirect_is_named() {
    let site = BadSite::start();
    let url = format!("{}/away", site.url());
    let json = audit(&[&url]).json();
    assert_eq!(json["pages"][0]["cookies"][0]["name"], "a");
    let unreached = &json["unreached"][0];
    assert_eq!(unreached["from"], url.as_str());
    assert_ne!(unreached["url"], url.as_str());
}

#[test]
fn cookies_left_out_of_a_jar_are_reported() {
    let site = BadSite::start();
    let folder = tempfile::tempdir().expect("a folder");
    let jar = folder.path().join("jar.txt");
    std::fs::write(&jar, "127.0.0.1\tFALSE\t/\tFALSE\t0\tid\t1\nlocalhost\tFALSE\n").expect("a file");
    let url = format!("{}/good", site.https_url());
    let outcome = audit(&[&url, "--insecure", "--jar", &jar.display().to_string()]);
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    assert!(outcome.stderr.contains("left out: line 2"), "{outcome:?}");
    assert_eq!(outcome.json()["pages"][0]["status"], 200);
    assert!(outcome.json()["left_out"][0].as_str().is_some_and(|why| why.starts_with("line 2")));
}

#[test]
fn a_saved_response_is_a_jar_of_the_site() {
    let site = BadSite::start();
    let folder = tempfile::tempdir().expect("a folder");
    let jar = folder.path().join("response");
    std::fs::write(&jar, "HTTP/1.1 200 OK\r\nSet-Cookie: id=secret-value; Path=/\r\n\r\n").expect("a file");
    let url = format!("{}/private", site.https_url());
    let outcome = audit(&[&url, "--insecure", "--jar", &jar.display().to_string()]);
    assert_eq!(outcome.json()["pages"][0]["status"], 200, "{outcome:?}");
}
