//! The public methods of a store and its options. The types belong to each engine's crate, so that its documentation
//! includes them; the shared parts are written here.

/// Implements a store for a type with a field `store`.
#[doc(hidden)]
#[macro_export]
macro_rules! session_store {
    ($store:ident) => {
        impl ::hardtack_core::store::SessionStore for $store {
            async fn load(
                &self,
                key: &::hardtack_core::protocol::StoreKey,
            ) -> Result<Option<::hardtack_core::store::Stored>, ::hardtack_core::store::StoreError> {
                self.store.load(key).await
            }

            async fn create(
                &self,
                key: &::hardtack_core::protocol::StoreKey,
                record: &::hardtack_core::protocol::Record,
            ) -> Result<::hardtack_core::store::Swap, ::hardtack_core::store::StoreError> {
                self.store.create(key, record).await
            }

            async fn replace(
                &self,
                key: &::hardtack_core::protocol::StoreKey,
                expected: ::hardtack_core::store::Version,
                record: &::hardtack_core::protocol::Record,
            ) -> Result<::hardtack_core::store::Swap, ::hardtack_core::store::StoreError> {
                self.store.replace(key, expected, record).await
            }

            async fn touch(
                &self,
                key: &::hardtack_core::protocol::StoreKey,
                expected: ::hardtack_core::store::Version,
                last_seen: ::std::time::SystemTime,
                expires_at: ::std::time::SystemTime,
            ) -> Result<bool, ::hardtack_core::store::StoreError> {
                self.store.touch(key, expected, last_seen, expires_at).await
            }

            async fn delete(
                &self,
                key: &::hardtack_core::protocol::StoreKey,
                expected: ::hardtack_core::store::Version,
            ) -> Result<bool, ::hardtack_core::store::StoreError> {
                self.store.delete(key, expected).await
            }

            async fn owned_by(
                &self,
                purpose: &::hardtack_core::protocol::Purpose,
                owner: &::hardtack_core::protocol::Owner,
                after: Option<&::hardtack_core::protocol::StoreKey>,
                at_most: usize,
            ) -> Result<Vec<::hardtack_core::store::Summary>, ::hardtack_core::store::StoreError> {
                self.store.owned_by(purpose, owner, after, at_most).await
            }

            /// Removes the owner's records and looks again until it finds none: at least two round trips.
            async fn delete_owned_by(
                &self,
                purpose: &::hardtack_core::protocol::Purpose,
                owner: &::hardtack_core::protocol::Owner,
                spared: Option<&::hardtack_core::protocol::Lineage>,
            ) -> Result<u64, ::hardtack_core::store::StoreError> {
                self.store.delete_owned_by(purpose, owner, spared).await
            }

            /// Deletes in steps of at most 256 records, between which other writes run.
            async fn sweep(
                &self,
                now: ::std::time::SystemTime,
                at_most: usize,
            ) -> Result<usize, ::hardtack_core::store::StoreError> {
                self.store.sweep(now, at_most).await
            }
        }

        impl ::hardtack_core::store::SessionListing for $store {
            /// Pages through the records in key order, so that each appears once.
            async fn page(
                &self,
                after: Option<&::hardtack_core::store::Cursor>,
                at_most: usize,
            ) -> Result<::hardtack_core::store::Page, ::hardtack_core::store::StoreError> {
                self.store.page(after, at_most).await
            }
        }
    };
}

/// Implements the setters for a type with a field `settings`. The second argument names what may precede a table's
/// name.
#[doc(hidden)]
#[macro_export]
macro_rules! store_options {
    ($options:ident, $before:literal) => {
        impl $options {
            pub(crate) fn new() -> Self {
                Self { settings: $crate::Settings::default() }
            }

            #[doc = concat!(
                "Sets the table's name, optionally with a ", $before, " before it; `hardtack_session` by default."
            )]
            ///
            /// The name consists of letters, digits, and underscores, and its case is preserved. A second, small table,
            /// named after the first with the suffix `_schema`, stores the schema version.
            pub fn table(mut self, name: impl Into<String>) -> Self {
                self.settings.table = name.into();
                self
            }

            /// Sets the number of connections for reading; 2 by default. The minimum is 1.
            ///
            /// Requests that wait for one connection are sent together, so a few connections are enough. More
            /// connections help a server with many processors, but cost it memory.
            pub fn readers(mut self, count: usize) -> Self {
                self.settings.readers = count.max(1);
                self
            }

            /// Sets the number of connections for writing; 2 by default. The minimum is 1.
            ///
            /// Each connection sends its waiting writes as one batch, with one disk sync on the server. With two
            /// connections, the server executes one batch while the other waits for the disk. With more, the batches
            /// become smaller, so each write costs more.
            pub fn writers(mut self, count: usize) -> Self {
                self.settings.writers = count.max(1);
                self
            }

            /// Sets the timeout for connecting and for each answer; 10 s by default. When it expires, the connection is
            /// closed and the waiting requests fail; whether their writes were applied is unknown.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.settings.timeout = timeout;
                self
            }

            /// Sets how often the store removes expired records; once a minute by default.
            ///
            /// The sweep uses the `last_seen` time of the most recently written record, or the server's clock if that
            /// is earlier, so a program whose clock is ahead does not end sessions early. It works in steps of a few
            /// hundred records and does not wait for locks. If several programs use one table, each sweeps and skips
            /// the records that another has locked.
            pub fn sweep_interval(mut self, interval: ::std::time::Duration) -> Self {
                self.settings.sweep_interval = Some(interval);
                self
            }

            /// Disables the automatic sweep. Expired records stay in the table until a job of your own calls
            /// [`sweep`](::hardtack_core::store::SessionStore::sweep).
            pub fn without_sweeping(mut self) -> Self {
                self.settings.sweep_interval = None;
                self
            }
        }
    };
}
