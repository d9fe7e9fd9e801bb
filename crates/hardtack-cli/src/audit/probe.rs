//! Checks that need several visitors: whether their sessions differ, and whether an attacker can plant a session.

use std::time::SystemTime;

use hardtack::generate_secret;
use hardtack_jar::{Finding, Jar, Role, Rule, StoredCookie};
use url::Url;

use super::audited_page::PageFinding;
use super::unreached::Unreached;
use super::visitor::Visitor;
use crate::inspect;

/// Visits a page as two new visitors. If the first one receives session cookies, visits the page as a third visitor,
/// which sends session ids that the site did not create.
pub(super) async fn probe(visitor: &Visitor, target: &Url) -> Result<Vec<PageFinding>, Unreached> {
    let given = sessions(visitor, target, Jar::new()).await?;
    let others = sessions(visitor, target, Jar::new()).await?;
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let planted = planted(&given);
    let kept = sessions(visitor, target, planted.clone()).await?;
    let mut findings = Vec::new();
    let mut add = |cookie: String, rule| {
        findings.push(PageFinding { cookie: Some(cookie), finding: Finding::new(rule) });
    };
    for session in &given {
        let cookie = String::from_utf8_lossy(session.name()).into_owned();
        // Signed sessions are equal if a site creates them for new visitors in the same second. This is harmless.
        let is_signed = inspect::is_signed(&String::from_utf8_lossy(session.value()));
        if has(&others, session) && !is_signed {
            add(cookie, Rule::SharedSession);
        } else if planted
            .iter()
            .filter(|planted| planted.name() == session.name())
            .any(|planted| has(&kept, planted))
        {
            add(cookie, Rule::PlantedSession);
        }
    }
    Ok(findings)
}

fn has(sessions: &[StoredCookie], cookie: &StoredCookie) -> bool {
    sessions.iter().any(|session| session.pair() == cookie.pair())
}

/// Visits the page with this jar, and returns the session cookies that are in the jar afterwards.
async fn sessions(visitor: &Visitor, target: &Url, jar: Jar) -> Result<Vec<StoredCookie>, Unreached> {
    let mut stranger = visitor.with_jar(jar);
    if let Some(unreached) = stranger.visit(target).await.unreached {
        return Err(unreached);
    }
    let cookies = stranger.jar().iter();
    Ok(cookies.filter(|cookie| stranger.role(cookie) == Role::Session).cloned().collect())
}

/// Returns a jar with the same session cookies, but with random values.
fn planted(sessions: &[StoredCookie]) -> Jar {
    let now = SystemTime::now();
    let mut jar = Jar::new();
    for session in sessions {
        let mut cookie = session.record();
        cookie.value = generate_secret().into_bytes().into();
        // A jar accepts the cookies from another jar. If it refused one, the visitor would only send one id fewer.
        let _ = jar.restore(&cookie, now);
    }
    jar
}
