use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Stdout, Write};

use anstream::AutoStream;
use anstyle::AnsiColor;
use serde::Serialize;

use crate::failure::Failure;

/// A text style.
///
/// In a string, a style is a mark: one of Unicode's noncharacters. Marks become terminal sequences only when the string
/// is written. At the same time, every other character that would control the terminal is escaped, so untrusted text
/// cannot contain a terminal sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style(char);

/// The style of headings.
pub(crate) const HEAD: Style = Style('\u{fdd0}');
/// The style of positive results.
pub(crate) const GOOD: Style = Style('\u{fdd1}');
/// The style of errors.
pub(crate) const BAD: Style = Style('\u{fdd2}');
/// The style of warnings.
pub(crate) const WARN: Style = Style('\u{fdd3}');
/// The style of explanations.
pub(crate) const DIM: Style = Style('\u{fdd4}');
/// The mark that ends a style.
const END: char = '\u{fdd5}';

/// Whether a command prints text for people or JSON for programs.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct OutputArgs {
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Standard output. Colors depend on `--color`; by default, they are used only on a terminal.
pub(crate) struct Output {
    stream: AutoStream<Stdout>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { stream: AutoStream::auto(io::stdout()) }
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.stream, "{}", screened(&text.to_string()))?)
    }

    /// Writes bytes that may be meant for a file. They are written unchanged to a file or pipe; on a terminal, control
    /// characters are escaped.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        if stdout.is_terminal() {
            stdout.write_all(screened_lines(&String::from_utf8_lossy(bytes)).as_bytes())?;
        } else {
            stdout.write_all(bytes)?;
        }
        Ok(stdout.flush()?)
    }

    /// Writes a JSON value, formatted on several lines.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        Ok(writeln!(self.stream, "{}", escaped_json(&text))?)
    }

    /// Writes an element of a JSON array on one line, after a bracket or comma.
    pub(crate) fn json_line(&mut self, before: &str, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(value).map_err(io::Error::from)?;
        Ok(writeln!(self.stream, "{before}{}", escaped_json(&text))?)
    }
}

/// Writes a message to standard error, separate from the command's output.
pub(crate) fn note(text: impl Display) {
    // If standard error is closed, only this message is lost.
    let _ = writeln!(anstream::stderr(), "hardtack: {}", screened(&text.to_string()));
}

/// Prints clap's message about an invalid command line. The message may quote a cookie, so control characters are
/// escaped. Help and the version are written unchanged.
pub(crate) fn print_usage(error: &clap::Error) {
    let text = error.render().to_string();
    let screened = screened_lines(&text);
    // Nothing can be done if the output is closed.
    let _ = match &screened {
        Cow::Borrowed(_) => error.print(),
        Cow::Owned(screened) => write!(anstream::stderr(), "{screened}"),
    };
}

/// Returns text with the marks of a style. The output drops the style if it shows no colors.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{}{text}{END}", style.0)
}

/// Escapes the characters in untrusted text that would control a terminal, including line breaks. Call this function
/// before measuring or cutting off the text, because escaping changes its width.
pub(crate) fn plain(text: impl AsRef<[u8]>) -> String {
    let text = String::from_utf8_lossy(text.as_ref());
    escaped(&text, controls).into_owned()
}

/// Prepares a line for output: marks become terminal sequences, and characters that would control a terminal are
/// escaped.
fn screened(text: &str) -> String {
    let mut screened = String::with_capacity(text.len());
    for char in text.chars() {
        // Writing to a string cannot fail.
        let _ = match char {
            '\u{fdd0}' => write!(screened, "{}", anstyle::Style::new().bold()),
            '\u{fdd1}' => write!(screened, "{}", AnsiColor::Green.on_default()),
            '\u{fdd2}' => write!(screened, "{}", AnsiColor::Red.on_default().bold()),
            '\u{fdd3}' => write!(screened, "{}", AnsiColor::Yellow.on_default()),
            '\u{fdd4}' => write!(screened, "{}", anstyle::Style::new().dimmed()),
            END => write!(screened, "{}", anstyle::Reset),
            char if controls(char) => write!(screened, "{}", char.escape_unicode()),
            char => write!(screened, "{char}"),
        };
    }
    screened
}

/// Escapes the characters in unstyled text that would control a terminal, except line feeds and tabs.
fn screened_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |char| controls(char) && char != '\n' && char != '\t')
}

/// Escapes characters in JSON that would control a terminal. Outside of strings, the only control characters in JSON
/// are line feeds, which are kept.
fn escaped_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for char in json.chars() {
        if controls(char) && char != '\n' {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(char);
        }
    }
    escaped
}

fn escaped(text: &str, is_bad: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_bad) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        if is_bad(char) { escaped.extend(char.escape_unicode()) } else { escaped.push(char) }
    }
    Cow::Owned(escaped)
}

/// Returns whether a character controls a terminal, or how the text around it is displayed: control characters,
/// characters that change the direction of text, zero-width characters, and noncharacters.
fn controls(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{e0000}'..='\u{e007f}'
        )
        || u32::from(char) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn untrusted_text_does_not_control_the_terminal() {
        assert_eq!(plain("dark blue ä"), "dark blue ä");
        assert_eq!(plain("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\u{a}c");
        assert_eq!(plain(b"\xff"), "\u{fffd}");
        for char in
            ["\u{9b}", "\u{7f}", "\u{202e}", "\u{2066}", "\u{200b}", "\u{fdd2}", "\u{ffff}", "\u{e0041}"]
        {
            assert!(plain(char).is_ascii(), "{:?}", plain(char));
        }
    }

    #[test]
    fn only_own_styles_become_sequences() {
        let line = format!("{} {}", styled(BAD, "not\x1b[0m kept"), "\x1b]0;title\x07\u{9b}2J\r");
        let screened = screened(&line);
        let sequences: Vec<_> = screened.match_indices('\x1b').map(|(at, _)| &screened[at..at + 4]).collect();
        assert_eq!(sequences, ["\x1b[1m", "\x1b[31", "\x1b[0m"]);
        assert!(screened.ends_with(" \\u{1b}]0;title\\u{7}\\u{9b}2J\\u{d}"), "{screened:?}");
    }

    #[test]
    fn escaped_json_has_the_same_value() {
        let value = serde_json::json!({ "a\u{202e}": "\u{9b}2J\u{7f}\u{e0041}\u{1b}", "b": ["ä", "😀"] });
        let text = escaped_json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!text.contains(|char| controls(char) && char != '\n'), "{text:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert!(text.contains("😀"));
    }
}
