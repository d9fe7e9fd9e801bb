use std::sync::Arc;

use hardtack_core::session::SessionId;
use hardtack_core::store::{Outcome, SessionStore, StoreError, revoke};

use crate::failure::{Checked, ensure, ensure_eq};
use crate::interleave::stepped::Stepped;
use crate::protocol::scene::{Slowly, is_out, open_at, open_live, told, user};
use crate::request::{Cookie, fresh_id};
use crate::sample::{keys_of, noon, owner, seconds};

/// Whatever is under way on it; only credentials open a new one.
pub(crate) async fn a_revoked_session_stays_out<S: SessionStore>(store: &S) -> Checked {
    let id = user(store, "ada").await?;
    let mut writer = open_live(store, id).await?;
    writer.set("k", "1");
    let mut renewal = open_live(store, id).await?;
    renewal.renew();
    let mut logout = open_live(store, id).await?;
    logout.log_out();
    let mut login = open_live(store, id).await?;
    login.log_in("bob");
    ensure_eq!(store.delete_owned_by(&owner("ada"), None).await?, 1, "how many sessions were revoked");
    for late in [writer, renewal, logout] {
        let response = late.finish(store).await?;
        ensure_eq!(
            (response.outcome, response.cookie),
            (Some(Outcome::Dropped), Cookie::Nothing),
            "a late request"
        );
    }
    ensure!(is_out(store, id).await?, "a revoked id is in again");
    ensure!(keys_of(store, "ada").await?.is_empty(), "a revoked session is listed");
    let bob = told(store, login).await?;
    ensure_eq!(open_live(store, bob).await?.user(), Some("bob"), "who has logged in");
    Ok(())
}

/// Wherever in the renewal it falls.
pub(crate) async fn a_revoked_session_takes_its_renewal_along<S: SessionStore>(store: &Arc<S>) -> Checked {
    at_every_stop_of_a_renewal(store, async |_| store.delete_owned_by(&owner("ada"), None).await.map(drop))
        .await
}

/// By the id it had before.
pub(crate) async fn a_session_revoked_by_its_key_takes_its_renewal_along<S: SessionStore>(
    store: &Arc<S>,
) -> Checked {
    at_every_stop_of_a_renewal(store, async |id: SessionId| {
        revoke(&**store, &id.store_key(), Some(&owner("ada"))).await.map(drop)
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
        let mut renewal = Slowly::new(async move { renewal.finish_as(&stepped, new, false).await }, &steps);
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
                "after {stops} stops of a renewal its session survived a revocation"
            );
        }
        ensure!(
            keys_of(&**store, "ada").await?.is_empty(),
            "after {stops} stops a revoked session is listed"
        );
        if left > 0 {
            return Ok(());
        }
        stops += 1;
    }
}

pub(crate) async fn a_touch_on_what_is_gone_does_nothing<S: SessionStore>(store: &S) -> Checked {
    let id = user(store, "ada").await?;
    let later = open_at(store, id, noon() + seconds(2 * 3600)).await?;
    store.delete_owned_by(&owner("ada"), None).await?;
    let response = later.finish(store).await?;
    ensure_eq!(response.cookie, Cookie::Nothing, "the cookie of a late reader");
    ensure!(is_out(store, id).await?, "a touch brought back what was gone");
    Ok(())
}

pub(crate) async fn ending_the_others_spares_ones_own<S: SessionStore>(store: &S) -> Checked {
    let (own, other) = (user(store, "ada").await?, user(store, "ada").await?);
    let bob = user(store, "bob").await?;
    let spared = own.store_key();
    ensure_eq!(
        store.delete_owned_by(&owner("ada"), Some(&spared)).await?,
        1,
        "how many sessions were revoked"
    );
    open_live(store, own).await?;
    open_live(store, bob).await?;
    ensure!(is_out(store, other).await?, "another device is still in");
    Ok(())
}
