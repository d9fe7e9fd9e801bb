use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::path::Path;

use hardtack::{Key, KeyRing, SessionLayer, Stored, generate_secret, keys_from_env};
use hardtack_stores::{Engine, StoreUrl};

use super::options::Options;
use super::secret_file::SecretFile;
use crate::sessions::SessionLayers;

const DATA_FOLDER: &str = ".data";

/// The components of the tour, created from its options.
#[derive(Debug)]
pub struct Setup {
    /// The session layers.
    pub layers: SessionLayers,
    /// Notes to print for the person who starts the tour.
    pub notes: Vec<String>,
}

impl Setup {
    /// Opens the store and loads the keys.
    ///
    /// # Errors
    ///
    /// Returns an error if the store cannot be opened, if the key cannot be read or created, or if the settings
    /// contradict each other.
    pub async fn new(options: &Options) -> Result<Self, Box<dyn Error>> {
        let mut notes = Vec::new();
        let stored = open_stored_layer(&options.store, &mut notes).await?;
        let (keys, key_source) = keys(&mut notes)?;
        let layers = SessionLayers::new(options.backend, keys, stored)
            .with_key_source(key_source);
        let layers =
            if options.insecure_http { layers.insecure_http() } else { layers };
        notes.push(http_note(options.insecure_http).to_owned());
        Ok(Self { layers: layers.check()?, notes })
    }
}

fn http_note(insecure: bool) -> &'static str {
    if insecure {
        "The tour uses plain HTTP, and cookies are sent without Secure: anyone on the network can take over a session."
    } else {
        "The tour uses plain HTTP, for which browsers make an exception on localhost. Any other host needs HTTPS."
    }
}

async fn open_stored_layer(
    url: &StoreUrl,
    notes: &mut Vec<String>,
) -> Result<SessionLayer<Stored>, Box<dyn Error>> {
    if let Some(folder) = url.path().and_then(Path::parent) {
        create_private_folder(folder)?;
    }
    let store = url
        .open()
        .await
        .map_err(|error| format!("the store {url} cannot be opened: {error}"))?;
    notes.push(match (url.engine(), url.path()) {
        (Engine::Memory, _) => {
            "Stored sessions are in memory, and are lost when this program ends."
                .to_owned()
        }
        (_, Some(path)) => format!("Stored sessions are in {}.", path.display()),
        (_, None) => format!("Stored sessions are in {url}."),
    });
    Ok(SessionLayer::stored(store))
}

/// Returns the keys, and a phrase that says where they come from.
fn keys(notes: &mut Vec<String>) -> Result<(KeyRing, &'static str), Box<dyn Error>> {
    if env::var_os("SECRET_KEY").is_some() {
        notes.push(
            "The key for sessions in cookies is the one in SECRET_KEY.".to_owned(),
        );
        return Ok((keys_from_env()?, "the environment"));
    }
    Ok((
        KeyRing::new(load_or_create_key(Path::new(DATA_FOLDER), notes)?),
        "a file that only its owner can read",
    ))
}

/// Returns the key in a data folder. If there is none, creates one.
fn load_or_create_key(
    data: &Path,
    notes: &mut Vec<String>,
) -> Result<Key, Box<dyn Error>> {
    create_private_folder(data)?;
    let file = SecretFile::in_folder(data);
    let mut is_new = false;
    let secret = file.read_or_create(|| {
        is_new = true;
        generate_secret()
    });
    let secret = secret.map_err(|error| {
        format!("the key in {} cannot be read: {error}", file.path().display())
    })?;
    let verb = if is_new { "was created" } else { "is" };
    let path = file.path().display();
    notes.push(format!(
        "The key for sessions in cookies {verb} in {path}. Keep it secret."
    ));
    Ok(Key::new(secret)?)
}

/// Creates a folder that other users cannot read, if it does not exist yet.
fn create_private_folder(path: &Path) -> io::Result<()> {
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
    fn a_key_is_created_once_and_reported_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("deep").join("data");
        for sentence in ["cookies was created in", "cookies is in"] {
            let mut notes = Vec::new();
            load_or_create_key(&data, &mut notes).unwrap();
            assert!(notes[0].contains(sentence), "{notes:?}");
        }
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_opened_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            store: StoreUrl::sqlite(folder.path()).unwrap(),
            ..Options::default()
        };
        let error = Setup::new(&options).await.unwrap_err().to_string();
        assert!(error.contains(&folder.path().display().to_string()), "{error}");
    }
}
