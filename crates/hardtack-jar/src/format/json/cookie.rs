//! Reads cookies in the JSON of browsers and their tools, in all of its dialects.

use std::time::SystemTime;

use hardtack_core::cookie::SameSite;
use serde_json::Value as Json;
use serde_json::value::RawValue;
use url::Url;

use super::members::{Members, Problem, is_not};
use super::time::{Expiration, read_expiration};
use crate::cookie::CookieRecord;
use crate::format::Adjustment;
use crate::format::left_out::{ISOLATED, Position, label};
use crate::format::parsed_file::ParsedFile;
use crate::format::written_host::read_host;
use crate::request::{PartitionKey, Site, default_path};
use crate::set_cookie::SetCookieLine;

/// A cookie from a file, and the adjustments made to it.
pub(super) type ReadCookie = (CookieRecord<'static>, Vec<Adjustment>);

/// The reason why a JSON format cannot store a cookie's name or value.
pub(super) const NOT_UTF8: &str = "it is not UTF-8, which JSON requires";

/// The names of the member with the expiration: in DevTools and Playwright, in extensions, and in WebDriver.
const EXPIRATIONS: [&str; 3] = ["expires", "expirationDate", "expiry"];

/// Reads each cookie separately, so that a cookie that cannot be read does not affect the others.
pub(super) fn read_each(
    parsed: &mut ParsedFile<'_>,
    cookies: &[&RawValue],
    read: impl Fn(&Members) -> Result<ReadCookie, Problem>,
) {
    for (index, cookie) in cookies.iter().enumerate() {
        let position = Position::Cookie(index + 1);
        take(parsed, position, Members::of(cookie), None, &read);
    }
}

/// Reads one cookie. `name` is the cookie's name if the file stores cookies by name, or `None` if the name is one of
/// the cookie's members.
pub(super) fn take(
    parsed: &mut ParsedFile<'_>,
    position: Position,
    members: Result<Members, Problem>,
    name: Option<&str>,
    read: impl Fn(&Members) -> Result<ReadCookie, Problem>,
) {
    match members.as_ref().map_err(Problem::clone).and_then(read) {
        Ok((record, adjusted)) => parsed.record(position, record, adjusted),
        Err(why) => parsed.unreadable(position, label_of(members.ok().as_ref(), name, ""), why),
    }
}

/// Returns a label with the name and the domain of a cookie that cannot be read, or `None` if the name is unknown.
/// `host` is used if the members contain neither a domain nor a URL.
pub(super) fn label_of(members: Option<&Members>, name: Option<&str>, host: &str) -> Option<Box<str>> {
    let text = |member: &str| members?.get(member)?.as_str();
    let raw = || SetCookieLine::parse(text("raw_cookie")?).ok();
    let name = name.or_else(|| text("name")).or_else(|| text("key")).map(str::as_bytes);
    let name = name.or_else(|| raw().map(|line| line.name()))?;
    // In the format of `cookie_store`, the domain is an object.
    let domain = members.and_then(|members| members.get("domain"));
    let domain =
        domain.map(|domain| domain.get("HostOnly").or_else(|| domain.get("Suffix")).unwrap_or(domain));
    let domain = domain.and_then(Json::as_str).filter(|domain| !domain.is_empty());
    let url = || Url::parse(text("url")?).ok();
    let domain = domain.map(str::to_owned).or_else(|| Some(url()?.host_str()?.to_owned()));
    Some(label(name, domain.as_deref().unwrap_or(host).trim_start_matches('.')))
}

/// Reads a cookie in the JSON of DevTools, Puppeteer, Playwright, WebDriver, or an extension. Each tool writes some of
/// the members that this function reads.
pub(super) fn read(members: &Members, now: SystemTime) -> Result<ReadCookie, Problem> {
    let url = members.text("url")?.map(Url::parse).transpose().map_err(|_| is_not("url", "a URL"))?;
    let url_host = url.as_ref().and_then(Url::host_str);
    let domain = members.text("domain")?.filter(|domain| !domain.is_empty()).or(url_host);
    let domain = read_host(domain.ok_or("`domain` is missing")?);
    let mut adjusted: Vec<_> = domain.adjustment.into_iter().collect();
    let mut record =
        CookieRecord::new(members.required_text("name")?, members.required_text("value")?, "", now);
    record.domain = domain.host;
    record.host_only = members.flag("hostOnly")?.unwrap_or(!domain.dotted);
    if record.host_only && domain.dotted {
        adjusted.push(Adjustment::DotBeforeHost);
    }
    record.path = match (members.text("path")?, &url) {
        (Some(path), _) if !path.is_empty() => path.into(),
        (_, Some(url)) => default_path(url.path()).to_owned().into(),
        _ => "/".into(),
    };
    record.secure = members.flag("secure")?.unwrap_or_default();
    record.http_only = members.flag("httpOnly")?.unwrap_or_default();
    record.same_site = read_same_site(members);
    record.expires = expiration(members, &mut adjusted)?;
    record.partition = partition(members, &record.domain)?;
    if members.text("firstPartyDomain")?.is_some_and(|domain| !domain.is_empty()) {
        return Err(ISOLATED.into());
    }
    adjusted.extend(dropped(members));
    Ok((record.into_owned(), adjusted))
}

/// Returns an adjustment for an unusual `storeId`, and one for an unusual `priority`, because a jar stores neither.
/// `sourceScheme`, `sourcePort`, and `sameParty` are ignored without an adjustment: the first two only describe the
/// response that set the cookie, and the last is obsolete.
fn dropped(members: &Members) -> impl Iterator<Item = Adjustment> {
    const USUAL_STORES: [&str; 3] = ["", "0", "firefox-default"];
    let is_unusual = |name: &str, usual: &[&str]| {
        members.get(name).and_then(Json::as_str).is_some_and(|word| !usual.contains(&word))
    };
    let store = is_unusual("storeId", &USUAL_STORES).then_some(Adjustment::Store);
    let priority = is_unusual("priority", &["Medium"]).then_some(Adjustment::Priority);
    store.into_iter().chain(priority)
}

fn expiration(members: &Members, adjusted: &mut Vec<Adjustment>) -> Result<Option<SystemTime>, Problem> {
    let member = EXPIRATIONS.iter().find_map(|name| Some((name, members.get(name)?)));
    let expiration = member.map(|(name, member)| read_expiration(name, member)).transpose()?;
    let is_session = members.flag("session")?.unwrap_or_default();
    Ok(match expiration {
        None | Some(Expiration::Session) => None,
        Some(Expiration::Zero) => {
            if !is_session {
                adjusted.push(Adjustment::ZeroExpiration);
            }
            None
        }
        Some(Expiration::At(_)) if is_session => {
            adjusted.push(Adjustment::SessionWithExpiration);
            None
        }
        Some(Expiration::At(time)) => Some(time),
    })
}

/// Reads `sameSite`. Extensions use their own words for its values. An unknown word is treated as missing.
pub(super) fn read_same_site(members: &Members) -> Option<SameSite> {
    let word = members.get("sameSite")?.as_str()?;
    if word.eq_ignore_ascii_case("no_restriction") { Some(SameSite::None) } else { word.parse().ok() }
}

/// Reads a cookie's partition, which is a string, or an object in DevTools, Puppeteer, and extensions. Returns `None`
/// if it is missing or empty.
fn partition(members: &Members, domain: &str) -> Result<Option<PartitionKey>, Problem> {
    if members.flag("partitionKeyOpaque")?.unwrap_or_default() {
        return Err("`partitionKeyOpaque` is true: its page has an opaque origin".into());
    }
    let (site, ancestor) = match members.get("partitionKey") {
        None => return Ok(None),
        // Playwright stores the ancestor flag in a separate member.
        Some(Json::String(site)) => (Some(site.as_str()), members.flag("_crHasCrossSiteAncestor")?),
        Some(Json::Object(key)) => {
            let site = [key.get("topLevelSite"), key.get("sourceOrigin")].into_iter().flatten();
            let site =
                site.filter(|site| !site.is_null()).map(|site| site.as_str().unwrap_or("not text")).next();
            (site, key.get("hasCrossSiteAncestor").and_then(Json::as_bool))
        }
        Some(_) => return Err(is_not("partitionKey", "a site")),
    };
    let Some(site) = site.filter(|site| !site.is_empty()) else { return Ok(None) };
    let site: Site = site.parse().map_err(|_| is_not("partitionKey", "a site of `http` or `https`"))?;
    // If the flag is missing, infer it: a cookie whose domain is not on the top-level site was set in a frame, which
    // has a cross-site ancestor.
    let ancestor = ancestor.unwrap_or_else(|| !site.has_host(domain));
    let key = PartitionKey::new(site);
    Ok(Some(if ancestor { key.with_cross_site_ancestor() } else { key }))
}

/// Returns the name and value, if both are UTF-8.
pub(super) fn texts<'a>(cookie: &'a CookieRecord<'_>) -> Result<(&'a str, &'a str), &'static str> {
    let text = |bytes: &'a [u8]| str::from_utf8(bytes).map_err(|_| NOT_UTF8);
    Ok((text(&cookie.name)?, text(&cookie.value)?))
}

/// Returns the domain, with a leading dot if it includes subdomains.
pub(super) fn dotted_domain(cookie: &CookieRecord<'_>) -> String {
    dotted(cookie, &cookie.domain)
}

/// Like [`dotted_domain`], with a domain that the caller has already converted, for example with `python_host`.
pub(super) fn dotted(cookie: &CookieRecord<'_>, domain: &str) -> String {
    format!("{}{domain}", if cookie.host_only { "" } else { "." })
}

/// Returns an object such as `{"topLevelSite": "https://example.com", "hasCrossSiteAncestor": true}`, as in DevTools
/// and extensions.
pub(super) fn partition_object(key: &PartitionKey) -> Json {
    serde_json::json!({
        "topLevelSite": key.site().to_string(),
        "hasCrossSiteAncestor": key.has_cross_site_ancestor(),
    })
}
