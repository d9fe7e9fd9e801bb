use std::fmt;
use std::sync::Arc;

use hardtack::{Session, Value};
use minijinja::value::{Enumerator, Object, Tuple, Value as TemplateValue, from_args};
use minijinja::{Error, ErrorKind, State};

use crate::convert::to_template;

/// The session as a read-only object for templates.
///
/// A value is read from the session only when the template uses it. The response to a page that uses no value therefore
/// has no `Vary: Cookie`.
pub(crate) struct SessionObject<K>(pub(crate) Session<K>);

impl<K: 'static> SessionObject<K> {
    fn get(&self, key: &str) -> Option<TemplateValue> {
        self.0.get::<Value>(key).map(to_template)
    }

    fn keys(&self) -> impl Iterator<Item = TemplateValue> {
        self.0.keys().into_iter().map(TemplateValue::from)
    }
}

impl<K: 'static> Object for SessionObject<K> {
    /// Evaluates `session["x"]`.
    fn get_value(self: &Arc<Self>, key: &TemplateValue) -> Option<TemplateValue> {
        self.get(key.as_str()?)
    }

    /// Evaluates `session.x`. As in Flask, `session.permanent` is a property of the session and not a key in it.
    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<TemplateValue> {
        match name {
            "permanent" => Some(TemplateValue::from(self.0.is_permanent())),
            key => self.get(key),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.keys().collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        !self.0.is_empty()
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[TemplateValue],
    ) -> Result<TemplateValue, Error> {
        match method {
            "get" => {
                let (key, default): (&str, Option<TemplateValue>) = from_args(args)?;
                Ok(self.get(key).or(default).unwrap_or_else(|| TemplateValue::from(())))
            }
            "keys" => {
                let () = from_args(args)?;
                Ok(self.keys().collect())
            }
            "values" => {
                let () = from_args(args)?;
                Ok(self.0.iter().map(|(_, value)| to_template(value)).collect())
            }
            "items" => {
                let () = from_args(args)?;
                Ok(pairs(self.0.iter().map(|(key, value)| (TemplateValue::from(key), to_template(value)))))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// Omits the session's contents.
impl<K> fmt::Debug for SessionObject<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// Converts pairs to the list of tuples that the `items` methods return.
pub(crate) fn pairs(pairs: impl Iterator<Item = (TemplateValue, TemplateValue)>) -> TemplateValue {
    pairs.map(|(key, value)| TemplateValue::from(Tuple::from([key, value]))).collect()
}
