//! What a store and its options look like from outside. Their types are each engine's own, so that their pages in the
//! documentation are; what is the same about them is written here.

/// Makes a type with a field `gathering` a store.
#[doc(hidden)]
#[macro_export]
macro_rules! session_store {
    ($store:ident) => {
        impl ::hardtack_core::store::SessionStore for $store {
            async fn load(
                &self,
                key: &::hardtack_core::session::StoreKey,
            ) -> Result<Option<::hardtack_core::store::Stored>, ::hardtack_core::store::StoreError> {
                self.gathering.load(key).await
            }

            async fn create(
                &self,
                key: &::hardtack_core::session::StoreKey,
                record: &::hardtack_core::session::Record,
            ) -> Result<::hardtack_core::store::Swap, ::hardtack_core::store::StoreError> {
                self.gathering.create(key, record).await
            }

            async fn replace(
                &self,
                key: &::hardtack_core::session::StoreKey,
                expected: ::hardtack_core::store::Version,
                record: &::hardtack_core::session::Record,
            ) -> Result<::hardtack_core::store::Swap, ::hardtack_core::store::StoreError> {
                self.gathering.replace(key, expected, record).await
            }

            async fn touch(
                &self,
                key: &::hardtack_core::session::StoreKey,
                expected: ::hardtack_core::store::Version,
                last_seen: ::std::time::SystemTime,
                expires_at: ::std::time::SystemTime,
            ) -> Result<bool, ::hardtack_core::store::StoreError> {
                self.gathering.touch(key, expected, last_seen, expires_at).await
            }

            async fn delete(
                &self,
                key: &::hardtack_core::session::StoreKey,
                expected: ::hardtack_core::store::Version,
            ) -> Result<bool, ::hardtack_core::store::StoreError> {
                self.gathering.delete(key, expected).await
            }

            async fn owned_by(
                &self,
                purpose: &::hardtack_core::session::Purpose,
                owner: &::hardtack_core::session::Owner,
                after: Option<&::hardtack_core::session::StoreKey>,
                at_most: usize,
            ) -> Result<Vec<::hardtack_core::store::Summary>, ::hardtack_core::store::StoreError> {
                self.gathering.owned_by(purpose, owner, after, at_most).await
            }

            /// Removes what it finds, and looks again until it finds nothing: two round trips at least.
            async fn delete_owned_by(
                &self,
                purpose: &::hardtack_core::session::Purpose,
                owner: &::hardtack_core::session::Owner,
                spared: Option<&::hardtack_core::session::Lineage>,
            ) -> Result<u64, ::hardtack_core::store::StoreError> {
                self.gathering.delete_owned_by(purpose, owner, spared).await
            }

            /// In steps of at most 256 records, between which other writes have their turn.
            async fn sweep(
                &self,
                now: ::std::time::SystemTime,
                at_most: usize,
            ) -> Result<usize, ::hardtack_core::store::StoreError> {
                self.gathering.sweep(now, at_most).await
            }
        }

        impl ::hardtack_core::store::SessionListing for $store {
            /// By the order of keys, so that each record comes once.
            async fn page(
                &self,
                after: Option<&::hardtack_core::store::Cursor>,
                at_most: usize,
            ) -> Result<::hardtack_core::store::Page, ::hardtack_core::store::StoreError> {
                self.gathering.page(after, at_most).await
            }
        }
    };
}

/// Gives a type with a field `settings` what is set there. The second argument is what may stand before a table's name.
#[doc(hidden)]
#[macro_export]
macro_rules! store_options {
    ($options:ident, $before:literal) => {
        impl $options {
            pub(crate) fn new() -> Self {
                Self { settings: $crate::Settings::default() }
            }

            #[doc = concat!(
                "Sets the table's name, with a ", $before, " before it if you like; `hardtack_session` by default."
            )]
            ///
            /// Letters, digits and underscores, taken as they are. A second, small table of this name and `_schema`
            /// tells the version of the first.
            pub fn table(mut self, name: impl Into<String>) -> Self {
                self.settings.table = name.into();
                self
            }

            /// Sets how many connections read; 2 by default, and never less than one.
            ///
            /// Requests that wait for one connection go together, so a few are enough: more of them help a server with
            /// many processors, and cost it memory.
            pub fn readers(mut self, count: usize) -> Self {
                self.settings.readers = count.max(1);
                self
            }

            /// Sets how many connections write; 2 by default, and never less than one.
            ///
            /// What waits goes as one group for each, with one wait for the server's disk. With two, one group is worked
            /// on while the other waits for the disk; with more the groups become smaller, so that each write costs more.
            pub fn writers(mut self, count: usize) -> Self {
                self.settings.writers = count.max(1);
                self
            }

            /// Sets how long connecting may take, and how long an answer; 10 s by default. Then the connection is given
            /// up, and what waited for it fails: of a write nobody knows whether it was applied.
            pub fn timeout(mut self, timeout: ::std::time::Duration) -> Self {
                self.settings.timeout = timeout;
                self
            }

            /// Sets how often the store removes expired records by itself; once a minute by default.
            ///
            /// It goes by the `last_seen` of the record written last, or by the server's clock if that is behind: so of
            /// several programs, one whose clock is ahead ends nobody's session. It takes steps of a few hundred records
            /// that wait for nobody. Of several programs at one table each sweeps,
            /// and passes over what another has in hand.
            pub fn sweep_interval(mut self, interval: ::std::time::Duration) -> Self {
                self.settings.sweep_interval = Some(interval);
                self
            }

            /// Lets expired records lie until [`sweep`](::hardtack_core::store::SessionStore::sweep) is called, by a
            /// job of your own.
            pub fn without_sweeping(mut self) -> Self {
                self.settings.sweep_interval = None;
                self
            }
        }
    };
}
