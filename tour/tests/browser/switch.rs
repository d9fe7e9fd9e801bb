use hardtack_chromium::Scripts;
use tour::Kind;

use crate::fixture::{Expected, Tour, Visitor};

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a_session_moves_from_kind_to_kind() {
        let tour = Tour::start(Kind::Stored);
        let visitor = Visitor::new(&tour, Scripts::Off).await;
        visitor.open("/login").await;
        visitor.log_in("john", "password123").await;
        visitor.open("/some-route").await;
        visitor.open("/my-route").await;
        for kind in [Kind::Signed, Kind::Encrypted, Kind::Stored] {
            let button = format!(".kinds button[value='{kind}']");
            visitor.follow(&button, "/my-route").await;
            assert!(visitor.happened().await.contains("Your favorite number is 42"));
            assert_eq!(
                visitor.page.texts(".kinds [aria-pressed=true]").await.unwrap(),
                [kind.to_string()]
            );
            visitor.keeps(&[Expected::session(kind), Expected::kind(kind)]).await;
            visitor.open("/profile").await;
            assert_eq!(visitor.text(".happened output").await, "john");
            visitor.open("/my-route").await;
        }
        tour.is_content();
    }
}
