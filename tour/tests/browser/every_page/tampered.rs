use hardtack_chromium::Scripts;
use tour::{Backend, pages};

use crate::fixture::{Tour, Visitor};

mod chromium {
    use super::*;

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a4_a_signed_cookie_edited_by_hand_is_a_fresh_session() {
        check_edited_cookies(Backend::Signed).await;
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a4_an_encrypted_cookie_edited_by_hand_is_a_fresh_session() {
        check_edited_cookies(Backend::Encrypted).await;
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn a4_an_id_edited_by_hand_is_a_fresh_session() {
        check_edited_cookies(Backend::Stored).await;
    }
}

/// Checks that a visitor who edits the session cookie of a login sees the same pages as a new visitor.
async fn check_edited_cookies(backend: Backend) {
    let tour = Tour::start(backend);
    let user = Visitor::new(&tour, Scripts::On).await;
    user.open("/login").await;
    user.log_in("john", "password123").await;
    user.open("/some-route").await;
    let real = user.cookies().await.remove(0);
    let (forger, stranger) = (user.another().await, user.another().await);
    for page in pages() {
        let seen =
            stranger.page.open(&format!("{}{}", tour.url, page.path)).await.unwrap();
        for value in ["", "x", &real.value[1..], &change_character(&real.value)] {
            let mut forged = real.clone();
            forged.value = value.to_owned();
            forger.context.clear_cookies().await.unwrap();
            forger.context.set_cookie(&tour.url, &forged).await.unwrap();
            forger.open_with_status(page.path, seen.status).await;
            assert_eq!(
                forger.text("h1").await,
                stranger.text("h1").await,
                "{}",
                page.path
            );
        }
        forger.open_with_status("/profile", 401).await;
        // The next write starts a new session.
        forger.open("/some-route").await;
        forger.assert_session_cookie().await;
    }
    // The original login is unaffected.
    user.open("/profile").await;
    assert_eq!(user.text(".result output").await, "john");
    tour.assert_no_errors();
    println!(
        "summary: {backend} cookies edited by hand: {} pages look as they do to a new visitor",
        pages().count()
    );
}

/// Changes a character in the middle of a value, because the last character of base64 has bits that are not
/// significant.
fn change_character(value: &str) -> String {
    let middle = value.len() / 2;
    let letter = if value[middle..].starts_with('A') { "B" } else { "A" };
    format!("{}{letter}{}", &value[..middle], &value[middle + 1..])
}
