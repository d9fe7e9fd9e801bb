//! Tests that the library and `inspect` read the cookies that `sign` and `seal` create.

use hardtack::crypto::{Sealer, Signer};
use hardtack::protocol::Purpose;
use hardtack::{Digest, Key, KeyDerivation, KeyRing, Signing};

use crate::fixture::{OLD_SECRET, SECRET};
use crate::program::{finish, hardtack, run};

const NOW: u64 = 1_700_000_000;
const DIGESTS: [(&str, Digest); 4] = [
    ("sha1", Digest::Sha1),
    ("sha256", Digest::Sha256),
    ("sha384", Digest::Sha384),
    ("sha512", Digest::Sha512),
];
const DERIVATIONS: [(&str, KeyDerivation); 4] = [
    ("hmac", KeyDerivation::Hmac),
    ("concat", KeyDerivation::Concat),
    ("django-concat", KeyDerivation::DjangoConcat),
    ("none", KeyDerivation::None),
];

fn keys(secret: &str) -> KeyRing {
    KeyRing::new(Key::new(secret).expect("a long secret"))
}

/// Creates a cookie with `sign` or `seal`, from JSON on standard input. The time of creation is [`NOW`].
fn make(verb: &str, arguments: &[&str], json: &str) -> String {
    let mut command = hardtack();
    command.args([verb, "--at", "1700000000"]).args(arguments).env("SECRET_KEY", SECRET);
    let outcome = finish(&mut command, json.as_bytes());
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    outcome.stdout.trim_end().to_owned()
}

#[test]
fn the_library_reads_each_digest_and_derivation() {
    for (digest_name, digest) in DIGESTS {
        for (derivation_name, derivation) in DERIVATIONS {
            let settings = ["--salt", "s", "--digest", digest_name, "--key-derivation", derivation_name];
            let cookie = make("sign", &settings, r#"{"b": {" t": [1]}, "a": "ä"}"#);
            let signing = Signing::flask().salt("s").digest(digest).key_derivation(derivation);
            let verified = Signer::new(&keys(SECRET), &signing)
                .verify(cookie.as_bytes(), NOW, Some(0))
                .expect("genuine");
            assert_eq!(verified.payload, r#"{"a":"\u00e4","b":{" t":[1]}}"#);

            let mut inspect = hardtack();
            inspect.args(["inspect", "--key", "env", "--at", "1700000001", "--json", "-"]).args(settings);
            let outcome = finish(inspect.env("SECRET_KEY", SECRET), cookie.as_bytes());
            assert_eq!(outcome.json()[0]["verdict"]["genuine"], true, "{outcome:?}");
        }
    }
}

#[test]
fn compression_and_permanence_can_be_set() {
    let long = format!(r#"{{"a": "{}"}}"#, "x".repeat(200));
    assert!(!make("sign", &[], &long).starts_with('.'));
    assert!(make("sign", &["--compression", "flask"], &long).starts_with('.'));
    let very_long = format!(r#"{{"a": "{}"}}"#, "x".repeat(2000));
    assert!(make("sign", &["--compression", "pays"], &very_long).starts_with('.'));
    assert!(!make("sign", &["--compression", "never"], &very_long).starts_with('.'));
    let cookie = make("sign", &["--permanent"], "{}");
    let verified = Signer::new(&keys(SECRET), &Signing::flask()).verify(cookie.as_bytes(), NOW, None);
    assert_eq!(verified.expect("genuine").payload, r#"{"_permanent":true}"#);
}

#[test]
fn a30_the_library_opens_a_sealed_session_only_for_its_purpose() {
    let cookie = make("seal", &["--purpose", "mine", "--max-age", "1h", "--absolute", "30m"], r#"{"a": 1}"#);
    let open = |purpose: &str, secret: &str, now| {
        let purpose = Purpose::new(purpose).expect("a short text is a purpose");
        Sealer::new(&keys(secret), &purpose).open(cookie.as_bytes(), now).map(|opened| opened.payload)
    };
    assert_eq!(open("mine", SECRET, NOW).as_deref(), Ok(r#"{"a":1}"#));
    assert!(open("mine", SECRET, NOW + 1800).is_err(), "the deadline comes first");
    assert!(open("other", SECRET, NOW).is_err() && open("mine", OLD_SECRET, NOW).is_err());
    assert_ne!(cookie, make("seal", &["--purpose", "mine"], r#"{"a": 1}"#), "each cookie has its own nonce");
}

#[test]
fn inspect_reports_why_a_sealed_session_is_rejected() {
    let usual = make("seal", &[], r#"{"a": 1}"#);
    let mine = make("seal", &["--purpose", "mine"], r#"{"a": 1}"#);
    let inspect = |cookie: &str, secret: &str, more: &[&str]| {
        let mut command = hardtack();
        command.args(["inspect", "--json", "--key", "env", "-"]).args(more).env("SECRET_KEY", secret);
        let outcome = finish(&mut command, cookie.as_bytes());
        let json = outcome.json();
        (outcome.code, json[0]["verdict"]["reason"].as_str().unwrap_or("genuine").to_owned())
    };
    let soon = ["--at", "1700000001"];
    let named = ["--at", "1700000001", "--purpose", "mine"];
    assert_eq!(inspect(&usual, SECRET, &soon), (Some(0), "genuine".to_owned()));
    assert_eq!(inspect(&mine, SECRET, &named), (Some(0), "genuine".to_owned()));
    assert_eq!(inspect(&format!("mine={mine}"), SECRET, &named), (Some(0), "genuine".to_owned()));
    assert_eq!(inspect(&usual, SECRET, &named), (Some(1), "purpose".to_owned()));
    assert_eq!(inspect(&mine, SECRET, &soon), (Some(1), "signature".to_owned()));
    assert_eq!(inspect(&usual, OLD_SECRET, &soon), (Some(1), "signature".to_owned()));
    assert_eq!(inspect(&usual, SECRET, &["--at", "1700086400"]), (Some(1), "expired".to_owned()));
    assert_eq!(inspect(&usual, SECRET, &["--at", "1699990000"]), (Some(1), "future".to_owned()));
}

#[test]
fn keys_of_keygen_work_and_differ() {
    let secret = run(["keygen"]).stdout;
    assert_eq!(secret.trim_end().len(), 43);
    assert!(Key::new(secret.trim_end()).is_ok());
    assert_ne!(secret, run(["keygen"]).stdout);
    let outcome = finish(hardtack().args(["sign", "/dev/null", "--key", "-"]), secret.as_bytes());
    assert_eq!(outcome.code, Some(5), "an empty file is not a session: {outcome:?}");
}
