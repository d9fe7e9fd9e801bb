use tour::Kind;

use crate::visitor::{Outcome, visitor};

#[tokio::test]
async fn progress_is_kept_where_one_wants_it() -> Outcome {
    for kind in Kind::ALL {
        let browser = visitor(kind);
        assert!(browser.get("/").await?.shows("Done: <output>0</output>"));
        let page = browser
            .post("/progress", &[("w1", "on"), ("d2", "on"), ("nonsense", "on")])
            .await?;
        assert_eq!(page.header("location"), Some("/#checklist"));
        assert_eq!(browser.cookie("progress").unwrap(), "w1.d2");
        let page = browser.get("/").await?;
        assert!(
            page.shows("Done: <output>2</output>") && page.shows("name=\"d2\" checked")
        );

        browser
            .post(
                "/progress",
                &[("w1", "on"), ("d2", "on"), ("r1", "on"), ("place", "session")],
            )
            .await?;
        assert!(browser.cookie("progress").is_none());
        let page = browser.get("/").await?;
        assert!(
            page.shows("Done: <output>3</output>")
                && page.shows("kept in your <b>session</b>"),
            "{kind}"
        );

        let page = browser
            .post("/progress", &[("w1", "on"), ("place", "localStorage")])
            .await?;
        assert_eq!(page.header("location"), Some("/?progress=w1#checklist"));
        assert!(browser.get("/").await?.shows("data-progress=\"localStorage\""));
        assert!(
            browser.get("/?progress=w1").await?.shows("Done: <output>1</output>"),
            "also without a script"
        );
        browser.post("/progress", &[("w1", "on"), ("place", "cookie")]).await?;
        assert_eq!(browser.cookie("progress").unwrap(), "w1");
    }
    Ok(())
}

#[tokio::test]
async fn the_quiz_is_marked() -> Outcome {
    let browser = visitor(Kind::Stored);
    assert!(!browser.get("/").await?.shows("answers are right"));
    let page = browser.get("/?quiz=1&q1=1&q2=2").await?;
    assert!(page.shows("<output>1</output> of 7 answers are right."));
    assert!(page.shows("<b>Right.</b>") && page.shows("<b>No: The browser.</b>"));
    assert!(page.set_cookies().is_empty());
    Ok(())
}
