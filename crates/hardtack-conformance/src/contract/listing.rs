use std::collections::BTreeSet;

use hardtack_core::protocol::{Content, ContentKind, StoreKey};
use hardtack_core::store::{Cursor, Listed, Page, SessionListing, Summary, revoke};

use crate::executor::run_concurrently;
use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::sample::{
    create, expiring, key, load, millis, noon, other_purpose, owned, record, replace, seconds,
};

/// A number of pages that no listing in these cases can reach.
const MAX_PAGES: usize = 10_000;

/// Returns the records of all pages in order, and runs a callback after each page.
async fn pages<S: SessionListing>(
    store: &S,
    at_most: usize,
    mut meanwhile: impl AsyncFnMut(&Page) -> Checked,
) -> Result<Vec<Listed>, Failure> {
    let (mut listed, mut next) = (Vec::new(), None);
    for _ in 0..MAX_PAGES {
        let page = store.page(next.as_ref(), at_most).await?;
        ensure!(page.records.len() <= at_most.max(1), "a page has more records than requested");
        meanwhile(&page).await?;
        listed.extend(page.records);
        next = page.next;
        if next.is_none() {
            return Ok(listed);
        }
    }
    Err(Failure::new("the pages of a small store do not end"))
}

async fn all<S: SessionListing>(store: &S, at_most: usize) -> Result<Vec<Listed>, Failure> {
    pages(store, at_most, async |_: &Page| Ok(())).await
}

fn keys(listed: &[Listed]) -> BTreeSet<StoreKey> {
    listed.iter().map(|listed| listed.summary.key).collect()
}

/// Returns the listing entry for one record. A store may list a record twice; the entries must then be equal.
fn only<'a>(listed: &'a [Listed], key: &StoreKey) -> Result<&'a Listed, Failure> {
    let mut found = listed.iter().filter(|listed| listed.summary.key == *key);
    let first = found.next().ok_or_else(|| Failure::new("a record is on no page"))?;
    ensure!(found.all(|other| other == first), "an unknown record is listed twice with different contents");
    Ok(first)
}

async fn fill<S: SessionListing>(store: &S, numbers: std::ops::Range<u8>) -> Checked {
    for number in numbers {
        create(store, key(number), &record(b"{}")).await?;
    }
    Ok(())
}

pub(crate) async fn an_empty_store_has_no_records_on_any_page<S: SessionListing>(store: &S) -> Checked {
    ensure!(all(store, 10).await?.is_empty(), "an empty store lists a record");
    let version = create(store, key(1), &record(b"{}")).await?;
    store.delete(&key(1), version).await?;
    ensure!(all(store, 10).await?.is_empty(), "a deleted record is listed");
    Ok(())
}

pub(crate) async fn every_record_is_on_a_page<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..200).await?;
    let expected: BTreeSet<StoreKey> = (0..200).map(key).collect();
    for at_most in [1, 7, 100, 200, 1000] {
        ensure_eq!(keys(&all(store, at_most).await?), expected, "the keys on pages of {at_most}");
    }
    Ok(())
}

pub(crate) async fn the_first_and_the_last_key_are_on_a_page<S: SessionListing>(store: &S) -> Checked {
    let mut expected = BTreeSet::from([key(0), key(255)]);
    for (position, byte) in [(0, 1), (31, 1), (31, 255), (15, 128)] {
        let mut bytes = [0; StoreKey::LEN];
        bytes[position] = byte;
        expected.insert(StoreKey::from_bytes(bytes));
    }
    for key in &expected {
        create(store, *key, &record(b"{}")).await?;
    }
    for at_most in [1, 2, 10] {
        ensure_eq!(keys(&all(store, at_most).await?), expected, "the keys on pages of {at_most}");
    }
    Ok(())
}

pub(crate) async fn a_page_has_no_more_than_was_asked_for<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..50).await?;
    for at_most in [0, 1, 3, 49, 50, 51] {
        let mut next = None;
        for _ in 0..MAX_PAGES {
            let page = store.page(next.as_ref(), at_most).await?;
            let count = page.records.len();
            ensure!(count <= at_most.max(1), "{count} records on a page where {at_most} were requested");
            next = page.next;
            if next.is_none() {
                break;
            }
        }
        ensure!(next.is_none(), "the pages of a small store do not end");
    }
    Ok(())
}

pub(crate) async fn a_page_is_limited<S: SessionListing>(store: &S) -> Checked {
    let many = Page::MAX_SIZE + 200;
    let keys_of_many: Vec<StoreKey> = (0..many)
        .map(|number| {
            let mut bytes = [7; StoreKey::LEN];
            bytes[..8].copy_from_slice(&(number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
            StoreKey::from_bytes(bytes)
        })
        .collect();
    let record = record(b"{}");
    for chunk in keys_of_many.chunks(100) {
        let created = run_concurrently(chunk.iter().map(|key| create(store, *key, &record))).await;
        created.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    let page = store.page(None, usize::MAX).await?;
    ensure!(page.records.len() <= Page::MAX_SIZE, "{} records on one page", page.records.len());
    ensure_eq!(keys(&all(store, usize::MAX).await?).len(), many, "how many records were listed");
    Ok(())
}

pub(crate) async fn a_listed_record_has_everything_except_its_data<S: SessionListing>(store: &S) -> Checked {
    let mut written = owned("Ada Lovelace", b"{\"a\":1}")
        .label(Some("the phone".into()))
        .last_seen(noon() + millis(5))
        .deadline(noon() + seconds(1_000_000));
    (written.purpose, written.created_at) = (other_purpose(), noon() - seconds(77));
    let version = create(store, key(1), &written).await?;
    create(store, key(2), &owned("", b"{}")).await?;
    create(store, key(3), &record(b"{}")).await?;
    let expected = Listed::new(
        Summary::new(key(1), version, written.created_at)
            .login(written.login)
            .label(written.label)
            .last_seen(written.last_seen)
            .expires_at(written.expires_at),
        written.purpose,
        written.deadline,
        ContentKind::Live,
        7,
    );
    let listed = all(store, 10).await?;
    ensure_eq!(*only(&listed, &key(1))?, expected, "a listed record");
    let nameless = only(&listed, &key(2))?;
    ensure_eq!(nameless.summary.login, owned("", b"").login, "the login of a listed record");
    ensure!(nameless.purpose.is_main(), "the purpose of a listed record");
    let nobodys = only(&listed, &key(3))?;
    ensure_eq!(
        (&nobodys.summary.login, &nobodys.summary.label),
        (&None, &None),
        "the login of a record without an owner"
    );
    Ok(())
}

pub(crate) async fn a_listed_record_has_the_size_of_its_data<S: SessionListing>(store: &S) -> Checked {
    for (number, length) in (1..).zip([0, 1, 255, 4096, 70_000]) {
        let data: Vec<u8> = std::iter::repeat_n(b'x', length).collect();
        create(store, key(number), &owned("ada", &data)).await?;
        let listed = all(store, 10).await?;
        ensure_eq!(only(&listed, &key(number))?.size, length as u64, "the size of a record in bytes");
    }
    Ok(())
}

pub(crate) async fn tombstones_are_listed_as_such<S: SessionListing>(store: &S) -> Checked {
    let contents = [
        (1, &b"{}"[..], ContentKind::Live),
        (2, &Content::Moved(key(1)).to_data(), ContentKind::Moved),
        (3, &Content::Ended.to_data(), ContentKind::Ended),
        (4, b"", ContentKind::Live),
    ];
    for (number, data, _) in contents {
        create(store, key(number), &record(data)).await?;
    }
    let listed = all(store, 10).await?;
    for (number, _, kind) in contents {
        ensure_eq!(only(&listed, &key(number))?.content, kind, "the listed fields of record {number}");
    }
    Ok(())
}

pub(crate) async fn an_expired_record_is_listed_until_it_is_swept<S: SessionListing>(store: &S) -> Checked {
    let expires_at = noon() + seconds(1);
    create(store, key(1), &expiring(expires_at, b"{}")).await?;
    create(store, key(2), &record(b"{}")).await?;
    let listed = all(store, 10).await?;
    ensure_eq!(only(&listed, &key(1))?.summary.expires_at, expires_at, "when a listed record expires");
    store.sweep(noon() + seconds(2), 9).await?;
    ensure_eq!(keys(&all(store, 10).await?), [key(2)].into(), "the keys that are listed after sweeping");
    Ok(())
}

pub(crate) async fn records_created_meanwhile_hide_no_other<S: SessionListing>(store: &S) -> Checked {
    for number in 0..100 {
        create(store, key(2 * number), &record(b"{}")).await?;
    }
    let mut odd = (0..100).map(|number| key(2 * number + 1));
    let listed = pages(store, 7, async |_: &Page| {
        for key in odd.by_ref().take(7) {
            create(store, key, &record(b"{}")).await?;
        }
        Ok(())
    });
    let listed = keys(&listed.await?);
    for number in 0..100 {
        ensure!(
            listed.contains(&key(2 * number)),
            "a record is missing from the pages because others were created"
        );
    }
    Ok(())
}

/// The removed records include the last one on a page, after which the next page starts.
pub(crate) async fn records_removed_meanwhile_hide_no_other<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..200).await?;
    let mut gone: BTreeSet<StoreKey> = BTreeSet::new();
    let listed = pages(store, 10, async |page: &Page| {
        for listed in &page.records {
            ensure!(!gone.contains(&listed.summary.key), "a record that was deleted before is listed");
        }
        let last = page.records.last().map(|listed| listed.summary.key);
        let count = gone.len() as u8;
        for key in last.into_iter().chain((count..count.saturating_add(5)).map(key)) {
            if let Some(stored) = store.load(&key).await? {
                store.delete(&key, stored.version).await?;
                gone.insert(key);
            }
        }
        Ok(())
    });
    let listed = keys(&listed.await?);
    ensure!(!gone.is_empty(), "nothing was deleted");
    for number in 0..200 {
        let key = key(number);
        ensure!(
            gone.contains(&key) || listed.contains(&key),
            "a record is missing from the pages because others were deleted"
        );
    }
    Ok(())
}

pub(crate) async fn records_written_meanwhile_are_listed<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..100).await?;
    let mut round = 0;
    let listed = pages(store, 10, async |_: &Page| {
        round += 1;
        for number in 0..100 {
            let stored = load(store, key(number)).await?;
            if number % 2 == 0 {
                let other = owned(&format!("user {round}"), &vec![b'x'; 100 * round]);
                replace(store, key(number), stored.version, &other).await?;
            } else {
                store.touch(&key(number), stored.version, noon() + seconds(5), noon() + seconds(99)).await?;
            }
        }
        Ok(())
    });
    ensure_eq!(keys(&listed.await?), (0..100).map(key).collect(), "the keys that were listed");
    Ok(())
}

pub(crate) async fn pages_and_writers_do_not_interfere<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..60).await?;
    let race = run_concurrently((0..12).map(|racer| async move {
        if racer % 3 == 0 {
            let listed = keys(&all(store, 9).await?);
            for number in 0..60 {
                ensure!(
                    listed.contains(&key(number)),
                    "a record is missing from the pages because of concurrent writes"
                );
            }
            return Ok(());
        }
        for round in 0..10 {
            let own = key(100 + racer);
            let version = create(store, own, &owned("ada", &[round])).await?;
            let version = replace(store, own, version, &record(&[racer, round])).await?;
            ensure!(store.delete(&own, version).await?, "a record was not deleted with its version");
        }
        Ok(())
    }));
    race.await.into_iter().collect()
}

pub(crate) async fn a_cursor_may_be_kept_and_used_again<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..50).await?;
    let first = store.page(None, 20).await?;
    let next = first.next.as_ref().ok_or_else(|| Failure::new("fifty records are on one page of twenty"))?;
    for _ in 0..2 {
        let mut seen = keys(&first.records);
        let mut kept = Some(Cursor::from_bytes(next.as_bytes()));
        while let Some(cursor) = kept {
            let page = store.page(Some(&cursor), 20).await?;
            seen.append(&mut keys(&page.records));
            kept = page.next.map(|next| Cursor::from_bytes(next.as_bytes()));
        }
        ensure_eq!(seen, (0..50).map(key).collect(), "the keys on the first page and those after it");
    }
    Ok(())
}

pub(crate) async fn an_invalid_cursor_is_an_error<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..3).await?;
    for strange in [&b""[..], b"abc", &[255; 1000]] {
        let page = store.page(Some(&Cursor::from_bytes(strange)), 10).await;
        ensure!(page.is_err(), "a page after a cursor that no store issued");
    }
    Ok(())
}

/// An operator can revoke any record on a page, regardless of its owner.
pub(crate) async fn listed_records_can_be_revoked<S: SessionListing>(store: &S) -> Checked {
    fill(store, 0..20).await?;
    for number in 20..40 {
        create(store, key(number), &owned("ada", b"{}")).await?;
    }
    let revoked = pages(store, 7, async |page: &Page| {
        for Listed { summary, purpose, .. } in &page.records {
            if let Some(login) = &summary.login {
                revoke(store, &summary.key, Some((purpose, &login.owner))).await?;
            }
        }
        Ok(())
    });
    revoked.await?;
    ensure_eq!(keys(&all(store, 7).await?), (0..20).map(key).collect(), "the remaining keys");
    ensure!(
        crate::sample::listed(store, "ada").await?.is_empty(),
        "a revoked session is listed for its owner"
    );
    Ok(())
}
