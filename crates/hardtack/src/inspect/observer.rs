use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hardtack_core::Error;

use crate::inspect::{LayerInfo, SessionTrace};

/// An observer of one request. Put the observer into the request's extensions, and read its traces once the response is
/// ready.
///
/// Clones refer to the same observer.
#[derive(Clone, Default)]
pub struct Observer(Arc<Mutex<Vec<Arc<Mutex<SessionTrace>>>>>);

impl Observer {
    /// Returns an observer without traces.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the traces so far: one for each session layer that the request has passed through, starting with the
    /// outermost layer.
    pub fn traces(&self) -> Vec<SessionTrace> {
        lock(&self.0).iter().map(|trace| lock(trace).clone()).collect()
    }

    /// Creates the trace of a layer, and returns it.
    pub(crate) fn trace<K>(
        &self,
        _marker: PhantomData<fn() -> K>,
        layer: Result<Arc<LayerInfo>, &Arc<Error>>,
    ) -> Arc<Mutex<SessionTrace>> {
        let mut trace = SessionTrace::new(type_name::<K>());
        match layer {
            Ok(layer_info) => trace.layer = Some(layer_info),
            Err(error) => trace.mistake = Some(error.to_string().into()),
        }
        let trace = Arc::new(Mutex::new(trace));
        lock(&self.0).push(Arc::clone(&trace));
        trace
    }
}

/// Locks a mutex. A panic under the lock cannot leave its value half written, so poisoning is ignored.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Redacted: shows only the number of traces.
impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").field("traces", &lock(&self.0).len()).finish_non_exhaustive()
    }
}
