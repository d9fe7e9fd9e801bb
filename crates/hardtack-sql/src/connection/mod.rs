//! The connections to the server. Each connection has a worker that takes requests from a queue and sends them in
//! batches.

mod last_write_clock;
mod query;
mod reconnecting_connection;
pub(crate) mod request;
mod worker;
mod workers;

pub(crate) use reconnecting_connection::ReconnectingConnection;
pub(crate) use workers::Workers;
