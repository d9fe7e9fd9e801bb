use url::Url;

use crate::failure::Failure;

/// Returns the pages to audit: the URLs, or if there are paths, each path on the host of each URL.
pub(super) fn targets(urls: &[String], paths: &[String]) -> Result<Vec<Url>, Failure> {
    let mut targets = Vec::new();
    for text in urls {
        let url = read(text)?;
        if paths.is_empty() {
            targets.push(url);
            continue;
        }
        for path in paths {
            let page = url.join(path).ok().filter(|page| page.origin() == url.origin());
            targets.push(page.ok_or_else(|| {
                Failure::usage(format!("--path {path} is not a path on {url}: use a path such as `/login`"))
            })?);
        }
    }
    Ok(targets)
}

/// Parses a URL. If the scheme is missing, it is `https`, or `http` for this machine.
fn read(text: &str) -> Result<Url, Failure> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let wrong = || {
        Failure::usage(format!("{text} is not the URL of a site: use a URL such as `https://example.com/`"))
    };
    let mut url = Url::parse(&whole).map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(wrong());
    }
    if !text.contains("://") && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")) {
        url.set_scheme("http").map_err(|()| wrong())?;
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(urls: &[&str], paths: &[&str]) -> Result<Vec<String>, String> {
        let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let targets = targets(&own(urls), &own(paths)).map_err(|failure| failure.to_string())?;
        Ok(targets.iter().map(Url::to_string).collect())
    }

    #[test]
    fn a_scheme_may_be_left_out() {
        assert_eq!(shown(&["example.com"], &[]).unwrap(), ["https://example.com/"]);
        assert_eq!(shown(&["localhost:5000/x"], &[]).unwrap(), ["http://localhost:5000/x"]);
        assert_eq!(shown(&["http://example.com"], &[]).unwrap(), ["http://example.com/"]);
        for text in ["ftp://example.com", "https://", ""] {
            assert!(shown(&[text], &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn each_path_is_a_target_on_each_host() {
        let pages = shown(&["https://a.example/x", "https://b.example"], &["/", "login?next=/"]).unwrap();
        assert_eq!(
            pages,
            [
                "https://a.example/",
                "https://a.example/login?next=/",
                "https://b.example/",
                "https://b.example/login?next=/"
            ]
        );
        assert!(shown(&["https://a.example"], &["//evil.example/"]).is_err());
    }
}
