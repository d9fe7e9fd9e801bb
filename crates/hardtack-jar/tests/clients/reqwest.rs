use std::sync::Arc;
use std::sync::atomic::Ordering;

use hardtack_jar::Jar;

use crate::server::{jar, serve};

/// Defines the same test for two versions of reqwest, whose items have the same names.
macro_rules! cookies_are_kept_over_redirects_and_until_they_expire {
    ($version:ident, $reqwest:ident) => {
        #[tokio::test]
        async fn $version() {
            // The client needs a provider if it is built with TLS. An error means that another test has installed one
            // already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let address = serve().await;
            let (cookies, seconds) = jar();
            let cookies = Arc::new(cookies);
            let client = ::$reqwest::Client::builder()
                .cookie_provider(Arc::clone(&cookies))
                .build()
                .expect("a client");
            let get = async |path: &str| {
                let response = client.get(format!("http://{address}{path}")).send().await.expect("an answer");
                response.text().await.expect("a text")
            };
            assert_eq!(get("/set").await, "a=1; b=2");
            assert_eq!(get("/show").await, "a=1; b=2");
            seconds.fetch_add(60, Ordering::SeqCst);
            assert_eq!(get("/show").await, "b=2");
            assert_eq!(cookies.write(Jar::end_session), 1);
            assert_eq!(get("/show").await, "");
            assert_eq!(cookies.read(Jar::len), 1);
        }
    };
}

cookies_are_kept_over_redirects_and_until_they_expire!(reqwest_0_12_keeps_cookies_over_redirects, reqwest012);
cookies_are_kept_over_redirects_and_until_they_expire!(reqwest_0_13_keeps_cookies_over_redirects, reqwest);
