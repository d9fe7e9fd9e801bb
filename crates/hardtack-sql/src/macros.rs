//! The public methods of the stores and their options. Each engine's crate defines its own types, so that its
//! documentation includes these methods, and the macros in this file implement them.

/// Implements the store traits for a type whose field `store` is a `BatchedStore`.
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

            /// Removes the owner's records and looks for more, until it finds none. This takes at least two round
            /// trips.
            async fn delete_owned_by(
                &self,
                purpose: &::hardtack_core::protocol::Purpose,
                owner: &::hardtack_core::protocol::Owner,
                spared: Option<&::hardtack_core::protocol::Lineage>,
            ) -> Result<u64, ::hardtack_core::store::StoreError> {
                self.store.delete_owned_by(purpose, owner, spared).await
            }

            /// Deletes in steps of at most 256 records, so that other writes can run in between.
            async fn sweep(
                &self,
                now: ::std::time::SystemTime,
                at_most: usize,
            ) -> Result<usize, ::hardtack_core::store::StoreError> {
                self.store.sweep(now, at_most).await
            }
        }

        impl ::hardtack_core::store::SessionListing for $store {
            /// Returns the records in key order, so that each appears once.
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

/// Implements the setters for a type whose field `settings` is a `Settings`. The second argument is the noun for what
/// may precede a table's name, such as `schema`.
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
            /// Each part of the name consists of at most 48 ASCII letters, digits, and underscores, and does not start
            /// with a digit. Its case is preserved. A second, small table stores the schema version; its name is the
            /// name of the first with the suffix `_schema`.
            pub fn table(mut self, name: impl Into<String>) -> Self {
                self.settings.table = name.into();
                self
            }

            /// Sets the number of connections for reading; 2 by default. The minimum is 1.
            ///
            /// Requests that wait for the same connection are sent together, so a few connections are enough. More
            /// connections help a server with many processors, but use more of its memory.
            pub fn readers(mut self, count: usize) -> Self {
                self.settings.readers = count.max(1);
                self
            }

            /// Sets the number of connections for writing; 2 by default. The minimum is 1.
            ///
            /// Each connection sends the waiting writes as one batch, which costs one disk sync on the server. With two
            /// connections, the server executes one batch while the other waits for the disk. With more connections,
            /// the batches become smaller, so each write costs more.
            pub fn writers(mut self, count: usize) -> Self {
                self.settings.writers = count.max(1);
                self
            }

            /// Sets the timeout for connecting and for each answer; 10 s by default. When the timeout expires, the
            /// connection is closed and the requests that were sent fail. Whether the server applied their writes is
            /// unknown.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.settings.timeout = timeout;
                self
            }

            /// Sets how often the store removes expired records; once a minute by default.
            ///
            /// The sweep compares expiries with the `last_seen` time of the most recent write, or with the server's
            /// clock if that is earlier, so a program whose clock is ahead does not end sessions early. A sweep is
            /// skipped if the store has written no record since the last one. The sweep works in steps of 256 records
            /// and does not wait for locks. If several programs use one table, each of them sweeps, and skips the
            /// records that another program has locked.
            pub fn sweep_interval(mut self, interval: ::std::time::Duration) -> Self {
                self.settings.sweep_interval = Some(interval);
                self
            }

            /// Disables the automatic sweep. Expired records then stay in the table until the application calls
            /// [`sweep`](::hardtack_core::store::SessionStore::sweep).
            pub fn without_sweeping(mut self) -> Self {
                self.settings.sweep_interval = None;
                self
            }
        }
    };
}
