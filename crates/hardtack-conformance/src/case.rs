use std::future::Future;
use std::sync::Arc;

use hardtack_core::store::SessionStore;

use crate::contract::{creating, cutting, deleting, loading, owning, racing, replacing, sweeping, touching};
use crate::failure::Failure;
use crate::interleave::cases as interleave;
use crate::protocol::{keeping, renewing, revoking, severing};
use crate::report::Report;

/// A factory of fresh, empty stores: any `Fn() -> impl Future<Output = S>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` makes no session stores",
    note = "give a plain `async fn() -> MyStore`, or a closure that returns such a future"
)]
pub trait Fresh {
    /// The store under test.
    type Store: SessionStore;

    /// Creates a store.
    fn fresh(&self) -> impl Future<Output = Self::Store>;

    /// Returns the store's name: by default, the name of its type.
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
/// The third argument, also optional, is the store's name where the number of its cases is printed: for example, its
/// engine and the engine's version. The default is the name of its type.
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
                what_was_never_written_is_not_there
                what_was_written_comes_back
                data_of_any_size_comes_back
                data_of_any_bytes_comes_back
                owners_of_any_text_come_back
                labels_of_any_text_come_back
                times_come_back_to_the_millisecond
                times_far_in_the_future_come_back
                an_expired_record_is_still_returned
                every_key_is_its_own;
            creating:
                create_never_overwrites
                create_never_overwrites_an_expired_record
                no_version_ever_comes_back;
            replacing:
                replace_writes_the_whole_record
                replacing_with_the_same_gives_a_new_version
                replace_needs_the_exact_version
                replace_never_inserts
                replace_moves_the_record_to_its_new_owner
                a_record_may_be_replaced_again_and_again;
            touching:
                touch_moves_the_two_times_and_nothing_else
                a_touch_gets_in_no_ones_way
                touch_needs_the_exact_version
                touch_never_inserts
                sweeping_follows_a_touch;
            deleting:
                delete_removes_the_record
                delete_needs_the_exact_version
                delete_of_nothing_is_refused
                what_was_deleted_can_be_created_again;
            owning:
                an_owner_of_nothing_has_no_records
                a_summary_tells_what_was_written
                every_owner_has_their_own_records
                many_records_of_one_owner_are_all_listed
                delete_owned_by_removes_all
                a12_delete_owned_by_spares_a_lineage
                a_strange_lineage_spares_nothing
                a_lineage_follows_a_replace
                a30_every_purpose_has_its_own_records
                pages_of_an_owners_records_come_in_the_order_of_their_keys
                a_page_of_an_owners_records_is_never_endless
                a_record_that_lost_its_owner_is_not_listed
                an_expired_record_is_its_owners_until_it_is_swept;
            sweeping:
                nothing_is_swept_where_nothing_expired
                what_expired_at_or_before_is_swept
                at_most_so_many_are_swept_until_none_is_left
                sweeping_follows_a_replace
                what_was_swept_is_gone_for_every_call
                a_deleted_record_is_not_swept;
            racing:
                of_many_who_create_one_wins
                of_many_who_replace_one_version_one_wins
                of_many_who_delete_one_wins
                no_count_is_lost
                writers_of_many_keys_do_not_meet
                a_record_that_goes_takes_its_listing_along;
            cutting:
                a_dropped_create_is_whole_or_not_at_all
                a_dropped_replace_is_whole_or_not_at_all
                dropped_calls_leave_the_store_usable;
            keeping:
                parallel_increments_are_all_counted
                different_keys_are_both_kept
                no_flash_is_lost_and_none_is_shown_twice
                the_last_of_two_inserts_wins_and_is_counted
                an_emptied_session_keeps_what_another_adds
                a_session_ends_when_it_expires
                a_record_that_cannot_be_read_is_no_session_and_stays
                a_record_that_cannot_be_read_is_listed_and_ends_with_its_owners;
            renewing:
                a_late_request_reads_and_writes_the_successor
                a_forward_ends_with_the_grace_period
                a_chain_of_renewals_is_followed
                two_renewals_at_once_make_one_successor
                a_writer_under_way_follows_a_renewal
                a_renewal_survives_who_writes_to_its_successor
                a_renewal_cut_short_loses_nothing;
            severing:
                a_login_ends_the_old_id
                a_login_keeps_the_cart_and_not_another_users_data
                a_late_request_cannot_write_after_a_login
                a_logout_ends_the_session_for_writers_under_way
                a_logout_follows_a_renewal
                a_renewal_and_a_logout_at_once_leave_no_session
                a_double_clicked_login_works
                a_repeated_login_beside_a_logout_is_whole
                a_login_cut_short_leaves_nothing_behind
                a_login_without_a_grace_period_is_not_lost;
            revoking:
                a_revoked_session_stays_out
                a_revoked_session_takes_its_renewal_along
                a_session_revoked_by_its_key_takes_its_renewal_along
                a_touch_on_what_is_gone_does_nothing
                a12_ending_the_others_spares_ones_own
                a12_ending_the_others_spares_ones_own_renewal
                every_login_begins_a_lineage
                a11_no_renewal_escapes_a_revocation
                a30_an_id_is_unknown_to_every_other_purpose;
            interleave:
                interleaved_requests_keep_every_promise
                interleaved_requests_cut_short_keep_every_promise
                interleaved_requests_on_a_failing_store_keep_every_promise
                a_broken_compare_and_swap_is_found
                a_write_to_what_is_gone_is_found
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
        /// Fails if the store does not pass the case, or there is no such case.
        pub async fn $check<F: Fresh<Store: $store>>(case: &str, stores: &F) -> Result<(), Failure> {
            let store = Arc::new(stores.fresh().await);
            $($(
                if case == stringify!($case) {
                    return Box::pin($module::$case::<F::Store>(&store)).await;
                }
            )*)*
            Err(Failure::new(format_args!("there is no case {case}")))
        }
    };
}

__cases! { [dispatch] [CASES check SessionStore] }

pub(crate) use dispatch;
