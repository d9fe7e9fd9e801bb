/// Defines the error type of a crate: a kind, a message, and an optional source error. The visibility that is written
/// before `fn new` is the visibility of the constructors.
#[doc(hidden)]
#[macro_export]
macro_rules! error_type {
    (
        $(#[$attribute:meta])*
        pub struct $Error:ident($Kind:ty);
        $new:vis fn new;
    ) => {
        $(#[$attribute])*
        #[derive(Debug)]
        pub struct $Error {
            kind: $Kind,
            message: ::std::borrow::Cow<'static, str>,
            source: Option<Box<dyn ::std::error::Error + Send + Sync>>,
        }

        impl $Error {
            /// Creates an error with this kind. `message` is lower case, has no full stop, and names the fix.
            $new fn new(kind: $Kind, message: impl Into<::std::borrow::Cow<'static, str>>) -> Self {
                Self { kind, message: message.into(), source: None }
            }

            /// Sets the error that caused this one.
            #[must_use]
            $new fn with_source(
                mut self,
                source: impl Into<Box<dyn ::std::error::Error + Send + Sync>>,
            ) -> Self {
                self.source = Some(source.into());
                self
            }

            /// Returns the kind of this error.
            pub fn kind(&self) -> $Kind {
                self.kind
            }
        }

        impl ::std::fmt::Display for $Error {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.message)
            }
        }

        impl ::std::error::Error for $Error {
            fn source(&self) -> Option<&(dyn ::std::error::Error + 'static)> {
                self.source.as_deref().map(|source| source as _)
            }
        }
    };
}

error_type! {
    /// An error whose message says what went wrong and how to fix it.
    ///
    /// Bad input from a visitor never becomes an `Error`: the visitor gets a fresh session, and the event is counted.
    /// An `Error` reports a developer's mistake, or a value that does not have the requested type.
    ///
    /// ```
    /// use hardtack_core::ErrorKind;
    /// use hardtack_core::cookie::SetCookie;
    ///
    /// let error = SetCookie::new("__Host-theme", "dark").to_header().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Cookie);
    /// assert!(error.to_string().contains("add `.secure()`"));
    /// ```
    pub struct Error(ErrorKind);
    pub fn new;
}

/// The broad category of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A cookie that browsers would refuse, or that cannot be written at all.
    Cookie,
    /// A secret that is missing or too short.
    Key,
    /// A value that is malformed, does not have the requested type, or cannot be represented in the wire format.
    Value,
    /// Settings that contradict each other.
    Config,
    /// A use of a session that is not allowed, such as a change after the response head has been sent.
    Session,
}
