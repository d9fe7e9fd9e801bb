use hardtack_sql::Settings;

/// Options for connecting a [`PostgresStore`](crate::PostgresStore). Created by
/// [`PostgresStore::options`](crate::PostgresStore::options).
///
/// ```no_run
/// # async fn run() -> Result<(), hardtack_core::store::StoreError> {
/// use hardtack_postgres::PostgresStore;
/// use std::time::Duration;
///
/// let store = PostgresStore::options()
///     .table("app.sessions")
///     .readers(4)
///     .timeout(Duration::from_secs(2))
///     .connect("postgres://app:secret@db.example.com/app?sslmode=require")
///     .await?;
/// assert_eq!(store.metrics().failed, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "options have no effect until `connect` is called"]
pub struct PostgresOptions {
    pub(crate) settings: Settings,
}

hardtack_sql::store_options!(PostgresOptions, "schema");
