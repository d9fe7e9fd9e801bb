//! Tests of the PostgreSQL store on a real server, including those that all stores on database servers share.

mod postgres {
    use std::path::Path;

    use hardtack_core::protocol::StoreKey;
    use hardtack_core::store::StoreError;
    use hardtack_engines::{PgBouncer, Postgres, PostgresProgram};
    use hardtack_postgres::PostgresStore;
    use hardtack_sql::{Settings, SqlMetrics};
    use hardtack_store_tests::sql::{Result, RowLock, TestedStore, write_the_same_records};

    struct OnPostgres;

    /// A transaction that has locked a row.
    struct Locked(tokio_postgres::Client);

    impl RowLock for Locked {
        async fn take(url: &str, key: &StoreKey) -> Result<Self> {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            client.batch_execute("BEGIN").await?;
            let taking = "SELECT 1 FROM hardtack_session WHERE key = $1 FOR UPDATE";
            client.query_one(taking, &[&key.as_bytes().as_slice()]).await?;
            Ok(Self(client))
        }

        async fn is_waited_for(&mut self) -> Result<bool> {
            let waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)";
            Ok(self.0.query_one(waiting, &[]).await?.get(0))
        }

        async fn release(self) -> Result {
            Ok(self.0.batch_execute("COMMIT").await?)
        }
    }

    impl TestedStore for OnPostgres {
        type Store = PostgresStore;
        type Program = PostgresProgram;
        type Lock = Locked;

        const SLOW_COMMITS: &'static [&'static str] = &["commit_delay=2000", "commit_siblings=1"];

        async fn connect(url: &str, settings: Settings) -> Result<PostgresStore, StoreError> {
            let options = PostgresStore::options().table(settings.table).timeout(settings.timeout);
            let options = options.readers(settings.readers).writers(settings.writers);
            match settings.sweep_interval {
                Some(interval) => options.sweep_interval(interval).connect(url).await,
                None => options.without_sweeping().connect(url).await,
            }
        }

        fn metrics(store: &PostgresStore) -> SqlMetrics {
            store.metrics()
        }

        async fn refuse_poison(url: &str) -> Result {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            let trigger = "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN IF new.data = '\\xbad0' THEN RAISE 'poison'; END IF; RETURN new; END $$;
                CREATE TRIGGER poison BEFORE INSERT ON hardtack_session
                FOR EACH ROW EXECUTE FUNCTION poison();";
            Ok(client.batch_execute(trigger).await?)
        }

        async fn damage(url: &str, key: &StoreKey) -> Result {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
            tokio::spawn(connection);
            let damage = "UPDATE hardtack_session SET label = '\\xff' WHERE key = $1";
            client.execute(damage, &[&key.as_bytes().as_slice()]).await?;
            Ok(())
        }

        fn encrypted(url: &str) -> String {
            format!("{url}?sslmode=require")
        }

        fn trusting(url: &str, certificates: &Path) -> String {
            format!("{url}&sslrootcert={}", certificates.display())
        }
    }

    #[tokio::test]
    #[ignore = "needs PostgreSQL and PgBouncer, which ./test installs"]
    async fn a_pooler_may_give_each_transaction_another_connection() -> Result {
        let engine = Postgres::start()?;
        let pooler = PgBouncer::start(&engine)?;
        write_the_same_records::<OnPostgres>(&pooler.url()).await?;
        println!("summary: {} through {}: nothing is lost", engine.version(), pooler.version());
        Ok(())
    }

    #[cfg(feature = "tls")]
    #[tokio::test]
    #[ignore = "needs PostgreSQL, which ./test installs"]
    async fn another_machine_is_not_reached_without_encryption_unless_the_url_says_so() -> Result {
        let engine = Postgres::start()?;
        // The host name is that of another machine, so encryption is required. The address avoids a lookup of the name.
        let url = engine.url().replace("127.0.0.1", "db.example.com") + "?hostaddr=127.0.0.1";
        let error = PostgresStore::connect(&url).await.expect_err("the server has no certificate");
        let why = std::error::Error::source(&error).ok_or("a reason")?.to_string();
        assert!(
            why.contains("TLS") && why.contains("sslmode=prefer") && why.contains("sslrootcert"),
            "{why}"
        );
        for mode in ["prefer", "disable"] {
            PostgresStore::connect(&format!("{url}&sslmode={mode}")).await?;
        }
        Ok(())
    }

    hardtack_store_tests::sql_store_tests!(OnPostgres, "needs PostgreSQL, which ./test installs");
}
