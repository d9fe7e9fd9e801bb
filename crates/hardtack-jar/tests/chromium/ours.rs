//! Runs a case in the jar.

use std::time::{Duration, SystemTime};

use hardtack_jar::{
    BuiltInSuffixes, Jar, PartitionKey, Profile, Refusal, RequestContext, RequestKind, Site, SiteContext,
    StoredCookie,
};

use crate::case::{Case, Step, Way};
use crate::outcome::{Clock, Kept, Outcome};

/// The jar's result for a case, and the reason why the jar refused the last line, if it did.
pub(crate) struct Played {
    pub(crate) outcome: Outcome,
    pub(crate) refusal: Option<Refusal>,
}

pub(crate) fn play(case: &Case, profile: Profile, clock: &Clock) -> Played {
    let earliest = play_at(case, profile, clock.iter().map(|moments| moments.0));
    let latest = play_at(case, profile, clock.iter().map(|moments| moments.1));
    let mut played = earliest;
    for (kept, later) in played.outcome.kept.iter_mut().zip(&latest.outcome.kept) {
        if let (Some(expires), Some((_, latest))) = (&mut kept.expires, later.expires) {
            expires.1 = latest;
        }
    }
    played
}

fn play_at(case: &Case, profile: Profile, clock: impl Iterator<Item = SystemTime>) -> Played {
    let mut jar = Jar::new().profile(profile);
    let (mut sent, mut refusal) = (Vec::new(), None);
    for (step, now) in case.steps.iter().zip(clock) {
        let request = request(step);
        let header = jar.header(&request, now).unwrap_or_default();
        // A script sees text instead of bytes.
        sent.push(if step.is_script() {
            String::from_utf8_lossy(&header).into_owned().into_bytes()
        } else {
            header
        });
        // Cookies in an informational response may be ignored (RFC 6265bis, section 5.7).
        if let Some(line) = step.line.as_ref().filter(|_| step.status >= 200) {
            if step.afresh {
                // The result is ignored: if the cookie does not exist or cannot be removed, the line does not replace
                // it either.
                let _ = jar.set(&request, [line, b"; Max-Age=0".as_slice()].concat(), now);
            }
            refusal = jar.set(&request, line, now).err();
            for line in &step.more {
                refusal = jar.set(&request, line, now).err();
            }
        }
    }
    let kept = jar.iter().map(kept).collect();
    Played { outcome: Outcome::new(sent, kept), refusal }
}

/// Returns the request that corresponds to a step.
pub(crate) fn request(step: &Step) -> RequestContext {
    let request = led(step);
    let date = step.date.map(|date| SystemTime::UNIX_EPOCH + Duration::from_secs(date.try_into().unwrap()));
    date.map_or_else(|| request.clone(), |date| request.clone().date(date))
}

fn led(step: &Step) -> RequestContext {
    let site = |url: &str| Site::of(&BuiltInSuffixes, url).unwrap();
    let own = site(&step.url);
    let http = || RequestContext::http(&step.url).unwrap();
    let script = || RequestContext::script(&step.url).unwrap();
    let led = |from: &str, kind| http().context(SiteContext::of(Some(&site(from)), &own, kind));
    let embedded = |request: RequestContext, top: &str| {
        let context = SiteContext::of(Some(&site(top)), &own, RequestKind::Embedded);
        request.context(context).partition(PartitionKey::new(site(top)))
    };
    match &step.way {
        Way::Typed => http(),
        Way::Script => script(),
        Way::Linked { from } => led(from, RequestKind::Link),
        Way::Sent { from } => led(from, RequestKind::Form),
        Way::Fetched { top } | Way::Framed { top } => embedded(http(), top),
        Way::FramedScript { top } => embedded(script(), top),
        Way::Nested { top, middle } if site(middle) == site(top) => embedded(http(), top),
        Way::Nested { top, .. } => http()
            .context(SiteContext::CrossSite)
            .partition(PartitionKey::new(site(top)).with_cross_site_ancestor()),
    }
}

fn kept(cookie: &StoredCookie) -> Kept {
    let text = |bytes: &[u8]| bytes.utf8_chunks().map(|chunk| chunk.valid()).collect::<String>();
    Kept {
        domain: cookie.domain().to_owned(),
        host_only: cookie.is_host_only(),
        path: cookie.path().to_owned(),
        name: text(cookie.name()),
        value: text(cookie.value()),
        size: cookie.name().len() + cookie.value().len(),
        partition: cookie.partition().map(|key| (key.site().to_string(), key.has_cross_site_ancestor())),
        secure: cookie.is_secure(),
        http_only: cookie.is_http_only(),
        same_site: cookie.same_site().map(|same_site| same_site.as_str().to_owned()),
        expires: cookie.expires().map(|expires| (expires, expires)),
    }
}
