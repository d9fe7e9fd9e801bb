use hardtack_chromium::Scripts;
use tour::Backend;

use crate::fixture::{ExpectedCookie, Tour, Visitor};

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a_session_moves_between_backends() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::Off).await;
        visitor.open("/login").await;
        visitor.log_in("john", "password123").await;
        visitor.open("/some-route").await;
        visitor.open("/my-route").await;
        for backend in [Backend::Signed, Backend::Encrypted, Backend::Stored] {
            let button = format!(".backends button[value='{backend}']");
            visitor.follow(&button, "/my-route").await;
            assert!(visitor.result().await.contains("Your favorite number is 42"));
            assert_eq!(
                visitor.page.texts(".backends [aria-pressed=true]").await.unwrap(),
                [backend.to_string()]
            );
            visitor
                .assert_cookies(&[
                    ExpectedCookie::session(backend),
                    ExpectedCookie::backend_choice(backend),
                ])
                .await;
            visitor.open("/profile").await;
            assert_eq!(visitor.text(".result output").await, "john");
            visitor.open("/my-route").await;
        }
        tour.assert_no_errors();
    }
}
