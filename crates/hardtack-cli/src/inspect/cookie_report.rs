use hardtack::protocol::Dictionary;
use hardtack_jar::{Advisor, Finding, Jar, RequestContext, Rule};
use serde_json::{Map, Value as Json, json};

use super::cookie_format::{CookieFormat, Signed};
use super::subject::Subject;
use super::tree;
use super::verification::{Verification, Verified};
use crate::arguments::{Handle, Timestamp};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, HEAD, Output, WARN, findings, plain, styled};

/// The report on one cookie.
pub(super) struct CookieReport {
    pub(super) subject: Subject,
    pub(super) format: CookieFormat,
    pub(super) verification: Option<Verification>,
    /// The findings about the `Set-Cookie` header, if the cookie comes from one.
    findings: Vec<Finding>,
    now: Timestamp,
}

/// The number of characters after which the report cuts off a payload, JSON, or an unknown value.
const MAX_SHOWN_CHARS: usize = 60;

impl CookieReport {
    pub(super) fn new(
        subject: Subject,
        format: CookieFormat,
        verification: Option<Verification>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let findings = match &subject.line {
            Some(line) => {
                let access = RequestContext::http(&subject.origin());
                let access = access.map_err(|error| Failure::caused(Exit::Unreadable, &error))?;
                Advisor::new(&Jar::new(), &access, now.0).line(line)
            }
            None => Vec::new(),
        };
        Ok(Self { subject, format, verification, findings, now })
    }

    /// Returns whether browsers accept the cookie. Always true for a cookie that does not come from a `Set-Cookie`
    /// header.
    pub(super) fn is_kept(&self) -> bool {
        !self.findings.iter().any(|finding| matches!(finding.rule(), Rule::Refused(_)))
    }

    pub(super) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let name = self.subject.name.as_ref().map(|name| format!("{}: ", plain(name))).unwrap_or_default();
        out.line(format_args!("{}{}", styled(HEAD, name), self.kind()))?;
        if let Some(url) = &self.subject.url {
            row(out, "set by", url)?;
        }
        match &self.format {
            CookieFormat::Signed(signed) => self.print_signed(signed, out)?,
            CookieFormat::Sealed { bytes } => {
                row(
                    out,
                    "token",
                    format_args!("version 1, {bytes} bytes; timestamps and content are encrypted"),
                )?;
            }
            CookieFormat::Id(key) => {
                row(out, "id", "256 random bits, with no data of their own")?;
                row(
                    out,
                    "stored as",
                    format_args!("{}  {}", Handle::of(key), styled(DIM, "hardtack sessions show")),
                )?;
            }
            CookieFormat::Unknown => {
                row(out, "value", format_args!("{} bytes: {}", self.subject.value.len(), self.shown()))?;
            }
        }
        if let Some(verification) = &self.verification {
            self.print_verification(verification, out)?;
        }
        if self.subject.line.is_some() && self.findings.is_empty() {
            row(out, "browsers", styled(GOOD, "accept it; no findings"))?;
        }
        self.findings.iter().try_for_each(|finding| findings::print(finding, None, out))
    }

    fn kind(&self) -> &'static str {
        match self.format {
            CookieFormat::Signed(_) => "a signed session in Flask's format",
            CookieFormat::Sealed { .. } => "an encrypted session",
            CookieFormat::Id(_) => "the id of a session in a store",
            CookieFormat::Unknown => "not a session of hardtack or Flask",
        }
    }

    fn print_signed(&self, signed: &Signed, out: &mut Output) -> Result<(), Failure> {
        let packed = match signed.packed {
            Some(bytes) => format!("base64: {} characters, {bytes} bytes decoded", signed.payload.len()),
            None => styled(BAD, "not valid base64"),
        };
        row(out, "payload", format_args!("{}  {}", cut(&signed.payload), styled(DIM, packed)))?;
        if signed.compressed {
            let inflated = match &signed.text {
                Ok(text) => format!("zlib, {} bytes", text.len()),
                Err(why) => styled(BAD, why),
            };
            row(out, "inflated", inflated)?;
        }
        match signed.dictionary() {
            Ok(dictionary) => {
                row(out, "JSON", cut(dictionary.as_text()))?;
                print_tree(&dictionary, out)?;
            }
            Err(why) => row(out, "JSON", styled(BAD, why))?,
        }
        row(out, "signed", self.timestamp(signed.signed_at))?;
        let signature = match (signed.signature, signed.digest()) {
            (Some(bytes), Some(digest)) => format!("{bytes} bytes, the size of HMAC-{digest}"),
            (Some(bytes), None) => {
                styled(WARN, format!("{bytes} bytes, which matches no supported hash function"))
            }
            (None, _) => styled(BAD, "not valid base64"),
        };
        let verified = if self.verification.is_none() {
            styled(DIM, "  not verified: add --key")
        } else {
            String::new()
        };
        row(out, "signature", signature + &verified)
    }

    fn print_verification(&self, verification: &Verification, out: &mut Output) -> Result<(), Failure> {
        match verification {
            Verification::Verified(verified) => {
                if matches!(self.format, CookieFormat::Sealed { .. }) {
                    row(out, "created", self.timestamp(verified.made_at))?;
                    if let Ok(dictionary) = Dictionary::parse(verified.text.as_str()) {
                        row(out, "JSON", cut(dictionary.as_text()))?;
                        print_tree(&dictionary, out)?;
                    }
                }
                row(
                    out,
                    "verdict",
                    format_args!("{}, with {}", styled(GOOD, "genuine"), key_words(verified)),
                )?;
                if let Some(end) = verified.expires_at {
                    row(out, "expires", self.timestamp(end))?;
                }
                match verified.deadline {
                    Some(end) => row(out, "deadline", self.timestamp(end)),
                    None => Ok(()),
                }
            }
            Verification::Rejected { message, key, .. } => {
                let key = key.as_ref().map(|key| format!(" (the key from {key})")).unwrap_or_default();
                row(out, "verdict", format_args!("{}: {message}{key}", styled(BAD, "rejected")))
            }
        }
    }

    pub(super) fn json(&self) -> Json {
        let mut json = Map::new();
        json.insert("name".into(), json!(self.subject.name));
        let (kind, layers) = match &self.format {
            CookieFormat::Signed(signed) => ("signed", signed_json(signed)),
            CookieFormat::Sealed { bytes } => ("encrypted", json!({ "version": 1, "bytes": bytes })),
            CookieFormat::Id(key) => ("id", json!({ "handle": Handle::of(key).to_string() })),
            CookieFormat::Unknown => ("unknown", json!({ "bytes": self.subject.value.len() })),
        };
        json.insert("kind".into(), kind.into());
        json.insert("layers".into(), layers);
        json.insert("verdict".into(), self.verification.as_ref().map_or(Json::Null, verification_json));
        if self.subject.line.is_some() {
            json.insert("url".into(), json!(self.subject.origin()));
            json.insert("kept".into(), self.is_kept().into());
            json.insert("findings".into(), self.findings.iter().map(findings::json).collect());
        }
        Json::Object(json)
    }

    fn timestamp(&self, seconds: u64) -> String {
        match Timestamp::unix(seconds) {
            Some(time) => format!("{} UTC, {}", time.date(), time.from(self.now.0)),
            None => "out of range".to_owned(),
        }
    }

    fn shown(&self) -> String {
        cut(&self.subject.value)
    }
}

fn signed_json(signed: &Signed) -> Json {
    let dictionary = signed.dictionary();
    json!({
        "payload": signed.payload,
        "compressed": signed.compressed,
        "bytes": signed.packed,
        "text": signed.text.as_ref().ok(),
        "session": dictionary.as_ref().ok().map(tree::json),
        "broken": dictionary.err(),
        "signed_at": signed.signed_at,
        "signature_bytes": signed.signature,
        "digest": signed.digest(),
    })
}

fn verification_json(verification: &Verification) -> Json {
    match verification {
        Verification::Verified(verified) => json!({
            "genuine": true,
            "key": verified.key,
            "current": verified.index == 0,
            "made_at": verified.made_at,
            "expires_at": verified.expires_at,
            "deadline": verified.deadline,
            "text": verified.text,
            "session": Dictionary::parse(verified.text.as_str()).ok().as_ref().map(tree::json),
        }),
        Verification::Rejected { reason, message, key } => {
            json!({ "genuine": false, "reason": reason, "message": message, "key": key })
        }
    }
}

fn key_words(verified: &Verified) -> String {
    match verified.index {
        0 => format!("the current key ({})", verified.key),
        index => format!("fallback {index} ({}); the next write uses the current key", verified.key),
    }
}

fn print_tree(dictionary: &Dictionary, out: &mut Output) -> Result<(), Failure> {
    for line in tree::lines(dictionary) {
        out.line(format_args!("           {line}"))?;
    }
    Ok(())
}

fn row(out: &mut Output, label: &str, text: impl std::fmt::Display) -> Result<(), Failure> {
    out.line(format_args!("  {label:<10} {text}"))
}

fn cut(text: &str) -> String {
    let text = plain(text);
    let shown: String = text.chars().take(MAX_SHOWN_CHARS).collect();
    if shown.len() < text.len() { shown + "…" } else { shown }
}
