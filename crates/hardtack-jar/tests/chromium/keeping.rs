//! Makes cases for the rules about how a cookie is stored, S1 to S3, S14, and S15.

use crate::case::{Case, HERE, Rule, Step};
use crate::date;
use crate::rng::Rng;

/// Makes a case about the status of the response. A browser accepts cookies with every status, except in an
/// informational response before the final one.
pub(crate) fn status(shape: usize, rng: &mut Rng) -> Case {
    let statuses = [
        200, 201, 203, 204, 205, 206, 302, 304, 400, 401, 403, 404, 405, 410, 418, 429, 500, 501, 502, 503,
        599, 103, 100, 102,
    ];
    let line = format!("a={}{}", rng.word(), rng.attributes());
    let step = Step::fetched(HERE).sets(line).status(statuses[shape % statuses.len()]);
    Case::new(Rule::S1, [step, Step::fetched(HERE)])
}

/// Makes a case about creation times: of several cookies with equally long paths, the oldest is sent first.
pub(crate) fn creation(shape: usize, rng: &mut Rng) -> Case {
    let mut steps: Vec<Step> = (0..rng.between(2, 4))
        .map(|number| {
            let path = rng.pick(&["/", "/dir", "/dir/", "/dir/page"]);
            let domain = rng.pick(&["", "; Domain=example.test", "; Domain=shop.example.test"]);
            Step::fetched(HERE).sets(format!("{}{number}={}; Path={path}{domain}", rng.word(), rng.word()))
        })
        .collect();
    // In most cases, the first cookie is set again: with the same value, with another value, or after it was removed.
    let again = steps[0].line.clone().unwrap();
    let again = String::from_utf8(again).unwrap();
    match shape % 4 {
        0 => {}
        1 => steps.push(Step::fetched(HERE).sets(again)),
        2 => steps.push(Step::fetched(HERE).sets(again.replacen('=', "=new", 1))),
        _ => {
            steps.push(Step::fetched(HERE).sets(format!("{again}; Max-Age=0")));
            steps.push(Step::fetched(HERE).sets(format!("{again}; x={}", rng.word())));
        }
    }
    steps.push(Step::fetched(HERE));
    steps.push(Step::script(HERE));
    Case::new(Rule::S2, steps)
}

pub(crate) fn persistence(shape: usize, rng: &mut Rng) -> Case {
    let lives = [
        "",
        "; Max-Age=60",
        "; Max-Age=0",
        "; Max-Age",
        "; Max-Age=",
        "; Max-Age=1h",
        "; Expires=soon",
        "; Expires",
        "; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
        "; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        "; Expires=Fri, 31 Dec 2100 23:59:59 GMT; Max-Age=60",
        "; Max-Age=60; Expires=soon",
        "; Max-Age=soon; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
        "; Expires=Sat, 01 Jan 2000 00:00:00 GMT; Max-Age=60",
        "; Max-Age=-1; Expires=Fri, 31 Dec 2100 23:59:59 GMT",
        "; Max-Age=34560000",
        "; Max-Age=99999999999",
    ];
    let line =
        format!("a={}{}{}", rng.word(), lives[shape % lives.len()], rng.pick(&["", "; Path=/", "; Secure"]));
    Case::new(Rule::S3, [Step::typed(HERE).sets(line), Step::fetched(HERE)])
}

/// Makes a case with two cookies that have the same identity, or almost the same.
pub(crate) fn replacing(shape: usize, rng: &mut Rng) -> Case {
    let name = rng.word();
    let (old, new) = [
        ("", ""),
        ("; Path=/", "; Path=/dir"),
        ("; Path=/dir", ""),
        ("; Path=/dir", "; Path=/dir/"),
        ("", "; Domain=shop.example.test"),
        ("; Domain=example.test", "; Domain=shop.example.test"),
        ("; Domain=example.test", "; Domain=.example.test"),
        ("; Secure", ""),
        ("; HttpOnly", "; Secure"),
        ("; SameSite=Strict", "; SameSite=None; Secure"),
        ("; Secure; SameSite=None", "; Secure; Partitioned; SameSite=None"),
        ("; Max-Age=60", ""),
        ("", "; Max-Age=60"),
        ("; Max-Age=60", "; Max-Age=90"),
    ][shape % 14];
    let value = rng.word();
    let new_value = if rng.once_in(3) { value.clone() } else { rng.word() };
    let new_name = if rng.once_in(5) { name.to_ascii_uppercase() } else { name.clone() };
    let set = if shape % 4 == 3 { Step::script(HERE) } else { Step::fetched(HERE) };
    Case::new(
        Rule::S14,
        [
            Step::fetched(HERE).sets(format!("{name}={value}{old}")),
            // The position of this cookie in `Cookie` shows whether a replaced cookie keeps its age.
            Step::fetched(HERE).sets("between=b"),
            Step::fetched(HERE).sets("below=b; Path=/"),
            set.sets(format!("{new_name}={new_value}{new}")),
            Step::fetched(HERE),
            Step::script(HERE),
        ],
    )
}

pub(crate) fn expired(shape: usize, rng: &mut Rng) -> Case {
    let name = rng.word();
    let ends = [
        "; Max-Age=0".to_owned(),
        "; Max-Age=-1".to_owned(),
        "; Expires=Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
        "; Expires=Fri, 02 Jan 1970 00:00:00 GMT".to_owned(),
        "; Expires=Mon, 01 Jan 1601 00:00:00 GMT".to_owned(),
        "; Expires=Thu, 31 Dec 1600 23:59:59 GMT".to_owned(),
        "; Max-Age=0; Expires=Fri, 31 Dec 2100 23:59:59 GMT".to_owned(),
        "; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT".to_owned(),
        "; Max-Age=0; Max-Age=60".to_owned(),
        format!("; Expires={}", date::imf(i64::try_from(rng.below(1_700_000_000)).unwrap())),
    ];
    let end = &ends[shape % ends.len()];
    let (old, more) = rng.pick(&[
        ("", ""),
        ("; Secure", "; Secure"),
        ("; HttpOnly", ""),
        ("; Path=/", ""),
        ("; Domain=example.test", "; Domain=example.test"),
        ("; Domain=example.test", ""),
        ("; SameSite=Strict", "; SameSite=Lax"),
        ("; Secure; Partitioned", "; Secure; Partitioned"),
        ("; Secure; Partitioned", "; Secure"),
    ]);
    let set = if shape % 5 == 4 { Step::script(HERE) } else { Step::fetched(HERE) };
    let mut steps = vec![
        Step::fetched(HERE).sets(format!("{name}=old{old}")),
        set.sets(format!("{name}={}{more}{end}", rng.word())),
        Step::fetched(HERE),
    ];
    if shape % 7 == 6 {
        steps.remove(0);
    }
    Case::new(Rule::S15, steps)
}
