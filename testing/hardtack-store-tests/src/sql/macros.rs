/// Generates the tests of a [`Tested`](crate::sql::Tested) store. The second argument states what they need, such as
/// `"needs MariaDB"`.
#[macro_export]
macro_rules! sql_store_tests {
    ($tested:ty, $needs:literal) => {
        $crate::sql_store_tests! {
            $tested, $needs:
            #[tokio::test] what_waits_together_goes_together
            #[tokio::test] a_write_that_the_server_refuses_fails_only_itself
            #[tokio::test] a_row_that_cannot_be_decoded_is_unreadable_by_itself
            #[tokio::test] a_row_that_cannot_be_decoded_hides_no_other
            #[tokio::test] programs_that_write_the_same_records_lose_nothing
            #[tokio::test] an_outage_fails_requests_at_once_and_ends_by_itself
            #[tokio::test] a_restart_that_nobody_noticed_fails_nobody
            #[tokio::test] the_store_sweeps_by_itself_by_the_records_own_time
            #[tokio::test] a_clock_that_is_two_days_ahead_sweeps_no_live_session
            #[tokio::test] a11_a_session_renewed_while_it_is_ended_is_ended
            #[tokio::test] a11_no_renewal_by_another_program_escapes
            #[cfg(feature = "tls")] #[tokio::test] what_is_encrypted_is_verified
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            sweeping_takes_a_third_away_while_clients_work
        }
        $crate::sql_store_tests! {
            $tested, $needs, in several processes:
            programs_that_start_at_once_make_one_schema
            a11_no_renewal_in_another_process_escapes
        }
    };
    ($tested:ty, $needs:literal: $($(#[$attribute:meta])+ $test:ident)+) => {
        $(
            $(#[$attribute])+
            #[ignore = $needs]
            async fn $test() -> $crate::sql::Result {
                $crate::sql::$test::<$tested>().await
            }
        )+
    };
    // These tests start the test program again, and tell it their path.
    ($tested:ty, $needs:literal, in several processes: $($test:ident)+) => {
        $(
            #[test]
            #[ignore = $needs]
            fn $test() -> $crate::sql::Result {
                $crate::sql::$test::<$tested>(concat!(module_path!(), "::", stringify!($test)))
            }
        )+
    };
}
