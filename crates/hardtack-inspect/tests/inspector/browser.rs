use std::net::SocketAddr;
use std::time::SystemTime;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request};
use axum::http::{StatusCode, header};
use hardtack_jar::{Jar, RequestContext};
use tower::ServiceExt;

use crate::wire::TOKEN;

/// A browser on this machine that calls a router without a network.
pub(crate) struct Browser {
    app: Router,
    pub(crate) jar: Jar,
}

impl Browser {
    /// Creates a browser that has opened the inspector's address.
    pub(crate) fn new(app: &Router) -> Self {
        let mut browser = Self::stranger(app);
        let token = format!("hardtack-inspect-3000={TOKEN}; Path=/inspect; HttpOnly; SameSite=Strict");
        browser.jar.set(&access("/inspect"), token.as_bytes(), SystemTime::now()).unwrap();
        browser
    }

    /// Creates a browser that has not opened the inspector's address.
    pub(crate) fn stranger(app: &Router) -> Self {
        Self { app: app.clone(), jar: Jar::new() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> (StatusCode, String) {
        let now = SystemTime::now();
        let access = access(path);
        let mut request =
            Request::get(path).header(header::HOST, "localhost:3000").body(Body::empty()).unwrap();
        if let Some(cookies) = self.jar.header(&access, now) {
            request.headers_mut().insert(header::COOKIE, cookies.try_into().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>("127.0.0.1:50000".parse().unwrap()));
        let response = self.app.clone().oneshot(request).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            let _ = self.jar.set(&access, line.as_bytes(), now);
        }
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        // The templates also escape slashes, although HTML does not require it.
        (status, String::from_utf8(body.into()).unwrap().replace("&#x2f;", "/"))
    }

    /// Changes the value of a cookie, as a user can in developer tools.
    pub(crate) fn edit(&mut self, name: &str, value: &str) {
        let now = SystemTime::now();
        let old = self.jar.iter().find(|cookie| cookie.name() == name.as_bytes()).unwrap().clone();
        let mut record = old.record();
        record.value = value.as_bytes().into();
        self.jar.restore(&record, now).unwrap();
    }

    pub(crate) fn value(&self, name: &str) -> String {
        let cookie = self.jar.iter().find(|cookie| cookie.name() == name.as_bytes()).unwrap();
        String::from_utf8(cookie.value().to_vec()).unwrap()
    }
}

pub(crate) fn access(path: &str) -> RequestContext {
    RequestContext::http(&format!("http://localhost{path}")).unwrap()
}
