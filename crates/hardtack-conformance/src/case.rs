use std::future::Future;
use std::sync::Arc;

use hardtack_core::store::SessionStore;

use crate::contract::{creating, deleting, dropping, loading, owning, racing, replacing, sweeping, touching};
use crate::failure::Failure;
use crate::interleave::cases as interleave;
use crate::protocol::{merging, renewing, revoking, severing};
use crate::report::Report;

/// A factory of fresh, empty stores. Every function of the form `Fn() -> impl Future<Output = S>` is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not create session stores",
    note = "pass a plain `async fn() -> MyStore`, or a closure that returns such a future"
)]
pub trait Fresh {
    /// The store under test.
    type Store: SessionStore;

    /// Creates a store.
    fn fresh(&self) -> impl Future<Output = Self::Store>;

    /// Returns the store's name, which is the name of its type by default.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self::Store>()
    }
}

impl<F, R, S> Fresh for F
where
    F: Fn() -> R,
    R: Future<Output = S>,
    S: SessionStore,
{
    type Store = S;

    fn fresh(&self) -> impl Future<Output = S> {
        self()
    }
}

/// Runs all cases, each on a fresh store.
///
/// ```no_run
/// use hardtack_core::store::MemoryStore;
/// use hardtack_conformance::{block_on, run};
///
/// let report = block_on(run(|| async { MemoryStore::new() }));
/// assert!(report.is_clean(), "{report}");
/// ```
pub async fn run<F: Fresh>(stores: F) -> Report {
    Report::of(stores.name(), CASES, async |case| check(case, &stores).await).await
}

/// Generates a `#[test]` for each case.
///
/// The first argument returns a fresh, empty store each time it is called: a plain `async fn`, or a closure that
/// returns a future. The second argument is optional and runs a future to completion; for a store on tokio, it creates
/// a runtime:
///
/// ```
/// use hardtack_core::store::MemoryStore;
///
/// hardtack_conformance::suite!(
///     || async { MemoryStore::new() },
///     |case| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(case)
/// );
/// # fn main() {}
/// ```
///
/// The third argument is also optional. It is the store's name, such as its engine and the engine's version, which is
/// printed with the number of cases. The default is the name of the store's type.
#[macro_export]
macro_rules! suite {
    ($fresh:expr $(,)?) => {
        $crate::suite!($fresh, $crate::block_on);
    };
    ($fresh:expr, $block_on:expr $(,)?) => {
        $crate::suite!($fresh, $block_on, $crate::Fresh::name(&$fresh));
    };
    ($fresh:expr, $block_on:expr, $name:expr $(,)?) => {
        $crate::__cases! { [$crate::__tests] [$fresh] [$block_on] [$name] [check CASES every_case_has_run "cases"] }
    };
}

/// Not public API: generates the tests of [`suite!`] and [`listing_suite!`](crate::listing_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! __tests {
    (
        [$fresh:expr] [$block_on:expr] [$name:expr] [$check:ident $cases:ident $last:ident $noun:literal]
        $($module:ident: $($case:ident)*;)*
    ) => {
        $($(
            #[test]
            fn $case() {
                if let Err(failure) = ($block_on)($crate::$check(stringify!($case), &$fresh)) {
                    panic!("{failure}");
                }
            }
        )*)*

        #[test]
        fn $last() {
            println!("{}: {} {}", $name, $crate::$cases.len(), $noun);
            assert_eq!([$($(stringify!($case)),*),*], *$crate::$cases);
        }
    };
}

/// Not public API: the single list of all cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __cases {
    ([$($then:tt)*] $($arguments:tt)*) => {
        $($then)*! {
            $($arguments)*
            loading:
                an_unknown_key_has_no_record
                a_created_record_comes_back
                data_of_any_size_comes_back
                data_of_any_bytes_comes_back
                owners_of_any_text_come_back
                labels_of_any_text_come_back
                times_come_back_to_the_millisecond
                times_far_in_the_future_come_back
                an_expired_record_is_still_returned
                keys_are_independent;
            creating:
                create_never_overwrites
                create_never_overwrites_an_expired_record
                no_version_is_reused;
            replacing:
                replace_writes_the_whole_record
                replacing_with_the_same_record_gives_a_new_version
                replace_needs_the_exact_version
                replace_never_inserts
                replace_moves_the_record_to_its_new_owner
                a_record_may_be_replaced_again_and_again;
            touching:
                touch_updates_only_the_two_times
                a_touch_keeps_the_version
                touch_needs_the_exact_version
                touch_never_inserts
                sweeping_follows_a_touch;
            deleting:
                delete_removes_the_record
                delete_needs_the_exact_version
                delete_of_a_missing_record_is_refused
                a_deleted_record_can_be_created_again;
            owning:
                an_unknown_owner_has_no_records
                a_summary_matches_the_record
                every_owner_has_their_own_records
                many_records_of_one_owner_are_all_listed
                delete_owned_by_removes_all
                a12_delete_owned_by_spares_a_lineage
                an_unknown_lineage_spares_nothing
                a_lineage_follows_a_replace
                a30_every_purpose_has_its_own_records
                an_owners_pages_are_in_key_order
                an_owners_pages_are_limited
                a_record_that_lost_its_owner_is_not_listed
                an_expired_record_keeps_its_owner_until_it_is_swept;
            sweeping:
                nothing_is_swept_if_nothing_expired
                records_expired_at_or_before_the_time_are_swept
                a_sweep_respects_its_limit
                sweeping_follows_a_replace
                a_swept_record_is_gone_for_every_call
                a_deleted_record_is_not_swept;
            racing:
                one_of_many_creates_wins
                one_of_many_replacements_wins
                one_of_many_deletes_wins
                no_increment_is_lost
                writers_of_different_keys_do_not_interfere
                a_removed_record_is_not_listed;
            dropping:
                a_dropped_create_is_atomic
                a_dropped_replace_is_atomic
                dropped_calls_leave_the_store_usable;
            merging:
                parallel_increments_are_all_counted
                different_keys_are_both_kept
                no_flash_is_lost_and_none_is_shown_twice
                the_last_of_two_inserts_wins_and_is_counted
                a_cleared_session_keeps_what_another_request_adds
                a_session_ends_when_it_expires
                an_undecodable_record_is_not_a_session_and_stays
                an_undecodable_record_is_listed_and_deleted_with_its_owners;
            renewing:
                a_late_request_reads_and_writes_the_successor
                a_forward_ends_with_the_grace_period
                a_chain_of_renewals_is_followed
                concurrent_renewals_create_one_successor
                a_running_writer_follows_a_renewal
                a_renewal_survives_writes_to_its_successor
                a_dropped_renewal_loses_nothing;
            severing:
                a_login_ends_the_old_id
                a_login_keeps_the_cart_and_not_another_users_data
                a_late_request_cannot_write_after_a_login
                a_logout_ends_the_session_for_running_writers
                a_logout_follows_a_renewal
                a_concurrent_renewal_and_logout_leave_no_session
                a_double_clicked_login_works
                a_repeated_login_during_a_logout_is_complete
                a_dropped_login_leaves_nothing_behind
                a_login_without_a_grace_period_is_not_lost;
            revoking:
                a_revoked_session_stays_ended
                revoking_a_session_ends_its_renewal
                revoking_a_key_ends_its_renewal
                a_touch_of_a_revoked_session_does_nothing
                a12_ending_the_others_spares_the_own_session
                a12_ending_the_others_spares_the_own_renewal
                every_login_begins_a_lineage
                a11_no_renewal_escapes_a_revocation
                a30_an_id_is_unknown_to_every_other_purpose;
            interleave:
                interleaved_requests_keep_every_guarantee
                dropped_interleaved_requests_keep_every_guarantee
                interleaved_requests_on_a_failing_store_keep_every_guarantee
                a_broken_compare_and_swap_is_found
                a_write_to_a_missing_record_is_found
                a_lost_tombstone_is_found;
        }
    };
}

macro_rules! dispatch {
    ([$cases:ident $check:ident $store:ident] $($module:ident: $($case:ident)*;)*) => {
        /// The names of all cases, in order.
        pub const $cases: &[&str] = &[$($(stringify!($case)),*),*];

        /// Runs one case on a fresh store.
        ///
        /// # Errors
        ///
        /// Fails if the store does not pass the case, or if no case has this name.
        pub async fn $check<F: Fresh<Store: $store>>(case: &str, stores: &F) -> Result<(), Failure> {
            let store = Arc::new(stores.fresh().await);
            $($(
                if case == stringify!($case) {
                    return Box::pin($module::$case::<F::Store>(&store)).await;
                }
            )*)*
            Err(Failure::new(format_args!("unknown case {case}")))
        }
    };
}

__cases! { [dispatch] [CASES check SessionStore] }

pub(crate) use dispatch;
