use crate::fixture::Visitor;

pub(crate) async fn invite(visitor: &Visitor) {
    visitor.open("/invite").await;
    visitor.assert_cookies(&[]).await;
    visitor.page.fill("#code", "biscuit").await.unwrap();
    visitor.follow_with_status(".action button", 403).await;
    assert!(visitor.text("[role=alert]").await.contains("this is not the code"));
    visitor.assert_cookies(&[]).await;
    visitor.page.fill("#code", "hardtack").await.unwrap();
    visitor.follow(".action button", "/invite").await;
    assert!(
        visitor
            .text(".result [role=status]")
            .await
            .contains("The party is on Saturday")
    );
    visitor.assert_cookies(&[visitor.session()]).await;
    visitor.page.reload().await.unwrap();
    assert!(visitor.text(".action").await.contains("You are in."));
}

pub(crate) async fn cart(visitor: &Visitor) {
    visitor.open("/cart").await;
    visitor.assert_cookies(&[]).await;
    for press in [
        "add][value=tea",
        "add][value=jam",
        "add][value=tea",
        "add][value=butter",
        "remove][value=jam",
    ] {
        visitor.follow(&format!(".action button[name={press}]"), "/cart").await;
    }
    let full = ["2", "0", "0", "1", "10.10"];
    assert_eq!(visitor.page.texts(".action output").await.unwrap(), full);
    visitor.assert_cookies(&[visitor.session()]).await;
    let guest = visitor.cookies().await;

    visitor.follow(".result a", "/login?next=/cart").await;
    visitor.log_in("john", "password123").await;
    assert_eq!(visitor.path().await, "/cart");
    assert_eq!(visitor.text(".result output").await, "john");
    assert_eq!(visitor.page.texts(".action output").await.unwrap(), full);
    visitor.assert_cookies(&[visitor.session()]).await;
    assert_ne!(visitor.cookies().await, guest);
}

pub(crate) async fn token(visitor: &Visitor) {
    visitor.open("/token").await;
    visitor.follow(".action button", "/token").await;
    visitor.assert_cookies(&[]).await;
    let link = visitor.text(".result a").await;
    visitor.follow(".result a", &link).await;
    let seconds: u32 = visitor.text(".result output").await.parse().unwrap();
    assert!(seconds > 0, "{seconds}");
    visitor.follow(".action button", &link).await;
    assert_eq!(
        visitor.text(".result [role=status]").await,
        "Confirmed. The link cannot be used again."
    );
    visitor.assert_cookies(&[visitor.session()]).await;
    visitor.follow_with_status(".action a.button", 410).await;
    assert!(visitor.text("[role=alert]").await.contains("410 Gone"));
    let other = visitor.another().await;
    other.open_with_status(&link, 410).await;
    other.assert_cookies(&[]).await;
    visitor.open("/token").await;
    assert!(
        visitor.result().await.contains("You have used such a link in this session.")
    );
    visitor.follow(".action button", "/token").await;
}
