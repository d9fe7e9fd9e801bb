//! Tests of the MySQL store on a real MariaDB server: those that all stores on database servers share.

mod mariadb {
    use std::path::Path;

    use hardtack_core::protocol::StoreKey;
    use hardtack_core::store::StoreError;
    use hardtack_engines::MariaDbProgram;
    use hardtack_mysql::MySqlStore;
    use hardtack_sql::{Settings, SqlMetrics};
    use hardtack_store_tests::sql::{Result, RowLock, TestedStore};
    use mysql_async::prelude::Queryable;

    struct OnMariaDb;

    /// A transaction that has locked a row, and a second connection that inspects the locks.
    struct Locked(mysql_async::Conn, mysql_async::Conn);

    impl RowLock for Locked {
        async fn take(url: &str, key: &StoreKey) -> Result<Self> {
            let mut conn = mysql_async::Conn::from_url(url).await?;
            conn.query_drop("START TRANSACTION").await?;
            let taking = "SELECT 1 FROM hardtack_session WHERE `key` = ? FOR UPDATE";
            conn.exec_drop(taking, (key.as_bytes().as_slice(),)).await?;
            Ok(Self(conn, mysql_async::Conn::from_url(url).await?))
        }

        async fn is_waited_for(&mut self) -> Result<bool> {
            // The server may return cached contents of its transaction tables if they are read often, but this counter
            // is always current.
            let waiting = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'";
            let count: Option<(String, String)> = self.1.query_first(waiting).await?;
            Ok(count.is_some_and(|(_, count)| count != "0"))
        }

        async fn release(mut self) -> Result {
            Ok(self.0.query_drop("COMMIT").await?)
        }
    }

    impl TestedStore for OnMariaDb {
        type Store = MySqlStore;
        type Program = MariaDbProgram;
        type Lock = Locked;

        const SLOW_COMMITS: &'static [&'static str] =
            &["log-bin", "binlog-commit-wait-count=3", "binlog-commit-wait-usec=2000"];

        async fn connect(url: &str, settings: Settings) -> Result<MySqlStore, StoreError> {
            let options = MySqlStore::options().table(settings.table).timeout(settings.timeout);
            let options = options.readers(settings.readers).writers(settings.writers);
            match settings.sweep_interval {
                Some(interval) => options.sweep_interval(interval).connect(url).await,
                None => options.without_sweeping().connect(url).await,
            }
        }

        fn metrics(store: &MySqlStore) -> SqlMetrics {
            store.metrics()
        }

        async fn refuse_poison(url: &str) -> Result {
            let trigger = "CREATE TRIGGER poison BEFORE INSERT ON hardtack_session FOR EACH ROW BEGIN
                IF new.data = X'bad0' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF; END";
            Ok(mysql_async::Conn::from_url(url).await?.query_drop(trigger).await?)
        }

        async fn damage(url: &str, key: &StoreKey) -> Result {
            let damage = "UPDATE hardtack_session SET label = X'ff' WHERE `key` = ?";
            let key = key.as_bytes().as_slice();
            Ok(mysql_async::Conn::from_url(url).await?.exec_drop(damage, (key,)).await?)
        }

        fn encrypted(url: &str) -> String {
            format!("{url}?ssl-mode=required")
        }

        fn trusting(url: &str, certificates: &Path) -> String {
            format!("{url}&ssl-ca={}", certificates.display())
        }
    }

    hardtack_store_tests::sql_store_tests!(OnMariaDb, "needs MariaDB, which ./test installs");
}
