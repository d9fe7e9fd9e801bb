//! Two processes generate different ids after a fork.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::convert::Infallible;
use std::fs;
use std::process::exit;

use fork::{Fork, fork, waitpid};
use hardtack::{AnyBackend, Key, KeyRing, MemoryStore, Session, SessionLayer, generate_secret};
use http::{Request, Response, header};
use tower::{Layer, ServiceExt, service_fn};

/// Generates several session cookies and secrets.
fn draw(layers: &[SessionLayer<AnyBackend>]) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut drawn = Vec::new();
    for layer in layers.iter().chain(layers) {
        let handler = service_fn(|request: Request<()>| async move {
            let session =
                Session::<hardtack::Main>::open(request.extensions(), request.headers()).await.unwrap();
            session.insert("a", 1);
            Ok::<_, Infallible>(Response::new(String::new()))
        });
        let response = runtime.block_on(layer.layer(handler).oneshot(Request::new(()))).unwrap();
        drawn.push(response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned());
        drawn.push(generate_secret());
    }
    drawn.join("\n")
}

#[test]
fn a6_forked_processes_draw_different_ids_nonces_and_secrets() {
    let keys = KeyRing::new(Key::new("a secret of more than sixteen bytes").unwrap());
    let layers =
        [SessionLayer::stored(MemoryStore::new()).into_any(), SessionLayer::encrypted(keys).into_any()];
    // Everything that is seeded only once is seeded before the fork.
    let before = draw(&layers);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("drawn");
    let child = match fork().unwrap() {
        Fork::Child => {
            let written = fs::write(&path, draw(&layers));
            // The child must not return to the test harness, which belongs to the parent process.
            exit(i32::from(written.is_err()));
        }
        Fork::Parent(child) => child,
    };
    let here = draw(&layers);
    assert_eq!(waitpid(child).unwrap(), 0);
    let there = fs::read_to_string(path).unwrap();
    let all: Vec<&str> = before.lines().chain(here.lines()).chain(there.lines()).collect();
    assert_eq!(all.len(), 24);
    for (place, drawn) in all.iter().enumerate() {
        assert!(!all[..place].contains(drawn), "{drawn}");
    }
}
