use tour::Kind;

use crate::visitor::{Outcome, TourPage, session_cookie, visitor};

#[tokio::test]
async fn one_page_puts_a_number_in_and_another_reads_it() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        let page = browser.get("/my-route").await?;
        assert!(page.happened().contains("There is no favorite number yet."));
        assert!(page.set_cookies().is_empty(), "reading starts no session");
        assert_eq!(page.header("vary"), Some("Cookie"));

        let page = browser.get("/some-route").await?;
        assert!(page.happened().contains("Ok, I put that in the session"));
        let [cookie] = page.set_cookies()[..] else { panic!("one cookie") };
        assert!(cookie.starts_with("__Host-session="), "{cookie}");
        for attribute in ["Path=/", "Secure", "HttpOnly", "SameSite=Lax"] {
            assert!(
                cookie.split("; ").any(|part| part == attribute),
                "{attribute} in {cookie}"
            );
        }
        assert_eq!(page.header("cache-control"), Some("no-store"));

        let page = browser.get("/my-route").await?;
        assert!(
            page.text_of_happened()
                .contains("Your favorite number is 42, and 42 + 1 is 43.")
        );
        assert!(page.set_cookies().is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn another_browser_sees_nothing_of_it() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        browser.get("/some-route").await?;
        assert!(
            browser
                .stranger()
                .get("/my-route")
                .await?
                .happened()
                .contains("no favorite number")
        );
    }
    Ok(())
}

#[tokio::test]
async fn a4_a_forged_cookie_is_a_fresh_session() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        browser.get("/some-route").await?;
        let forged = format!("A{}", session_cookie(&browser));
        browser.edit_cookie("__Host-session", &forged)?;
        assert!(
            browser.get("/my-route").await?.happened().contains("no favorite number")
        );
    }
    Ok(())
}
