use tour::Kind;

use crate::visitor::Visitor;

pub(crate) async fn log_in(visitor: &Visitor) {
    visitor.open("/some-route").await;
    let guest = visitor.cookies().await;
    visitor.open("/login").await;
    visitor.log_in("john", "wrong").await;
    assert_eq!(visitor.text(".action [role=alert]").await, "Invalid username or password");
    assert_eq!(visitor.page.evaluate::<String>("username.value").await.unwrap(), "john");
    assert_eq!(visitor.cookies().await, guest);

    visitor.log_in("john", "password123").await;
    assert_eq!(visitor.path().await, "/home");
    assert_eq!(visitor.page.texts("[role=status]").await.unwrap(), ["Welcome, john"]);
    visitor.keeps(&[visitor.session()]).await;
    assert_ne!(visitor.cookies().await, guest, "a login has a new id");

    // Whoever came from a page is led back to it.
    visitor.open("/login?next=/my-route").await;
    visitor.log_in("jane", "secret123").await;
    assert_eq!(visitor.path().await, "/my-route");
    visitor.open("/login").await;
    visitor.log_in("jane", "wrong").await;
}

pub(crate) async fn home(visitor: &Visitor) {
    visitor.open("/home").await;
    assert!(visitor.text(".action").await.contains("Hello, stranger."));
    assert_eq!(visitor.text(".happened output").await, "1");
    visitor.keeps(&[visitor.session()]).await;
    visitor.follow(".action a[href='/login']", "/login").await;
    visitor.log_in("jane", "secret123").await;
    assert!(visitor.text(".action").await.contains("Hello, jane."));
    assert_eq!(visitor.text(".happened output").await, "2");
    visitor.page.reload().await.unwrap();
    assert_eq!(visitor.text(".happened output").await, "3");
    visitor.keeps(&[visitor.session()]).await;
}

pub(crate) async fn profile(visitor: &Visitor) {
    visitor.open_for("/profile", 401).await;
    assert!(visitor.happened().await.contains("401 Unauthorized"));
    visitor.keeps(&[]).await;
    visitor.follow(".action a.button", "/login?next=/profile").await;
    visitor.log_in("john", "password123").await;
    assert_eq!(visitor.path().await, "/profile");
    assert_eq!(visitor.text(".happened output").await, "john");
    visitor.keeps(&[visitor.session()]).await;
}

pub(crate) async fn log_out(visitor: &Visitor) {
    visitor.open("/login").await;
    visitor.log_in("john", "password123").await;
    let user = visitor.cookies().await;
    visitor.follow(".action form[action='/logout'] button", "/home").await;
    assert_eq!(visitor.page.texts("[role=status]").await.unwrap(), ["You have logged out"]);
    visitor.keeps(&[visitor.session()]).await;
    visitor.open_for("/profile", 401).await;

    // The old cookie, put back by hand: where sessions are kept on the server it opens nothing any more.
    visitor.context.set_cookie(visitor.url(), &user[0]).await.unwrap();
    visitor.open_for("/profile", if visitor.kind == Kind::Stored { 401 } else { 200 }).await;
}
