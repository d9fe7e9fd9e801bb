use crate::expected::Expected;
use crate::visitor::Visitor;

pub(crate) async fn handle_form_cookie(visitor: &Visitor) {
    visitor.open("/handle-form-cookie").await;
    visitor.keeps(&[]).await;
    for (typed, kept) in [
        ("blue", "blue"),
        ("sea; green, \"na\u{ef}ve\"", "sea%3B%20green%2C%20%22na%C3%AFve%22"),
    ] {
        visitor.page.fill("#fav_color", typed).await.unwrap();
        visitor.page.follow(".action button").await.unwrap();
        assert_eq!(visitor.text(".happened output").await, typed);
        assert!(visitor.wire().await.contains(kept));
        visitor.keeps(&[Expected::new("fav_color", kept)]).await;
    }
}

pub(crate) async fn later_cookie(visitor: &Visitor) {
    visitor.open("/later-cookie").await;
    assert_eq!(visitor.text(".happened output").await, "<unset>");
    visitor.keeps(&[]).await;
    visitor.follow(".action a.button", "/handle-form-cookie").await;
    visitor.page.fill("#fav_color", "blue").await.unwrap();
    visitor.follow(".action button", "/handle-form-cookie?fav_color=blue").await;
    visitor.follow(".happened a[href='/later-cookie']", "/later-cookie").await;
    assert_eq!(visitor.text(".happened output").await, "blue");
    visitor.keeps(&[Expected::new("fav_color", "blue")]).await;
}

pub(crate) async fn set_cookie(visitor: &Visitor) {
    visitor.open("/set-cookie").await;
    assert!(
        visitor.happened().await.contains("The cookie greeting is set, for an hour.")
    );
    assert!(visitor.wire().await.contains("Max-Age=3600"));
    visitor.keeps(&[greeting()]).await;
}

pub(crate) async fn get_cookie(visitor: &Visitor) {
    visitor.open("/get-cookie").await;
    assert!(
        visitor.happened().await.contains("The browser has sent no cookie greeting.")
    );
    visitor.keeps(&[]).await;
    visitor.follow(".action a[href='/set-cookie']", "/set-cookie").await;
    visitor.follow(".action a[href='/get-cookie']", "/get-cookie").await;
    assert_eq!(visitor.text(".happened output").await, "Hello, world");
    visitor.keeps(&[greeting()]).await;
}

pub(crate) async fn delete_cookie(visitor: &Visitor) {
    visitor.open("/set-cookie").await;
    visitor.keeps(&[greeting()]).await;
    visitor.open("/delete-cookie").await;
    assert!(visitor.happened().await.contains("The cookie greeting is deleted."));
    visitor.keeps(&[]).await;
}

pub(crate) async fn all_cookies(visitor: &Visitor) {
    visitor.open("/cookies").await;
    assert!(visitor.happened().await.contains("The browser has sent no cookies."));
    visitor.open("/set-cookie").await;
    visitor.open("/handle-form-cookie?fav_color=deep+red").await;
    visitor.open("/some-route").await;
    visitor.open("/cookies").await;
    let names = visitor.page.texts(".happened dt").await.unwrap();
    let values = visitor.page.texts(".happened dd").await.unwrap();
    let mut shown: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(values.iter().map(String::as_str))
        .collect();
    shown.sort_unstable();
    let session = ("__Host-session", "the session\u{2019}s, which no page shows");
    assert_eq!(
        shown,
        [session, ("fav_color", "deep red"), ("greeting", "Hello, world")]
    );
    visitor
        .keeps(&[
            visitor.session(),
            Expected::new("fav_color", "deep%20red"),
            greeting(),
        ])
        .await;
}

fn greeting() -> Expected {
    Expected::new("greeting", "Hello%2C%20world").lives(3600)
}
