use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use hardtack_jar::SharedJar;
use ureq::config::Config;
use ureq::http::Request;
use ureq::{Agent, AsSendBody, Body, Error};

use crate::server::{jar, serve};

/// Runs a test in a separate thread, because `ureq` blocks.
async fn with_server(test: impl FnOnce(SocketAddr) + Send + 'static) {
    let address = serve().await;
    tokio::task::spawn_blocking(move || test(address)).await.expect("the test passes");
}

fn get(address: SocketAddr, path: &str) -> Request<()> {
    Request::get(format!("http://{address}{path}")).body(()).expect("a request")
}

fn text(response: Result<ureq::http::Response<Body>, Error>) -> String {
    response.expect("an answer").body_mut().read_to_string().expect("a text")
}

#[tokio::test]
async fn ureq_3_keeps_cookies_over_redirects_and_until_they_expire() {
    with_server(|address| {
        let (cookies, seconds) = jar();
        let agent = Agent::new_with_defaults();
        assert_eq!(text(cookies.run(&agent, get(address, "/set"))), "a=1; b=2");
        assert_eq!(text(cookies.run(&agent, get(address, "/show"))), "a=1; b=2");
        seconds.fetch_add(60, Ordering::SeqCst);
        assert_eq!(text(cookies.run(&agent, get(address, "/show"))), "b=2");
    })
    .await;
}

#[tokio::test]
async fn a_form_becomes_a_get_after_a_redirect_unless_its_body_is_asked_for_again() {
    with_server(|address| {
        let (cookies, _) = jar();
        let agent = Agent::new_with_defaults();
        let post = |path: &str| {
            let request = Request::post(format!("http://{address}{path}"));
            request.header("content-type", "text/plain").body("name=jane").expect("a request")
        };
        assert_eq!(text(cookies.run(&agent, post("/login"))), "a=1; b=2");
        assert_eq!(cookies.run(&agent, post("/again")).expect("an answer").status(), 307);
    })
    .await;
}

#[tokio::test]
async fn the_agents_settings_hold_and_an_errors_cookies_are_kept() {
    with_server(|address| {
        let (cookies, _) = jar();
        let run =
            |cookies: &SharedJar, config: Config, path: &str| cookies.run(&config.into(), get(address, path));
        let builder = Agent::config_builder;
        let denied = run(&cookies, builder().build(), "/denied");
        assert!(matches!(denied, Err(Error::StatusCode(401))));
        assert_eq!(text(run(&cookies, builder().build(), "/show")), "tries=1");
        let denied = run(&cookies, builder().http_status_as_error(false).build(), "/denied");
        assert_eq!(denied.expect("an answer").status(), 401);
        let endless = run(&cookies, builder().build(), "/loop");
        assert!(matches!(endless, Err(Error::TooManyRedirects)));
        for most in [0, 3] {
            let config = builder().max_redirects(most).max_redirects_will_error(false).build();
            assert_eq!(run(&cookies, config, "/loop").expect("an answer").status(), 303);
        }
    })
    .await;
}

#[tokio::test]
async fn ureq_3_reads_the_servers_clock() {
    with_server(|address| {
        let (cookies, _) = jar();
        let agent = Agent::new_with_defaults();
        text(cookies.run(&agent, get(address, "/behind")));
        let expires = cookies.read(|jar| jar.iter().next().and_then(|cookie| cookie.expires()));
        assert_eq!(expires, Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_003_600)));
    })
    .await;
}

#[tokio::test]
async fn a_request_that_fails_leaves_the_jar_as_it_was() {
    let (cookies, _) = jar();
    let fails = |request: Request<_>| {
        fn is_err(outcome: Result<ureq::http::Response<Body>, Error>) -> bool {
            outcome.is_err()
        }
        is_err(cookies.run(&Agent::new_with_defaults(), request))
    };
    fn request(uri: &str) -> Request<impl AsSendBody> {
        Request::get(uri).body(()).expect("a request")
    }
    assert!(fails(request("/no/host")));
    assert!(cookies.read(hardtack_jar::Jar::is_empty));
}
