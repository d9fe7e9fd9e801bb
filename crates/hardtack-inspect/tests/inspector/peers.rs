use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::routing::get;
use hardtack_inspect::Inspector;

use crate::wire::{TOKEN, ask, ask_as_stranger, own_address, serve};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

const FORGED: [&str; 6] = [
    "",
    "x-forwarded-for: 127.0.0.1\r\n",
    "x-forwarded-for: ::1, 127.0.0.1\r\nx-real-ip: 127.0.0.1\r\n",
    "forwarded: for=127.0.0.1;host=localhost\r\n",
    "host: 127.0.0.1\r\n",
    "host: localhost\r\nvia: 1.1 localhost\r\n",
];

const PAGES: [&str; 6] = [
    "/inspect",
    "/inspect/session",
    "/inspect/jar",
    "/inspect/events",
    "/inspect/exchanges/1",
    "/inspect/inspect.js",
];

fn app(inspector: Inspector) -> Router {
    Router::new().route("/", get(|| async { "hello" })).layer(inspector)
}

#[tokio::test(flavor = "multi_thread")]
async fn o18_another_machine_is_refused_whatever_headers_it_sends() {
    let Some(own) = own_address() else {
        assert!(std::env::var_os("CI").is_none(), "a machine with an address is needed");
        println!(
            "summary: skipped: the inspector from another address: this machine has only a loopback one"
        );
        return;
    };
    let port = serve(app(Inspector::new().token(TOKEN))).await;
    assert!(ask(LOOPBACK, port, "/inspect", "").starts_with("HTTP/1.1 200"));
    assert!(ask(own, port, "/", "").ends_with("hello"), "the application itself is served");
    for path in PAGES {
        for forged in FORGED {
            let answer = ask(own, port, path, forged);
            assert!(answer.starts_with("HTTP/1.1 403"), "{path} {forged}: {answer}");
            assert!(answer.ends_with("yours came from another one."), "{answer}");
        }
    }
    println!("summary: the inspector from {own}: refused in {} ways", PAGES.len() * FORGED.len());
    let open = serve(app(Inspector::new().token(TOKEN).insecure_allow_remote_peers())).await;
    assert!(ask(own, open, "/inspect", "host: example.com\r\n").starts_with("HTTP/1.1 200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn o18_a_proxy_on_this_machine_is_refused_too() {
    let port = serve(app(Inspector::new().token(TOKEN))).await;
    for (headers, words) in [
        ("x-forwarded-for: 192.0.2.1\r\n", "yours came through a proxy"),
        ("x-forwarded-for: 127.0.0.1\r\n", "yours came through a proxy"),
        ("host: evil.example\r\n", "use one of them in the URL"),
        ("sec-fetch-site: cross-site\r\nsec-fetch-mode: cors\r\nsec-fetch-dest: empty\r\n", "other sites"),
    ] {
        let answer = ask(LOOPBACK, port, "/inspect", headers);
        assert!(answer.starts_with("HTTP/1.1 403") && answer.contains(words), "{headers}: {answer}");
    }
}

/// Starts a proxy on this machine that adds no headers and forwards everything unchanged. Returns its port.
async fn forward_to(port: u16) -> u16 {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut visitor, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut server = tokio::net::TcpStream::connect((LOOPBACK, port)).await.unwrap();
                tokio::io::copy_bidirectional(&mut visitor, &mut server).await
            });
        }
    });
    own
}

#[tokio::test(flavor = "multi_thread")]
async fn o18_a_visitor_through_a_proxy_that_adds_no_header_is_refused() {
    let inspector = Inspector::new().token(TOKEN).show_values();
    let proxy = forward_to(serve(app(inspector)).await).await;
    for path in PAGES {
        for headers in
            ["", "host: localhost:8080\r\n", "cookie: hardtack-inspect=another-token-of-this-length\r\n"]
        {
            let answer = ask_as_stranger(LOOPBACK, proxy, path, headers);
            assert!(answer.starts_with("HTTP/1.1 403"), "{path} {headers}: {answer}");
            assert!(answer.contains("The inspector needs its token"), "{answer}");
        }
    }
    assert!(ask_as_stranger(LOOPBACK, proxy, "/", "").ends_with("hello"), "the application itself is served");
    assert!(ask(LOOPBACK, proxy, "/inspect", "").starts_with("HTTP/1.1 200"), "the token grants access");
}

#[tokio::test(flavor = "multi_thread")]
async fn o18_an_invalid_token_grants_no_access_and_the_fix_is_named() {
    let port = serve(app(Inspector::new().token("short"))).await;
    for (path, headers) in [("/inspect?token=short", ""), ("/inspect", "cookie: hardtack-inspect=short\r\n")]
    {
        let answer = ask_as_stranger(LOOPBACK, port, path, headers);
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(
            answer.contains("pass 16 to 128 letters, digits, `-`, or `_` to `Inspector::token`"),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_peers_address_the_fix_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, app(Inspector::new().token(TOKEN))).await });
    let answer = ask(LOOPBACK, port, "/inspect", "");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("into_make_service_with_connect_info::<SocketAddr>()"), "{answer}");
    assert!(ask(LOOPBACK, port, "/", "").ends_with("hello"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_have_restrictive_headers() {
    let port = serve(app(Inspector::new().token(TOKEN))).await;
    for path in ["/inspect", "/inspect/inspect.js"] {
        let answer = ask(LOOPBACK, port, path, "").to_ascii_lowercase();
        for header in [
            "content-security-policy: default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "cross-origin-resource-policy: same-origin",
        ] {
            assert!(answer.contains(header), "{path}: {answer}");
        }
    }
}
