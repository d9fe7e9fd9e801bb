//! PostgreSQL, MariaDB, and a connection pooler.

mod certificate;
pub(crate) mod database;
pub(crate) mod mariadb;
pub(crate) mod pgbouncer;
pub(crate) mod postgres;
