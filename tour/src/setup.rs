use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;

use hardtack::{Key, KeyRing, MemoryStore, SessionLayer, generate_secret, keys_from_env};
use hardtack_sqlite::SqliteStore;

use crate::kind::Kind;
use crate::options::{Options, Store};
use crate::secret::SecretFile;

const DATA: &str = ".data";

/// What the tour stands on, made of its options.
#[derive(Debug)]
pub struct Setup {
    /// Its sessions.
    pub sessions: SessionLayer,
    /// What the person who starts it should know, a sentence each.
    pub notes: Vec<String>,
}

impl Setup {
    /// Opens the store, or finds the keys.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened, or if there is no key and none can be made.
    pub async fn new(options: &Options) -> Result<Self, Box<dyn Error>> {
        let mut notes = Vec::new();
        let sessions = match options.kind {
            Kind::Signed => SessionLayer::signed(keys(&mut notes)?),
            Kind::Encrypted => SessionLayer::encrypted(keys(&mut notes)?),
            Kind::Stored => stored(&options.store, &mut notes).await?,
        };
        let sessions = if options.insecure_http { sessions.insecure_http() } else { sessions };
        Ok(Self { sessions: sessions.check()?, notes })
    }
}

async fn stored(store: &Store, notes: &mut Vec<String>) -> Result<SessionLayer, Box<dyn Error>> {
    match store {
        Store::Memory => {
            notes.push("Sessions lie in memory, and are gone when this program ends.".to_owned());
            Ok(SessionLayer::stored(MemoryStore::new()))
        }
        Store::Sqlite(path) => {
            if let Some(folder) = path.parent() {
                make_folder(folder)?;
            }
            let store = SqliteStore::open(path)
                .await
                .map_err(|error| format!("the database {} cannot be opened: {error}", path.display()))?;
            notes.push(format!("Sessions lie in {}.", path.display()));
            Ok(SessionLayer::stored(store))
        }
    }
}

fn keys(notes: &mut Vec<String>) -> Result<KeyRing, Box<dyn Error>> {
    notes.push("Sessions lie in their cookies.".to_owned());
    if env::var_os("SECRET_KEY").is_some() {
        notes.push("The key is SECRET_KEY's.".to_owned());
        return Ok(keys_from_env()?);
    }
    Ok(KeyRing::new(kept_key(Path::new(DATA), notes)?))
}

/// The key of a data folder, made when there is none.
fn kept_key(data: &Path, notes: &mut Vec<String>) -> Result<Key, Box<dyn Error>> {
    make_folder(data)?;
    let file = SecretFile::beside(data);
    let mut made = false;
    let secret = file.read_or_make(|| {
        made = true;
        generate_secret()
    });
    let secret =
        secret.map_err(|error| format!("the key in {} cannot be read: {error}", file.path().display()))?;
    let verb = if made { "has been made, and lies" } else { "lies" };
    notes.push(format!("The key {verb} in {}: keep it to yourself.", file.path().display()));
    Ok(Key::new(secret)?)
}

/// Makes a folder that others cannot look into, if it is not there yet.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    if path.as_os_str().is_empty() { Ok(()) } else { folder.create(path) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_said_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("deep").join("data");
        for sentence in ["The key has been made, and lies in", "The key lies in"] {
            let mut notes = Vec::new();
            kept_key(&data, &mut notes).unwrap();
            assert!(notes[0].starts_with(sentence), "{notes:?}");
        }
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_opened_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { store: Store::Sqlite(folder.path().to_owned()), ..Options::default() };
        let error = Setup::new(&options).await.unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
    }
}
