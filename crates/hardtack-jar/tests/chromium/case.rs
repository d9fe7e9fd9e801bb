//! A test case: requests of a browser, and the cookies that the responses set.

use std::fmt;

pub(crate) const HERE: &str = "https://shop.example.test/dir/page";
pub(crate) const PLAIN: &str = "http://shop.example.test/dir/page";

/// The rules that the cases test. Rules with P are about parsing a line, and rules with S about storing the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[rustfmt::skip]
pub(crate) enum Rule {
    P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14,
    S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15,
}

impl Rule {
    #[rustfmt::skip]
    pub(crate) const ALL: [Self; 29] = {
        use Rule::*;
        [
            P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14,
            S1, S2, S3, S4, S5, S6, S7, S8, S9, S10, S11, S12, S13, S14, S15,
        ]
    };
}

/// A sequence of requests by a browser that starts without cookies.
#[derive(Clone, PartialEq)]
pub(crate) struct Case {
    pub(crate) rule: Rule,
    pub(crate) steps: Vec<Step>,
}

/// A request, or a script that runs in a page.
#[derive(Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) way: Way,
    pub(crate) url: String,
    /// The line that the response or the script sets.
    pub(crate) line: Option<Vec<u8>>,
    /// More lines that the same response sets after `line`.
    pub(crate) more: Vec<Vec<u8>>,
    pub(crate) status: u16,
    /// The `Date` of the response, in seconds since 1970, or `None` if the response does not contain a `Date`.
    pub(crate) date: Option<i64>,
    /// Whether the jar first removes the cookie that the line replaces. `theirs.rs` ignores this field.
    pub(crate) afresh: bool,
}

/// DifferenceKind a browser gets to the URL of a step. The fields are the URLs of the pages that lead to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Way {
    /// The user types the URL.
    Typed,
    /// The user follows a link.
    Linked { from: String },
    /// The user submits a form with `POST`.
    Sent { from: String },
    /// The page in the tab calls `fetch`.
    Fetched { top: String },
    /// The page in the tab contains the URL in a frame.
    Framed { top: String },
    /// A frame in the page contains the URL in another frame.
    Nested { top: String, middle: String },
    /// A script in the page itself accesses `document.cookie`.
    Script,
    /// A script in a frame accesses `document.cookie`.
    FramedScript { top: String },
}

impl Case {
    pub(crate) fn new(rule: Rule, steps: impl Into<Vec<Step>>) -> Self {
        Self { rule, steps: steps.into() }
    }

    /// Creates a case of two requests. The response to the first sets the line, and the second shows the resulting
    /// cookie.
    pub(crate) fn read_back(rule: Rule, line: impl Into<Vec<u8>>) -> Self {
        Self::new(rule, [Step::fetched(HERE).sets(line), Step::fetched(HERE)])
    }

    /// Returns the line that the case tests, which is the last one.
    pub(crate) fn line(&self) -> &[u8] {
        self.steps.iter().rev().find_map(|step| step.line.as_deref()).unwrap_or_default()
    }

    /// Returns the case with changed lines, or `None` if no line changes.
    pub(crate) fn with_lines(&self, change: impl Fn(&Step, &[u8]) -> Option<Vec<u8>>) -> Option<Self> {
        let mut changed = self.clone();
        for step in &mut changed.steps {
            if let Some(line) = step.line.take() {
                step.line = Some(change(step, &line).unwrap_or(line));
            }
        }
        (changed != *self).then_some(changed)
    }
}

impl Step {
    /// Creates a `fetch` by a page with the same origin.
    pub(crate) fn fetched(url: &str) -> Self {
        let top = url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/") + "/";
        Self::by(Way::Fetched { top }, url)
    }

    pub(crate) fn typed(url: &str) -> Self {
        Self::by(Way::Typed, url)
    }

    pub(crate) fn script(url: &str) -> Self {
        Self::by(Way::Script, url)
    }

    pub(crate) fn by(way: Way, url: &str) -> Self {
        Self {
            way,
            url: url.to_owned(),
            line: None,
            more: Vec::new(),
            status: 200,
            date: None,
            afresh: false,
        }
    }

    pub(crate) fn sets(mut self, line: impl Into<Vec<u8>>) -> Self {
        self.line = Some(line.into());
        self
    }

    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn sets_too(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.more.extend(lines.into_iter().map(String::into_bytes));
        self
    }

    /// Sets the `Date` of the response.
    pub(crate) fn at(mut self, date: i64) -> Self {
        self.date = Some(date);
        self
    }

    pub(crate) fn is_script(&self) -> bool {
        matches!(self.way, Way::Script | Way::FramedScript { .. })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.rule)?;
        for Step { way, url, line, more, status, date, .. } in &self.steps {
            write!(f, "\n    {way:?} {url}")?;
            if *status != 200 {
                write!(f, " {status}")?;
            }
            if !more.is_empty() {
                write!(f, " and {} more", more.len())?;
            }
            if let Some(date) = date {
                write!(f, " at {date}")?;
            }
            if let Some(line) = line {
                write!(f, " \"{}\"", line.escape_ascii())?;
            }
        }
        Ok(())
    }
}
