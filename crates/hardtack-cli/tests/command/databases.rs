//! Cookie databases in the formats of browsers.

use std::path::Path;

use rusqlite::Connection;

/// Writes a cookie database as Firefox does, with two cookies.
pub(crate) fn firefox(path: &Path) {
    create(
        path,
        "PRAGMA user_version = 12;
         CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL DEFAULT '', name TEXT,
             value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER, creationTime INTEGER,
             isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0, sameSite INTEGER DEFAULT 0,
             rawSameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT 0);
         INSERT INTO moz_cookies (name, value, host, path, expiry, lastAccessed, creationTime, isSecure, isHttpOnly)
             VALUES ('id', 'secret-value', '.shop.example', '/', 4102444800, 1767225600000000, 1767225600000000, 1, 1),
                    ('lang', 'en', 'other.example', '/', 4102444800, 1767225600000000, 1767225600000000, 0, 0);",
    );
}

/// Writes a cookie database as Chromium does on Linux without a keyring. One value is encrypted with the password
/// `peanuts`, and the other is in plain text.
pub(crate) fn chromium(path: &Path) {
    create(
        path,
        "CREATE TABLE meta (key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR);
         INSERT INTO meta VALUES ('version', '20');
         CREATE TABLE cookies (creation_utc INTEGER NOT NULL, host_key TEXT NOT NULL, top_frame_site_key TEXT NOT NULL,
             name TEXT NOT NULL, value TEXT NOT NULL, encrypted_value BLOB NOT NULL, path TEXT NOT NULL,
             expires_utc INTEGER NOT NULL, is_secure INTEGER NOT NULL, is_httponly INTEGER NOT NULL,
             last_access_utc INTEGER NOT NULL, has_expires INTEGER NOT NULL, is_persistent INTEGER NOT NULL,
             priority INTEGER NOT NULL, samesite INTEGER NOT NULL, source_scheme INTEGER NOT NULL,
             source_port INTEGER NOT NULL, is_same_party INTEGER NOT NULL, last_update_utc INTEGER NOT NULL);
         INSERT INTO cookies VALUES
             (13411699200000000, '.shop.example', '', 'id', '', X'76313016ec0ac044907134e7d64152a751932a', '/', 0, 1, 1,
              13411699200000000, 0, 0, 1, 1, 2, 443, 0, 13411699200000000),
             (13411699200000000, 'other.example', '', 'lang', 'en', X'', '/', 0, 0, 0,
              13411699200000000, 0, 0, 1, -1, 1, 80, 0, 13411699200000000);",
    );
}

/// Writes a cookie database of Chromium with `count` cookies, all encrypted with the password `peanuts`.
pub(crate) fn encrypted(path: &Path, count: usize) {
    chromium(path);
    let connection = Connection::open(path).expect("a database");
    connection.execute("DELETE FROM cookies WHERE value <> ''", []).expect("a row");
    for number in 1..count {
        let copy = "INSERT INTO cookies SELECT creation_utc, host_key, top_frame_site_key, name || ?1, value,
            encrypted_value, path, expires_utc, is_secure, is_httponly, last_access_utc, has_expires, is_persistent,
            priority, samesite, source_scheme, source_port, is_same_party, last_update_utc
            FROM cookies WHERE name = 'id'";
        connection.execute(copy, [number.to_string()]).expect("a row");
    }
    connection.close().map_err(|(_, error)| error).expect("it closes");
}

fn create(path: &Path, sql: &str) {
    let connection = Connection::open(path).expect("a database");
    connection.execute_batch(sql).expect("a table");
    connection.close().map_err(|(_, error)| error).expect("it closes");
}
