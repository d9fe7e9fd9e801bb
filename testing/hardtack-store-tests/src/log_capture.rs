use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionListing, SessionStore, StoreError, Swap};
use tracing_subscriber::filter::LevelFilter;

/// A capture of everything that this process logs, at every level, through `tracing` and through the crate `log`.
#[derive(Debug, Clone, Default)]
pub struct LogCapture(Arc<Mutex<Vec<u8>>>);

const DATA: &[u8] = b"sesam-in-the-data-of-a-session";
const OWNER: &str = "sesam-in-the-name-of-an-owner";
const LABEL: &str = "sesam-in-the-label-of-a-session";

impl LogCapture {
    /// Starts capturing the log.
    ///
    /// # Panics
    ///
    /// Panics if another subscriber is already set. A test that calls this function must therefore be a separate
    /// program.
    #[must_use]
    pub fn begin() -> Self {
        let log = Self::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    }

    /// Returns the captured lines that contain all of the given words.
    #[must_use]
    pub fn lines_with(&self, words: &[&str]) -> Vec<String> {
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let log = String::from_utf8_lossy(&log);
        let lines = log.lines().filter(|line| words.iter().all(|word| line.contains(word)));
        lines.map(str::to_owned).collect()
    }

    /// Checks that a listing logs exactly once how many records it omitted, after `damage` made some records
    /// undecodable.
    ///
    /// # Errors
    ///
    /// Fails if the store fails, or if the records cannot be damaged.
    ///
    /// # Panics
    ///
    /// Panics if a listing does not log the number, or logs it more than once.
    pub async fn check_omission_is_logged<S: SessionListing, E>(
        &self,
        store: &S,
        mut damage: impl AsyncFnMut(&StoreKey) -> Result<(), E>,
    ) -> Result<(), Box<dyn std::error::Error>>
    where
        E: std::error::Error + 'static,
    {
        let record = record(SystemTime::now());
        for number in 1..=5 {
            let key = StoreKey::from_bytes([number; 32]);
            let _ = store.create(&key, &record).await?;
            if number % 2 == 0 {
                damage(&key).await?;
            }
        }
        let told = || self.lines_with(&["ERROR", "cannot be read", "count=2"]).len();
        store.owned_by(&record.purpose, &Owner::new(OWNER), None, 10).await?;
        assert_eq!(told(), 1);
        store.page(None, 10).await?;
        assert_eq!(told(), 2);
        Ok(())
    }

    /// Performs every operation of a store, and returns the log lines that contain a part of a record in any form.
    ///
    /// # Errors
    ///
    /// Fails if the store fails.
    pub async fn search<S: SessionStore>(&self, store: &S) -> Result<LogSearch, StoreError> {
        let key = StoreKey::from_bytes(std::array::from_fn(|at| 0xa0 | at as u8));
        let now = SystemTime::now();
        let (purpose, owner, record) = (Purpose::default(), Owner::new(OWNER), record(now));
        let lineage = record.lineage().copied();
        for _ in 0..2 {
            let Swap::Done(version) = store.create(&key, &record).await? else { continue };
            let Swap::Done(version) = store.replace(&key, version, &record).await? else { continue };
            store.touch(&key, version, now, now + Duration::from_secs(3601)).await?;
            store.load(&key).await?;
            store.owned_by(&purpose, &owner, None, 10).await?;
            store.sweep(now, 10).await?;
            store.delete(&key, version).await?;
            store.delete_owned_by(&purpose, &owner, lineage.as_ref()).await?;
        }
        let log = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let log = String::from_utf8_lossy(&log);
        let secrets = [DATA, OWNER.as_bytes(), LABEL.as_bytes(), key.as_bytes()];
        let forms: Vec<String> = secrets.into_iter().flat_map(forms).collect();
        let tells = |line: &&str| forms.iter().any(|form| line.contains(form));
        let lines = log.lines().count();
        Ok(LogSearch { lines, revealing: log.lines().filter(tells).map(str::to_owned).collect() })
    }
}

fn record(now: SystemTime) -> Record {
    Record::new(Purpose::default(), DATA, now)
        .login(Some(Login::new(Owner::new(OWNER), Lineage::from_random([0xb7; 16]))))
        .label(Some(LABEL.into()))
        .expires_at(now + Duration::from_secs(3600))
        .deadline(now + Duration::from_secs(7200))
}

/// The result of searching the log.
#[derive(Debug)]
pub struct LogSearch {
    /// The number of lines in the log.
    pub lines: usize,
    /// The lines that reveal a part of a record.
    pub revealing: Vec<String>,
}

/// Returns the forms in which a secret might be logged: its first eight bytes as numbers or as hexadecimal digits, and
/// the whole secret as text if it is valid UTF-8. The key in [`LogCapture::search`] is not valid UTF-8.
fn forms(secret: &[u8]) -> Vec<String> {
    let numbers: Vec<_> = secret.iter().take(8).map(u8::to_string).collect();
    let hex = |upper: bool| {
        let digits = |byte: &u8| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        secret.iter().take(8).map(digits).collect::<String>()
    };
    let mut forms = vec![numbers.join(", "), hex(false), hex(true)];
    forms.extend(std::str::from_utf8(secret).map(str::to_owned));
    forms
}

impl Write for LogCapture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
