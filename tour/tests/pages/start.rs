use tour::Backend;

use crate::visitor::{Outcome, visitor};

#[tokio::test]
async fn progress_is_stored_where_the_visitor_chooses() -> Outcome {
    for backend in Backend::ALL {
        let browser = visitor(backend);
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
                &[("w1", "on"), ("d2", "on"), ("r1", "on"), ("storage", "session")],
            )
            .await?;
        assert!(browser.cookie("progress").is_none());
        let page = browser.get("/").await?;
        assert!(
            page.shows("Done: <output>3</output>")
                && page.shows("stored in your <b>session</b>"),
            "{backend}"
        );

        let page = browser
            .post("/progress", &[("w1", "on"), ("storage", "localStorage")])
            .await?;
        assert_eq!(page.header("location"), Some("/?progress=w1#checklist"));
        assert!(browser.get("/").await?.shows("data-progress=\"localStorage\""));
        assert!(
            browser.get("/?progress=w1").await?.shows("Done: <output>1</output>"),
            "also without scripts"
        );
        browser.post("/progress", &[("w1", "on"), ("storage", "cookie")]).await?;
        assert_eq!(browser.cookie("progress").unwrap(), "w1");
    }
    Ok(())
}

#[tokio::test]
async fn the_quiz_is_graded() -> Outcome {
    let browser = visitor(Backend::Stored);
    assert!(!browser.get("/").await?.shows("answers are correct"));
    let page = browser.get("/?quiz=1&q1=1&q2=2").await?;
    assert!(page.shows("<output>1</output> of 7 answers are correct."));
    assert!(
        page.shows("<b>Correct.</b>")
            && page.shows("<b>No. Correct answer: The browser.</b>")
    );
    assert!(page.set_cookies().is_empty());
    Ok(())
}
