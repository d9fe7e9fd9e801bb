use std::fmt::Display;
use std::io::{self, Stdout, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::failure::Failure;

/// A heading.
pub(crate) const HEAD: Style = Style::new().bold();
/// What is as it should be.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// What is not.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
/// What wants a look.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default();
/// What explains the rest.
pub(crate) const DIM: Style = Style::new().dimmed();

/// Whether a command answers people or programs.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Form {
    /// Print JSON, for programs
    #[arg(long)]
    pub(crate) json: bool,
}

/// Standard output, with colours where it is a terminal.
pub(crate) struct Output {
    stream: AutoStream<Stdout>,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { stream: AutoStream::auto(io::stdout()) }
    }

    /// Writes one line.
    pub(crate) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.stream, "{text}")?)
    }

    /// Writes a text as it is.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        // What comes from others is not searched for colours.
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Writes one JSON value, over several lines.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut text = serde_json::to_vec_pretty(value).map_err(io::Error::from)?;
        text.push(b'\n');
        self.bytes(&text)
    }
}

/// Says something beside the outcome, to standard error.
pub(crate) fn note(text: impl Display) {
    // If nobody listens there, nothing is lost but the note.
    let _ = writeln!(anstream::stderr(), "hardtack: {text}");
}

/// A text in a style, which standard output drops where it shows no colours.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A text of others on one line, without what would steer a terminal.
pub(crate) fn plain(text: impl AsRef<[u8]>) -> String {
    let text = String::from_utf8_lossy(text.as_ref());
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if char.is_control() { plain.extend(char.escape_unicode()) } else { plain.push(char) }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_others_steers_a_terminal() {
        assert_eq!(plain("dark blue ä"), "dark blue ä");
        assert_eq!(plain("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\u{a}c");
        assert_eq!(plain(b"\xff"), "\u{fffd}");
    }
}
