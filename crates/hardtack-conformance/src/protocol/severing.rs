use std::sync::Arc;

use hardtack_core::protocol::{Lifetime, Origin, Purpose};
use hardtack_core::store::{Outcome, SessionStore};

use crate::failure::{Checked, Failure, ensure, ensure_eq};
use crate::interleave::stepped::Stepped;
use crate::protocol::fixture::{SteppedRequest, guest, id_sent_by, is_out, open, open_live, request, user};
use crate::request::{CSRF_KEY, Cookie, Request, fresh_id};
use crate::sample::{end_all, keys_of, noon};

/// An attacker who planted the id that the browser had before a login cannot use it to read the session that starts
/// with the login.
pub(crate) async fn a_login_ends_the_old_id<S: SessionStore>(store: &S) -> Checked {
    let planted = guest(store).await?;
    let mut login = open_live(store, planted).await?;
    login.log_in("ada");
    let new = id_sent_by(store, login).await?;
    ensure!(new != planted, "a login kept the id");
    let late = open(store, planted).await?;
    ensure_eq!((late.origin, late.base().is_empty()), (Origin::Ended, true), "the old id after a login");
    let response = request(store, planted, |request| request.set("k", "1")).await?;
    ensure_eq!(
        (response.outcome, response.cookie),
        (Some(Outcome::Dropped), Cookie::Nothing),
        "a write to the old id"
    );
    let after = open_live(store, new).await?;
    ensure_eq!((after.user(), after.get("k")), (Some("ada"), None), "the new session");
    Ok(())
}

pub(crate) async fn a_login_keeps_the_cart_and_not_another_users_data<S: SessionStore>(store: &S) -> Checked {
    let cart = guest(store).await?;
    request(store, cart, |request| request.set(CSRF_KEY, "\"token\"")).await?;
    let mut login = open_live(store, cart).await?;
    login.log_in("ada");
    let ada = id_sent_by(store, login).await?;
    let seen = open_live(store, ada).await?;
    ensure_eq!(
        (seen.get("cart"), seen.get(CSRF_KEY)),
        (Some("\"tea\""), None),
        "the data that a login keeps"
    );
    // Another request writes Ada's data while Bob's login is in progress.
    let mut login = open_live(store, ada).await?;
    login.log_in("bob");
    request(store, ada, |request| request.set("diary", "\"private\"")).await?;
    let bob = id_sent_by(store, login).await?;
    let seen = open_live(store, bob).await?;
    ensure_eq!(
        (seen.user(), seen.get("cart"), seen.get("diary")),
        (Some("bob"), None, None),
        "the data that another user sees"
    );
    // The same must hold after Ada cleared her session, when its data no longer names the user.
    let ada = user(store, "ada").await?;
    request(store, ada, Request::clear).await?;
    request(store, ada, |request| request.set("diary", "\"private\"")).await?;
    let mut login = open_live(store, ada).await?;
    login.log_in("bob");
    let bob = id_sent_by(store, login).await?;
    ensure_eq!(
        open_live(store, bob).await?.get("diary"),
        None,
        "the data that another user sees of a cleared session"
    );
    Ok(())
}

pub(crate) async fn a_late_request_cannot_write_after_a_login<S: SessionStore>(store: &S) -> Checked {
    let old = guest(store).await?;
    let mut writer = open_live(store, old).await?;
    writer.set("k", "1");
    let mut renewal = open_live(store, old).await?;
    renewal.renew();
    let mut logout = open_live(store, old).await?;
    logout.log_out();
    let mut login = open_live(store, old).await?;
    login.log_in("ada");
    let new = id_sent_by(store, login).await?;
    for late in [writer, renewal, logout] {
        let response = late.finish(store).await?;
        ensure_eq!(
            (response.outcome, response.cookie),
            (Some(Outcome::Dropped), Cookie::Nothing),
            "a late request"
        );
    }
    let after = open_live(store, new).await?;
    ensure_eq!((after.user(), after.get("k")), (Some("ada"), None), "the new session");
    Ok(())
}

pub(crate) async fn a_logout_ends_the_session_for_running_writers<S: SessionStore>(store: &S) -> Checked {
    let id = user(store, "ada").await?;
    let mut writer = open_live(store, id).await?;
    writer.set("k", "1");
    let mut reader = open_live(store, id).await?;
    reader.increment("n");
    let response = request(store, id, Request::log_out).await?;
    ensure_eq!((response.outcome, response.cookie), (Some(Outcome::Ended), Cookie::Remove), "a logout");
    for late in [writer, reader] {
        let response = late.finish(store).await?;
        ensure_eq!(
            (response.outcome, response.cookie),
            (Some(Outcome::Dropped), Cookie::Nothing),
            "a late writer"
        );
    }
    ensure!(is_out(store, id).await?, "a logged-out id is logged in again");
    ensure!(keys_of(store, "ada").await?.is_empty(), "a logged-out session is listed");
    Ok(())
}

pub(crate) async fn a_logout_follows_a_renewal<S: SessionStore>(store: &S) -> Checked {
    for meets_under_way in [true, false] {
        let old = user(store, "ada").await?;
        let mut logout = open_live(store, old).await?;
        logout.log_out();
        let mut renewal = open_live(store, old).await?;
        renewal.renew();
        let new = id_sent_by(store, renewal).await?;
        if !meets_under_way {
            logout = open(store, old).await?;
            logout.log_out();
        }
        logout.finish(store).await?;
        for id in [old, new] {
            ensure!(is_out(store, id).await?, "a session was renewed after its logout");
        }
        ensure!(keys_of(store, "ada").await?.is_empty(), "a logged-out session is listed");
    }
    Ok(())
}

/// The logout happens at every stop of the renewal in turn.
pub(crate) async fn a_concurrent_renewal_and_logout_leave_no_session<S: SessionStore>(
    store: &Arc<S>,
) -> Checked {
    let mut stops = 0;
    loop {
        let old = user(&**store, "ada").await?;
        let mut logout = open_live(&**store, old).await?;
        logout.log_out();
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
        logout.finish(&**store).await?;
        if left == 0 {
            renewal.finish().await??;
        }
        for id in [old, new] {
            ensure!(
                is_out(&**store, id).await?,
                "after {stops} stops of a renewal, its session survived a logout"
            );
        }
        ensure!(
            keys_of(&**store, "ada").await?.is_empty(),
            "after {stops} stops, a logged-out session is listed"
        );
        if left > 0 {
            return Ok(());
        }
        stops += 1;
    }
}

pub(crate) async fn a_double_clicked_login_works<S: SessionStore>(store: &S) -> Checked {
    let old = guest(store).await?;
    let (mut one, mut other) = (open_live(store, old).await?, open_live(store, old).await?);
    one.log_in("ada");
    other.log_in("ada");
    let first = id_sent_by(store, one).await?;
    let second = id_sent_by(store, other).await?;
    for id in [first, second] {
        ensure_eq!(open_live(store, id).await?.user(), Some("ada"), "the logged-in user");
    }
    // Only the session of the first login has the cart, which is never duplicated.
    ensure_eq!(open_live(store, first).await?.get("cart"), Some("\"tea\""), "the cart of the first");
    ensure_eq!(open_live(store, second).await?.get("cart"), None, "the cart of the second");
    Ok(())
}

/// The session already contains the user, so the login does not change its data. The login must be written
/// nevertheless.
pub(crate) async fn a_repeated_login_during_a_logout_is_complete<S: SessionStore>(store: &S) -> Checked {
    let old = user(store, "ada").await?;
    let mut again = open_live(store, old).await?;
    again.log_in("ada");
    request(store, old, Request::log_out).await?;
    let new = id_sent_by(store, again).await?;
    ensure_eq!(open_live(store, new).await?.user(), Some("ada"), "the logged-in user");
    ensure_eq!(
        keys_of(store, "ada").await?,
        [new.store_key(&Purpose::default())].into(),
        "the user's sessions"
    );
    Ok(())
}

/// No matter at which step the login is dropped, either the guest's session still exists, or its id has ended. No
/// session is half logged in.
pub(crate) async fn a_dropped_login_leaves_nothing_behind<S: SessionStore>(store: &Arc<S>) -> Checked {
    let mut stops = 0;
    loop {
        let old = guest(&**store).await?;
        let mut login = open_live(&**store, old).await?;
        login.log_in("ada");
        let stepped = Stepped::new(store);
        let steps = Arc::clone(stepped.steps());
        let new = fresh_id();
        let mut login =
            SteppedRequest::new(async move { login.finish_as(&stepped, new, false).await }, &steps);
        let mut left = stops;
        while left > 0 && login.step().await {
            left -= 1;
        }
        drop(login);
        let after = open(&**store, old).await?;
        ensure!(after.user().is_none(), "after {stops} stops, the guest's id is logged in");
        if after.origin == Origin::Live {
            ensure_eq!(after.get("cart"), Some("\"tea\""), "the guest's cart after {stops} stops");
        } else {
            ensure_eq!(after.origin, Origin::Ended, "the guest's id after {stops} stops");
        }
        let done = left > 0;
        store.sweep(noon() + Lifetime::PROVISIONAL, 100).await?;
        let is_new_live = open(&**store, new).await?.origin == Origin::Live;
        if is_new_live && open(&**store, old).await?.origin == Origin::Live {
            return Err(Failure::new(format_args!(
                "after {stops} stops, a login has turned one session into two"
            )));
        }
        end_all(&**store, "ada").await?;
        if done {
            return Ok(());
        }
        stops += 1;
    }
}

/// Neither a login nor a renewal is lost, even if the store sweeps between any two steps of the request.
pub(crate) async fn a_login_without_a_grace_period_is_not_lost<S: SessionStore>(store: &Arc<S>) -> Checked {
    for renews in [false, true] {
        let lifetime = Lifetime::new().grace(std::time::Duration::ZERO);
        let old = user(&**store, "ada").await?;
        let mut request = Request::open(&**store, Some(old), noon(), lifetime).await?;
        if renews {
            request.renew();
        } else {
            request.log_in("ada");
        }
        let stepped = Stepped::new(store);
        let steps = Arc::clone(stepped.steps());
        let new = fresh_id();
        let mut request =
            SteppedRequest::new(async move { request.finish_as(&stepped, new, false).await }, &steps);
        while request.step().await {
            store.sweep(noon(), 100).await?;
        }
        store.sweep(noon(), 100).await?;
        ensure_eq!(open_live(&**store, new).await?.user(), Some("ada"), "the logged-in user");
        ensure!(is_out(&**store, old).await?, "the previous id is still logged in");
        end_all(&**store, "ada").await?;
    }
    Ok(())
}
