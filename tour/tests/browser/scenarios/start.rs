use crate::fixture::{ExpectedCookie, Visitor};

pub(crate) async fn course(visitor: &Visitor) {
    visitor.open("/").await;
    assert_eq!(visitor.text("[data-progress] output").await, "0");
    visitor.assert_cookies(&[]).await;

    visitor.page.click("#w1").await.unwrap();
    visitor.page.click("#d2").await.unwrap();
    visitor.follow(SAVE, "/").await;
    let in_cookie = [
        storage_choice("cookie"),
        ExpectedCookie::new("progress", "w1.d2").max_age(A_YEAR),
    ];
    shows_done(visitor, "w1 d2").await;
    visitor.assert_cookies(&in_cookie).await;

    visitor.follow("[data-progress] button[value=session]", "/").await;
    shows_done(visitor, "w1 d2").await;
    visitor.assert_cookies(&[storage_choice("session"), visitor.session()]).await;

    if visitor.runs_scripts() {
        visitor.follow("[data-progress] button[value=localStorage]", "/").await;
        shows_done(visitor, "w1 d2").await;
        visitor.page.click("#w2").await.unwrap();
        visitor.page.click(SAVE).await.unwrap();
        visitor
            .page
            .until("localStorage.getItem('progress') === 'w1.w2.d2'")
            .await
            .unwrap();
        let in_storage =
            visitor.with_emptied_session(&[storage_choice("localStorage")]);
        visitor.assert_cookies(&in_storage).await;
        visitor.page.reload().await.unwrap();
        shows_done(visitor, "w1 w2 d2").await;
        visitor.assert_cookies(&in_storage).await;
    }

    visitor.follow("[data-progress] button[value=cookie]", "/").await;
    quiz(visitor).await;
}

/// Selects the first answer to each question, and checks that some of these answers are correct and others are not.
async fn quiz(visitor: &Visitor) {
    let questions = visitor.page.texts(".question legend").await.unwrap().len();
    assert!(questions >= 5, "{questions}");
    for question in 1..=questions {
        let first = format!(".question:nth-of-type({question}) p:first-of-type input");
        visitor.page.click(&first).await.unwrap();
    }
    let answer = visitor.page.follow("button[name=quiz]").await.unwrap();
    assert_eq!(answer.status, 200);
    let verdicts = visitor.page.texts(".question .hint b").await.unwrap();
    let right = verdicts.iter().filter(|verdict| *verdict == "Correct.").count();
    assert!(
        0 < right && right < questions && verdicts.len() == questions,
        "{verdicts:?}"
    );
    assert_eq!(
        visitor.text("[aria-labelledby=quiz] .message output").await,
        right.to_string()
    );
}

const SAVE: &str = "[data-progress] button:not([name])";
const A_YEAR: u64 = 365 * 24 * 3600;

fn storage_choice(name: &str) -> ExpectedCookie {
    ExpectedCookie::new("progress_in", name).max_age(A_YEAR)
}

async fn shows_done(visitor: &Visitor, expected: &str) {
    let ticked = "[...document.querySelectorAll('[data-progress] :checked')].map(box => box.id).join(' ')";
    assert_eq!(visitor.page.evaluate::<String>(ticked).await.unwrap(), expected);
    let number = expected.split(' ').count().to_string();
    assert_eq!(visitor.text("[data-progress] output").await, number);
}
