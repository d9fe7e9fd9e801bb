use hardtack_stores::StoreUrl;
use tour::{Options, Setup};

use crate::browser::Browser;

#[tokio::test]
async fn a_session_in_a_database_outlives_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        store: StoreUrl::sqlite(folder.path().join("data").join("tour.db")).unwrap(),
        ..Options::default()
    };

    let setup = Setup::new(&options).await.unwrap();
    assert!(
        setup.notes.iter().any(|note| note.contains("tour.db")),
        "{:?}",
        setup.notes
    );
    let mut before = Browser::new(&tour::app(setup.sessions));
    before.get("/some-route").await;
    before.log_in("john", "password123").await;
    let cookies = before.cookies.clone();
    drop(before);

    let setup = Setup::new(&options).await.unwrap();
    let mut after = Browser::new(&tour::app(setup.sessions));
    after.cookies = cookies;
    assert!(after.get("/my-route").await.happened().contains("<output>42</output>"));
    assert!(after.get("/profile").await.happened().contains("<output>john</output>"));
}
