use std::sync::Arc;

use hardtack_core::protocol::{Lifetime, Origin, Purpose, SessionId};
use hardtack_core::store::{Outcome, SessionStore};

use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::interleave::stepped::Stepped;
use crate::protocol::fixture::{SteppedRequest, guest, id_sent_by, open, open_at, open_live, request, user};
use crate::request::{Cookie, Request, fresh_id};
use crate::sample::{end_all, keys_of, noon, seconds};

pub(crate) async fn a_late_request_reads_and_writes_the_successor<S: SessionStore>(store: &S) -> Checked {
    let old = guest(store).await?;
    let new = renewed(store, old).await?;
    ensure!(new != old, "a renewal kept the id");
    let mut late = open(store, old).await?;
    ensure_eq!((late.origin, late.get("cart")), (Origin::Forwarded, Some("\"tea\"")), "a late request");
    late.set("k", "1");
    let response = late.finish(store).await?;
    ensure_eq!(response.cookie, Cookie::Nothing, "the cookie of a late request");
    ensure_eq!(open_live(store, new).await?.get("k"), Some("1"), "the data that a late request wrote");
    // A renewal under the old id does nothing.
    let response = request(store, old, Request::renew).await?;
    ensure_eq!(response.cookie, Cookie::Nothing, "the cookie of a late renewal");
    open_live(store, new).await?;
    Ok(())
}

pub(crate) async fn a_forward_ends_with_the_grace_period<S: SessionStore>(store: &S) -> Checked {
    let old = guest(store).await?;
    let new = renewed(store, old).await?;
    ensure_eq!(
        open_at(store, old, noon() + seconds(9)).await?.origin,
        Origin::Forwarded,
        "an old id within the grace"
    );
    let later = noon() + seconds(10);
    ensure_eq!(open_at(store, old, later).await?.origin, Origin::New, "an old id after the grace");
    ensure_eq!(store.sweep(later, 10).await?, 1, "how many tombstones were swept");
    ensure_eq!(open_at(store, new, later).await?.origin, Origin::Live, "the new id after the grace");
    Ok(())
}

pub(crate) async fn a_chain_of_renewals_is_followed<S: SessionStore>(store: &S) -> Checked {
    let mut ids = vec![guest(store).await?];
    for _ in 0..40 {
        let newest = ids[ids.len() - 1];
        ids.push(renewed(store, newest).await?);
    }
    for id in &ids {
        request(store, *id, |request| request.increment("n")).await?;
    }
    let newest = open_live(store, ids[40]).await?;
    ensure_eq!(newest.number("n"), 41, "the count through all ids");
    Ok(())
}

pub(crate) async fn concurrent_renewals_create_one_successor<S: SessionStore>(store: &S) -> Checked {
    let old = user(store, "ada").await?;
    let (mut one, mut other) = (open_live(store, old).await?, open_live(store, old).await?);
    one.renew();
    other.renew();
    other.increment("n");
    let new = id_sent_by(store, one).await?;
    let response = other.finish(store).await?;
    ensure_eq!(response.cookie, Cookie::Nothing, "the cookie of the second renewal");
    ensure_eq!(open_live(store, new).await?.number("n"), 1, "the data that the second renewal wrote");
    ensure_eq!(
        keys_of(store, "ada").await?,
        [new.store_key(&Purpose::default())].into(),
        "the user's sessions"
    );
    Ok(())
}

pub(crate) async fn a_running_writer_follows_a_renewal<S: SessionStore>(store: &S) -> Checked {
    let old = guest(store).await?;
    let mut writer = open_live(store, old).await?;
    writer.increment("n");
    let new = renewed(store, old).await?;
    request(store, new, |request| request.increment("n")).await?;
    let response = writer.finish(store).await?;
    ensure_eq!(
        (response.outcome, response.cookie),
        (Some(Outcome::Merged), Cookie::Nothing),
        "a writer in progress"
    );
    ensure_eq!(open_live(store, new).await?.number("n"), 2, "the count");
    Ok(())
}

/// A late request writes to the successor before the renewal has released it.
pub(crate) async fn a_renewal_survives_writes_to_its_successor<S: SessionStore>(store: &Arc<S>) -> Checked {
    let old = guest(&**store).await?;
    let mut renewal = slow_renewal(store, old).await?;
    ensure!(renewal.until("replace with a forward").await, "a renewal did not leave a forward");
    request(&**store, old, |request| request.increment("n")).await?;
    let response = renewal.finish().await??;
    let new = response
        .sent_id()
        .ok_or_else(|| Failure::new("a renewal that conflicted with a writer did not send an id"))?;
    let later = open_at(&**store, new, noon() + Lifetime::PROVISIONAL).await?;
    ensure_eq!(
        (later.origin, later.number("n")),
        (Origin::Live, 1),
        "the renewed session, after its provisional lifetime"
    );
    Ok(())
}

/// No matter at which step the renewal is dropped, the data is still available under the old id, and no second session
/// remains.
pub(crate) async fn a_dropped_renewal_loses_nothing<S: SessionStore>(store: &Arc<S>) -> Checked {
    let mut stops = 0;
    loop {
        let old = user(&**store, "ada").await?;
        let mut renewal = slow_renewal(store, old).await?;
        let mut left = stops;
        while left > 0 && renewal.step().await {
            left -= 1;
        }
        drop(renewal);
        let origin = open(&**store, old).await?.origin;
        ensure!(
            matches!(origin, Origin::Live | Origin::Forwarded),
            "after {stops} stops, the session is {origin:?}"
        );
        let response = request(&**store, old, |request| request.increment("n")).await?;
        ensure!(response.outcome != Some(Outcome::Dropped), "after {stops} stops, a write was dropped");
        store.sweep(noon() + Lifetime::PROVISIONAL, 100).await?;
        let listed = keys_of(&**store, "ada").await?.len();
        ensure!(listed <= 1, "after {stops} stops, one session has become {listed}");
        end_all(&**store, "ada").await?;
        if left > 0 {
            return Ok(());
        }
        stops += 1;
    }
}

async fn renewed<S: SessionStore>(store: &S, id: SessionId) -> Result<SessionId, Failure> {
    let mut request = open_live(store, id).await?;
    request.renew();
    id_sent_by(store, request).await
}

type Finish = Result<crate::request::Response, hardtack_core::store::StoreError>;

async fn slow_renewal<S: SessionStore>(
    store: &Arc<S>,
    id: SessionId,
) -> Result<SteppedRequest<Finish>, Failure> {
    let mut request = open_live(&**store, id).await?;
    request.renew();
    let stepped = Stepped::new(store);
    let steps = Arc::clone(stepped.steps());
    Ok(SteppedRequest::new(async move { request.finish_as(&stepped, fresh_id(), false).await }, &steps))
}
