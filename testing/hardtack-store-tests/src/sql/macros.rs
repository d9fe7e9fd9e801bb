/// Generates the tests of a [`TestedStore`](crate::sql::TestedStore). The second argument states what the tests need,
/// such as `"needs MariaDB"`.
#[macro_export]
macro_rules! sql_store_tests {
    ($tested:ty, $needs:literal) => {
        $crate::sql_store_tests! {
            $tested, $needs:
            #[tokio::test] waiting_requests_are_sent_together
            #[tokio::test] a_request_holds_little_while_it_waits
            #[tokio::test] a_refused_write_fails_alone
            #[tokio::test] an_undecodable_row_is_unreadable_by_itself
            #[tokio::test] an_undecodable_row_hides_no_other
            #[tokio::test] programs_that_write_the_same_records_lose_nothing
            #[tokio::test] an_outage_fails_requests_at_once_and_ends_by_itself
            #[tokio::test] an_unnoticed_restart_fails_no_request
            #[tokio::test] the_automatic_sweep_uses_the_records_times
            #[tokio::test] a_clock_that_is_two_days_ahead_sweeps_no_live_session
            #[tokio::test] a11_a_session_renewed_while_it_is_ended_is_ended
            #[tokio::test] a11_no_renewal_by_another_program_escapes
            #[cfg(feature = "tls")] #[tokio::test] encrypted_connections_are_verified
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            a_sweep_removes_a_third_while_clients_work
        }
        $crate::sql_store_tests! {
            $tested, $needs, in several processes:
            programs_that_start_at_once_create_one_schema
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
    // These tests need their own path, because they start the test program again to run the same test in other
    // processes.
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
