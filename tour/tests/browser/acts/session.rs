use tour::Kind;

use crate::fixture::Visitor;

pub(crate) async fn some_route(visitor: &Visitor) {
    visitor.open("/some-route").await;
    assert_eq!(visitor.text(".happened output").await, "42");
    visitor.keeps(&[visitor.session()]).await;
    // Setting a key to the same value is not a change, and writes nothing.
    let before = visitor.cookies().await;
    visitor.open("/some-route").await;
    assert_eq!(visitor.cookies().await, before);
}

pub(crate) async fn my_route(visitor: &Visitor) {
    visitor.open("/my-route").await;
    assert!(visitor.happened().await.contains("There is no favorite number yet."));
    visitor.keeps(&[]).await;
    visitor.follow(".action a[href='/some-route']", "/some-route").await;
    visitor.follow(".action a[href='/my-route']", "/my-route").await;
    assert!(
        visitor
            .happened()
            .await
            .contains("Your favorite number is 42, and 42 + 1 is 43.")
    );
    visitor.keeps(&[visitor.session()]).await;
}

pub(crate) async fn types(visitor: &Visitor) {
    visitor.open("/types").await;
    assert!(visitor.happened().await.contains("None of them is there yet."));
    visitor.keeps(&[]).await;
    visitor.follow(".action button", "/types").await;
    assert_eq!(visitor.text(".happened output").await, "43");
    assert_eq!(visitor.text(".happened p b").await, "bold");
    let kinds = [
        "integer", "float", "text", "truth", "nothing", "list", "tuple", "bytes",
        "datetime", "UUID", "markup",
    ];
    assert_eq!(visitor.page.texts(".happened td:nth-of-type(1)").await.unwrap(), kinds);
    visitor.keeps(&[visitor.session()]).await;
}

pub(crate) async fn leaderboard(visitor: &Visitor) {
    visitor.open("/leaderboard").await;
    assert!(visitor.happened().await.contains("Nobody is on the board yet."));
    visitor.keeps(&[]).await;
    for (player, points) in [("Ann", "7"), ("Bo", "30"), ("Cy", "12")] {
        visitor.page.fill("#player", player).await.unwrap();
        visitor.page.fill("#points", points).await.unwrap();
        visitor.follow(".action button", "/leaderboard").await;
        visitor.keeps(&[visitor.session()]).await;
    }
    assert_eq!(visitor.page.texts(".board b").await.unwrap(), ["Bo", "Cy", "Ann"]);
    assert_eq!(visitor.page.texts(".board output").await.unwrap(), ["30", "12", "7"]);
}

pub(crate) async fn anatomy(visitor: &Visitor) {
    visitor.open("/anatomy").await;
    assert!(visitor.happened().await.contains("fav_color"));
    visitor.keeps(&[]).await;
    for (button, words) in [("change", "Refused:"), ("stranger", "Refused:")] {
        visitor.open("/anatomy").await;
        visitor.follow_for(&format!(".action button[value={button}]"), 400).await;
        assert!(
            visitor.text(".happened [role=alert]").await.starts_with(words),
            "{button}"
        );
    }
    // A token that is edited by hand is rejected too, and an unchanged one is not.
    visitor.open("/anatomy").await;
    let token: String = visitor.page.evaluate("token.value").await.unwrap();
    visitor.page.fill("#token", &token.replacen('e', "f", 1)).await.unwrap();
    visitor.follow_for(".action button:not([name])", 400).await;
    visitor.page.fill("#token", &token).await.unwrap();
    visitor.follow(".action button:not([name])", "/anatomy").await;
    assert!(visitor.text(".happened [role=status]").await.starts_with("Accepted"));
    visitor.page.fill("#token", "a letter").await.unwrap();
    visitor.follow_for(".action button:not([name])", 400).await;
    assert!(visitor.happened().await.contains("This is no signed cookie"));
    visitor.keeps(&[]).await;

    visitor.open("/some-route").await;
    visitor.open("/anatomy").await;
    assert!(visitor.happened().await.contains(r#"{"fav_number":42}"#));
    assert_eq!(visitor.page.texts(".kinds-of-it .card").await.unwrap().len(), 3);
    visitor.keeps(&[visitor.session()]).await;
}

pub(crate) async fn remember(visitor: &Visitor) {
    visitor.open("/remember").await;
    assert!(visitor.happened().await.contains("You have no session yet."));
    visitor.keeps(&[]).await;
    visitor.open("/some-route").await;
    visitor.open("/remember").await;
    assert_eq!(visitor.text(".happened output").await, "as long as your browser runs");
    visitor.keeps(&[visitor.session()]).await;
    visitor.page.click("[name=remember]").await.unwrap();
    visitor.follow(".action button", "/remember").await;
    assert_eq!(visitor.text(".happened output").await, "permanent");
    let permanent = visitor.session().lives(permanently(visitor.kind));
    visitor.keeps(std::slice::from_ref(&permanent)).await;
    // The next write keeps the session permanent.
    visitor.open("/home").await;
    visitor.keeps(&[permanent]).await;
    visitor.open("/remember").await;
    visitor.page.click("[name=remember]").await.unwrap();
    visitor.follow(".action button", "/remember").await;
    visitor.keeps(&[visitor.session()]).await;
}

pub(crate) async fn flash(visitor: &Visitor) {
    visitor.open("/flash").await;
    assert!(visitor.happened().await.contains("No message waits."));
    visitor.keeps(&[]).await;
    for category in ["message", "error"] {
        visitor.page.fill("#message", "Not saved <yet>.").await.unwrap();
        visitor.page.choose("#category", category).await.unwrap();
        visitor.follow(".action button", "/flash").await;
        assert_eq!(
            visitor.text(&format!(".happened p.message.{category}")).await,
            "Not saved <yet>."
        );
        visitor.page.reload().await.unwrap();
        assert!(visitor.happened().await.contains("No message waits."));
    }
    visitor.keeps(&visitor.with_emptied_session(&[])).await;
    visitor.follow(".action button", "/flash").await;
    assert_eq!(visitor.text(".happened [role=status]").await, "Saved.");
}

/// Returns the lifetime of a permanent session's cookie in seconds.
fn permanently(kind: Kind) -> u64 {
    const A_DAY: u64 = 24 * 3600;
    match kind {
        Kind::Signed => 31 * A_DAY,
        Kind::Encrypted => A_DAY,
        Kind::Stored => 30 * A_DAY,
    }
}
