use std::collections::HashMap;
use std::hint::black_box;

use base64_simd::{Out, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::AeadInOut;
use xaes_256_gcm::aead::inout::InOutBuf;

use crate::visit::SESSION;

/// Returns a function that does the minimum work of a memory store: it decodes an id, hashes it, and looks it up.
pub fn look_up() -> Box<dyn FnMut()> {
    let id: [u8; 32] = rand::random();
    let text = URL_SAFE_NO_PAD.encode_to_string(id);
    let store = HashMap::from([(*blake3::keyed_hash(&[0; 32], &id).as_bytes(), SESSION)]);
    Box::new(move || {
        let mut id = [0; 32];
        URL_SAFE_NO_PAD
            .decode(black_box(text.as_bytes()), Out::from_slice(&mut id))
            .expect("the value is base64url");
        black_box(store[blake3::keyed_hash(&[0; 32], &id).as_bytes()]);
    })
}

/// Returns a function that does the minimum work of reading a signed cookie.
pub fn verify() -> Box<dyn FnMut()> {
    let key = hmac_key();
    let cookie = sign(&key);
    Box::new(move || {
        black_box(verified(&key, black_box(&cookie)));
    })
}

/// Returns a function that does the minimum work of reading and writing a signed cookie.
pub fn verify_and_sign() -> Box<dyn FnMut()> {
    let key = hmac_key();
    let cookie = sign(&key);
    Box::new(move || {
        black_box(verified(&key, black_box(&cookie)));
        black_box(sign(&key));
    })
}

/// Returns a function that does the minimum work of reading an encrypted cookie.
pub fn open() -> Box<dyn FnMut()> {
    let cipher = Xaes256Gcm::new(&[7; 32].into());
    let token = seal(&cipher);
    Box::new(move || {
        black_box(opened(&cipher, black_box(&token)));
    })
}

/// Returns a function that does the minimum work of reading and writing an encrypted cookie.
pub fn open_and_seal() -> Box<dyn FnMut()> {
    let cipher = Xaes256Gcm::new(&[7; 32].into());
    let token = seal(&cipher);
    Box::new(move || {
        black_box(opened(&cipher, black_box(&token)));
        black_box(seal(&cipher));
    })
}

fn hmac_key() -> Hmac<Sha1> {
    Hmac::new_from_slice(&[7; 20]).expect("HMAC accepts keys of any length")
}

fn sign(key: &Hmac<Sha1>) -> String {
    let mut cookie = String::with_capacity(512);
    URL_SAFE_NO_PAD.encode_append(black_box(SESSION), &mut cookie);
    cookie.push_str(".ZVPxAA");
    let tag = key.clone().chain_update(&cookie).finalize().into_bytes();
    cookie.push('.');
    URL_SAFE_NO_PAD.encode_append(tag, &mut cookie);
    cookie
}

fn verified(key: &Hmac<Sha1>, cookie: &str) -> Vec<u8> {
    let (signed, tag) = cookie.rsplit_once('.').expect("the cookie is signed");
    let mut room = [0; 20];
    let tag =
        URL_SAFE_NO_PAD.decode(tag.as_bytes(), Out::from_slice(&mut room)).expect("the value is base64url");
    key.clone().chain_update(signed).verify_slice(tag).expect("the signature is right");
    let (payload, _) = signed.rsplit_once('.').expect("the cookie has a timestamp");
    URL_SAFE_NO_PAD.decode_to_vec(payload).expect("the value is base64url")
}

const NONCE: usize = 24;
const TAG: usize = 16;

fn seal(cipher: &Xaes256Gcm) -> String {
    let nonce: [u8; NONCE] = rand::random();
    let mut token = Vec::with_capacity(NONCE + SESSION.len() + TAG);
    token.extend_from_slice(&nonce);
    token.extend_from_slice(black_box(SESSION).as_bytes());
    let content = InOutBuf::from(&mut token[NONCE..]);
    let tag = cipher.encrypt_inout_detached(&nonce.into(), &[], content).expect("it is short");
    token.extend_from_slice(&tag);
    URL_SAFE_NO_PAD.encode_to_string(token)
}

fn opened(cipher: &Xaes256Gcm, token: &str) -> Vec<u8> {
    let mut token = URL_SAFE_NO_PAD.decode_to_vec(token).expect("the value is base64url");
    let (nonce, sealed) = token.split_first_chunk_mut::<NONCE>().expect("the cookie has a nonce");
    let (sealed, tag) = sealed.split_last_chunk_mut::<TAG>().expect("the cookie has a tag");
    cipher
        .decrypt_inout_detached((&*nonce).into(), &[], InOutBuf::from(sealed), (&*tag).into())
        .expect("the tag is right");
    token
}
