use std::any::{TypeId, type_name};
use std::sync::Arc;

use hardtack_core::{Error, ErrorKind};
use http::Extensions;

use crate::config::Config;
use crate::slot::{SessionRejection, Slot};

/// The sessions of one request, one for each marker, as stored in the request's extensions.
///
/// All markers share this type, so that a layer can see the sessions of the layers outside it.
#[derive(Clone)]
pub(crate) struct Handles {
    first: Handle,
    /// Empty in most applications, which have one session.
    others: Vec<Handle>,
}

#[derive(Clone)]
struct Handle {
    marker: TypeId,
    /// `Err` if the layer cannot be used.
    slot: Result<Arc<Slot>, Arc<Error>>,
}

impl Handles {
    /// Returns the slot of a marker's session.
    ///
    /// # Errors
    ///
    /// Returns an error if no layer with this marker has processed the request, or if its layers are misconfigured.
    pub(crate) fn slot<K: 'static>(extensions: &Extensions) -> Result<Arc<Slot>, SessionRejection> {
        let handles = extensions.get::<Self>().ok_or_else(SessionRejection::no_layer::<K>)?;
        let handle = handles.of::<K>().ok_or_else(SessionRejection::no_layer::<K>)?;
        handle.slot.clone().map_err(SessionRejection::misconfigured)
    }

    /// Returns whether a layer with this marker has processed the request.
    #[cfg(feature = "axum08")]
    pub(crate) fn has<K: 'static>(extensions: &Extensions) -> bool {
        extensions.get::<Self>().and_then(Self::of::<K>).is_some()
    }

    /// Adds a layer's slot to a request, and returns the slot if this layer must close it.
    pub(crate) fn enter<K: 'static>(
        extensions: &mut Extensions,
        slot: Result<Arc<Slot>, Arc<Error>>,
    ) -> Option<Arc<Slot>> {
        let first = Handle { marker: TypeId::of::<K>(), slot: slot.clone() };
        // Inserts the slot without a lookup, because usually no other layer has processed the request.
        match extensions.insert(Self { first, others: Vec::new() }) {
            None => slot.ok(),
            Some(outer) => outer.meet::<K>(extensions, slot),
        }
    }

    /// Returns whether a layer with these settings has already processed the request.
    #[cfg(feature = "inspect")]
    pub(crate) fn has_same<K: 'static>(
        extensions: &Extensions,
        config: &Result<Arc<Config>, Arc<Error>>,
    ) -> bool {
        let outer = extensions.get::<Self>().and_then(Self::of::<K>);
        outer.is_some_and(|outer| outer.is_open() && outer.is_of(config.as_ref()))
    }

    /// Adds the slot of a layer to a request that has already passed through another layer, or refuses the slot.
    /// Returns the slot if this layer must close it.
    #[cold]
    fn meet<K: 'static>(
        mut self,
        extensions: &mut Extensions,
        slot: Result<Arc<Slot>, Arc<Error>>,
    ) -> Option<Arc<Slot>> {
        let config = slot.as_ref().map(|slot| &slot.config);
        let mine: Option<Result<Arc<Slot>, Arc<Error>>> =
            match (self.of::<K>().filter(|outer| outer.is_open()), config) {
                // This is the same layer again: there is one session, and the outermost service closes it.
                (Some(outer), config) if outer.is_of(config) => None,
                (Some(outer), Ok(config)) => Some(Err(outer.other_settings::<K>(config))),
                (None, Ok(config)) => match self.of_name(config) {
                    Some(_) => Some(Err(same_name::<K>(config))),
                    None => Some(slot.clone()),
                },
                (_, Err(_)) => Some(slot.clone()),
            };
        if let (Ok(slot), Some(Err(mistake))) = (&slot, &mine) {
            slot.trace.mistake(&mistake.to_string());
        }
        let closes = mine.clone().and_then(Result::ok);
        if let Some(slot) = mine {
            self.put::<K>(slot);
        }
        extensions.insert(self);
        closes
    }

    fn all(&self) -> impl Iterator<Item = &Handle> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn of<K: 'static>(&self) -> Option<&Handle> {
        self.all().find(|handle| handle.marker == TypeId::of::<K>())
    }

    /// Returns an open session whose cookie has the same name.
    fn of_name(&self, config: &Config) -> Option<&Handle> {
        self.all().find(|other| {
            let is_same = |slot: &Arc<Slot>| slot.config.cookie.name == config.cookie.name;
            other.is_open() && other.slot.as_ref().is_ok_and(is_same)
        })
    }

    fn put<K: 'static>(&mut self, slot: Result<Arc<Slot>, Arc<Error>>) {
        let handle = Handle { marker: TypeId::of::<K>(), slot };
        let mut all = std::iter::once(&mut self.first).chain(&mut self.others);
        match all.find(|other| other.marker == handle.marker) {
            Some(located) => *located = handle,
            None => self.others.push(handle),
        }
    }
}

impl Handle {
    /// Returns whether the handle belongs to the current request. If extensions are kept and reused, they still contain
    /// the handles of earlier requests.
    fn is_open(&self) -> bool {
        self.slot.as_ref().map_or(true, |slot| !slot.is_closed())
    }

    fn is_of(&self, config: Result<&Arc<Config>, &Arc<Error>>) -> bool {
        match (&self.slot, config) {
            (Ok(slot), Ok(config)) => Arc::ptr_eq(&slot.config, config),
            (Err(outer), Err(error)) => Arc::ptr_eq(outer, error),
            _ => false,
        }
    }

    fn other_settings<K>(&self, config: &Config) -> Arc<Error> {
        let outer = match &self.slot {
            Ok(slot) => format!("the outer layer uses the cookie `{}`", slot.config.cookie.name),
            Err(_) => "the outer layer is misconfigured".to_owned(),
        };
        mistake(format!(
            "two different SessionLayers with the marker {} wrap the same handler: {outer}, and the inner layer \
             uses the cookie `{}`. Build the layer once and apply clones of it, or give one of them its own marker \
             with `.named::<Marker>(…)`",
            type_name::<K>(),
            config.cookie.name,
        ))
    }
}

fn same_name<K>(config: &Config) -> Arc<Error> {
    mistake(format!(
        "the SessionLayer with the marker {} uses the cookie `{}`, which another layer around the same handler \
         also uses, so each would overwrite the other's cookie: set a different name with `.cookie_name(…)`",
        type_name::<K>(),
        config.cookie.name,
    ))
}

fn mistake(sentence: String) -> Arc<Error> {
    tracing::error!("{sentence}");
    Arc::new(Error::new(ErrorKind::Config, sentence))
}
