//! Reads the `Cookies` database of Chromium-based browsers, in all versions of its schema (version 24 is current in
//! 2026).

use std::time::SystemTime;

use hardtack_core::cookie::SameSite;

use super::database::{Cells, Database};
use crate::cookie::{CookieRecord, Micros};
use crate::error::Error;
use crate::format::ChromiumKey;
use crate::format::left_out::Position;
use crate::format::parsed_file::ParsedFile;
use crate::request::PartitionKey;

pub(in crate::format) const TABLE: &str = "cookies";

/// Microseconds from the start of 1601, which is Chromium's epoch, to the start of 1970.
const FROM_1601: i64 = 11_644_473_600_000_000;

/// The first version in which the encrypted text is a digest of the domain, followed by the value.
const DIGEST_SINCE: i64 = 24;

/// The columns to read. Each has its current name, followed by its name in the oldest versions (before 2018) if that is
/// different.
const COLUMNS: &[&[&str]] = &[
    &["name"],
    &["value"],
    &["encrypted_value"],
    &["host_key"],
    &["path"],
    &["expires_utc"],
    &["has_expires"],
    &["is_secure", "secure"],
    &["is_httponly", "httponly"],
    &["samesite"],
    &["top_frame_site_key"],
    &["has_cross_site_ancestor"],
    &["creation_utc"],
    &["last_update_utc"],
    &["last_access_utc"],
];
const NAME: usize = 0;
const VALUE: usize = 1;
const ENCRYPTED: usize = 2;
const HOST: usize = 3;
const PATH: usize = 4;
const EXPIRES: usize = 5;
const HAS_EXPIRES: usize = 6;
const SECURE: usize = 7;
const HTTP_ONLY: usize = 8;
const SAME_SITE: usize = 9;
const TOP_FRAME_SITE: usize = 10;
const ANCESTOR: usize = 11;
const CREATED: usize = 12;
const UPDATED: usize = 13;
const LAST_ACCESS: usize = 14;

pub(in crate::format) fn read(
    text: &[u8],
    key: Option<&ChromiumKey>,
    now: SystemTime,
) -> Result<ParsedFile<'static>, Error> {
    let database = Database::with(text, TABLE)?;
    let version = database.number("SELECT value FROM meta WHERE key = 'version'").unwrap_or(0);
    let mut parsed = ParsedFile::default();
    let mut number = 0;
    database.rows(TABLE, COLUMNS, |cells| {
        number += 1;
        let position = Position::Cookie(number);
        match record(cells, version, key, now) {
            Ok(record) => parsed.record(position, record, Vec::new()),
            Err(why) => parsed.unreadable(position, cells.label(NAME, HOST), why),
        }
    })?;
    Ok(parsed)
}

fn record(
    cells: &Cells<'_>,
    version: i64,
    key: Option<&ChromiumKey>,
    now: SystemTime,
) -> Result<CookieRecord<'static>, &'static str> {
    let host_key = cells.text(HOST)?;
    let value = value(cells, host_key, version, key)?;
    let (host_only, host) = host_key.strip_prefix('.').map_or((true, host_key), |domain| (false, domain));
    let mut record = CookieRecord::new(cells.bytes(NAME), &value, host, now);
    record.host_only = host_only;
    record.path = cells.text(PATH)?.into();
    record.secure = cells.is_set(SECURE);
    record.http_only = cells.is_set(HTTP_ONLY);
    record.same_site = match cells.number(SAME_SITE) {
        Some(0) => Some(SameSite::None),
        Some(1) => Some(SameSite::Lax),
        Some(2) => Some(SameSite::Strict),
        _ => None,
    };
    record.partition = partition(cells)?;
    let time = |column| {
        let time = cells.number(column).filter(|&time| time > 0);
        time.map(|time| Micros(time.saturating_sub(FROM_1601)).time())
    };
    if cells.is_set(HAS_EXPIRES) {
        record.expires = Some(time(EXPIRES).ok_or("its `expires_utc` is not a time")?);
    }
    record.created = time(CREATED).unwrap_or(now);
    record.last_access = time(LAST_ACCESS).unwrap_or(record.created);
    record.updated = time(UPDATED);
    Ok(record.into_owned())
}

/// Returns the cookie's value. Decrypts it with the key if it is encrypted.
fn value(
    cells: &Cells<'_>,
    host_key: &str,
    version: i64,
    key: Option<&ChromiumKey>,
) -> Result<Vec<u8>, &'static str> {
    let encrypted = cells.bytes(ENCRYPTED);
    if encrypted.is_empty() {
        return Ok(cells.bytes(VALUE).to_vec());
    }
    let key = key.ok_or("its value is encrypted: set the browser's key")?;
    key.open(encrypted, (version >= DIGEST_SINCE).then_some(host_key))
}

fn partition(cells: &Cells<'_>) -> Result<Option<PartitionKey>, &'static str> {
    let site = cells.text(TOP_FRAME_SITE)?;
    if site.is_empty() {
        return Ok(None);
    }
    let site = site.parse().map_err(|_| "its `top_frame_site_key` is not a site")?;
    let key = PartitionKey::new(site);
    Ok(Some(if cells.is_set(ANCESTOR) { key.with_cross_site_ancestor() } else { key }))
}

#[cfg(all(test, feature = "psl"))]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_cannot_be_decrypted_is_named() {
        let mut connection = rusqlite::Connection::open_in_memory().expect("a database");
        connection
            .execute_batch(
                "CREATE TABLE meta (key TEXT, value TEXT);
                 CREATE TABLE cookies (name TEXT, value TEXT, encrypted_value BLOB, host_key TEXT, path TEXT);
                 INSERT INTO cookies VALUES ('id', '', X'763130aa', '.shop.example', '/'),
                                            ('', '', X'763130aa', 'shop.example', '/')",
            )
            .expect("a table");
        let bytes = connection.serialize("main").expect("its bytes");
        let mut jar = crate::Jar::new();
        let now = SystemTime::UNIX_EPOCH;
        let imported = read(&bytes, None, now).expect("rows").add_to(&mut jar, &crate::Import::new(), now);
        let messages: Vec<_> = imported.left_out().iter().map(ToString::to_string).collect();
        assert_eq!(
            messages,
            [
                "cookie 1 (`id` of shop.example): its value is encrypted: set the browser's key",
                "cookie 2 (without a name, of shop.example): its value is encrypted: set the browser's key",
            ]
        );
    }
}
