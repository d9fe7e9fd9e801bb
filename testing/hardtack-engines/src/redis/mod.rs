//! Redis: one server, a master and its replica with Sentinels, or a Cluster.

pub(crate) mod cluster;
pub(crate) mod node;
pub(crate) mod sentinel;
pub(crate) mod server;
