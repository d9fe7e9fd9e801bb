use hardtack_core::protocol::{
    Content, FLASHES_KEY, Flash, Origin, Purpose, SessionId, add_flash, drop_flashes, read_flashes,
};
use hardtack_core::store::{self, Opened, Outcome, SessionStore, revoke};

use crate::executor::run_concurrently;
use crate::failure::{Checked, ensure, ensure_eq};
use crate::protocol::fixture::{guest, open, open_at, open_live, request};
use crate::sample::{create, load, noon, owned, owner, record, replace, seconds};

pub(crate) async fn parallel_increments_are_all_counted<S: SessionStore>(store: &S) -> Checked {
    let id = guest(store).await?;
    let mut requests = Vec::new();
    for _ in 0..25 {
        let mut request = open_live(store, id).await?;
        request.increment("n");
        requests.push(request);
    }
    for response in run_concurrently(requests.into_iter().map(|request| request.finish(store))).await {
        let outcome = response?.outcome;
        ensure!(
            matches!(outcome, Some(Outcome::Written | Outcome::Merged)),
            "an increment ended with {outcome:?}"
        );
    }
    ensure_eq!(open_live(store, id).await?.number("n"), 25, "the sum of 25 parallel increments");
    Ok(())
}

pub(crate) async fn different_keys_are_both_kept<S: SessionStore>(store: &S) -> Checked {
    let id = guest(store).await?;
    let (mut one, mut other) = (open_live(store, id).await?, open_live(store, id).await?);
    one.set("one", "1");
    other.set("other", "2");
    let responses = [one.finish(store).await?, other.finish(store).await?];
    ensure_eq!(responses.map(|response| response.overwritten), [0, 0], "how many keys were overwritten");
    let after = open_live(store, id).await?;
    let kept = ["cart", "one", "other"].map(|key| after.get(key));
    ensure_eq!(kept, [Some("\"tea\""), Some("1"), Some("2")], "the data that was kept");
    Ok(())
}

pub(crate) async fn no_flash_is_lost_and_none_is_shown_twice<S: SessionStore>(store: &S) -> Checked {
    let flash = |message: &str| Flash::new("message", message);
    let id = guest(store).await?;
    let first = flash("first");
    request(store, id, |request| request.update(FLASHES_KEY, move |waiting| add_flash(waiting, &first)))
        .await?;
    // One request shows the waiting messages while another adds one.
    let (mut shows, mut adds) = (open_live(store, id).await?, open_live(store, id).await?);
    let shown = read_flashes(shows.get(FLASHES_KEY));
    ensure_eq!(shown, [flash("first")], "the messages shown");
    shows.update(FLASHES_KEY, move |waiting| drop_flashes(waiting, &shown));
    let late = flash("late");
    adds.update(FLASHES_KEY, move |waiting| add_flash(waiting, &late));
    adds.finish(store).await?;
    shows.finish(store).await?;
    let left = read_flashes(open_live(store, id).await?.get(FLASHES_KEY));
    ensure_eq!(left, [flash("late")], "the messages left");
    Ok(())
}

pub(crate) async fn the_last_of_two_inserts_wins_and_is_counted<S: SessionStore>(store: &S) -> Checked {
    let id = guest(store).await?;
    let (mut one, mut other) = (open_live(store, id).await?, open_live(store, id).await?);
    one.set("k", "1");
    other.set("k", "2");
    one.finish(store).await?;
    let response = other.finish(store).await?;
    ensure_eq!((response.outcome, response.overwritten), (Some(Outcome::Merged), 1), "the second insert");
    ensure_eq!(open_live(store, id).await?.get("k"), Some("2"), "the last insert");
    Ok(())
}

pub(crate) async fn a_cleared_session_keeps_what_another_request_adds<S: SessionStore>(store: &S) -> Checked {
    let id = guest(store).await?;
    let (mut clears, mut adds) = (open_live(store, id).await?, open_live(store, id).await?);
    clears.clear();
    adds.set("k", "1");
    clears.finish(store).await?;
    adds.finish(store).await?;
    let after = open_live(store, id).await?;
    ensure_eq!((after.get("cart"), after.get("k")), (None, Some("1")), "the remaining data");
    Ok(())
}

pub(crate) async fn a_session_ends_when_it_expires<S: SessionStore>(store: &S) -> Checked {
    let id = guest(store).await?;
    let day = 24 * 3600;
    ensure_eq!(
        open_at(store, id, noon() + seconds(day - 1)).await?.origin,
        Origin::Live,
        "one second before it expires"
    );
    ensure_eq!(
        open_at(store, id, noon() + seconds(day)).await?.origin,
        Origin::New,
        "at the second when it expires"
    );
    // A request before the idle timeout postpones the expiry.
    let used = open_at(store, id, noon() + seconds(day / 2)).await?;
    ensure_eq!(used.finish(store).await?.outcome, Some(Outcome::Touched), "use after half a day");
    ensure_eq!(
        open_at(store, id, noon() + seconds(day)).await?.origin,
        Origin::Live,
        "one day later, with use in between"
    );
    store.sweep(noon() + seconds(2 * day), 10).await?;
    ensure_eq!(open(store, id).await?.origin, Origin::New, "a session that was swept");
    Ok(())
}

/// The record's data is not a session, because it was damaged or another program wrote it.
pub(crate) async fn an_undecodable_record_is_not_a_session_and_stays<S: SessionStore>(store: &S) -> Checked {
    let purpose = Purpose::default();
    let [damaged, renewed] = [1, 2].map(|number| SessionId::from_random([number; 32]));
    let key = damaged.store_key(&purpose);
    create(store, key, &owned("ada", b"{\"cart\":")).await?;
    let forward = Content::Moved(key).to_data();
    create(store, renewed.store_key(&purpose), &record(&forward)).await?;
    for id in [damaged, renewed] {
        let opened = store::open(store, &purpose, id.store_key(&purpose), noon()).await?;
        let is_unreadable = matches!(&opened, Opened::Unreadable(error) if error.is_unreadable());
        ensure!(is_unreadable, "an unreadable record was opened as {opened:?}");
    }
    ensure_eq!(*load(store, key).await?.record.data, *b"{\"cart\":", "the record after it was opened");

    // The record is damaged while two requests are in progress. Their writes are dropped, and the record stays
    // unchanged.
    let id = guest(store).await?;
    let key = id.store_key(&purpose);
    let (mut writer, mut leaver) = (open_live(store, id).await?, open_live(store, id).await?);
    let stored = load(store, key).await?;
    replace(store, key, stored.version, &record(b"nonsense")).await?;
    writer.set("k", "1");
    leaver.log_out();
    for request in [writer, leaver] {
        ensure_eq!(
            request.finish(store).await?.outcome,
            Some(Outcome::Dropped),
            "a write to a record that cannot be read"
        );
    }
    ensure_eq!(*load(store, key).await?.record.data, *b"nonsense", "the record after the writes");
    ensure!(revoke(store, &key, None).await?, "a record that cannot be read was not revoked");
    ensure!(store.load(&key).await?.is_none(), "a revoked record is still there");
    Ok(())
}

/// A record's owner is stored outside its data, so it stays readable when the data cannot be decoded.
pub(crate) async fn an_undecodable_record_is_listed_and_deleted_with_its_owners<S: SessionStore>(
    store: &S,
) -> Checked {
    let purpose = Purpose::default();
    let keys = [1, 2, 3].map(|number| SessionId::from_random([number; 32]).store_key(&purpose));
    for (key, data) in keys.into_iter().zip([&b"{}"[..], b"nonsense", b"{}"]) {
        create(store, key, &owned("ada", data)).await?;
    }
    let mut expected = keys;
    expected.sort_unstable();
    let listed = store.owned_by(&purpose, &owner("ada"), None, 10).await?;
    let listed: Vec<_> = listed.iter().map(|summary| summary.key).collect();
    ensure_eq!(listed, expected, "the owner's records");
    ensure_eq!(store.delete_owned_by(&purpose, &owner("ada"), None).await?, 3, "how many were removed");
    for key in keys {
        ensure!(
            store.load(&key).await?.is_none(),
            "a record remained after its owner's records were deleted"
        );
    }
    Ok(())
}
