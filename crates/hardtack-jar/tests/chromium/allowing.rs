//! Makes cases for the rules about what a cookie may do, S4 to S13.

use crate::case::{Case, HERE, PLAIN, Rule, Step, Way};
use crate::rng::Rng;

pub(crate) fn domain_not_ascii(shape: usize, rng: &mut Rng) -> Case {
    let domains: [&[u8]; 14] = [
        "bücher.test".as_bytes(),
        b"b\xfccher.test",
        "xn--bcher-kva.test".as_bytes(),
        "BÜCHER.test".as_bytes(),
        ".bücher.test".as_bytes(),
        "xn--BCHER-kva.test".as_bytes(),
        b"b\xcc\x88ucher.test",
        "bücher.test; Domain=".as_bytes(),
        "bücher.test; Domain=xn--bcher-kva.test".as_bytes(),
        "xn--bcher-kva.test; Domain=bücher.test".as_bytes(),
        "b%C3%BCcher.test".as_bytes(),
        "a.bücher.test".as_bytes(),
        b"\xff",
        "test\u{a0}".as_bytes(),
    ];
    let url = rng.pick(&["https://xn--bcher-kva.test/x", "https://a.xn--bcher-kva.test/x"]);
    let start = format!("a={}{}; Domain=", rng.word(), rng.attributes());
    let line = [start.as_bytes(), domains[shape % domains.len()]].concat();
    Case::new(
        Rule::S4,
        [Step::typed(url).sets(line), Step::fetched("https://xn--bcher-kva.test/x"), Step::fetched(url)],
    )
}

pub(crate) fn public_suffix(shape: usize, rng: &mut Rng) -> Case {
    let (host, domain) = [
        ("example.co.uk", "co.uk"),
        ("co.uk", "co.uk"),
        ("co.uk", ".CO.UK"),
        ("example.co.uk", "uk"),
        ("example.co.uk", "example.co.uk"),
        ("jane.github.io", "github.io"),
        ("github.io", "github.io"),
        ("a.jane.github.io", "jane.github.io"),
        ("shop.example.com", "com"),
        ("shop.example.com", "example.com"),
        ("com", "com"),
        ("example.test", "test"),
        ("test", "test"),
        ("a.b.unlisted", "unlisted"),
        ("a.b.unlisted", "b.unlisted"),
        ("unlisted", "unlisted"),
        ("localhost", "localhost"),
        ("a.localhost", "localhost"),
        ("www.ck", "www.ck"),
        ("a.foo.ck", "foo.ck"),
        ("city.kawasaki.jp", "city.kawasaki.jp"),
        ("a.city.kawasaki.jp", "kawasaki.jp"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "2.1"),
        ("192.0.2.1", ".192.0.2.1"),
        ("example.co.uk.", "co.uk."),
        ("co.uk", "github.io"),
        ("a.s3.amazonaws.com", "s3.amazonaws.com"),
    ][shape % 28];
    let line = format!("a={}; Domain={domain}{}", rng.word(), rng.attributes());
    let url = format!("https://{host}/x");
    Case::new(Rule::S5, [Step::typed(&url).sets(line), Step::fetched(&url)])
}

pub(crate) fn domain_match(shape: usize, rng: &mut Rng) -> Case {
    let (host, domain) = [
        ("shop.example.test", "example.test"),
        ("shop.example.test", "shop.example.test"),
        ("shop.example.test", "a.shop.example.test"),
        ("shop.example.test", "other.example.test"),
        ("shop.example.test", "other.test"),
        ("shop.example.test", "ample.test"),
        ("badexample.test", "example.test"),
        ("example.test", "shop.example.test"),
        ("example.test", "example.test"),
        ("a.b.c.example.test", "c.example.test"),
        ("a.b.c.example.test", "b.example.test"),
        ("shop.example.test", ""),
        ("shop.example.test", "op.example.test"),
        ("shop.example.test.", "example.test."),
        ("shop.example.test.", "example.test"),
        ("192.0.2.1", "0.2.1"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.2"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("127.0.0.1", "127.1"),
        ("localhost", "localhost"),
        ("a_b.example.test", "example.test"),
        ("a_b.example.test", "a_b.example.test"),
    ][shape % 24];
    let line = format!("a={}; Domain={domain}{}", rng.word(), rng.attributes());
    let url = format!("https://{host}/x");
    let mut steps = vec![Step::typed(&url).sets(line), Step::fetched(&url)];
    if host.ends_with("example.test") {
        steps.extend(["https://example.test/", "https://deep.shop.example.test/"].map(Step::typed));
    }
    Case::new(Rule::S6, steps)
}

pub(crate) fn secure(shape: usize, rng: &mut Rng) -> Case {
    let places = [
        "http://shop.example.test/x",
        "https://shop.example.test/x",
        "http://localhost/x",
        "http://a.localhost/x",
        "http://a.b.localhost/x",
        "http://127.0.0.1/x",
        "http://127.9.9.9/x",
        "http://[::1]/x",
        "http://[::2]/x",
        "http://192.0.2.1/x",
        "https://192.0.2.1/x",
        "http://localhost.example.test/x",
        "http://localhost./x",
        "http://128.0.0.1/x",
    ];
    let url = places[shape % places.len()];
    let secure = rng.pick(&["; Secure", "; secure=no", "; Secure; HttpOnly", "; Secure; SameSite=None", ""]);
    let line = format!("a={}{secure}{}", rng.word(), rng.pick(&["", "; Path=/", "; Max-Age=60"]));
    let mut steps = vec![Step::typed(url).sets(line), Step::fetched(url)];
    // The last step requests the same host with the other scheme.
    steps.push(Step::typed(&match url.strip_prefix("https") {
        Some(rest) => format!("http{rest}"),
        None => url.replacen("http", "https", 1),
    }));
    Case::new(Rule::S7, steps)
}

pub(crate) fn script_http_only(shape: usize, rng: &mut Rng) -> Case {
    let flags = [
        "; HttpOnly",
        "; httponly=false",
        "",
        "; HttpOnly; Max-Age=0",
        "; x=HttpOnly",
        "; HttpOnly=",
        "; Http-Only",
    ];
    let flag = flags[shape % flags.len()];
    let line = format!("a={}{flag}{}", rng.word(), rng.script_attributes());
    let place = rng.pick(&[HERE, HERE, PLAIN]);
    let mut steps = vec![Step::script(place).sets(line), Step::fetched(place), Step::script(place)];
    // In two of three cases, a cookie with or without `HttpOnly` exists already.
    if !shape.is_multiple_of(3) {
        let hidden = rng.pick(&["a=old; HttpOnly", "a=old", "a=old; Path=/dir; HttpOnly", "b=old; HttpOnly"]);
        steps.insert(0, Step::fetched(place).sets(hidden));
    }
    Case::new(Rule::S8, steps)
}

/// Makes a case for the rule to leave secure cookies alone: an unencrypted page sets a cookie that could replace one
/// with `Secure`.
pub(crate) fn shadow(shape: usize, rng: &mut Rng) -> Case {
    let (old_host, old, new_host, new) = [
        ("shop.example.test", "; Path=/", "shop.example.test", "; Path=/"),
        ("shop.example.test", "; Path=/dir", "shop.example.test", "; Path=/dir/page"),
        ("shop.example.test", "; Path=/dir/page", "shop.example.test", "; Path=/dir"),
        ("shop.example.test", "; Path=/dir", "shop.example.test", "; Path=/dirx"),
        ("shop.example.test", "; Path=/dir/", "shop.example.test", "; Path=/dir"),
        ("shop.example.test", "; Domain=example.test; Path=/", "other.example.test", "; Path=/"),
        ("shop.example.test", "; Path=/", "other.example.test", "; Domain=example.test; Path=/"),
        ("shop.example.test", "; Path=/", "other.example.test", "; Path=/"),
        ("example.test", "; Path=/", "shop.example.test", "; Path=/"),
        ("shop.example.test", "; Path=/", "example.test", "; Path=/"),
        ("shop.example.test", "; Domain=example.test; Path=/x", "example.test", "; Path=/x/y"),
        ("shop.example.test", "; Path=/; HttpOnly", "shop.example.test", "; Path=/; Max-Age=0"),
    ][shape % 12];
    let name = rng.word();
    let secure = if rng.once_in(5) { "" } else { "; Secure" };
    let old = format!("{name}=old{old}{secure}{}", rng.pick(&["", "; Max-Age=600", "; SameSite=Strict"]));
    let new_name = match rng.below(6) {
        0 => name.to_ascii_uppercase(),
        1 => format!("{name}x"),
        _ => name,
    };
    let new = format!("{new_name}={}{new}", rng.word());
    let (old_url, new_url) = (format!("https://{old_host}/dir/page"), format!("http://{new_host}/dir/page"));
    let set = match rng.below(5) {
        0 => Step::script(&new_url),
        // An encrypted connection may replace any cookie.
        1 => Step::typed(&new_url.replacen("http", "https", 1)),
        _ => Step::typed(&new_url),
    };
    Case::new(
        Rule::S9,
        [Step::typed(&old_url).sets(old), set.sets(new), Step::typed(&new_url), Step::typed(&old_url)],
    )
}

pub(crate) fn cross_site(shape: usize, rng: &mut Rng) -> Case {
    let sites = [
        "",
        "; SameSite=Lax",
        "; SameSite=Strict",
        "; SameSite=None",
        "; SameSite=x",
        "; SameSite=None; HttpOnly",
    ];
    let same_site = sites[shape % sites.len()];
    let shop = || "https://shop.example.test/".to_owned();
    let way = match shape / 2 % 12 {
        0 => Way::Linked { from: other() },
        1 => Way::Sent { from: other() },
        2 => Way::Fetched { top: other() },
        3 => Way::Framed { top: other() },
        4 => Way::FramedScript { top: other() },
        5 => Way::Nested { top: shop(), middle: other() },
        6 => Way::Fetched { top: "https://example.test/".to_owned() },
        // A page with another scheme is on another site.
        7 => Way::Fetched { top: "http://shop.example.test/".to_owned() },
        8 => Way::Linked { from: "http://shop.example.test/".to_owned() },
        9 => Way::FramedScript { top: "https://a.example.test/".to_owned() },
        10 => Way::Nested { top: shop(), middle: "https://example.test/".to_owned() },
        _ => Way::Sent { from: "https://example.test/".to_owned() },
    };
    let is_script = matches!(way, Way::FramedScript { .. });
    let same_site = if is_script { same_site.trim_end_matches("; HttpOnly") } else { same_site };
    let line = format!("a={}{same_site}; Secure{}", rng.word(), rng.pick(&["", "; Path=/", "; Max-Age=60"]));
    Case::new(
        Rule::S10,
        [
            Step::by(way.clone(), HERE).sets(line),
            Step::by(way, HERE),
            Step::by(Way::Linked { from: other() }, HERE),
            Step::fetched(HERE),
        ],
    )
}

pub(crate) fn none_without_secure(shape: usize, rng: &mut Rng) -> Case {
    let attributes = [
        "; SameSite=None",
        "; SameSite=none",
        "; SameSite=None; Secure",
        "; SameSite=None; SameSite=Lax",
        "; SameSite=Lax; SameSite=None",
        "; SameSite=None; SameSite=x",
        "; SameSite=None; Secured",
        "; samesite = none ; secure",
        "; SameSite=\"None\"",
        "; SameSite=None; HttpOnly",
        "; SameSite=None; Path=/; Domain=example.test",
    ];
    let place = rng.pick(&[HERE, PLAIN, "http://localhost/x"]);
    let attributes = attributes[shape % attributes.len()];
    let attributes =
        if place == HERE { attributes } else { attributes.trim_end_matches("; Domain=example.test") };
    let line = format!("a={}{attributes}", rng.word());
    let set =
        if rng.once_in(4) && !line.contains("HttpOnly") { Step::script(place) } else { Step::typed(place) };
    Case::new(
        Rule::S11,
        [set.sets(line), Step::fetched(place), Step::by(Way::Fetched { top: other() }, HERE)],
    )
}

pub(crate) fn prefix(shape: usize, rng: &mut Rng) -> Case {
    let prefixes = [
        "__Secure-",
        "__Host-",
        "__Http-",
        "__Host-Http-",
        "__secure-",
        "__HOST-",
        "__hTTP-",
        "__hOST-hTTP-",
        "__Host",
        "__Secure",
        "__Host-Http",
        "_Host-",
        " __Host-",
        "__Host -",
        "\"__Host-",
        "__Http-Host-",
        "__Secure-Http-",
    ];
    let attributes = [
        "",
        "; Secure",
        "; Secure; Path=/",
        "; Secure; HttpOnly",
        "; Secure; HttpOnly; Path=/",
        "; Path=/; HttpOnly",
        "; Secure; Path=/dir",
        "; Secure; Path=/; HttpOnly; Domain=shop.example.test",
        "; Secure; Path=/; Domain=",
        "; Secure; Path=/; HttpOnly; Path=",
        "; Secure=false; Path=/; HttpOnly; SameSite=Strict",
        "; Secure; Path=x; HttpOnly",
    ];
    let name = if rng.once_in(5) { String::new() } else { rng.word() };
    let line = format!(
        "{}{name}={}{}",
        prefixes[shape % prefixes.len()],
        rng.word(),
        attributes[(shape / 2 + rng.below(3)) % attributes.len()]
    );
    // The default path of the first two URLs is `/`.
    let place = rng.pick(&[
        "https://shop.example.test/",
        "https://shop.example.test/x",
        HERE,
        "http://localhost/x",
        PLAIN,
    ]);
    let line =
        if place == "http://localhost/x" { line.replace("shop.example.test", "localhost") } else { line };
    let set = if rng.once_in(6) { Step::script(place) } else { Step::fetched(place) };
    Case::new(Rule::S12, [set.sets(line), Step::fetched(place)])
}

pub(crate) fn nameless_prefix(shape: usize, rng: &mut Rng) -> Case {
    let values = [
        "__Secure-",
        "__Host-",
        "__Http-",
        "__Host-Http-",
        "__secure-",
        "__HOST-",
        "__http-",
        "__host-HTTP-",
        "__Host",
        "__Secure",
        " __Host-",
        "\"__Host-",
        "x__Host-",
        "__Host-Http",
        "_Secure-",
        "__Hos-",
    ];
    let value = values[shape % values.len()];
    let word = if rng.once_in(3) { String::new() } else { rng.word() };
    let attributes = rng.pick(&["", "; Secure; Path=/", "; Secure; Path=/; HttpOnly", "; Path=/dir"]);
    let line = match rng.below(4) {
        0 => format!("{value}{word}{attributes}"),
        1 => format!("={value}{word}={word}{attributes}"),
        2 => format!(" = \t{value}{word}{attributes}; x={}", rng.word()),
        _ => format!("={value}{word}{attributes}"),
    };
    Case::new(Rule::S13, [Step::fetched(HERE).sets(line), Step::fetched(HERE)])
}

fn other() -> String {
    "https://other.test/".to_owned()
}
