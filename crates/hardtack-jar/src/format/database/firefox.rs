//! Reads Firefox's `cookies.sqlite`, in all versions of its schema (`PRAGMA user_version`; version 17 is current in
//! 2026).

use std::time::SystemTime;

use hardtack_core::cookie::SameSite;

use super::database::{Cells, Database};
use crate::cookie::{CookieRecord, Micros};
use crate::error::Error;
use crate::format::left_out::{ISOLATED, Position};
use crate::format::parsed_file::ParsedFile;
use crate::request::{PartitionKey, Site};

pub(in crate::format) const TABLE: &str = "moz_cookies";

/// The first version (Firefox 142) in which `expiry` is in milliseconds instead of seconds.
const MILLISECONDS_SINCE: i64 = 16;

const COLUMNS: &[&[&str]] = &[
    &["name"],
    &["value"],
    &["host"],
    &["path"],
    &["expiry"],
    &["isSecure"],
    &["isHttpOnly"],
    &["sameSite"],
    &["originAttributes"],
    &["creationTime"],
    &["updateTime"],
    &["lastAccessed"],
];
const NAME: usize = 0;
const VALUE: usize = 1;
const HOST: usize = 2;
const PATH: usize = 3;
const EXPIRY: usize = 4;
const SECURE: usize = 5;
const HTTP_ONLY: usize = 6;
const SAME_SITE: usize = 7;
const ORIGIN_ATTRIBUTES: usize = 8;
const CREATED: usize = 9;
const UPDATED: usize = 10;
const LAST_ACCESS: usize = 11;

pub(in crate::format) fn read(text: &[u8], now: SystemTime) -> Result<ParsedFile<'static>, Error> {
    let database = Database::with(text, TABLE)?;
    let version = database.number("PRAGMA user_version").unwrap_or(0);
    let mut parsed = ParsedFile::default();
    let mut number = 0;
    database.rows(TABLE, COLUMNS, |cells| {
        number += 1;
        let position = Position::Cookie(number);
        match record(cells, version, now) {
            Ok(record) => parsed.record(position, record, Vec::new()),
            Err(why) => parsed.unreadable(position, cells.label(NAME, HOST), why),
        }
    })?;
    Ok(parsed)
}

fn record(cells: &Cells<'_>, version: i64, now: SystemTime) -> Result<CookieRecord<'static>, &'static str> {
    let (name, value) = (cells.bytes(NAME), cells.bytes(VALUE));
    let host = cells.text(HOST)?;
    let (host_only, host) = host.strip_prefix('.').map_or((true, host), |domain| (false, domain));
    let mut record = CookieRecord::new(name, value, host, now);
    record.domain =
        if host.contains(':') && !host.starts_with('[') { format!("[{host}]").into() } else { host.into() };
    record.host_only = host_only;
    record.path = cells.text(PATH)?.into();
    record.secure = cells.is_set(SECURE);
    record.http_only = cells.is_set(HTTP_ONLY);
    record.same_site = same_site(cells.number(SAME_SITE), record.secure);
    record.partition = partition(cells.text(ORIGIN_ATTRIBUTES)?)?;
    let unit = if version >= MILLISECONDS_SINCE { 1_000 } else { 1_000_000 };
    // The database contains only persistent cookies, so an expiration is required.
    let expiry = cells.number(EXPIRY).ok_or("its `expiry` is not a number")?;
    record.expires = Some(Micros(expiry.saturating_mul(unit)).time());
    let time = |column| cells.number(column).filter(|&time| time > 0).map(|time| Micros(time).time());
    record.created = time(CREATED).unwrap_or(now);
    record.last_access = time(LAST_ACCESS).unwrap_or(record.created);
    // Versions before 17 do not record when a cookie was last set.
    record.updated = time(UPDATED);
    Ok(record.into_owned())
}

/// Reads `SameSite`. The number 0 means `SameSite=None`, but versions before 15 also write 0 for a cookie without
/// `SameSite`. Firefox sends both kinds of cookies with cross-site requests, so 0 is read as `SameSite=None` if the
/// cookie is `Secure`.
fn same_site(number: Option<i64>, secure: bool) -> Option<SameSite> {
    match number {
        Some(0) if secure => Some(SameSite::None),
        Some(1) => Some(SameSite::Lax),
        Some(2) => Some(SameSite::Strict),
        _ => None,
    }
}

/// Reads a cookie's partition from its origin attributes, such as `^partitionKey=%28https%2Cexample.com%29&…`.
fn partition(attributes: &str) -> Result<Option<PartitionKey>, &'static str> {
    let mut key = None;
    let pairs = attributes.strip_prefix('^').unwrap_or(attributes);
    for (name, value) in url::form_urlencoded::parse(pairs.as_bytes()) {
        match &*name {
            "partitionKey" => key = Some(partition_key(&value).ok_or("its `partitionKey` is not a site")?),
            "userContextId" if value != "0" => {
                return Err("it is in a Firefox container, separate from other cookies");
            }
            "firstPartyDomain" => return Err(ISOLATED),
            _ => {}
        }
    }
    Ok(key)
}

/// Parses a partition key such as `(https,example.com)` or `(https,example.com,8443)`. A last part `f` means that there
/// is a cross-site ancestor.
fn partition_key(text: &str) -> Option<PartitionKey> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let mut parts = inner.split(',');
    let (scheme, domain) = (parts.next()?, parts.next()?);
    let site: Site = format!("{scheme}://{domain}").parse().ok()?;
    let key = PartitionKey::new(site);
    Some(if parts.any(|part| part == "f") { key.with_cross_site_ancestor() } else { key })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn partitions_are_read_from_origin_attributes() {
        let shown = |attributes| {
            partition(attributes)
                .map(|key| key.map(|key| (key.site().to_string(), key.has_cross_site_ancestor())))
        };
        let site = |ancestor| Ok(Some(("https://example.com".to_owned(), ancestor)));
        assert_eq!(shown(""), Ok(None));
        assert_eq!(shown("^privateBrowsingId=1"), Ok(None));
        assert_eq!(shown("^partitionKey=%28https%2Cexample.com%29"), site(false));
        assert_eq!(shown("^partitionKey=%28https%2Cexample.com%2C8443%29"), site(false));
        assert_eq!(shown("^partitionKey=%28https%2Cexample.com%2Cf%29"), site(true));
        for bad in
            ["^partitionKey=", "^partitionKey=%28https%29", "^userContextId=2", "^firstPartyDomain=a.example"]
        {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_missing_same_site_differs_from_none() {
        assert_eq!(same_site(Some(256), true), None);
        assert_eq!(same_site(Some(0), false), None);
        assert_eq!(same_site(Some(0), true), Some(SameSite::None));
        assert_eq!(same_site(None, true), None);
    }

    #[test]
    fn the_version_decides_between_milliseconds_and_seconds() {
        let expires = |version: i64, expiry: i64| {
            let mut connection = rusqlite::Connection::open_in_memory().expect("a database");
            connection
                .execute_batch(&format!(
                    "PRAGMA user_version = {version};
                     CREATE TABLE moz_cookies (name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER);
                     INSERT INTO moz_cookies VALUES ('a', '1', '.example.com', '/', {expiry})"
                ))
                .expect("a table");
            let bytes = connection.serialize("main").expect("its bytes");
            let mut jar = crate::Jar::with_suffixes(crate::request::BuiltInSuffixes);
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
            let imported = read(&bytes, now).expect("rows").add_to(&mut jar, &crate::Import::new(), now);
            assert_eq!(imported.taken(), 1);
            jar.iter().next().expect("a cookie").expires()
        };
        let expected = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_060));
        assert_eq!(expires(15, 1_800_000_060), expected);
        assert_eq!(expires(16, 1_800_000_060_000), expected);
    }
}
