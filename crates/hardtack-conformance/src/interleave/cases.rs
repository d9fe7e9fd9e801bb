use std::sync::Arc;

use hardtack_core::store::SessionStore;

use crate::failure::{Checked, Failure};
use crate::interleave::defective_store::{Defect, DefectiveStore};
use crate::interleave::run::{Schedules, interleave};

pub(crate) async fn interleaved_requests_keep_every_guarantee<S: SessionStore>(store: &Arc<S>) -> Checked {
    interleave(store, Schedules::from_env()).await.map(drop).map_err(Failure::new)
}

pub(crate) async fn dropped_interleaved_requests_keep_every_guarantee<S: SessionStore>(
    store: &Arc<S>,
) -> Checked {
    interleave(store, Schedules::from_env().with_drops()).await.map(drop).map_err(Failure::new)
}

pub(crate) async fn interleaved_requests_on_a_failing_store_keep_every_guarantee<S: SessionStore>(
    store: &Arc<S>,
) -> Checked {
    interleave(store, Schedules::from_env().with_failures()).await.map(drop).map_err(Failure::new)
}

pub(crate) async fn a_broken_compare_and_swap_is_found<S: SessionStore>(store: &Arc<S>) -> Checked {
    is_found(store, Defect::CompareAndSwap).await
}

pub(crate) async fn a_write_to_a_missing_record_is_found<S: SessionStore>(store: &Arc<S>) -> Checked {
    is_found(store, Defect::Gone).await
}

pub(crate) async fn a_lost_tombstone_is_found<S: SessionStore>(store: &Arc<S>) -> Checked {
    is_found(store, Defect::Tombstones).await
}

async fn is_found<S: SessionStore>(store: &Arc<S>, defect: Defect) -> Checked {
    let store = Arc::new(DefectiveStore::new(Arc::clone(store), defect));
    match interleave(&store, Schedules::new(10_000)).await {
        Err(_) => Ok(()),
        Ok(_) => {
            Err(Failure::new(format_args!("the interleavings did not find the store's defect: {defect:?}")))
        }
    }
}
