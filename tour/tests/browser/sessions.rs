use crate::visitor::Visitor;

pub(crate) async fn some_route(visitor: &Visitor) {
    visitor.open("/some-route").await;
    assert_eq!(visitor.text(".happened output").await, "42");
    visitor.keeps(&[visitor.session()]).await;
    // What is there already is no change, and is not written again.
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
    assert!(visitor.happened().await.contains("Your favorite number is 42, and 42 + 1 is 43."));
    visitor.keeps(&[visitor.session()]).await;
}
