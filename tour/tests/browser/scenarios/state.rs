use crate::fixture::{ExpectedCookie, Visitor};

pub(crate) async fn conversation(visitor: &Visitor) {
    visitor.open("/conversation").await;
    let shown = visitor.result().await;
    assert!(shown.contains("The server does not know you yet."), "{shown}");
    assert!(shown.contains("Welcome back! I remember: you like ramen."), "{shown}");
    visitor.assert_cookies(&[]).await;
    visitor.page.fill("#fav_food", "pea soup").await.unwrap();
    visitor.follow(".action button", "/conversation").await;
    assert_eq!(visitor.text(".result output").await, "pea soup");
    assert!(
        visitor.result().await.contains("Welcome back! I remember: you like pea soup.")
    );
    assert!(visitor.shown_headers().await.contains("fav_food=pea%20soup"));
    visitor.assert_cookies(&[ExpectedCookie::new("fav_food", "pea%20soup")]).await;
}

pub(crate) async fn step_zero(visitor: &Visitor) {
    for (row, (way, leads_to)) in [
        ("query", "/step-one?carried=mint%20tea"),
        ("hidden", "/step-zero"),
        ("path", "/step-one/mint%20tea"),
        ("cookie", "/step-one"),
        ("session", "/step-one"),
    ]
    .into_iter()
    .enumerate()
    {
        carry(visitor, way, leads_to).await;
        if way == "hidden" {
            visitor.follow(".action button", "/step-one").await;
        }
        assert_eq!(arrived(visitor).await[row], "mint tea", "{way}");
    }
    for (row, way) in [(5, "localStorage"), (6, "sessionStorage")] {
        if visitor.runs_scripts() {
            carry(visitor, way, "/step-one").await;
            assert_eq!(arrived(visitor).await[row], "mint tea", "{way}");
        } else {
            carry(visitor, way, "/step-zero").await;
            assert!(
                visitor.text(".action").await.contains("Only JavaScript can read it"),
                "{way}"
            );
        }
    }
    visitor
        .assert_cookies(&[
            ExpectedCookie::new("carried", "mint%20tea"),
            visitor.session(),
        ])
        .await;
    visitor.open("/step-zero").await;
}

pub(crate) async fn step_one(visitor: &Visitor) {
    visitor.open("/step-one").await;
    let unseen =
        if visitor.runs_scripts() { "nothing" } else { "not visible to the server" };
    let nothing =
        ["nothing", "nothing", "nothing", "nothing", "nothing", unseen, unseen];
    assert_eq!(arrived(visitor).await, nothing);
    visitor.assert_cookies(&[]).await;

    carry(visitor, "cookie", "/step-one").await;
    carry(visitor, "session", "/step-one").await;
    assert_eq!(arrived(visitor).await[3..5], ["mint tea", "mint tea"]);
    visitor
        .assert_cookies(&[
            ExpectedCookie::new("carried", "mint%20tea"),
            visitor.session(),
        ])
        .await;

    visitor.follow(".action button[value=forget]", "/step-one").await;
    assert_eq!(arrived(visitor).await, nothing);
    visitor.assert_cookies(&visitor.with_emptied_session(&[])).await;
    carry(visitor, "path", "/step-one/mint%20tea").await;
    visitor.assert_cookies(&visitor.with_emptied_session(&[])).await;
}

pub(crate) async fn storage(visitor: &Visitor) {
    visitor.open("/storage").await;
    assert_eq!(visitor.text(".result output").await, "no cookie named note");
    visitor.assert_cookies(&[]).await;
    visitor.page.fill("#note-cookie", "buy flour").await.unwrap();
    visitor.follow("form[action='/storage'] button", "/storage").await;
    assert_eq!(visitor.text(".result output").await, "buy flour");
    let expected = [ExpectedCookie::new("note", "buy%20flour")];
    visitor.assert_cookies(&expected).await;

    let hidden = "!document.querySelector('[data-banner]').checkVisibility()";
    let reopens = "document.querySelector('[data-reopen]').checkVisibility()";
    if !visitor.runs_scripts() {
        assert!(visitor.page.evaluate::<bool>(hidden).await.unwrap());
        assert!(visitor.page.has("[data-store] button:disabled").await.unwrap());
        return;
    }
    for store in ["localStorage", "sessionStorage"] {
        let form = format!("[data-store={store}]");
        assert_eq!(visitor.text(&format!("{form} output")).await, "nothing");
        visitor.page.fill(&format!("#note-{store}"), store).await.unwrap();
        visitor.page.click(&format!("{form} button")).await.unwrap();
        assert_eq!(visitor.text(&format!("{form} output")).await, store);
    }
    // After the visitor closes the banner, it stays closed for this visit, even if the page is loaded again.
    assert!(!visitor.page.evaluate::<bool>(hidden).await.unwrap());
    assert!(!visitor.page.evaluate::<bool>(reopens).await.unwrap());
    visitor.page.click("[data-close]").await.unwrap();
    visitor.page.reload().await.unwrap();
    assert!(visitor.page.evaluate::<bool>(hidden).await.unwrap());
    // Another tab is another visit, but shares localStorage and the cookie with the first tab.
    let tab = visitor.context.page().await.unwrap();
    tab.open(&format!("{}/storage", visitor.url())).await.unwrap();
    assert!(!tab.evaluate::<bool>(hidden).await.unwrap());
    assert_eq!(
        tab.text("[data-store=localStorage] output").await.unwrap(),
        "localStorage"
    );
    assert_eq!(
        tab.text("[data-store=sessionStorage] output").await.unwrap(),
        "nothing"
    );
    visitor.page.click("[data-reopen]").await.unwrap();
    assert!(!visitor.page.evaluate::<bool>(hidden).await.unwrap());
    assert!(!visitor.page.evaluate::<bool>(reopens).await.unwrap());
    visitor.assert_cookies(&expected).await;
}

pub(crate) async fn which(visitor: &Visitor) {
    visitor.open("/which").await;
    assert!(visitor.result().await.contains("Nothing yet."));
    for need in ["server", "trust", "last"] {
        visitor.page.click(&format!("[name={need}]")).await.unwrap();
    }
    visitor.follow(".action button", "/which?server=on&trust=on&last=on&asked=1").await;
    assert_eq!(visitor.text(".result output").await, "a signed session");
    assert!(visitor.result().await.contains("session.permanent()"));
    assert_eq!(
        visitor
            .page
            .evaluate::<u8>("document.querySelectorAll(':checked').length")
            .await
            .unwrap(),
        3
    );
    visitor.assert_cookies(&[]).await;
}

async fn carry(visitor: &Visitor, way: &str, leads_to: &str) {
    visitor.open("/step-zero").await;
    visitor.page.fill("#carried", "mint tea").await.unwrap();
    visitor.follow(&format!(".action button[value={way}]"), leads_to).await;
}

/// Returns the values that arrived in the seven ways: query, hidden field, path, cookie, session, localStorage, and
/// sessionStorage.
async fn arrived(visitor: &Visitor) -> Vec<String> {
    visitor.page.texts(".result tbody td:first-of-type").await.unwrap()
}
