use std::sync::Arc;

use hardtack_core::protocol::{Lineage, Purpose, SessionId};
use hardtack_core::store::{self, Opened, Outcome, SessionStore, StoreError, revoke};

use crate::executor::run_concurrently;
use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::interleave::stepped::Stepped;
use crate::protocol::fixture::{SteppedRequest, id_sent_by, is_out, open_at, open_live, user};
use crate::request::{Cookie, fresh_id};
use crate::sample::{end_all, end_others, keys_of, noon, other_purpose, owner, seconds};

/// Requests in progress cannot restore a revoked session. Only a new login starts another one.
pub(crate) async fn a_revoked_session_stays_ended<S: SessionStore>(store: &S) -> Checked {
    let id = user(store, "ada").await?;
    let mut writer = open_live(store, id).await?;
    writer.set("k", "1");
    let mut renewal = open_live(store, id).await?;
    renewal.renew();
    let mut logout = open_live(store, id).await?;
    logout.log_out();
    let mut login = open_live(store, id).await?;
    login.log_in("bob");
    ensure_eq!(end_all(store, "ada").await?, 1, "how many sessions were revoked");
    for late in [writer, renewal, logout] {
        let response = late.finish(store).await?;
        ensure_eq!(
            (response.outcome, response.cookie),
            (Some(Outcome::Dropped), Cookie::Nothing),
            "a late request"
        );
    }
    ensure!(is_out(store, id).await?, "a revoked id is logged in again");
    ensure!(keys_of(store, "ada").await?.is_empty(), "a revoked session is listed");
    let bob = id_sent_by(store, login).await?;
    ensure_eq!(open_live(store, bob).await?.user(), Some("bob"), "the logged-in user");
    Ok(())
}

/// The sessions are ended at every stop of the renewal in turn.
pub(crate) async fn revoking_a_session_ends_its_renewal<S: SessionStore>(store: &Arc<S>) -> Checked {
    at_every_stop_of_a_renewal(store, async |_| end_all(&**store, "ada").await.map(drop)).await
}

/// The revoked key is the one from before the renewal.
pub(crate) async fn revoking_a_key_ends_its_renewal<S: SessionStore>(store: &Arc<S>) -> Checked {
    at_every_stop_of_a_renewal(store, async |id: SessionId| {
        revoke(&**store, &id.store_key(&Purpose::default()), Some((&Purpose::default(), &owner("ada"))))
            .await
            .map(drop)
    })
    .await
}

async fn at_every_stop_of_a_renewal<S: SessionStore>(
    store: &Arc<S>,
    end: impl AsyncFn(SessionId) -> Result<(), StoreError>,
) -> Checked {
    let mut stops = 0;
    loop {
        let old = user(&**store, "ada").await?;
        let mut renewal = open_live(&**store, old).await?;
        renewal.renew();
        let stepped = Stepped::new(store);
        let steps = Arc::clone(stepped.steps());
        let new = fresh_id();
        let mut renewal =
            SteppedRequest::new(async move { renewal.finish_as(&stepped, new, false).await }, &steps);
        let mut left = stops;
        while left > 0 && renewal.step().await {
            left -= 1;
        }
        end(old).await?;
        if left == 0 {
            renewal.finish().await??;
        }
        for id in [old, new] {
            ensure!(
                is_out(&**store, id).await?,
                "after {stops} stops of a renewal, its session survived a revocation"
            );
        }
        ensure!(
            keys_of(&**store, "ada").await?.is_empty(),
            "after {stops} stops, a revoked session is listed"
        );
        if left > 0 {
            return Ok(());
        }
        stops += 1;
    }
}

pub(crate) async fn a_touch_of_a_revoked_session_does_nothing<S: SessionStore>(store: &S) -> Checked {
    let id = user(store, "ada").await?;
    let later = open_at(store, id, noon() + seconds(2 * 3600)).await?;
    end_all(store, "ada").await?;
    let response = later.finish(store).await?;
    ensure_eq!(response.cookie, Cookie::Nothing, "the cookie of a late reader");
    ensure!(is_out(store, id).await?, "a touch restored a session that had ended");
    Ok(())
}

pub(crate) async fn a12_ending_the_others_spares_the_own_session<S: SessionStore>(store: &S) -> Checked {
    let (own, other) = (user(store, "ada").await?, user(store, "ada").await?);
    let bob = user(store, "bob").await?;
    let spared = lineage_of(store, own).await?;
    ensure_eq!(end_others(store, "ada", &spared).await?, 1, "how many sessions were revoked");
    open_live(store, own).await?;
    open_live(store, bob).await?;
    ensure!(is_out(store, other).await?, "another device is still logged in");
    Ok(())
}

/// The other sessions are ended at every stop of the renewal in turn. The lineage to spare is read before the renewal,
/// which preserves it.
pub(crate) async fn a12_ending_the_others_spares_the_own_renewal<S: SessionStore>(store: &Arc<S>) -> Checked {
    let mut stops = 0;
    loop {
        let (own, other) = (user(&**store, "ada").await?, user(&**store, "ada").await?);
        let spared = lineage_of(&**store, own).await?;
        let mut renewal = open_live(&**store, own).await?;
        renewal.renew();
        let stepped = Stepped::new(store);
        let steps = Arc::clone(stepped.steps());
        let new = fresh_id();
        let mut renewal =
            SteppedRequest::new(async move { renewal.finish_as(&stepped, new, false).await }, &steps);
        let mut left = stops;
        while left > 0 && renewal.step().await {
            left -= 1;
        }
        end_others(&**store, "ada", &spared).await?;
        if left == 0 {
            renewal.finish().await??;
        }
        ensure!(is_out(&**store, other).await?, "after {stops} stops, another device is still logged in");
        let after = open_live(&**store, new).await?;
        ensure_eq!(after.user(), Some("ada"), "the logged-in user after {stops} stops of a renewal");
        ensure_eq!(lineage_of(&**store, new).await?, spared, "the lineage after {stops} stops of a renewal");
        end_all(&**store, "ada").await?;
        if left > 0 {
            return Ok(());
        }
        stops += 1;
    }
}

/// Two logins by the same user have different lineages, even in the same browser.
pub(crate) async fn every_login_begins_a_lineage<S: SessionStore>(store: &S) -> Checked {
    let first = user(store, "ada").await?;
    let other = user(store, "ada").await?;
    let mut before = vec![lineage_of(store, first).await?, lineage_of(store, other).await?];
    let mut again = open_live(store, first).await?;
    again.log_in("ada");
    let again = id_sent_by(store, again).await?;
    before.push(lineage_of(store, again).await?);
    before.sort_unstable();
    before.dedup();
    ensure_eq!(before.len(), 3, "how many lineages three logins have");
    Ok(())
}

/// Several renewals run concurrently with one call that ends all of the user's sessions. None of these sessions
/// survives.
pub(crate) async fn a11_no_renewal_escapes_a_revocation<S: SessionStore>(store: &S) -> Checked {
    for round in 0..rounds() {
        let mut renewals = Vec::new();
        let mut ids = Vec::new();
        for _ in 0..3 {
            let id = user(store, "ada").await?;
            let (mut request, new) = (open_live(store, id).await?, fresh_id());
            request.renew();
            ids.extend([id, new]);
            renewals.push(Some((request, new)));
        }
        // One of the futures ends the sessions, and the others renew them.
        renewals.insert(round % 4, None);
        let race = run_concurrently(renewals.into_iter().map(|renewal| async move {
            match renewal {
                Some((request, new)) => request.finish_as(store, new, false).await.map(drop),
                None => end_all(store, "ada").await.map(drop),
            }
        }));
        race.await.into_iter().collect::<Result<(), _>>()?;
        for id in ids {
            ensure!(is_out(store, id).await?, "in round {round}, a session was renewed after it ended");
        }
        ensure!(keys_of(store, "ada").await?.is_empty(), "in round {round}, an ended session is listed");
    }
    Ok(())
}

/// Returns the number of rounds, in each of which sessions are ended while they are being renewed.
fn rounds() -> usize {
    std::env::var("HARDTACK_RENEWALS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20)
}

pub(crate) async fn a30_an_id_is_unknown_to_every_other_purpose<S: SessionStore>(store: &S) -> Checked {
    let (id, main, other) = (user(store, "ada").await?, Purpose::default(), other_purpose());
    // The key depends on the purpose, so the other purpose leads to a different key. Even under the same key, the
    // session would not be opened, because the record names its purpose.
    for (purpose, key) in [(&other, id.store_key(&other)), (&other, id.store_key(&main))] {
        let opened = store::open(store, purpose, key, noon()).await?;
        ensure!(matches!(opened, Opened::Unknown), "a session can be opened with another purpose");
    }
    let ended = revoke(store, &id.store_key(&main), Some((&other, &owner("ada")))).await?;
    ensure!(!ended, "a session of another purpose was ended");
    open_live(store, id).await?;
    Ok(())
}

async fn lineage_of<S: SessionStore>(store: &S, id: SessionId) -> Result<Lineage, Failure> {
    let request = open_live(store, id).await?;
    let lineage = request.located.as_ref().and_then(|located| located.record.lineage());
    lineage.copied().ok_or_else(|| Failure::new("a user's session has no lineage"))
}
