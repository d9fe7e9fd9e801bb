/// Returns the `Set-Cookie` line that starts a session, without the cookie's value.
#[allow(dead_code)]
async fn set_cookie(sessions: hardtack::SessionLayer<impl hardtack::BackendSettings>) -> String {
    set_cookie_by(sessions, |session| session.insert("a", 1)).await
}

/// Like [`set_cookie`], for a session that `begin` starts.
#[allow(dead_code)]
async fn set_cookie_by(sessions: hardtack::SessionLayer<impl hardtack::BackendSettings>, begin: fn(hardtack::Session)) -> String {
    let browser = hardtack_jar::Browser::new(axum::Router::new());
    let begun = browser.try_within(&sessions, async move |session: hardtack::Session| begin(session)).await;
    let told = begun.unwrap().0.set_cookies().concat();
    let value = told.find('=').map_or(0, |at| at + 1)..told.find(';').unwrap_or(told.len());
    [&told[..value.start], "…", &told[value.end..]].concat()
}
