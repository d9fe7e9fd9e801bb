/// A browser that keeps the cookies of one site, for the guide's examples: every block that needs one includes this.
#[derive(Clone, Default)]
struct Browser {
    cookies: std::collections::BTreeMap<String, String>,
}

/// What came back.
struct Page {
    status: axum::http::StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

#[allow(dead_code)]
impl Browser {
    async fn get(&mut self, app: &axum::Router, path: &str) -> Page {
        self.send(app, axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap()).await
    }

    async fn post(&mut self, app: &axum::Router, path: &str, form: &str) -> Page {
        let form = axum::http::Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned().into());
        self.send(app, form.unwrap()).await
    }

    async fn send(&mut self, app: &axum::Router, mut request: axum::extract::Request) -> Page {
        for (name, value) in &self.cookies {
            request.headers_mut().append("cookie", format!("{name}={value}").parse().unwrap());
        }
        let response = tower::ServiceExt::oneshot(app.clone(), request).await.unwrap();
        let (head, body) = response.into_parts();
        let page = Page {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap(),
        };
        for set in page.set_cookies() {
            let (name, rest) = set.split_once('=').unwrap();
            if set.contains("; Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
            }
        }
        page
    }
}

#[allow(dead_code)]
impl Page {
    fn set_cookies(&self) -> Vec<String> {
        self.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap().to_owned()).collect()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
