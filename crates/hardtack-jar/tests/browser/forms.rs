use axum::Router;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, Method};
use axum::response::Html;
use axum::routing::{any, get};
use hardtack_jar::{Browser, BrowserForm, BrowserPage};

const PAGE: &str = r#"<!doctype html><title> A &amp; B
</title>
<a href="/other?x=1&amp;y=2">An <b>other</b>
 page</a> <a name=x>no link</a> <a href="mailto:a@b.example">mail</a>
<form id=login name=l action="/send?gone=1" method=POST>
  <input name=user value="J&ouml;rg"> <input type=password name=pw> <input type=hidden name=token value=abc>
  <input name=off value=1 disabled> <input value="nameless">
  <input type=checkbox name=stay> <input type=checkbox name=mail value=yes checked>
  <input type=radio name=size value=s> <input type=radio name=size value=m checked> <input type=radio name=size value=l>
  <select name=color><option>red<option value=g selected> Dark
     green <option disabled>blue</select>
  <select name=first><option value=1>one</option><option value=2>two</option></select>
  <select name=many multiple><option>a<option selected>b<option>c</select>
  <textarea name=text>
two
lines <b>&lt;</textarea>
  <input type=file name=file> <input type=reset name=reset> <button type=button name=script>No</button>
  <button name=act value=save>Save it</button> <input type=submit name=act value=Drop formaction=/drop formmethod=get>
</form>
<script>"<form id=script>"</script> <!-- <form id=comment> -->
<input name=outside form=search value=o>
<form id=search action="/find?old=1"><input name=q></form>
<form id=upload method=post enctype=multipart/form-data><input type=file name=f></form>"#;

fn app() -> Router {
    let echo = async |method: Method, RawQuery(query): RawQuery, headers: HeaderMap, body: String| {
        let kind = headers.get("content-type").map_or("", |kind| kind.to_str().unwrap_or("?"));
        format!("{method} {} {kind} {body}", query.unwrap_or_default())
    };
    Router::new().route("/", get(async || Html(PAGE))).fallback(any(echo))
}

async fn page() -> (Browser, BrowserPage) {
    let browser = Browser::new(app());
    let page = browser.get("/").await.expect("an answer");
    (browser, page)
}

fn pairs(form: &BrowserForm) -> String {
    form.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn a_form_starts_with_the_values_of_the_page() {
    let (_, page) = page().await;
    let form = page.form("login").expect("the form");
    assert_eq!(
        pairs(&form),
        "user=Jörg&pw=&token=abc&mail=yes&size=m&color=g&first=1&many=b&text=two\r\nlines <b><&act=save"
    );
    assert_eq!(form.value("user").as_deref(), Some("Jörg"));
    assert_eq!(pairs(&page.form("search").expect("the form")), "outside=o&q=");
    assert_eq!(page.forms().len(), 3);
    for name in ["", "script", "comment", "missing"] {
        assert!(page.form(name).is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_form_is_filled_as_a_visitor_does() {
    let (browser, page) = page().await;
    let fill = || -> Result<BrowserForm, hardtack_jar::Error> {
        page.form("l")?
            .fill("user", "Ada")?
            .fill("text", "a\nb")?
            .check("stay")?
            .uncheck("mail")?
            .choose("size", "l")?
            .choose("color", "red")?
            .choose("first", "two")?
            .choose("many", "a")?
            .press("Save it")
    };
    let form = fill().expect("all of these are there");
    assert_eq!(
        pairs(&form),
        "user=Ada&pw=&token=abc&stay=on&size=l&color=red&first=2&many=a&many=b&text=a\r\nb&act=save"
    );
    let page = browser.submit(form).await.expect("an answer");
    assert_eq!(
        page.text(),
        "POST gone=1 application/x-www-form-urlencoded user=Ada&pw=&token=abc&stay=on&size=l&color=red&first=2\
         &many=a&many=b&text=a%0D%0Ab&act=save"
    );
}

#[tokio::test]
async fn actions_that_a_visitor_cannot_take_are_errors() {
    let (browser, page) = page().await;
    let form = || page.form("login").expect("the form");
    for (what, outcome) in [
        ("no such field", form().fill("usr", "x")),
        ("disabled", form().fill("off", "x")),
        ("a box", form().fill("stay", "x")),
        ("no box", form().check("user")),
        ("no such choice", form().choose("size", "xl")),
        ("a disabled choice", form().choose("color", "blue")),
        ("no list", form().choose("user", "x")),
        ("no button", form().press("Delete")),
        ("a button for scripts", form().press("script")),
    ] {
        assert!(outcome.is_err(), "{what}");
    }
    let error = form().fill("usr", "x").expect_err("no such field").to_string();
    assert!(error.starts_with("the form has no text field `usr`; it has `user` `pw`"), "{error}");
    assert!(browser.submit(page.form("upload").expect("the form")).await.is_err());
}

#[tokio::test]
async fn buttons_and_gets_send_to_where_they_say() {
    let (browser, page) = page().await;
    let form = page.form("login").expect("the form").press("Drop").expect("the button");
    let dropped = browser.submit(form).await.expect("an answer");
    assert!(dropped.path().starts_with("/drop?user=J%C3%B6rg&") && dropped.path().ends_with("&act=Drop"));
    assert!(dropped.text().starts_with("GET user="));
    let form = page.form("search").expect("the form").fill("q", "a b").expect("the field");
    assert_eq!(browser.submit(form).await.expect("an answer").path(), "/find?outside=o&q=a+b");
}

#[tokio::test]
async fn links_and_titles_are_read() {
    let (browser, page) = page().await;
    assert_eq!(page.title().as_deref(), Some("A & B"));
    let links: Vec<_> = page.links().iter().map(|link| format!("{} {}", link.text(), link.url())).collect();
    assert_eq!(links, ["An other page https://localhost/other?x=1&y=2", "mail mailto:a@b.example"]);
    let link = page.link("An other page").expect("the link");
    assert_eq!(browser.follow(&link).await.expect("an answer").path(), "/other?x=1&y=2");
    assert!(page.link("/other?x=1&y=2").is_ok() && page.link("nowhere").is_err());
    assert!(browser.follow(&page.link("mail").expect("the link")).await.is_err());
}

#[tokio::test]
async fn odd_pages_do_not_panic() {
    for html in [
        "",
        "<",
        "<form",
        "<form><form><input name=a",
        "</form></select><option>x<button>",
        "\u{0}<select name=a><option>",
    ] {
        let app: Router = Router::new().route("/", get(move || async move { Html(html) }));
        let page = Browser::new(app).get("/").await.expect("an answer");
        let _ = (page.forms().iter().map(BrowserForm::pairs).count(), page.links(), page.title());
    }
}
