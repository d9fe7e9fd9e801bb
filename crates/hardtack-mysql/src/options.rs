use hardtack_sql::Settings;

/// Options for connecting a [`MySqlStore`](crate::MySqlStore). Created by
/// [`MySqlStore::options`](crate::MySqlStore::options).
///
/// ```no_run
/// # async fn run() -> Result<(), hardtack_core::store::StoreError> {
/// use hardtack_mysql::MySqlStore;
/// use std::time::Duration;
///
/// let store = MySqlStore::options()
///     .table("sessions")
///     .readers(4)
///     .timeout(Duration::from_secs(2))
///     .connect("mysql://app:secret@db.example.com/app?ssl-mode=required")
///     .await?;
/// assert_eq!(store.metrics().failed, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "options have no effect until `connect` is called"]
pub struct MySqlOptions {
    pub(crate) settings: Settings,
}

hardtack_sql::store_options!(MySqlOptions, "database");
