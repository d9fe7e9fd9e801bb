use hardtack::protocol::Dictionary;
use hardtack_jar::{Advisor, Finding, Jar, RequestContext, Rule};
use serde_json::{Map, Value as Json, json};

use super::cookie_format::{Form, Signed};
use super::subject::Subject;
use super::tree;
use super::verification::{Genuine, Verdict};
use crate::arguments::{Handle, Moment};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{BAD, DIM, GOOD, HEAD, Output, WARN, findings, plain, styled};

/// The report on one cookie.
pub(super) struct Report {
    pub(super) subject: Subject,
    pub(super) form: Form,
    pub(super) verdict: Option<Verdict>,
    /// Findings about a `Set-Cookie` header.
    findings: Vec<Finding>,
    now: Moment,
}

/// The maximum number of characters of a payload that are shown.
const MAX_SHOWN: usize = 60;

impl Report {
    pub(super) fn new(
        subject: Subject,
        form: Form,
        verdict: Option<Verdict>,
        now: Moment,
    ) -> Result<Self, Failure> {
        let findings = match &subject.line {
            Some(line) => {
                let access = RequestContext::http(&subject.origin());
                let access = access.map_err(|error| Failure::caused(Exit::Unreadable, &error))?;
                Advisor::new(&Jar::new(), &access, now.0).line(line)
            }
            None => Vec::new(),
        };
        Ok(Self { subject, form, verdict, findings, now })
    }

    /// Returns whether browsers accept the cookie. Always true if it is not a `Set-Cookie` header.
    pub(super) fn is_kept(&self) -> bool {
        !self.findings.iter().any(|finding| matches!(finding.rule(), Rule::Refused(_)))
    }

    pub(super) fn print(&self, out: &mut Output) -> Result<(), Failure> {
        let name = self.subject.name.as_ref().map(|name| format!("{}: ", plain(name))).unwrap_or_default();
        out.line(format_args!("{}{}", styled(HEAD, name), self.kind()))?;
        if let Some(url) = &self.subject.url {
            row(out, "set by", url)?;
        }
        match &self.form {
            Form::Signed(signed) => self.print_signed(signed, out)?,
            Form::Sealed { bytes } => {
                row(
                    out,
                    "token",
                    format_args!("version 1, {bytes} bytes; timestamps and content are encrypted"),
                )?;
            }
            Form::Id(key) => {
                row(out, "id", "256 random bits, with no data of their own")?;
                row(
                    out,
                    "stored as",
                    format_args!("{}  {}", Handle::of(key), styled(DIM, "hardtack sessions show")),
                )?;
            }
            Form::Unknown => {
                row(out, "value", format_args!("{} bytes: {}", self.subject.value.len(), self.shown()))?;
            }
        }
        if let Some(verdict) = &self.verdict {
            self.print_verdict(verdict, out)?;
        }
        if self.subject.line.is_some() && self.findings.is_empty() {
            row(out, "browsers", styled(GOOD, "accept it; no findings"))?;
        }
        self.findings.iter().try_for_each(|finding| findings::print(finding, None, out))
    }

    fn kind(&self) -> &'static str {
        match self.form {
            Form::Signed(_) => "a signed session in Flask's format",
            Form::Sealed { .. } => "an encrypted session",
            Form::Id(_) => "the id of a session in a store",
            Form::Unknown => "not a session of hardtack or Flask",
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
        row(out, "signed", self.moment(signed.signed_at))?;
        let signature = match (signed.signature, signed.digest()) {
            (Some(bytes), Some(digest)) => format!("{bytes} bytes, the size of HMAC-{digest}"),
            (Some(bytes), None) => {
                styled(WARN, format!("{bytes} bytes, which matches no supported hash function"))
            }
            (None, _) => styled(BAD, "not valid base64"),
        };
        let verified =
            if self.verdict.is_none() { styled(DIM, "  not verified: add --key") } else { String::new() };
        row(out, "signature", signature + &verified)
    }

    fn print_verdict(&self, verdict: &Verdict, out: &mut Output) -> Result<(), Failure> {
        match verdict {
            Verdict::Genuine(genuine) => {
                if matches!(self.form, Form::Sealed { .. }) {
                    row(out, "created", self.moment(genuine.made_at))?;
                    if let Ok(dictionary) = Dictionary::parse(genuine.text.as_str()) {
                        row(out, "JSON", cut(dictionary.as_text()))?;
                        print_tree(&dictionary, out)?;
                    }
                }
                row(
                    out,
                    "verdict",
                    format_args!("{}, with {}", styled(GOOD, "genuine"), key_words(genuine)),
                )?;
                if let Some(end) = genuine.expires_at {
                    row(out, "expires", self.moment(end))?;
                }
                match genuine.deadline {
                    Some(end) => row(out, "deadline", self.moment(end)),
                    None => Ok(()),
                }
            }
            Verdict::Refused { sentence, key, .. } => {
                let key = key.as_ref().map(|key| format!(" (the key from {key})")).unwrap_or_default();
                row(out, "verdict", format_args!("{}: {sentence}{key}", styled(BAD, "refused")))
            }
        }
    }

    pub(super) fn json(&self) -> Json {
        let mut json = Map::new();
        json.insert("name".into(), json!(self.subject.name));
        let (kind, layers) = match &self.form {
            Form::Signed(signed) => ("signed", signed_json(signed)),
            Form::Sealed { bytes } => ("encrypted", json!({ "version": 1, "bytes": bytes })),
            Form::Id(key) => ("id", json!({ "handle": Handle::of(key).to_string() })),
            Form::Unknown => ("unknown", json!({ "bytes": self.subject.value.len() })),
        };
        json.insert("kind".into(), kind.into());
        json.insert("layers".into(), layers);
        json.insert("verdict".into(), self.verdict.as_ref().map_or(Json::Null, verdict_json));
        if self.subject.line.is_some() {
            json.insert("url".into(), json!(self.subject.origin()));
            json.insert("kept".into(), self.is_kept().into());
            json.insert("findings".into(), self.findings.iter().map(findings::json).collect());
        }
        Json::Object(json)
    }

    fn moment(&self, seconds: u64) -> String {
        match Moment::unix(seconds) {
            Some(moment) => format!("{} UTC, {}", moment.date(), moment.from(self.now.0)),
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

fn verdict_json(verdict: &Verdict) -> Json {
    match verdict {
        Verdict::Genuine(genuine) => json!({
            "genuine": true,
            "key": genuine.key,
            "current": genuine.place == 0,
            "made_at": genuine.made_at,
            "expires_at": genuine.expires_at,
            "deadline": genuine.deadline,
            "text": genuine.text,
            "session": Dictionary::parse(genuine.text.as_str()).ok().as_ref().map(tree::json),
        }),
        Verdict::Refused { reason, sentence, key } => {
            json!({ "genuine": false, "reason": reason, "sentence": sentence, "key": key })
        }
    }
}

fn key_words(genuine: &Genuine) -> String {
    match genuine.place {
        0 => format!("the current key ({})", genuine.key),
        place => format!("fallback {place} ({}); the next write uses the current key", genuine.key),
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
    let shown: String = text.chars().take(MAX_SHOWN).collect();
    if shown.len() < text.len() { shown + "…" } else { shown }
}
