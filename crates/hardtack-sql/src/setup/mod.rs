//! The configuration of a store: the settings, the table's name, and the TLS parameters of the URL.

pub(crate) mod settings;
pub(crate) mod table;
pub(crate) mod tls_url;
