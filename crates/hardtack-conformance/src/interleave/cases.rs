use std::sync::Arc;

use hardtack_core::store::SessionStore;

use crate::failure::{Checked, Failure};
use crate::interleave::broken::{Broken, BrokenStore};
use crate::interleave::run::{Schedules, interleave};

pub(crate) async fn interleaved_requests_keep_every_promise<S: SessionStore>(store: &Arc<S>) -> Checked {
    interleave(store, Schedules::from_env()).await.map(drop).map_err(Failure::new)
}

pub(crate) async fn interleaved_requests_cut_short_keep_every_promise<S: SessionStore>(
    store: &Arc<S>,
) -> Checked {
    interleave(store, Schedules::from_env().with_drops()).await.map(drop).map_err(Failure::new)
}

pub(crate) async fn interleaved_requests_on_a_failing_store_keep_every_promise<S: SessionStore>(
    store: &Arc<S>,
) -> Checked {
    interleave(store, Schedules::from_env().with_failures()).await.map(drop).map_err(Failure::new)
}

pub(crate) async fn a_broken_compare_and_swap_is_found<S: SessionStore>(store: &Arc<S>) -> Checked {
    is_found(store, Broken::CompareAndSwap).await
}

pub(crate) async fn a_write_to_what_is_gone_is_found<S: SessionStore>(store: &Arc<S>) -> Checked {
    is_found(store, Broken::Gone).await
}

pub(crate) async fn a_lost_tombstone_is_found<S: SessionStore>(store: &Arc<S>) -> Checked {
    is_found(store, Broken::Tombstones).await
}

async fn is_found<S: SessionStore>(store: &Arc<S>, broken: Broken) -> Checked {
    let store = Arc::new(BrokenStore::new(Arc::clone(store), broken));
    match interleave(&store, Schedules::new(10_000)).await {
        Err(_) => Ok(()),
        Ok(_) => {
            Err(Failure::new(format_args!("the interleavings did not find the store broken: {broken:?}")))
        }
    }
}
