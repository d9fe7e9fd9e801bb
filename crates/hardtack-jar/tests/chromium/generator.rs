//! Cases for each rule: shapes that go round, so that each comes, filled by the dice.

use crate::case::{Case, Rule, Step};
use crate::dice::Dice;
use crate::{reading, storing};

pub(crate) const HERE: &str = "https://shop.example.test/dir/page";
pub(crate) const PLAIN: &str = "http://shop.example.test/dir/page";

/// So many cases for a rule, with lines that are all different.
pub(crate) fn cases(rule: Rule, lines: usize, dice: &mut Dice, now: i64) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    // Long before this many, the words of the dice differ.
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
        R::P1 => reading::control(shape, dice),
        R::P2 => reading::semicolon(shape, dice),
        R::P3 => reading::equals(shape, dice),
        R::P4 => reading::space(shape, dice),
        R::P5 => reading::size(shape, dice),
        R::P6 => reading::empty(shape, dice),
        R::P7 => reading::attribute(shape, dice),
        R::P8 => reading::expires(shape, dice, now),
        R::P9 => reading::max_age(shape, dice, now),
        R::P10 => reading::domain(shape, dice),
        R::P11 => reading::path(shape, dice),
        R::P12 => reading::flag(shape, dice),
        R::P13 => reading::same_site(shape, dice),
        R::P14 => reading::partitioned(shape, dice),
        R::S1 => storing::status(shape, dice),
        R::S2 => storing::creation(shape, dice),
        R::S3 => storing::persistence(shape, dice),
        R::S4 => storing::domain_not_ascii(shape, dice),
        R::S5 => storing::public_suffix(shape, dice),
        R::S6 => storing::domain_match(shape, dice),
        R::S7 => storing::secure(shape, dice),
        R::S8 => storing::script_http_only(shape, dice),
        R::S9 => storing::shadow(shape, dice),
        R::S10 => storing::cross_site(shape, dice),
        R::S11 => storing::none_without_secure(shape, dice),
        R::S12 => storing::prefix(shape, dice),
        R::S13 => storing::nameless_prefix(shape, dice),
        R::S14 => storing::replacing(shape, dice),
        R::S15 => storing::expired(shape, dice),
    }
}

/// A line, and a look at what it made.
pub(crate) fn read_back(rule: Rule, line: impl Into<Vec<u8>>) -> Case {
    Case::new(rule, [Step::fetched(HERE).sets(line), Step::fetched(HERE)])
}

/// Attributes that have nothing to do with the rule, or none.
pub(crate) fn more(dice: &mut Dice) -> &'static str {
    dice.pick(&[
        "",
        "",
        "",
        "; Path=/",
        "; path=/dir",
        "; Max-Age=3600",
        "; HttpOnly",
        "; SameSite=Lax",
        "; Secure",
        "; x=y",
        ";",
        ";secure;httponly;samesite=strict",
    ])
}

/// The same for what a script writes.
pub(crate) fn more_of_a_script(dice: &mut Dice) -> &'static str {
    dice.pick(&["", "; Path=/", "; Max-Age=3600", "; SameSite=Strict", "; Secure", "; x=y"])
}
