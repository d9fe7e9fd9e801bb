//! Connections to one server, to the master that Sentinels report, and to the nodes of a Cluster.

pub(crate) mod address;
pub(crate) mod cluster;
mod connection_settings;
mod hash_slot;
mod sentinel;
pub(crate) mod server;

pub(crate) use connection_settings::ConnectionSettings;
