//! XAES-256-GCM as specified by C2SP: AES-256-GCM under a key that is derived from half of a 192-bit nonce.
//!
//! GCM uses AES only in the encryption direction, so only the key schedule for encryption is computed and wiped.

use std::mem::ManuallyDrop;

use aes::Aes256Enc;
use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::inout::InOutBuf;
use zeroize::Zeroizing;

/// The length of a nonce in bytes.
pub(super) const NONCE: usize = 24;

/// The length of a tag in bytes.
pub(super) const TAG: usize = 16;

/// A prepared key: everything that does not depend on the nonce is computed once.
pub(super) struct Xaes {
    aes: Aes256Enc,
    /// The subkey K1 of the specification, from CMAC (NIST SP 800-38B, section 6.1).
    subkey: Zeroizing<[u8; 16]>,
}

impl Xaes {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        let aes = Aes256Enc::new(key.into());
        let mut block = [0; 16];
        aes.encrypt_block((&mut block).into());
        let doubled = u128::from_be_bytes(block);
        let doubled = (doubled << 1) ^ ((doubled >> 127) * 0b1000_0111);
        Self { aes, subkey: Zeroizing::new(doubled.to_be_bytes()) }
    }

    /// Encrypts a plaintext in place. Returns `None` if it is longer than 64 GiB, the maximum of the cipher.
    pub(super) fn encrypt(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
    ) -> Option<[u8; TAG]> {
        let (cipher, nonce) = self.derive(nonce);
        let tag = cipher.encrypt_inout_detached(&nonce.into(), associated, InOutBuf::from(text)).ok()?;
        Some(tag.into())
    }

    /// Decrypts a ciphertext in place. If the tag does not match the ciphertext, nonce, and associated data, returns
    /// `None` and leaves the ciphertext unchanged.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; NONCE],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG],
    ) -> Option<()> {
        let (cipher, nonce) = self.derive(nonce);
        cipher.decrypt_inout_detached(&nonce.into(), associated, InOutBuf::from(text), tag.into()).ok()
    }

    /// Derives the cipher from the first half of a nonce, and returns it with the second half.
    ///
    /// Unlike the key from which it is derived, the cipher is not wiped: it encrypts or decrypts only one token, whose
    /// plaintext is in memory anyway.
    fn derive(&self, nonce: &[u8; NONCE]) -> (ManuallyDrop<AesGcm<Aes256Enc, U12>>, [u8; 12]) {
        let [a, b, c, d, e, f, g, h, i, j, k, l, rest @ ..] = *nonce;
        let subkey = u128::from_be_bytes(*self.subkey);
        let mut key = [0; 32];
        for (counter, half) in (1..).zip(key.as_chunks_mut().0) {
            let block = u128::from_be_bytes([0, counter, b'X', 0, a, b, c, d, e, f, g, h, i, j, k, l]);
            *half = (block ^ subkey).to_be_bytes();
            self.aes.encrypt_block(half.into());
        }
        (ManuallyDrop::new(AesGcm::from(Aes256Enc::new(&key.into()))), rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The specification's two test vectors, one for each value of the bit that is shifted out when the subkey
    /// is derived.
    #[test]
    fn tokens_are_those_of_the_specification() {
        let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
        for (key, associated, sealed) in [
            ([1; 32], &b""[..], "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
            ([3; 32], b"c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"),
        ] {
            let cipher = Xaes::new(&key);
            let mut text = *b"XAES-256-GCM";
            let tag = cipher.encrypt(nonce, associated, &mut text).unwrap();
            assert_eq!(hex(&text) + &hex(&tag), sealed);
            assert!(cipher.decrypt(nonce, b"other", &mut text, &tag).is_none());
            assert!(cipher.decrypt(nonce, associated, &mut text, &tag).is_some());
            assert_eq!(&text, b"XAES-256-GCM");
        }
    }

    /// An independent implementation writes the same tokens.
    #[test]
    fn another_implementation_agrees() {
        use xaes_256_gcm::Xaes256Gcm;
        use xaes_256_gcm::aead::{AeadInOut as _, KeyInit as _};

        for seed in 0..=255_u8 {
            let key = std::array::from_fn(|at| (at as u8).wrapping_mul(31) ^ seed);
            let nonce = std::array::from_fn(|at| (at as u8).wrapping_mul(77) ^ seed);
            let text: Vec<u8> = (0..usize::from(seed)).map(|at| at as u8).collect();
            let (mut ours, mut theirs) = (text.clone(), text);
            let tag = Xaes::new(&key).encrypt(&nonce, b"associated", &mut ours).unwrap();
            let theirs_tag = Xaes256Gcm::new(&key.into())
                .encrypt_inout_detached(&nonce.into(), b"associated", theirs.as_mut_slice().into())
                .unwrap();
            assert_eq!(ours, theirs);
            assert_eq!(tag, <[u8; TAG]>::from(theirs_tag));
        }
    }
}
