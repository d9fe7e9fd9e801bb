use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Purpose, Record, StoreKey};
use hardtack_core::store::SessionStore;

use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::sample::{create, expiring, key, load, millis, noon, owned, owned_by_login, record, seconds};

/// The result for a missing record is `None`, not an error.
pub(crate) async fn an_unknown_key_has_no_record<S: SessionStore>(store: &S) -> Checked {
    ensure!(store.load(&key(1)).await?.is_none(), "an empty store contains a record");
    create(store, key(1), &record(b"{}")).await?;
    ensure!(store.load(&key(2)).await?.is_none(), "a record is also stored under another key");
    Ok(())
}

pub(crate) async fn a_created_record_comes_back<S: SessionStore>(store: &S) -> Checked {
    let mut written = owned_by_login("ada", 7, br#"{"a":1}"#)
        .label(Some("Firefox on Linux".into()))
        .last_seen(noon() - seconds(70));
    written.created_at = noon() - seconds(5000);
    let version = create(store, key(1), &written).await?;
    let loaded = load(store, key(1)).await?;
    ensure_eq!(loaded.record, written, "a record was changed by the store");
    ensure_eq!(
        loaded.version,
        version,
        "a record is loaded with a different version than it was created with"
    );
    ensure_eq!(load(store, key(1)).await?, loaded, "a record is different when loaded again");
    Ok(())
}

pub(crate) async fn data_of_any_size_comes_back<S: SessionStore>(store: &S) -> Checked {
    for (number, size) in [0, 1, 100, 4096, 70 * 1024].into_iter().enumerate() {
        let data: Vec<u8> = (0..size).map(|at| b'a' + (at % 26) as u8).collect();
        comes_back(store, number as u8, &record(&data)).await?;
    }
    Ok(())
}

pub(crate) async fn data_of_any_bytes_comes_back<S: SessionStore>(store: &S) -> Checked {
    let all: Vec<u8> = (0..=255).collect();
    let samples: [&[u8]; 6] =
        [&all, &[0], &[0, 0, 0], &[1; 33], &[255, 254], "\u{feff}é\u{1F36A}\r\n'\"\\".as_bytes()];
    for (number, data) in samples.into_iter().enumerate() {
        comes_back(store, number as u8, &record(data)).await?;
    }
    Ok(())
}

pub(crate) async fn owners_of_any_text_come_back<S: SessionStore>(store: &S) -> Checked {
    let long = "x".repeat(200);
    let names = ["", "7", "ada@example.com", "Zoë \u{1F36A} 日本", "'; --\t\"\\%_", " ", &long];
    for (number, name) in names.into_iter().enumerate() {
        comes_back(store, number as u8, &owned(name, b"{}")).await?;
    }
    Ok(())
}

pub(crate) async fn labels_of_any_text_come_back<S: SessionStore>(store: &S) -> Checked {
    let long = "x".repeat(200);
    let labels = ["", "the kitchen tablet", "Zoë \u{1F36A} 日本", "'; --\t\"\\%_", &long];
    for (number, label) in labels.into_iter().enumerate() {
        comes_back(store, number as u8, &record(b"{}").label(Some(label.into()))).await?;
    }
    Ok(())
}

pub(crate) async fn times_come_back_to_the_millisecond<S: SessionStore>(store: &S) -> Checked {
    let written = Record::new(Purpose::default(), *b"{}", noon() + millis(1))
        .last_seen(noon() + millis(22))
        .expires_at(noon() + millis(3_600_333))
        .deadline(noon() + millis(86_400_999));
    comes_back(store, 1, &written).await?;
    let finer = Duration::from_nanos(123_456_789);
    let written = Record::new(Purpose::default(), *b"{}", noon() + finer)
        .expires_at(noon() + seconds(1) + finer)
        .deadline(noon() + seconds(2) + finer);
    create(store, key(2), &written).await?;
    let loaded = load(store, key(2)).await?.record;
    let times = |record: &Record| [record.created_at, record.last_seen, record.expires_at, record.deadline];
    for (loaded, written) in times(&loaded).into_iter().zip(times(&written)) {
        ensure!(apart(loaded, written) < millis(1), "a time is off by a millisecond or more");
    }
    Ok(())
}

pub(crate) async fn times_far_in_the_future_come_back<S: SessionStore>(store: &S) -> Checked {
    let far = noon() + seconds(100 * 366 * 86_400);
    comes_back(store, 1, &record(b"{}").expires_at(far).deadline(far)).await
}

/// The caller decides whether a record has expired, by its own clock.
pub(crate) async fn an_expired_record_is_still_returned<S: SessionStore>(store: &S) -> Checked {
    let written = expiring(noon() + millis(1), b"{}");
    create(store, key(1), &written).await?;
    ensure_eq!(load(store, key(1)).await?.record, written, "a record was changed by the store");
    Ok(())
}

pub(crate) async fn keys_are_independent<S: SessionStore>(store: &S) -> Checked {
    let mut keys = vec![[0; 32], [255; 32]];
    for at in [0, 1, 15, 16, 31] {
        for bit in [1, 128] {
            let mut bytes = [0; 32];
            bytes[at] = bit;
            keys.push(bytes);
        }
    }
    for (number, bytes) in keys.iter().enumerate() {
        create(store, StoreKey::from_bytes(*bytes), &record(&[number as u8])).await?;
    }
    for (number, bytes) in keys.iter().enumerate() {
        let loaded = load(store, StoreKey::from_bytes(*bytes)).await?;
        ensure_eq!(*loaded.record.data, [number as u8], "a record is stored under another key");
    }
    Ok(())
}

async fn comes_back<S: SessionStore>(store: &S, number: u8, record: &Record) -> Result<(), Failure> {
    create(store, key(number), record).await?;
    let loaded = load(store, key(number)).await?.record;
    ensure!(loaded == *record, "a record was changed by the store");
    Ok(())
}

fn apart(one: SystemTime, other: SystemTime) -> Duration {
    one.duration_since(other).unwrap_or_else(|error| error.duration())
}
