//! Cases for each rule: a cycle of shapes, so that each shape occurs, filled in at random.

use crate::case::{Case, Rule};
use crate::dice::Dice;
use crate::{allowing, attributes, keeping, pair};

/// Returns `lines` cases for a rule, all with different lines. Returns half as many again for rules that are quick to
/// test because one page requests all lines.
pub(crate) fn cases(rule: Rule, lines: usize, dice: &mut Dice, now: i64) -> Vec<Case> {
    let is_quick = rule <= Rule::P9 || rule == Rule::P11;
    let lines = if is_quick { lines * 3 / 2 } else { lines };
    let mut cases: Vec<Case> = Vec::new();
    // The random words produce enough different lines well before this limit.
    for shape in 0..lines * 50 {
        let case = case(rule, shape, dice, now);
        if cases.iter().all(|other| other.line() != case.line()) {
            cases.push(case);
        }
        if cases.len() == lines {
            break;
        }
    }
    cases
}

fn case(rule: Rule, shape: usize, dice: &mut Dice, now: i64) -> Case {
    use Rule as R;
    match rule {
        R::P1 => pair::control(shape, dice),
        R::P2 => pair::semicolon(shape, dice),
        R::P3 => pair::equals(shape, dice),
        R::P4 => pair::space(shape, dice),
        R::P5 => pair::size(shape, dice),
        R::P6 => pair::empty(shape, dice),
        R::P7 => attributes::attribute(shape, dice),
        R::P8 => attributes::expires(shape, dice, now),
        R::P9 => attributes::max_age(shape, dice, now),
        R::P10 => attributes::domain(shape, dice),
        R::P11 => attributes::path(shape, dice),
        R::P12 => attributes::flag(shape, dice),
        R::P13 => attributes::same_site(shape, dice),
        R::P14 => attributes::partitioned(shape, dice),
        R::S1 => keeping::status(shape, dice),
        R::S2 => keeping::creation(shape, dice),
        R::S3 => keeping::persistence(shape, dice),
        R::S4 => allowing::domain_not_ascii(shape, dice),
        R::S5 => allowing::public_suffix(shape, dice),
        R::S6 => allowing::domain_match(shape, dice),
        R::S7 => allowing::secure(shape, dice),
        R::S8 => allowing::script_http_only(shape, dice),
        R::S9 => allowing::shadow(shape, dice),
        R::S10 => allowing::cross_site(shape, dice),
        R::S11 => allowing::none_without_secure(shape, dice),
        R::S12 => allowing::prefix(shape, dice),
        R::S13 => allowing::nameless_prefix(shape, dice),
        R::S14 => keeping::replacing(shape, dice),
        R::S15 => keeping::expired(shape, dice),
    }
}
