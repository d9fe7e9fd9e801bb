//! Makes cases for the rules about attributes, P7 to P14.

use crate::case::{Case, HERE, PLAIN, Rule, Step, Way};
use crate::date;
use crate::rng::Rng;

pub(crate) fn attribute(shape: usize, rng: &mut Rng) -> Case {
    let (word, other) = (rng.word(), rng.word());
    let long = |length: usize| format!("/{}", "p".repeat(length - 1));
    let attributes = match shape % 17 {
        0 => format!("; Path={}", long(1023)),
        1 => format!("; Path={}", long(1024)),
        2 => format!("; Path={}", long(1025)),
        3 => format!("; Path=/; Path={}", long(1025)),
        4 => format!("; pAtH=/; MAX-age={}", rng.between(1, 5000)),
        5 => "; Path=/dir; Path=/".to_owned(),
        6 => format!("; \t Path \t = \t / \t ; Max-Age = {}", rng.between(1, 5000)),
        7 => format!("; {word}=/; {other}"),
        8 => format!("; Max-Age={}; Max-Age={}", rng.between(1, 5000), rng.between(1, 5000)),
        9 => format!("; =Path=/; {word}"),
        10 => "; Path=/=; HttpOnly=; Secure==".to_owned(),
        11 => format!("; Secure{}; x", " ".repeat(1100)),
        12 => format!("; Secure={}", "s".repeat(rng.pick(&[1023, 1024, 1025, 3000]))),
        13 => format!("; SameSite={}; Path=/", "Lax".repeat(rng.pick(&[1, 341, 342]))),
        14 => rng
            .pick(&[
                "; x=y\tz",
                "; x\ty",
                "; Path=/a\tb",
                "; Secure\tx; Path=/",
                "; Max-Age=6\t0",
                "; x\ty=\tz",
            ])
            .to_owned(),
        15 => format!("; Domain={}; HttpOnly", "d".repeat(rng.pick(&[1024, 1025]))),
        _ => {
            format!("; {}=/; Path=/;{}", "Path".repeat(rng.pick(&[2, 300])), ";".repeat(rng.between(0, 40)))
        }
    };
    Case::read_back(Rule::P7, format!("a={word}{attributes}"))
}

pub(crate) fn expires(shape: usize, rng: &mut Rng, now: i64) -> Case {
    let word = rng.word();
    let date = date::text(shape, rng, now);
    let bytes = |text: &str| text.as_bytes().to_vec();
    let mut line = bytes(&format!("a={word}; Expires="));
    match rng.below(8) {
        0 => {
            line = bytes(&format!("a={word}; expires = \t"));
            line.extend(&date);
        }
        1 => {
            line.extend(&date);
            line.extend(bytes("; Expires=soon"));
        }
        2 => {
            line.extend(&date);
            line.extend(bytes(&format!("; Max-Age={}", rng.between(1, 5000))));
        }
        3 => {
            line.extend(bytes("Thu, 01 Jan 1970 00:00:00 GMT; Expires="));
            line.extend(&date);
        }
        _ => line.extend(&date),
    }
    line.extend(bytes(rng.attributes().trim_start_matches("; Max-Age=3600")));
    Case::read_back(Rule::P8, line)
}

pub(crate) fn max_age(shape: usize, rng: &mut Rng, now: i64) -> Case {
    let number = rng.between(1, 40_000_000).to_string();
    let ages = [
        "",
        "-",
        "+1",
        "1.5",
        "060",
        "34559999",
        "34560000",
        "34560001",
        "0",
        "-0",
        "-1",
        "60x",
        "0x10",
        "--1",
        "1 000",
        "1e3",
        "\"60\"",
        "９",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "00000000000000000000060",
    ];
    let age = match shape % (ages.len() + 3) {
        shape if shape < ages.len() => ages[shape].to_owned(),
        shape => match shape - ages.len() {
            0 => "9".repeat(rng.pick(&[1023, 1024, 1025])),
            1 => format!("-{}", "9".repeat(rng.pick(&[1, 1023, 1024]))),
            _ => number,
        },
    };
    let date = date::imf(now + 86_400 * 9);
    let word = rng.word();
    let line = match rng.below(6) {
        0 => format!("a={word}; Expires={date}; Max-Age={age}"),
        1 => format!("a={word}; Max-Age={age}; Expires={date}"),
        2 => format!("a={word}; Max-Age=77; Max-Age={age}"),
        3 => format!("a={word}; Max-Age={age}; Max-Age=77; max-age"),
        _ => format!("a={word}; max-age ={age} "),
    };
    Case::read_back(Rule::P9, line)
}

pub(crate) fn domain(shape: usize, rng: &mut Rng) -> Case {
    let (word, more) = (rng.word(), rng.attributes());
    let domains = [
        "example.test",
        ".example.test",
        "..example.test",
        "EXAMPLE.Test",
        ".shop.Example.test",
        "shop.example.test",
        "example.test.",
        "",
        ".",
        "..",
        " example.test ",
        "\"example.test\"",
        "example.test:443",
        "https://example.test",
        "ex%61mple.test",
        "example.test/",
        "*.example.test",
        "example。test",
        "a.shop.example.test",
        "xn--",
        "example..test",
        "example.test,",
        ".example.test.",
        "example.test; Domain=",
        "example.test; Domain=.",
        "other.test; Domain=example.test",
        "example.test; Domain=other.test",
        "example.test?",
        "user@example.test",
        "example.test#",
    ];
    let line = format!("a={word}; Domain={}{more}", domains[shape % domains.len()]);
    let steps = [
        "https://shop.example.test/dir/page",
        "https://example.test/dir/",
        "https://a.shop.example.test/dir/x",
    ];
    let mut steps = steps.map(Step::fetched);
    steps[0].line = Some(line.into());
    Case::new(Rule::P10, [&steps[..], &[Step::fetched(HERE)]].concat())
}

pub(crate) fn path(shape: usize, rng: &mut Rng) -> Case {
    let word = rng.word();
    let paths = [
        "",
        "/",
        "dir",
        "/dir",
        "/dir/",
        "/dir/page",
        "/dir/page/",
        "/Dir",
        "/%64ir",
        "/dir/../dir",
        "//",
        "/dir//",
        "\"/\"",
        "/dir?x",
        "/dir#x",
        "/dir/page; Path=",
        "/; Path=x",
        "x; Path=/",
        "/é",
        "/dir/é; Path=/",
        "./",
        "*",
        "/*",
        " /dir ",
        "/d ir",
        "https://shop.example.test/",
        "/dir,/x",
        "/dir\\page",
        "/%",
        "/dir/%2e%2e/",
        "/\u{a0}",
        "/.",
        "/di",
        "/dir/page2",
    ];
    let line = format!(
        "a={word}; Path={}{}",
        paths[shape % paths.len()],
        rng.pick(&["", "; HttpOnly", "; Max-Age=60"])
    );
    let set = Step::fetched(rng.pick(&[
        HERE,
        HERE,
        "https://shop.example.test/",
        "https://shop.example.test/dir",
        "https://shop.example.test/dir/page/",
        "https://shop.example.test//x",
        "https://shop.example.test/%64ir/x",
        "https://shop.example.test/a%20b/x",
    ]));
    let looks = ["/", "/dir", "/dir/page", "/dir/page/below", "/dirx/page"]
        .map(|path| Step::fetched(&format!("https://shop.example.test{path}")));
    Case::new(Rule::P11, [&[set.sets(line)], &looks[..]].concat())
}

pub(crate) fn flag(shape: usize, rng: &mut Rng) -> Case {
    let word = rng.word();
    let flags = [
        "Secure",
        "secure",
        "SECURE=",
        "Secure=false",
        "Secure=0; HttpOnly=0",
        " secure = no ",
        "Secured",
        "Secure x",
        "x=Secure",
        "Secure:",
        "HttpOnly",
        "httponly=false",
        "HTTPONLY=;Secure",
        "Http-Only",
        "HttpOnly\t",
        "\"Secure\"",
        "Secure,HttpOnly",
        "HttpOnly;HttpOnly",
        "=Secure",
        "=HttpOnly",
        "Se cure",
        "secure;SECURE=off",
        "HttpOnlyy",
        "\u{17f}ecure",
    ];
    let line = format!("a={word}; {}", flags[shape % flags.len()]);
    let url = rng.pick(&[HERE, HERE, PLAIN, "http://localhost/dir/page"]);
    let line = if url == HERE && rng.once_in(3) { format!("{line}; Path=/dir") } else { line };
    Case::new(Rule::P12, [Step::fetched(url).sets(line), Step::fetched(url), Step::script(url)])
}

pub(crate) fn same_site(shape: usize, rng: &mut Rng) -> Case {
    let word = rng.word();
    let values = [
        "Strict",
        "Lax",
        "None",
        "strict",
        "LAX",
        "nOnE",
        "",
        "Default",
        "unspecified",
        "Lax; SameSite=Strict",
        "Strict; SameSite=Lax",
        "None; SameSite=loose",
        "Strict; SameSite=",
        "loose; SameSite=Strict",
        "\"Lax\"",
        " Lax ",
        "Lax,Strict",
        "no_restriction",
        "true",
        "Strict; SameSite",
        "Laxx",
        "Non\u{e9}",
    ];
    let value = values[shape % values.len()];
    let line = format!(
        "a={word}; SameSite={value}{}",
        rng.pick(&["; Secure", "; Secure; HttpOnly", "; Secure; Path=/"])
    );
    let other = || "https://other.test/".to_owned();
    let look = match rng.below(5) {
        0 => Way::Linked { from: other() },
        1 => Way::Sent { from: other() },
        2 => Way::Framed { top: other() },
        3 => Way::Fetched { top: other() },
        _ => Way::Nested { top: "https://shop.example.test/".to_owned(), middle: other() },
    };
    Case::new(Rule::P13, [Step::fetched(HERE).sets(line), Step::by(look, HERE), Step::fetched(HERE)])
}

pub(crate) fn partitioned(shape: usize, rng: &mut Rng) -> Case {
    let word = rng.word();
    let attributes = [
        "; Secure; Partitioned; SameSite=None",
        "; Secure; Partitioned",
        "; Partitioned",
        "; Partitioned; SameSite=None",
        "; Secure; partitioned=false; SameSite=None",
        "; Secure; PARTITIONED=; SameSite=None",
        "; Secure; Partition; SameSite=None",
        "; Secure; Partitioned; SameSite=None; Domain=example.test",
        "; Secure; Partitioned; SameSite=None; Path=/dir",
        "; Secure; Partitioned; Partitioned; SameSite=None; HttpOnly",
        "; Secure; x=Partitioned; SameSite=None",
        "; Secure; Partitioned; SameSite=Strict",
    ];
    let line = format!("a={word}{}", attributes[shape % attributes.len()]);
    let (shop, other) = (|| "https://shop.example.test/".to_owned(), || "https://other.test/".to_owned());
    let way = match shape / 2 % 6 {
        0 => Way::Fetched { top: shop() },
        1 => Way::Fetched { top: other() },
        2 => Way::Framed { top: other() },
        3 => Way::Nested { top: shop(), middle: other() },
        4 => Way::Typed,
        _ => Way::Nested { top: other(), middle: "https://third.test/".to_owned() },
    };
    let look = |way| Step::by(way, HERE);
    Case::new(
        Rule::P14,
        [
            look(way.clone()).sets(line),
            look(way),
            look(Way::Fetched { top: other() }),
            look(Way::Fetched { top: "https://third.test/".to_owned() }),
            look(Way::Nested { top: shop(), middle: other() }),
            look(Way::Fetched { top: shop() }),
        ],
    )
}
