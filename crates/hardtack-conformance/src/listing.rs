use std::sync::Arc;

use hardtack_core::store::SessionListing;

use crate::case::{Fresh, dispatch};
use crate::contract::listing;
use crate::failure::Failure;
use crate::report::Report;

/// Runs all listing cases, each on a fresh store. These cases are for stores that can be listed page by page, in
/// addition to those of [`run`](crate::run).
///
/// ```
/// use hardtack_core::store::MemoryStore;
/// use hardtack_conformance::{block_on, run_listing};
///
/// let report = block_on(run_listing(|| async { MemoryStore::new() }));
/// assert!(report.is_clean(), "{report}");
/// ```
pub async fn run_listing<F: Fresh<Store: SessionListing>>(stores: F) -> Report {
    Report::of(stores.name(), LISTING_CASES, async |case| check_listing(case, &stores).await).await
}

/// Generates a `#[test]` for each listing case, as [`suite!`](crate::suite) does for the other cases.
///
/// ```
/// use hardtack_core::store::MemoryStore;
///
/// async fn fresh() -> MemoryStore {
///     MemoryStore::new()
/// }
///
/// hardtack_conformance::suite!(fresh);
/// hardtack_conformance::listing_suite!(fresh);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! listing_suite {
    ($fresh:expr $(,)?) => {
        $crate::listing_suite!($fresh, $crate::block_on);
    };
    ($fresh:expr, $block_on:expr $(,)?) => {
        $crate::listing_suite!($fresh, $block_on, $crate::Fresh::name(&$fresh));
    };
    ($fresh:expr, $block_on:expr, $name:expr $(,)?) => {
        $crate::__listing_cases! {
            [$crate::__tests] [$fresh] [$block_on] [$name]
            [check_listing LISTING_CASES every_case_of_listing_has_run "listing cases"]
        }
    };
}

/// Not public API: the single list of all listing cases.
#[doc(hidden)]
#[macro_export]
macro_rules! __listing_cases {
    ([$($then:tt)*] $($arguments:tt)*) => {
        $($then)*! {
            $($arguments)*
            listing:
                an_empty_store_has_no_records_on_any_page
                every_record_is_on_a_page
                the_first_and_the_last_key_are_on_a_page
                a_page_has_no_more_than_was_asked_for
                a_page_is_limited
                a_listed_record_has_everything_except_its_data
                a_listed_record_has_the_size_of_its_data
                tombstones_are_listed_as_such
                an_expired_record_is_listed_until_it_is_swept
                records_created_meanwhile_hide_no_other
                records_removed_meanwhile_hide_no_other
                records_written_meanwhile_are_listed
                pages_and_writers_do_not_interfere
                a_cursor_may_be_kept_and_used_again
                an_invalid_cursor_is_an_error
                listed_records_can_be_revoked;
        }
    };
}

__listing_cases! { [dispatch] [LISTING_CASES check_listing SessionListing] }
