use std::borrow::Cow;
use std::fmt::{self, Display};

use serde::de::{self, Expected, Unexpected};
use serde::ser;

use crate::{Error, ErrorKind};

/// An error from serde during reading or writing, before it is converted to an [`Error`].
///
/// The message names only types. serde's own message would quote the value, which must not appear in a log.
#[derive(Debug)]
pub(crate) struct Fault {
    message: Cow<'static, str>,
    /// Whether Flask can read the text although this crate cannot.
    is_ours: bool,
}

impl Fault {
    pub(crate) fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), is_ours: false }
    }

    pub(crate) const fn malformed(what: &'static str) -> Self {
        Self { message: Cow::Borrowed(what), is_ours: false }
    }

    /// Creates the error for text that Flask can read, but this crate cannot.
    pub(crate) const fn ours(what: &'static str) -> Self {
        Self { message: Cow::Borrowed(what), is_ours: true }
    }

    pub(crate) fn too_deep() -> Self {
        Self::ours("the value is nested too deeply: keep it under 512 levels")
    }

    pub(crate) const fn is_ours(&self) -> bool {
        self.is_ours
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Error::new(ErrorKind::Value, fault.message)
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl ser::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

impl de::Error for Fault {
    fn custom<T: Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {}", name_of(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("expected {expected}, found {} that does not fit", name_of(&found)))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown variant, expected one of {expected:?}"))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("unknown field, expected one of {expected:?}"))
    }
}

/// Returns the name of the type, without the value. (The text of an `Other` comes from serde's `Visitor`, not from the
/// data.)
fn name_of(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a bool",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a float",
        Unexpected::Char(_) | Unexpected::Str(_) => "text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::NewtypeStruct => "a wrapped value",
        Unexpected::Seq => "a list or tuple",
        Unexpected::Map => "a dict",
        Unexpected::Enum
        | Unexpected::UnitVariant
        | Unexpected::NewtypeVariant
        | Unexpected::TupleVariant
        | Unexpected::StructVariant => "an enum",
        _ => "another type",
    }
}

#[cfg(test)]
mod tests {
    use crate::value::from_text;

    #[test]
    fn errors_name_types_and_never_values() {
        let message = |text| from_text::<u8>(text).unwrap_err().to_string();
        assert_eq!(message("\"hunter2\""), "expected u8, found text");
        assert_eq!(message("300"), "expected u8, found an integer that does not fit");
        assert_eq!(message("-1"), "expected u8, found an integer that does not fit");
        assert_eq!(message("[1]"), "expected u8, found a list or tuple");
        assert_eq!(message("1.5"), "expected u8, found a float");
        assert_eq!(message("null"), "expected u8, found null");
    }
}
