use hardtack_jar::{Browser, Jar};
use hardtack_stores::StoreUrl;
use tour::{Options, Setup};

use crate::visitor::{Outcome, TourPage, log_in};

#[tokio::test]
async fn a_session_in_a_database_survives_a_restart() -> Outcome {
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
    let before = Browser::new(tour::app(setup.layers));
    before.get("/some-route").await?;
    log_in(&before, "john", "password123").await?;
    let jar = before.with_jar(|jar: &mut Jar| jar.clone());
    drop(before);

    let setup = Setup::new(&options).await.unwrap();
    let after = Browser::new(tour::app(setup.layers)).jar(jar);
    assert!(after.get("/my-route").await?.result().contains("<output>42</output>"));
    assert!(after.get("/profile").await?.result().contains("<output>john</output>"));
    Ok(())
}
