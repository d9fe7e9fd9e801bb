//! What is known before the first request: the settings, the table's name, and how the URL asks for encryption.

pub(crate) mod settings;
pub(crate) mod table;
pub(crate) mod tls_url;
