use hardtack_core::store::{SessionStore, Swap};

use crate::executor::run_concurrently;
use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::sample::{create, end_all, key, listed, load, noon, owned, record, seconds};

const RACERS: u8 = 25;

pub(crate) async fn one_of_many_creates_wins<S: SessionStore>(store: &S) -> Checked {
    let race = run_concurrently(
        (0..RACERS).map(|number| async move { store.create(&key(1), &record(&[number])).await }),
    );
    let winner = only_winner(race.await)?;
    ensure_eq!(*load(store, key(1)).await?.record.data, [winner], "the winner's record");
    Ok(())
}

pub(crate) async fn one_of_many_replacements_wins<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &record(b"start")).await?;
    let race = run_concurrently(
        (0..RACERS).map(|number| async move { store.replace(&key(1), version, &record(&[number])).await }),
    );
    let winner = only_winner(race.await)?;
    ensure_eq!(*load(store, key(1)).await?.record.data, [winner], "the winner's record");
    Ok(())
}

pub(crate) async fn one_of_many_deletes_wins<S: SessionStore>(store: &S) -> Checked {
    let version = create(store, key(1), &record(b"{}")).await?;
    let race = run_concurrently((0..RACERS).map(|_| async move { store.delete(&key(1), version).await }));
    let deleted: Vec<bool> = race.await.into_iter().collect::<Result<_, _>>()?;
    ensure_eq!(deleted.iter().filter(|won| **won).count(), 1, "how many callers deleted one record");
    Ok(())
}

/// When several tasks increment a counter concurrently by compare-and-swap, no increment is lost.
pub(crate) async fn no_increment_is_lost<S: SessionStore>(store: &S) -> Checked {
    create(store, key(1), &record(&[0])).await?;
    let race = run_concurrently((0..RACERS).map(|_| async move {
        loop {
            let stored = load(store, key(1)).await?;
            let next = record(&[stored.record.data[0] + 1]);
            if let Swap::Done(_) = store.replace(&key(1), stored.version, &next).await? {
                return Ok::<(), Failure>(());
            }
        }
    }));
    race.await.into_iter().collect::<Result<(), _>>()?;
    ensure_eq!(*load(store, key(1)).await?.record.data, [RACERS], "the count");
    Ok(())
}

pub(crate) async fn writers_of_different_keys_do_not_interfere<S: SessionStore>(store: &S) -> Checked {
    let race = run_concurrently((0..RACERS).map(|number| async move {
        let mut version = create(store, key(number), &owned("ada", &[0])).await?;
        for round in 1..10 {
            version =
                crate::sample::replace(store, key(number), version, &owned("ada", &[number, round])).await?;
        }
        Ok::<(), Failure>(())
    }));
    race.await.into_iter().collect::<Result<(), _>>()?;
    for number in 0..RACERS {
        ensure_eq!(*load(store, key(number)).await?.record.data, [number, 9], "the last write");
    }
    ensure_eq!(listed(store, "ada").await?.len(), usize::from(RACERS), "how many records an owner has");
    Ok(())
}

/// After concurrent calls that replace, delete, revoke, and sweep a record, it is listed if and only if it exists.
pub(crate) async fn a_removed_record_is_not_listed<S: SessionStore>(store: &S) -> Checked {
    for round in 0..20_u8 {
        let version = create(store, key(round), &owned("ada", b"{}")).await?;
        let race = run_concurrently((0..4).map(|part| async move {
            match part {
                0 => store.replace(&key(round), version, &owned("ada", b"newer")).await.map(drop),
                1 => store.delete(&key(round), version).await.map(drop),
                2 => store.sweep(noon() + seconds(7200), 9).await.map(drop),
                _ => end_all(store, "ada").await.map(drop),
            }
        }));
        race.await.into_iter().collect::<Result<(), _>>()?;
        let there = store.load(&key(round)).await?.is_some();
        let is_listed = !listed(store, "ada").await?.is_empty();
        ensure_eq!(there, is_listed, "whether a record is listed, and whether it exists");
        end_all(store, "ada").await?;
        ensure!(store.load(&key(round)).await?.is_none(), "an owner's record is still there");
    }
    Ok(())
}

fn only_winner(race: Vec<Result<Swap, hardtack_core::store::StoreError>>) -> Result<u8, Failure> {
    let mut winners = Vec::new();
    for (number, swap) in race.into_iter().enumerate() {
        if let Swap::Done(_) = swap? {
            winners.push(number as u8);
        }
    }
    match *winners {
        [winner] => Ok(winner),
        _ => Err(Failure::new(format_args!("{} of {RACERS} won a race for one record", winners.len()))),
    }
}
