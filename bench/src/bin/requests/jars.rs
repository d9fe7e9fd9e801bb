use std::hint::black_box;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{MethodRouter, get};
use axum_extra::extract::cookie::{Cookie, Key, PrivateCookieJar, SameSite, SignedCookieJar};
use serde_json::Value;

use crate::visit::{self, READ, SESSION, WRITTEN};

/// The key of the cookie jars, as the state of the router. The jars store the session as JSON, which the handler parses
/// and writes.
#[derive(Clone)]
pub struct Keys(Key);

impl FromRef<Keys> for Key {
    fn from_ref(keys: &Keys) -> Self {
        keys.0.clone()
    }
}

/// A function that returns the route of the login, and the route to measure.
pub type Routes = fn() -> [MethodRouter<Keys>; 2];

pub fn serve(routes: Routes) -> Box<dyn FnMut()> {
    let [log_in, route] = routes();
    let keys = Keys(Key::from(&[7; 64]));
    visit::browse(Router::new().route("/login", log_in).route("/", route).with_state(keys))
}

const NAME: &str = "__Host-session";

fn cookie(value: String) -> Cookie<'static> {
    Cookie::build((NAME, value)).path("/").secure(true).http_only(true).same_site(SameSite::Lax).build()
}

fn content(cookie: Option<Cookie<'static>>) -> Value {
    serde_json::from_str(cookie.expect("the browser sends the cookie").value())
        .expect("the cookie contains JSON")
}

fn changed(mut content: Value) -> String {
    content[WRITTEN] = visit::next_number().into();
    content.to_string()
}

pub fn read_signed() -> [MethodRouter<Keys>; 2] {
    let read = async |jar: SignedCookieJar| {
        assert!(black_box(content(jar.get(NAME))[READ].as_str()).is_some());
        "ok"
    };
    [get(log_in_signed), get(read)]
}

pub fn write_signed() -> [MethodRouter<Keys>; 2] {
    let write = async |jar: SignedCookieJar| {
        let value = changed(content(jar.get(NAME)));
        (jar.add(cookie(value)), "ok")
    };
    [get(log_in_signed), get(write)]
}

async fn log_in_signed(jar: SignedCookieJar) -> SignedCookieJar {
    jar.add(cookie(SESSION.to_owned()))
}

pub fn read_private() -> [MethodRouter<Keys>; 2] {
    let read = async |jar: PrivateCookieJar| {
        assert!(black_box(content(jar.get(NAME))[READ].as_str()).is_some());
        "ok"
    };
    [get(log_in_private), get(read)]
}

pub fn write_private() -> [MethodRouter<Keys>; 2] {
    let write = async |jar: PrivateCookieJar| {
        let value = changed(content(jar.get(NAME)));
        (jar.add(cookie(value)), "ok")
    };
    [get(log_in_private), get(write)]
}

async fn log_in_private(jar: PrivateCookieJar) -> PrivateCookieJar {
    jar.add(cookie(SESSION.to_owned()))
}
