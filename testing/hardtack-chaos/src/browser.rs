use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::serve::SessionView;

/// The result of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Response {
    /// A page, and the cookie that the response sets, if any.
    Page(SessionView, Option<String>),
    /// The application reported that it is unavailable, with or without a time to retry.
    Unavailable { has_retry_time: bool },
    /// No response, an incomplete one, or one with another status.
    None,
}

/// The maximum time that a client waits for a response.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Sends a request, with a cookie if one is given, and returns the result.
pub(crate) async fn ask(port: u16, method: &str, path: &str, cookie: Option<&str>) -> Response {
    match tokio::time::timeout(TIMEOUT, exchange(port, method, path, cookie)).await {
        Ok(Ok(response)) => read(&response),
        Ok(Err(_)) | Err(_) => Response::None,
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

fn read(response: &[u8]) -> Response {
    let Ok(text) = std::str::from_utf8(response) else { return Response::None };
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return Response::None };
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
                Response::Page(page, cookie.map(str::to_owned))
            }
            Err(_) => Response::None,
        },
        Some("503") => Response::Unavailable { has_retry_time: header("retry-after").is_some() },
        _ => Response::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_read_whole_or_not_at_all() {
        let whole = "HTTP/1.1 200 OK\r\nset-cookie: session=abc; Path=/\r\n\r\n{\"user\":\"ada\",\"count\":1,\"list\":[]}";
        let page = SessionView { user: Some("ada".to_owned()), count: 1, list: vec![] };
        assert_eq!(read(whole.as_bytes()), Response::Page(page, Some("session=abc".to_owned())));
        for length in 0..whole.len() {
            assert_eq!(read(&whole.as_bytes()[..length]), Response::None);
        }
        let refused = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\n\r\n";
        assert_eq!(read(refused.as_bytes()), Response::Unavailable { has_retry_time: true });
    }
}
