//! The MySQL store on a real server: what all stores on database servers are tested for.

mod mariadb {
    use std::path::Path;

    use hardtack_core::store::StoreError;
    use hardtack_engines::MariaDbMake;
    use hardtack_engines::sql_store::{Result, Tested};
    use hardtack_mysql::MySqlStore;
    use hardtack_sql::{Settings, SqlCounters};
    use mysql_async::prelude::Queryable;

    struct OnMariaDb;

    impl Tested for OnMariaDb {
        type Store = MySqlStore;
        type Make = MariaDbMake;

        async fn connect(url: &str, settings: Settings) -> Result<MySqlStore, StoreError> {
            let options = MySqlStore::options().table(settings.table).timeout(settings.timeout);
            let options = options.readers(settings.readers).writers(settings.writers);
            match settings.sweep_interval {
                Some(interval) => options.sweep_interval(interval).connect(url).await,
                None => options.without_sweeping().connect(url).await,
            }
        }

        fn counters(store: &MySqlStore) -> SqlCounters {
            store.counters()
        }

        async fn poison(url: &str) -> Result {
            let trigger = "CREATE TRIGGER poison BEFORE INSERT ON hardtack_session FOR EACH ROW BEGIN
                IF new.data = X'bad0' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'poison'; END IF; END";
            Ok(mysql_async::Conn::from_url(url).await?.query_drop(trigger).await?)
        }

        fn encrypted(url: &str) -> String {
            format!("{url}?ssl-mode=required")
        }

        fn trusting(url: &str, certificates: &Path) -> String {
            format!("{url}&ssl-ca={}", certificates.display())
        }
    }

    hardtack_engines::sql_store_tests!(OnMariaDb, "needs MariaDB, which ./test installs");
}
