use tour::Backend;

use crate::fixture::Visitor;

pub(crate) async fn some_route(visitor: &Visitor) {
    visitor.open("/some-route").await;
    assert_eq!(visitor.text(".result output").await, "42");
    visitor.assert_cookies(&[visitor.session()]).await;
    // Setting a key to the same value is not a change, and writes nothing.
    let before = visitor.cookies().await;
    visitor.open("/some-route").await;
    assert_eq!(visitor.cookies().await, before);
}

pub(crate) async fn my_route(visitor: &Visitor) {
    visitor.open("/my-route").await;
    assert!(visitor.result().await.contains("There is no favorite number yet."));
    visitor.assert_cookies(&[]).await;
    visitor.follow(".action a[href='/some-route']", "/some-route").await;
    visitor.follow(".action a[href='/my-route']", "/my-route").await;
    assert!(
        visitor
            .result()
            .await
            .contains("Your favorite number is 42, and 42 + 1 is 43.")
    );
    visitor.assert_cookies(&[visitor.session()]).await;
}

pub(crate) async fn types(visitor: &Visitor) {
    visitor.open("/types").await;
    assert!(visitor.result().await.contains("None of them is stored yet."));
    visitor.assert_cookies(&[]).await;
    visitor.follow(".action button", "/types").await;
    assert_eq!(visitor.text(".result output").await, "43");
    assert_eq!(visitor.text(".result p b").await, "bold");
    let kinds = [
        "integer", "float", "text", "truth", "nothing", "list", "tuple", "bytes",
        "datetime", "UUID", "markup",
    ];
    assert_eq!(visitor.page.texts(".result td:nth-of-type(1)").await.unwrap(), kinds);
    visitor.assert_cookies(&[visitor.session()]).await;
}

pub(crate) async fn leaderboard(visitor: &Visitor) {
    visitor.open("/leaderboard").await;
    assert!(visitor.result().await.contains("The leaderboard is empty."));
    visitor.assert_cookies(&[]).await;
    for (player, points) in [("Ann", "7"), ("Bo", "30"), ("Cy", "12")] {
        visitor.page.fill("#player", player).await.unwrap();
        visitor.page.fill("#points", points).await.unwrap();
        visitor.follow(".action button", "/leaderboard").await;
        visitor.assert_cookies(&[visitor.session()]).await;
    }
    assert_eq!(
        visitor.page.texts(".leaderboard b").await.unwrap(),
        ["Bo", "Cy", "Ann"]
    );
    assert_eq!(
        visitor.page.texts(".leaderboard output").await.unwrap(),
        ["30", "12", "7"]
    );
}

pub(crate) async fn anatomy(visitor: &Visitor) {
    visitor.open("/anatomy").await;
    assert!(visitor.result().await.contains("fav_color"));
    visitor.assert_cookies(&[]).await;
    for (button, words) in [("letter", "Rejected:"), ("key", "Rejected:")] {
        visitor.open("/anatomy").await;
        visitor
            .follow_with_status(&format!(".action button[value={button}]"), 400)
            .await;
        assert!(
            visitor.text(".result [role=alert]").await.starts_with(words),
            "{button}"
        );
    }
    // A token that is edited by hand is rejected too, and an unchanged token is accepted.
    visitor.open("/anatomy").await;
    let token: String = visitor.page.evaluate("token.value").await.unwrap();
    visitor.page.fill("#token", &token.replacen('e', "f", 1)).await.unwrap();
    visitor.follow_with_status(".action button:not([name])", 400).await;
    visitor.page.fill("#token", &token).await.unwrap();
    visitor.follow(".action button:not([name])", "/anatomy").await;
    assert!(visitor.text(".result [role=status]").await.starts_with("Accepted"));
    visitor.page.fill("#token", "a letter").await.unwrap();
    visitor.follow_with_status(".action button:not([name])", 400).await;
    assert!(visitor.result().await.contains("This is not a signed cookie"));
    visitor.assert_cookies(&[]).await;

    visitor.open("/some-route").await;
    visitor.open("/anatomy").await;
    assert!(visitor.result().await.contains(r#"{"fav_number":42}"#));
    assert_eq!(visitor.page.texts(".encodings .card").await.unwrap().len(), 3);
    visitor.assert_cookies(&[visitor.session()]).await;
}

pub(crate) async fn remember(visitor: &Visitor) {
    visitor.open("/remember").await;
    assert!(visitor.result().await.contains("You have no session yet."));
    visitor.assert_cookies(&[]).await;
    visitor.open("/some-route").await;
    visitor.open("/remember").await;
    assert_eq!(visitor.text(".result output").await, "until your browser closes");
    visitor.assert_cookies(&[visitor.session()]).await;
    visitor.page.click("[name=remember]").await.unwrap();
    visitor.follow(".action button", "/remember").await;
    assert_eq!(visitor.text(".result output").await, "permanent");
    let permanent = visitor.session().max_age(permanently(visitor.backend));
    visitor.assert_cookies(std::slice::from_ref(&permanent)).await;
    // The next write keeps the session permanent.
    visitor.open("/home").await;
    visitor.assert_cookies(&[permanent]).await;
    visitor.open("/remember").await;
    visitor.page.click("[name=remember]").await.unwrap();
    visitor.follow(".action button", "/remember").await;
    visitor.assert_cookies(&[visitor.session()]).await;
}

pub(crate) async fn flash(visitor: &Visitor) {
    visitor.open("/flash").await;
    assert!(visitor.result().await.contains("There is no message."));
    visitor.assert_cookies(&[]).await;
    for category in ["message", "error"] {
        visitor.page.fill("#message", "Not saved <yet>.").await.unwrap();
        visitor.page.choose("#category", category).await.unwrap();
        visitor.follow(".action button", "/flash").await;
        assert_eq!(
            visitor.text(&format!(".result p.message.{category}")).await,
            "Not saved <yet>."
        );
        visitor.page.reload().await.unwrap();
        assert!(visitor.result().await.contains("There is no message."));
    }
    visitor.assert_cookies(&visitor.with_emptied_session(&[])).await;
    visitor.follow(".action button", "/flash").await;
    assert_eq!(visitor.text(".result [role=status]").await, "Saved.");
}

/// Returns the lifetime of a permanent session's cookie in seconds.
fn permanently(backend: Backend) -> u64 {
    const A_DAY: u64 = 24 * 3600;
    match backend {
        Backend::Signed => 31 * A_DAY,
        Backend::Encrypted => A_DAY,
        Backend::Stored => 30 * A_DAY,
    }
}
