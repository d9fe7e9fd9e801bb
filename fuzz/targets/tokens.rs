//! Reads signed and encrypted sessions from values that anyone can send, and from values that only a holder of the key
//! can create.
//!
//! The first byte of the input selects what the rest of it contains.

#![no_main]

use hardtack_core::base64;
use hardtack_core::crypto::{Compression, Key, KeyRing, Sealer, Signer, Signing, Times};
use hardtack_core::protocol::{Dictionary, Purpose};
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use sha1::Sha1;

const SECRET: &str = "a secret of more than sixteen bytes";
const NOW: u64 = 1_700_000_000;

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    let keys = KeyRing::new(Key::new(SECRET).expect("a key"));
    let signer = Signer::new(&keys, &Signing::flask().inflate_limit(1 << 16));
    let sealer = Sealer::new(&keys, &Purpose::default());
    match choice % 4 {
        0 => {
            assert!(signer.verify(rest, NOW, None).is_err(), "a stranger's");
            assert!(sealer.open(rest, NOW).is_err(), "a stranger's");
            let _ = (signer.key_position(rest), sealer.key_position(rest));
        }
        1 => {
            if let Ok(verified) = signer.verify(&signed(rest), NOW, Some(1_000_000_000)) {
                assert!(verified.payload.len() <= 1 << 16);
                let _ = Dictionary::parse(verified.payload);
            }
        }
        2 => signed_and_read(&signer, rest),
        _ => sealed_and_read(&sealer, rest),
    }
});

/// Returns a token with any content, signed as Flask signs sessions.
fn signed(value: &[u8]) -> Vec<u8> {
    let tag = |key: &[u8], message: &[u8]| {
        let mac = Hmac::<Sha1>::new_from_slice(key).expect("a key of any length");
        mac.chain_update(message).finalize().into_bytes()
    };
    let signature = tag(&tag(SECRET.as_bytes(), b"cookie-session"), value);
    [value, b".", base64::encode_url(&signature).as_bytes()].concat()
}

fn signed_and_read(signer: &Signer, data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for compression in [Compression::Never, Compression::AsFlask] {
        let cookie = signer.sign(&text, NOW, compression);
        let verified = signer.verify(cookie.as_bytes(), NOW, Some(0)).expect("its own");
        assert_eq!((&*verified.payload, verified.signed_at), (&*text, NOW));
    }
}

fn sealed_and_read(sealer: &Sealer, data: &[u8]) {
    let [place, change, data @ ..] = data else { return };
    let text = String::from_utf8_lossy(data);
    let times = Times::new(NOW).expires_at(NOW + 60).deadline(NOW + 60);
    let mut token = sealer.seal(&text, times, [7; 24]).into_bytes();
    let opened = sealer.open(&token, NOW).expect("its own");
    assert_eq!((&*opened.payload, opened.times), (&*text, times));
    assert!(sealer.open(&token, NOW + 60).is_err(), "it has expired");
    let place = usize::from(*place) % token.len();
    if *change != 0 {
        token[place] ^= change;
        assert!(sealer.open(&token, NOW).is_err(), "it was changed");
    }
}
