//! The known differences between Chromium on one side, and RFC 6265bis and the jar on the other. Each has a rule and a
//! description.

use hardtack_jar::{BuiltInSuffixes, Refusal, SuffixList, canonical_host};

use crate::case::{Case, HERE, Rule, Step, Way};
use crate::ours::Played;
use crate::outcome::Outcome;
use crate::parts::Parts;

/// A known difference between Chromium and the standard or the jar.
pub(crate) struct Difference {
    /// The rule that the difference concerns.
    pub(crate) rule: Rule,
    /// A short name of the difference.
    pub(crate) id: &'static str,
    pub(crate) sentence: &'static str,
    pub(crate) kind: DifferenceKind,
    /// Returns the steps of a case that shows the difference.
    pub(crate) example: fn() -> Vec<Step>,
}

/// The way in which the test recognizes a difference, so that the difference does not explain unrelated results.
pub(crate) enum DifferenceKind {
    /// A jar with `Profile::Chromium` has the same difference. The function compares the results of a jar with the
    /// standard profile and of a jar with `Profile::Chromium`.
    Profile(fn(&Case, &Played, &Played) -> bool),
    /// Chromium treats the case exactly as the jar treats another case, which the function returns. The function
    /// returns `None` if the case does not show this difference.
    AsIf(fn(&Case) -> Option<Case>),
    /// No case makes the jar do the same. The function checks Chromium's result.
    Shown(fn(&Case, &Outcome) -> bool),
}

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        rule: Rule::P1,
        id: "inner-tab",
        sentence: "A tab inside a name or a value, those of attributes included, makes Chromium ignore the line; RFC \
                   6265bis, section 5.6, allows it.",
        kind: DifferenceKind::Profile(|_, _, chromium| chromium.refusal == Some(Refusal::InnerTab)),
        example: || set("a=b; Max-Age=60; x=y\tz"),
    },
    Difference {
        rule: Rule::P3,
        id: "nameless-equals",
        sentence: "Chromium takes no nameless cookie whose value has `=` in it, because it would be sent as one with a \
                   name; RFC 6265bis, section 5.6, takes it.",
        kind: DifferenceKind::Profile(|_, _, chromium| chromium.refusal == Some(Refusal::NamelessEquals)),
        example: || set("=a=b"),
    },
    Difference {
        rule: Rule::S10,
        id: "lax-allowing-unsafe",
        sentence: "For two minutes a cookie without `SameSite` goes with another site's form, as RFC 6265bis, section \
                   5.6.7.2, allows.",
        kind: DifferenceKind::Profile(|case, standard, chromium| {
            standard.outcome.kept == chromium.outcome.kept
                && case.steps.iter().any(|step| matches!(step.way, Way::Sent { .. }))
        }),
        example: || {
            let way = Way::Sent { from: "https://other.test/".to_owned() };
            vec![Step::fetched(HERE).sets("a=b"), Step::by(way, HERE)]
        },
    },
    Difference {
        rule: Rule::P8,
        id: "last-counts",
        sentence: "Of several `Expires`, or several `Max-Age`, Chromium looks at the last alone; by RFC 6265bis, sections \
                   5.6.1 and 5.6.2, one that cannot be read is as if it were not there.",
        kind: DifferenceKind::AsIf(last_lifetime),
        example: || set("a=b; Max-Age=60; Max-Age=soon"),
    },
    Difference {
        rule: Rule::P9,
        id: "plus",
        sentence: "Chromium reads `Max-Age=+60`; by RFC 6265bis, section 5.6.2, it begins with a digit or `-`.",
        kind: DifferenceKind::AsIf(|case| {
            case.with_lines(|_, line| {
                let mut parts = Parts::of(line);
                let number = parts.last("max-age")?.strip_prefix(b"+")?.to_vec();
                number.first()?.is_ascii_digit().then(|| parts.put("max-age", number))?;
                Some(parts.line())
            })
        }),
        example: || set("a=b; Max-Age=+60"),
    },
    Difference {
        rule: Rule::P8,
        id: "digits-of-a-year",
        sentence: "Chromium takes years of one digit and of five; by RFC 6265bis, section 5.1.1, they have two to four.",
        kind: DifferenceKind::AsIf(|case| {
            with_date(case, |number, place| match number.len() {
                1 if place == Place::Year => Some(format!("0{number}")),
                // Like 9999, all later years are beyond the maximum lifetime.
                5 if place == Place::Year => Some(format!("{:04}", number.parse().unwrap_or(0).min(9999))),
                _ => None,
            })
        }),
        example: || set("a=b; Expires=Sat, 31 Dec 20301 23:59:59 GMT"),
    },
    Difference {
        rule: Rule::P8,
        id: "before-1601",
        sentence: "A date before 1601 ends a cookie in Chromium; by RFC 6265bis, section 5.1.1, it is no date.",
        kind: DifferenceKind::AsIf(|case| {
            with_date(case, |number, place| {
                let is_early = number.len() > 2 && number.parse::<u32>().is_ok_and(|year| year < 1601);
                (is_early && place == Place::Year).then(|| "1601".to_owned())
            })
        }),
        example: || set("a=b; Expires=Thu, 31 Dec 1600 23:59:59 GMT"),
    },
    Difference {
        rule: Rule::P8,
        id: "digits-of-a-time",
        sentence: "Chromium takes hours of three digits; by RFC 6265bis, section 5.1.1, they have one or two.",
        kind: DifferenceKind::AsIf(|case| {
            with_date(case, |text, place| {
                let hour = text.strip_prefix('0')?;
                (place == Place::Time && text.find(':') == Some(3)).then(|| hour.to_owned())
            })
        }),
        example: || set("a=b; Expires=31 Dec 2100 001:02:03"),
    },
    Difference {
        rule: Rule::P8,
        id: "tail",
        sentence: "Chromium takes a number for no part of a date if something stands behind it that is no delimiter, as in \
                   `14th` or `12:00:00Z`; RFC 6265bis, section 5.1.1, takes the number.",
        kind: DifferenceKind::AsIf(|case| {
            with_date(case, |_, place| (place == Place::Tail).then(String::new))
        }),
        example: || set("a=b; Expires=31st Dec 2100 23:59:59"),
    },
    Difference {
        rule: Rule::S4,
        id: "domain-of-unicode",
        sentence: "Chromium reads a `Domain` that is UTF-8 as its A-labels; RFC 6265bis, section 5.7, ignores the cookie.",
        kind: DifferenceKind::AsIf(|case| {
            case.with_lines(|_, line| {
                let mut parts = Parts::of(line);
                let domain = str::from_utf8(parts.last("domain")?).ok()?;
                let ascii = canonical_host(domain.strip_prefix('.').unwrap_or(domain))?;
                (!domain.is_ascii()).then(|| parts.put("domain", ascii))?;
                Some(parts.line())
            })
        }),
        example: || vec![Step::fetched("https://xn--bcher-kva.test/").sets("a=b; Domain=bücher.test")],
    },
    Difference {
        rule: Rule::S5,
        id: "wildcard",
        sentence: "Chromium takes the domain above a wildcard of the public suffix list (`*.kawasaki.jp`) for a public \
                   suffix, too; by the list's own algorithm it is none.",
        kind: DifferenceKind::AsIf(|case| {
            case.with_lines(|_, line| {
                let mut parts = Parts::of(line);
                let domain = str::from_utf8(parts.last("domain")?).ok()?.trim_start_matches('.');
                let below = format!("x.{domain}");
                let is_above = BuiltInSuffixes.suffix(domain) != Some(domain)
                    && BuiltInSuffixes.suffix(&below) == Some(&below);
                is_above.then(|| parts.put("domain", "jp"))?;
                Some(parts.line())
            })
        }),
        example: || vec![Step::typed("https://a.city.kawasaki.jp/x").sets("a=b; Domain=kawasaki.jp")],
    },
    Difference {
        rule: Rule::S12,
        id: "domain-of-a-suffix",
        sentence: "`__Host-` forbids a `Domain` in Chromium also where the host is a public suffix and names itself; by RFC \
                   6265bis, section 5.7, that cookie is its host's alone.",
        kind: DifferenceKind::AsIf(|case| {
            case.with_lines(|step, line| {
                let parts = Parts::of(line);
                let host = host_of(step);
                let names_itself = parts.last("domain")?.eq_ignore_ascii_case(host.as_bytes());
                let is_suffix = is_address(host) || BuiltInSuffixes.suffix(host) == Some(host);
                let bound = parts.name().get(..7)?.eq_ignore_ascii_case(b"__Host-");
                (names_itself && is_suffix && bound).then(|| b"".to_vec())
            })
        }),
        example: || {
            vec![Step::fetched("https://github.io/").sets("__Host-a=b; Secure; Path=/; Domain=github.io")]
        },
    },
    Difference {
        rule: Rule::S14,
        id: "new-value-new-age",
        sentence: "A cookie that is set again with another value is as new in Chromium; by RFC 6265bis, section 5.7, it keeps \
                   its age, and so its place in `Cookie`.",
        kind: DifferenceKind::AsIf(as_new),
        example: || {
            ["a=1", "b=1", "a=2"]
                .map(|line| Step::fetched(HERE).sets(line))
                .into_iter()
                .chain([Step::fetched(HERE)])
                .collect()
        },
    },
    Difference {
        rule: Rule::P11,
        id: "path-not-ascii",
        sentence: "Chromium takes a `Path` that is not ASCII, and sends the cookie nowhere; by the Web Platform Tests of 2026 \
                   it is refused.",
        kind: DifferenceKind::Shown(|case, theirs| {
            let parts = Parts::of(case.line());
            let Some(path) = parts.last("path") else { return false };
            // The browser's list of cookies omits bytes that are not UTF-8.
            let listed: String = path.utf8_chunks().map(|chunk| chunk.valid()).collect();
            !path.is_ascii()
                && theirs.kept.iter().all(|kept| kept.path == listed)
                && theirs.sent.iter().all(Vec::is_empty)
        }),
        example: || {
            let below = Step::fetched("https://shop.example.test/%C3%A9/x");
            vec![Step::fetched(HERE).sets("a=b; Path=/é"), below]
        },
    },
];

fn set(line: &str) -> Vec<Step> {
    vec![Step::fetched(HERE).sets(line), Step::fetched(HERE)]
}

impl Difference {
    pub(crate) fn example(&self) -> Case {
        Case::new(self.rule, (self.example)())
    }
}

fn host_of(step: &Step) -> &str {
    step.url.split('/').nth(2).unwrap_or_default()
}

fn is_address(host: &str) -> bool {
    host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

fn last_lifetime(case: &Case) -> Option<Case> {
    case.with_lines(|_, line| {
        let mut parts = Parts::of(line);
        let before = parts.attributes.len();
        for name in ["expires", "max-age"] {
            if let Some(last) = parts.last(name).map(<[u8]>::to_vec) {
                parts.put(name, last);
            }
        }
        (parts.attributes.len() < before).then(|| parts.line())
    })
}

/// Returns a case in which each step that would change the value of a cookie first removes that cookie.
fn as_new(case: &Case) -> Option<Case> {
    let mut changed = case.clone();
    for index in 0..case.steps.len() {
        let Some(line) = &case.steps[index].line else { continue };
        let new = Parts::of(line);
        let mut older =
            case.steps[..index].iter().rev().filter_map(|step| step.line.as_deref().map(Parts::of));
        changed.steps[index].afresh =
            older.find(|old| old.name() == new.name()).is_some_and(|old| old.value() != new.value());
    }
    (changed != *case).then_some(changed)
}

/// The part of a date that Chromium reads from a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Time,
    Day,
    Year,
    /// A token that begins with digits and contains other characters.
    Tail,
    Other,
}

/// Returns the case with changed tokens in its dates, or `None` if no token changes. A token that becomes empty is left
/// out.
fn with_date(case: &Case, change: impl Fn(&str, Place) -> Option<String>) -> Option<Case> {
    case.with_lines(|_, line| {
        let mut parts = Parts::of(line);
        let date = parts.last("expires")?;
        let date: String = date.iter().copied().map(char::from).collect();
        let (mut time, mut day, mut year) = (false, false, false);
        let delimits = |letter: char| matches!(letter, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~');
        let tokens = date.split(delimits).filter(|token| !token.is_empty()).map(|token| {
            let is_number = token.bytes().all(|byte| byte.is_ascii_digit());
            let fields: Vec<_> = token.split(':').collect();
            let is_time = fields.len() == 3
                && fields
                    .iter()
                    .all(|field| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit()));
            let place = if is_time && !std::mem::replace(&mut time, true) {
                Place::Time
            } else if is_number && token.len() <= 2 && !std::mem::replace(&mut day, true) {
                Place::Day
            } else if is_number && token.len() <= 5 && !std::mem::replace(&mut year, true) {
                Place::Year
            } else if token.starts_with(|letter: char| letter.is_ascii_digit()) && !is_number {
                Place::Tail
            } else {
                Place::Other
            };
            change(token, place).unwrap_or_else(|| token.to_owned())
        });
        let changed = tokens.collect::<Vec<_>>().join(" ");
        let bytes: Vec<u8> = changed.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect();
        let original = date.split(delimits).filter(|token| !token.is_empty()).collect::<Vec<_>>().join(" ");
        (changed != original).then(|| parts.put("expires", bytes))?;
        Some(parts.line())
    })
}
