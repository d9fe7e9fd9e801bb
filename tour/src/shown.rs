use hardtack_minijinja::minijinja::{Value, value::Serde};
use serde::Serialize;

/// Converts a part of the inspector's model to a template value.
pub(crate) fn shown<T: Serialize>(seen: &T) -> Value {
    Value::from(Serde(seen))
}
