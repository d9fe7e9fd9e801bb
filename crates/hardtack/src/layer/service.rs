use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use hardtack_core::Error;
use http::{Request, Response};
use tower_service::Service;

use crate::config::Config;
use crate::marker::Main;
use crate::observe::Trace;
use crate::request::ResponseFuture;
use crate::slot::{Handles, Slot};

/// The service that a [`SessionLayer`](crate::SessionLayer) creates.
pub struct SessionService<S, K = Main> {
    pub(super) inner: S,
    pub(super) config: Result<Arc<Config>, Arc<Error>>,
    pub(super) marker: PhantomData<fn() -> K>,
}

impl<S, K, B, R> Service<Request<B>> for SessionService<S, K>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
    K: 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let trace = Trace::of(self.marker, &self.config, request.extensions());
        let slot = match &self.config {
            Ok(config) => Ok(Slot::new(Arc::clone(config), &request, trace)),
            Err(error) => Err(Arc::clone(error)),
        };
        let slot = Handles::enter::<K>(request.extensions_mut(), slot);
        ResponseFuture::new(self.inner.call(request), slot)
    }
}

impl<S: Clone, K> Clone for SessionService<S, K> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), config: self.config.clone(), marker: PhantomData }
    }
}

impl<S, K> fmt::Debug for SessionService<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("marker", &type_name::<K>()).finish_non_exhaustive()
    }
}
