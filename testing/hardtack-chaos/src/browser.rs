use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::serve::Page;

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A page, and the cookie set with it.
    Page(Page, Option<String>),
    /// The application reported that it is unavailable, with or without a time to retry.
    Unavailable { says_when: bool },
    /// No response, or an incomplete one.
    None,
}

/// How long a client waits for a response.
const PATIENCE: Duration = Duration::from_secs(15);

/// Requests a page with a cookie.
pub(crate) async fn ask(port: u16, method: &str, path: &str, cookie: Option<&str>) -> Answer {
    match tokio::time::timeout(PATIENCE, exchange(port, method, path, cookie)).await {
        Ok(Ok(response)) => read(&response),
        Ok(Err(_)) | Err(_) => Answer::None,
    }
}

async fn exchange(port: u16, method: &str, path: &str, cookie: Option<&str>) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let cookie = cookie.map(|cookie| format!("Cookie: {cookie}\r\n")).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{cookie}Content-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await?;
    Ok(response)
}

fn read(response: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(response) else { return Answer::None };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Answer::None };
    let header = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    match head.split(' ').nth(1) {
        Some("200") => match serde_json::from_str(body) {
            Ok(page) => {
                let cookie = header("set-cookie").and_then(|cookie| cookie.split(';').next());
                Answer::Page(page, cookie.map(str::to_owned))
            }
            Err(_) => Answer::None,
        },
        Some("503") => Answer::Unavailable { says_when: header("retry-after").is_some() },
        _ => Answer::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whole_or_not_at_all() {
        let whole = "HTTP/1.1 200 OK\r\nset-cookie: session=abc; Path=/\r\n\r\n{\"user\":\"ada\",\"count\":1,\"list\":[]}";
        let page = Page { user: Some("ada".to_owned()), count: 1, list: vec![] };
        assert_eq!(read(whole.as_bytes()), Answer::Page(page, Some("session=abc".to_owned())));
        for length in 0..whole.len() {
            assert_eq!(read(&whole.as_bytes()[..length]), Answer::None);
        }
        let refused = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n";
        assert_eq!(read(refused.as_bytes()), Answer::Unavailable { says_when: true });
    }
}
