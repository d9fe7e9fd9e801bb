use std::fmt;

use aes::Aes128;
use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit};
use cbc::cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The key with which a Chromium-based browser encrypts the values in its `Cookies` database.
///
/// ```
/// use hardtack_jar::{ChromiumKey, Import};
///
/// // A browser on Linux without a keyring.
/// let key = ChromiumKey::linux("peanuts");
/// let import = Import::new().chromium_key(&key);
/// ```
///
/// | system | password or key |
/// |---|---|
/// | Linux | the password "Chromium Safe Storage" from the desktop's keyring, or `peanuts` without a keyring |
/// | macOS | the password "Chromium Safe Storage" (or "Chrome Safe Storage") from the keychain |
/// | Windows | the 32 bytes of `os_crypt.encrypted_key` in the file `Local State`, decrypted with DPAPI |
///
/// Encrypted values that start with `v20` cannot be decrypted, because Chrome on Windows binds them to the program
/// itself.
///
/// # Security
///
/// Anyone who has the key can decrypt all of the browser's cookies. `Debug` does not show the key.
#[derive(Clone)]
pub struct ChromiumKey(CipherKey);

#[derive(Clone)]
enum CipherKey {
    Cbc([u8; 16]),
    Gcm([u8; 32]),
}

const SALT: &[u8] = b"saltysalt";
const LINUX_ROUNDS: u32 = 1;
const MAC_ROUNDS: u32 = 1_003;
/// The initialization vector, which is the same for all values.
const VECTOR: [u8; 16] = [b' '; 16];
const NONCE: usize = 12;

impl ChromiumKey {
    /// Creates the key of a browser on Linux, from the password in the desktop's keyring.
    pub fn linux(password: &str) -> Self {
        Self::derived(password, LINUX_ROUNDS)
    }

    /// Creates the key of a browser on macOS, from the password in the keychain.
    pub fn mac(password: &str) -> Self {
        Self::derived(password, MAC_ROUNDS)
    }

    /// Creates the key of a browser on Windows, from the decrypted bytes of `os_crypt.encrypted_key`.
    pub const fn windows(key: [u8; 32]) -> Self {
        Self(CipherKey::Gcm(key))
    }

    fn derived(password: &str, rounds: u32) -> Self {
        let mut key = [0; 16];
        pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), SALT, rounds, &mut key);
        Self(CipherKey::Cbc(key))
    }

    /// Decrypts a value. In newer versions of the database, a digest of the domain precedes each value, so that a value
    /// cannot be moved to another domain. `host_key` is the domain for these versions, and `None` for older ones.
    pub(super) fn open(&self, encrypted: &[u8], host_key: Option<&str>) -> Result<Vec<u8>, &'static str> {
        const WRONG: &str = "its value cannot be decrypted with this key";
        let text = match encrypted.split_at_checked(3) {
            Some((b"v10" | b"v11", text)) => text,
            Some((b"v20", _)) => return Err("only the browser itself can decrypt its value (`v20`)"),
            _ => return Err("its value is encrypted in an unknown format"),
        };
        let mut opened = match &self.0 {
            CipherKey::Cbc(key) => {
                let cipher = cbc::Decryptor::<Aes128>::new(key.into(), &VECTOR.into());
                cipher.decrypt_padded_vec::<Pkcs7>(text).map_err(|_| WRONG)?
            }
            CipherKey::Gcm(key) => {
                let (nonce, text) = text.split_at_checked(NONCE).ok_or(WRONG)?;
                let nonce = nonce.try_into().map_err(|_| WRONG)?;
                Aes256Gcm::new(key.into()).decrypt(nonce, text).map_err(|_| WRONG)?
            }
        };
        if let Some(host_key) = host_key {
            let digest = Sha256::digest(host_key.as_bytes());
            if !opened.starts_with(&digest) {
                return Err(WRONG);
            }
            opened.drain(..digest.len());
        }
        Ok(opened)
    }
}

impl fmt::Debug for ChromiumKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChromiumKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use cbc::cipher::BlockModeEncrypt;

    use super::*;

    fn sealed(password: &str, text: &[u8]) -> Vec<u8> {
        let mut key = [0; 16];
        pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), SALT, LINUX_ROUNDS, &mut key);
        let cipher = cbc::Encryptor::<Aes128>::new(&key.into(), &VECTOR.into());
        [b"v11", cipher.encrypt_padded_vec::<Pkcs7>(text).as_slice()].concat()
    }

    #[test]
    fn the_key_of_a_browser_without_a_keyring_is_the_known_one() {
        let CipherKey::Cbc(key) = ChromiumKey::linux("peanuts").0 else { panic!("a key of Linux") };
        let known =
            [0xfd, 0x62, 0x1f, 0xe5, 0xa2, 0xb4, 0x02, 0x53, 0x9d, 0xfa, 0x14, 0x7c, 0xa9, 0x27, 0x27, 0x78];
        assert_eq!(key, known);
    }

    #[test]
    fn a_value_opens_with_its_key_only() {
        let text = sealed("secret", b"a3fWa");
        assert_eq!(ChromiumKey::linux("secret").open(&text, None), Ok(b"a3fWa".to_vec()));
        for key in [ChromiumKey::linux("other"), ChromiumKey::mac("secret"), ChromiumKey::windows([7; 32])] {
            assert!(key.open(&text, None).is_err_and(|why| !why.contains("a3fWa")));
        }
    }

    #[test]
    fn a_value_that_was_moved_to_another_domain_does_not_open() {
        let digest = Sha256::digest(b".example.com");
        let key = ChromiumKey::linux("secret");
        let empty = sealed("secret", &digest);
        assert_eq!(key.open(&empty, Some(".example.com")), Ok(Vec::new()));
        let text = sealed("secret", &[digest.as_slice(), b"1"].concat());
        assert_eq!(key.open(&text, Some(".example.com")), Ok(b"1".to_vec()));
        assert!(key.open(&text, Some("example.com")).is_err());
        assert!(key.open(&sealed("secret", b"short"), Some(".example.com")).is_err());
    }

    #[test]
    fn unknown_encryption_is_reported() {
        let key = ChromiumKey::linux("secret");
        for text in [&b""[..], b"v1", b"v10", b"v10abc", b"v99abcdefghijklmnop", b"v20abcdefghijklmnop"] {
            assert!(key.open(text, None).is_err());
            assert!(ChromiumKey::windows([0; 32]).open(text, None).is_err());
        }
    }
}
