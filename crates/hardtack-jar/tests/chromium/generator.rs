//! Makes cases for each rule. The generator cycles through the shapes of lines, so that each shape occurs, and fills
//! them in at random.

use crate::case::{Case, Rule};
use crate::rng::Rng;
use crate::{allowing, attributes, keeping, pair};

/// Returns `lines` cases for a rule, all with different lines. Returns 50% more for rules that are quick to test,
/// because one page can request all lines.
pub(crate) fn cases(rule: Rule, lines: usize, rng: &mut Rng, now: i64) -> Vec<Case> {
    let is_quick = rule <= Rule::P9 || rule == Rule::P11;
    let lines = if is_quick { lines * 3 / 2 } else { lines };
    let mut cases: Vec<Case> = Vec::new();
    // The random words produce enough different lines well before this limit.
    for shape in 0..lines * 50 {
        let case = case(rule, shape, rng, now);
        if cases.iter().all(|other| other.line() != case.line()) {
            cases.push(case);
        }
        if cases.len() == lines {
            break;
        }
    }
    cases
}

fn case(rule: Rule, shape: usize, rng: &mut Rng, now: i64) -> Case {
    use Rule as R;
    match rule {
        R::P1 => pair::control(shape, rng),
        R::P2 => pair::semicolon(shape, rng),
        R::P3 => pair::equals(shape, rng),
        R::P4 => pair::space(shape, rng),
        R::P5 => pair::size(shape, rng),
        R::P6 => pair::empty(shape, rng),
        R::P7 => attributes::attribute(shape, rng),
        R::P8 => attributes::expires(shape, rng, now),
        R::P9 => attributes::max_age(shape, rng, now),
        R::P10 => attributes::domain(shape, rng),
        R::P11 => attributes::path(shape, rng),
        R::P12 => attributes::flag(shape, rng),
        R::P13 => attributes::same_site(shape, rng),
        R::P14 => attributes::partitioned(shape, rng),
        R::S1 => keeping::status(shape, rng),
        R::S2 => keeping::creation(shape, rng),
        R::S3 => keeping::persistence(shape, rng),
        R::S4 => allowing::domain_not_ascii(shape, rng),
        R::S5 => allowing::public_suffix(shape, rng),
        R::S6 => allowing::domain_match(shape, rng),
        R::S7 => allowing::secure(shape, rng),
        R::S8 => allowing::script_http_only(shape, rng),
        R::S9 => allowing::shadow(shape, rng),
        R::S10 => allowing::cross_site(shape, rng),
        R::S11 => allowing::none_without_secure(shape, rng),
        R::S12 => allowing::prefix(shape, rng),
        R::S13 => allowing::nameless_prefix(shape, rng),
        R::S14 => keeping::replacing(shape, rng),
        R::S15 => keeping::expired(shape, rng),
    }
}
