//! Makes cases for the rules about the name and the value, P1 to P6.

use crate::case::{Case, HERE, Rule, Step};
use crate::rng::Rng;

/// Makes a case with a byte that makes a line invalid, or with a byte that almost does.
pub(crate) fn control(shape: usize, rng: &mut Rng) -> Case {
    let spoiling: Vec<u8> = (0..=8).chain(10..=31).chain([127]).collect();
    let byte =
        if shape % 6 == 5 { rng.pick(b"\t \x80\xA0\xFF!") } else { spoiling[(shape * 7) % spoiling.len()] };
    let (before, after) = rng.pick(&[
        ("a", "b=c"),
        ("", "a=b"),
        ("a=", "b"),
        ("a=b", "c"),
        ("a=b", ""),
        ("a=b; ", ""),
        ("a=b; x", "=y"),
        ("a=b; Path=/", ""),
        ("a=b; Secure", "; Path=/"),
        ("a=b;", "; HttpOnly"),
    ]);
    let line = [before.as_bytes(), &[byte], after.as_bytes(), b"; x=", rng.word().as_bytes()].concat();
    // These bytes end an HTTP field or message, so only a script can put them into a line.
    if matches!(byte, 0 | b'\n' | b'\r') {
        return Case::new(Rule::P1, [Step::script(HERE).sets(line), Step::script(HERE)]);
    }
    Case::read_back(Rule::P1, line)
}

pub(crate) fn semicolon(shape: usize, rng: &mut Rng) -> Case {
    let (word, other, more) = (rng.word(), rng.word(), rng.attributes());
    let line = match shape % 12 {
        0 => format!("a={word};{more}"),
        1 => format!("a={word};;{other}=b{more}"),
        2 => format!(";a={word}{more}"),
        3 => format!("a;b={word}{more}"),
        4 => format!("a=\"{word};{other}\"{more}"),
        5 => format!("a={word} ; {other}{more}"),
        6 => format!("a={word};Path=/;{other}=c;{more}"),
        7 => format!("{word}; a=b{more}"),
        8 => format!("a={word}\\;{other}{more}"),
        9 => format!("a={word}%3B{other}{more}"),
        10 => format!("a={word}\u{37e}{other}{more}"),
        _ => format!("a={word},b={other};c=d{more}"),
    };
    Case::read_back(Rule::P2, line)
}

pub(crate) fn equals(shape: usize, rng: &mut Rng) -> Case {
    let (word, other, more) = (rng.word(), rng.word(), rng.attributes());
    let line = match shape % 14 {
        0 => format!("{word}{more}"),
        1 => format!("={word}{more}"),
        2 => format!("=={word}{more}"),
        3 => format!("={word}={other}{more}"),
        4 => format!("{word}={more}"),
        5 => format!("{word}=={more}"),
        6 => format!("{word}={other}={more}"),
        7 => format!("{word}={other}=={word}{more}"),
        8 => format!(" = {word}{more}"),
        9 => format!("{word} = = {other}{more}"),
        10 => format!("\"{word}={other}\"{more}"),
        11 => format!("{word}\u{ff1d}{other}{more}"),
        12 => format!("{word}%3D{other}{more}"),
        _ => format!("{word}; {other}=a{more}"),
    };
    Case::read_back(Rule::P3, line)
}

pub(crate) fn space(shape: usize, rng: &mut Rng) -> Case {
    let white =
        [" ", "\t", "  ", " \t ", "\t\t", "\u{a0}", "\u{3000}", "\u{2003}", "\u{feff}", "%20", "\"", "+"];
    let white = white[shape % white.len()];
    let (word, other, more) = (rng.word(), rng.word(), rng.attributes());
    let line = match rng.below(8) {
        0 => format!("{white}{word}={other}{more}"),
        1 => format!("{word}{white}={other}{more}"),
        2 => format!("{word}={white}{other}{more}"),
        3 => format!("{word}={other}{white}{more}"),
        4 => format!("{word}={other}{white}{word}{more}"),
        5 => format!("{word}{white}{word}={other}{more}"),
        6 => format!("{white}{word}{white}={white}{other}{white}{more}"),
        _ => format!("{white}{word}{white}{more}"),
    };
    Case::read_back(Rule::P4, line)
}

pub(crate) fn size(shape: usize, rng: &mut Rng) -> Case {
    let all = [4095, 4096, 4097, 4098, 8192][shape % 5];
    let name = rng.pick(&[0, 1, 2, 255, 2048, 4000, 4094]);
    let filled = |length: usize, rng: &mut Rng| match rng.below(4) {
        // The limit applies to bytes, not to characters.
        0 => "é".repeat(length / 2) + &"x".repeat(length % 2),
        1 if length >= 2 => format!("\"{}\"", "v".repeat(length - 2)),
        _ => "v".repeat(length),
    };
    let value = filled(all - name, rng);
    let more = rng.attributes();
    let line = match (name, shape % 3) {
        (0, 0) => format!("{value}{more}"),
        (0, _) => format!("={value}{more}"),
        // White space that is trimmed does not count toward the limit.
        (name, 1) => format!("{} = {value} {more}", "n".repeat(name)),
        (name, _) => format!("{}={value}{more}; x={}", "n".repeat(name), "y".repeat(rng.below(50))),
    };
    Case::read_back(Rule::P5, line)
}

pub(crate) fn empty(shape: usize, rng: &mut Rng) -> Case {
    let start = [
        "", "=", " = ", "\t=\t", ";", "= ;", "\t", "=;;", "a=", "=a", "\"\"", "=\"\"", "==", "\u{a0}", "; =",
    ];
    let start = start[shape % start.len()];
    Case::read_back(Rule::P6, format!("{start}{}; x={}", rng.attributes(), rng.word()))
}
