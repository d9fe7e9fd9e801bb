//! A table with a row for each way to call the program: its exit status and its output.

use std::collections::HashSet;

use clap::Command;
use hardtack_cli::{Exit, Hardtack};

use crate::fixture::{Fixture, OLD_SECRET, SECRET};
use crate::program::{finish, hardtack};

/// One way to call the program. The fixture replaces the placeholders in braces.
pub(crate) struct Invocation {
    pub(crate) line: &'static str,
    /// The file in the fixture's folder that is the standard input.
    stdin: Option<&'static str>,
    environment: &'static [(&'static str, &'static str)],
    pub(crate) exit: Exit,
    /// Strings that occur in the output, on standard output or standard error.
    says: &'static [&'static str],
}

const fn call(line: &'static str, exit: Exit, says: &'static [&'static str]) -> Invocation {
    Invocation { line, stdin: None, environment: &[], exit, says }
}

impl Invocation {
    const fn stdin(mut self, file: &'static str) -> Self {
        self.stdin = Some(file);
        self
    }

    const fn with(mut self, environment: &'static [(&'static str, &'static str)]) -> Self {
        self.environment = environment;
        self
    }

    /// Returns the words, which are separated by spaces; `~` is a space within a word.
    pub(crate) fn words(&self) -> impl Iterator<Item = String> {
        self.line
            .split(' ')
            .map(|word| if word.starts_with("--") { word.to_owned() } else { word.replace('~', " ") })
    }
}

const KEY: &[(&str, &str)] = &[("SECRET_KEY", SECRET)];

/// The rows of the table.
pub(crate) const INVOCATIONS: &[Invocation] = &{
    use Exit::{Done, Negative, NotFound, Unreachable, Unreadable, Unwritable, Usage};
    [
        call("--help", Done, &["Usage: hardtack", "Exit status:", "  6  the output cannot be written"]),
        call("--version", Done, &["hardtack "]),
        call("--color", Usage, &["--color"]),
        call("--color sometimes keygen", Usage, &["sometimes", "never"]),
        call("frobnicate", Usage, &["frobnicate"]),
        // keygen
        call("keygen", Done, &[]),
        call("keygen --env", Done, &["SECRET_KEY="]),
        call("keygen --json", Done, &["\"secret_key\": ", "\"bits\": 256"]),
        call("keygen --env --json", Usage, &["--env", "--json"]),
        call("keygen --color always", Done, &[]),
        // inspect
        call("inspect", Usage, &["<COOKIE>"]),
        call("inspect eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Done, &["a signed session", "{\"a\":1}", "2023-11-14 22:13:20 UTC", "SHA-1", "not verified"]),
        call("inspect -", Done, &["a signed session"]).stdin("cookie"),
        call("inspect --json -", Done, &["\"kind\": \"signed\"", "\"verdict\": null"]).stdin("cookie"),
        call("inspect -", Unreadable, &["not UTF-8"]).stdin("latin1"),
        call("inspect - --key -", Usage, &["cannot both come from standard input"]),
        call("inspect dark", Negative, &["not a session of hardtack or Flask"]),
        call("inspect AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Done, &["the id of a session in a store", "hardtack sessions show"]),
        call("inspect -AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Done, &["the id of a session in a store"]),
        call("inspect --key file:{short_key} --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Done, &["genuine", "the current key", "in 30 days"]),
        call("inspect --key file:{short_key} eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Unreadable, &["shorter than 16 bytes", "hardtack keygen", "--insecure-short-key"]),
        call("inspect --key file:{key} --key file:{short_key} --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Done, &["genuine", "fallback 1"]),
        call("inspect --key env --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["rejected", "not signed or encrypted with any of the keys"]).with(KEY),
        call("inspect --key env --insecure-short-key --at 1700000060 --json eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Done, &["\"key\": \"SECRET_KEY_FALLBACKS[1]\"", "\"current\": false"])
            .with(&[("SECRET_KEY", SECRET), ("SECRET_KEY_FALLBACKS", "[\"17c3f0a9d85e42b6a4f19e02c7d3b586\", \"dev\"]")]),
        call("inspect --key env:OLD --key - --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Done, &["fallback 1 (standard input)"])
            .stdin("short_key").with(&[("OLD", OLD_SECRET)]),
        call("inspect --key env eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", NotFound, &["SECRET_KEY is not set"]),
        call("inspect --key env eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Unreadable, &["SECRET_KEY_FALLBACKS is not a JSON array"])
            .with(&[("SECRET_KEY", SECRET), ("SECRET_KEY_FALLBACKS", "old")]),
        call("inspect --key file:{nowhere} x", NotFound, &["nowhere does not exist: check the path"]),
        call("inspect --key file:{empty_key} x", Unreadable, &["is empty"]),
        call("inspect --key hunter2 x", Usage, &["not the secret itself", "file:PATH"]),
        call("inspect --key - --key - x", Usage, &["only one key"]),
        call("inspect --key file:{short_key} --insecure-short-key --max-age 1h --at 1700003601 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["rejected", "expired"]),
        call("inspect --max-age soon x", Usage, &["12h"]),
        call("inspect --at soon x", Usage, &["seconds since 1970"]),
        call("inspect --at 1699999999 --key file:{short_key} --insecure-short-key eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["in the future"]),
        call("inspect --salt other --key file:{short_key} --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["another purpose", "another salt"]),
        call("inspect --purpose admin --key file:{short_key} --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["another purpose", "another salt"]),
        call("inspect --digest sha512 --key file:{short_key} --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["another purpose", "--digest sha1"]),
        call("inspect --key-derivation concat --key file:{short_key} --insecure-short-key --at 1700000060 eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Negative, &["--key-derivation hmac"]),
        call("inspect --digest md5 x", Usage, &["sha256"]),
        call("inspect --key-derivation pbkdf2 x", Usage, &["django-concat"]),
        call("inspect --name session Cookie:~a=1;~session=eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk", Done, &["session: ", "a signed session"]),
        call("inspect --name user Cookie:~a=1;~b=2", NotFound, &["no cookie named `user`"]),
        call("inspect Cookie:", NotFound, &["the input has no cookie"]),
        call("inspect --url http://shop.example/ Set-Cookie:~id=1;~Secure", Negative, &["browsers refuse it", "serve the site over https", "set by     http://shop.example/"]),
        call("inspect Set-Cookie:~id=1;~Domain=shop.example;~HttpOnly --json", Done, &["\"kept\": true", "\"url\": \"https://shop.example/\""]),
        call("inspect - --url https://shop.example/", Negative, &["first: ", "set by     https://shop.example/", "__Host-x: ", "set by     https://shop.example/next", "browsers refuse it"]).stdin("response"),
        call("inspect - --name first", Done, &["first: "]).stdin("response"),
        call("inspect - --json", Done, &["\"url\": \"https://shop.example/login\"", "\"kept\": true"]).stdin("transcript"),
        call("inspect -", NotFound, &["the input has no cookie"]).stdin("no_cookies"),
        call("inspect -", Unreadable, &["a page without its headers", "curl -i"]).stdin("page.html"),
        call("inspect --url nowhere x", Usage, &["https://example.com/"]),
        call("inspect Set-Cookie:~__Host-session=Zm9vYmFyYmF6cXV4Zm9vYg;~Path=/;~Secure;~HttpOnly;~SameSite=Lax", Done, &["accept it"]),
        // sign
        call("sign {session.json}", Done, &["."]).with(KEY),
        call("sign", Done, &["."]).stdin("session.json").with(KEY),
        call("sign {session.json} --key file:{key} --at 1700000000 --permanent --json", Done, &["\"signed_at\": 1700000000", "\"set_cookie\": \"session="]),
        call("sign {session.json} --key file:{short_key} --insecure-short-key --salt s --digest sha256 --key-derivation none --compression flask", Done, &["."]),
        call("sign {session.json} --header --name flask --compression never", Done, &["Set-Cookie: flask=", "HttpOnly"]).with(KEY),
        call("sign {session.json} --purpose admin", Done, &["."]).with(KEY),
        call("sign {session.json} --name a~b", Usage, &["a space in its name"]).with(KEY),
        call("sign {session.json} --key file:{short_key}", Unreadable, &["shorter than 16 bytes"]),
        call("sign {session.json} --at never", Usage, &["seconds since 1970"]),
        call("sign {session.json} --compression maybe", Usage, &["flask"]),
        call("sign {session.json} --salt", Usage, &["--salt"]),
        call("sign {session.json}", NotFound, &["SECRET_KEY is not set", "--key file:PATH"]),
        call("sign {nowhere.json}", NotFound, &["nowhere.json does not exist: check the path"]).with(KEY),
        call("sign {broken.json}", Unreadable, &["broken.json: the text is not JSON"]).with(KEY),
        call("sign {list.json}", Unreadable, &["not a JSON object"]).with(KEY),
        call("sign {latin1}", Unreadable, &["not UTF-8"]).with(KEY),
        call("sign {large.json}", Negative, &["browsers refuse cookies over 4096 bytes"]).with(KEY),
        call("sign - --key -", Usage, &["cannot both come from standard input"]),
        // seal
        call("seal {session.json}", Done, &[""]).with(KEY),
        call("seal", Done, &[""]).stdin("session.json").with(KEY),
        call("seal {session.json} --key file:{key} --at 1700000000 --max-age 1h --absolute 2h --permanent --json", Done, &["\"expires_at\": 1700003600", "\"deadline\": 1700007200"]),
        call("seal {session.json} --key file:{short_key} --insecure-short-key --header --name __Secure-s", Done, &["Set-Cookie: __Secure-s="]),
        call("seal {session.json} --purpose admin", Done, &[""]).with(KEY),
        call("seal {session.json} --max-age=-1h", Usage, &["12h"]),
        call("seal {session.json} --absolute 1y", Usage, &["4w"]),
        call("seal {list.json}", Unreadable, &["not a JSON object"]).with(KEY),
        // sessions
        call("sessions", Usage, &["list", "purge"]),
        call("sessions list --store {store}", Done, &["111111111111", "jane", "phone", "live", "bob"]),
        call("sessions list", Done, &["444444444444"]).with(&[("HARDTACK_STORE", "{store}")]),
        call("sessions list", Usage, &["HARDTACK_STORE"]),
        call("sessions list --store memory", Usage, &["a memory store is visible only to its own application"]),
        call("sessions list --store http://hunter2@x", Usage, &["--store", "sqlite:PATH"]),
        call("sessions list --store sqlite:{nowhere.db}", NotFound, &["the store ", "does not exist: check the path"]),
        call("sessions list --store postgres://ada:hunter2@{closed}/db", Unreachable, &["set HARDTACK_STORE instead"]),
        call("sessions list --store {store} --user jane --json", Done, &["\"session\":\"222222222222\"", "\"user\":\"jane\""]),
        call("sessions list --store {store} --user nobody --json", Done, &["[]"]),
        call("sessions list --store {store} --older-than 90m --idle-longer-than 30m --limit 1", Done, &["session "]),
        call("sessions list --store {store} --older-than long", Usage, &["30d"]),
        call("sessions list --store {store} --idle-longer-than long", Usage, &["30d"]),
        call("sessions list --store {store} --limit few", Usage, &["few"]),
        call("sessions list --store {store} --all", Done, &["555555555555", "renewed"]),
        call("sessions show --store {store} 111111111111", Done, &["cart", "tuple", "phone"]),
        call("sessions show --store {store} 11111111 --values", Done, &["hunter2"]),
        call("sessions show --store {store} 11111111 --json", Done, &["\"type\": \"tuple\""]),
        call("sessions show --store {store} 55555555", Done, &["is now 444444444444"]),
        call("sessions show --store {store} 44444444", Done, &["it is empty"]),
        call("sessions show --store {store} 99999999", NotFound, &["no session 99999999"]),
        call("sessions show --store {store} 1111", Usage, &["8 hexadecimal digits"]),
        call("sessions revoke --store {store} 11111111 22222222", Done, &["2 revoked"]),
        call("sessions revoke --store {store} 11111111 --json", Done, &["\"ended\": 1"]),
        call("sessions revoke --store {store} 99999999", NotFound, &["no session"]),
        call("sessions revoke --store {store} --user jane", Usage, &["nothing was revoked: this would revoke 2 sessions"]),
        call("sessions revoke --store {store} --user jane --yes", Done, &["2 revoked"]),
        call("sessions revoke --store {store} --user jane --purpose session --yes", Done, &["2 revoked"]),
        call("sessions revoke --store {store} --user jane --purpose admin --yes", Done, &["0 revoked"]),
        call("sessions revoke --store {store} --all", Usage, &["this would revoke 4 sessions"]),
        call("sessions revoke --store {store} --all --yes", Done, &["4 revoked"]),
        call("sessions revoke --store {store}", Usage, &["--user"]),
        call("sessions revoke --store {store} --all --user jane", Usage, &["--all"]),
        call("sessions purge --store {store}", Done, &["removed: 0 expired, 0 old"]),
        call("sessions purge --store {store} --older-than 7d", Done, &["removed: 0 expired, 1 old"]),
        call("sessions purge --store {store} --idle-longer-than 30m --json", Done, &["\"old\": 2"]),
        call("sessions purge --store {store} --idle-longer-than 30m --dry-run", Done, &["would remove: 0 expired, 2 old"]),
        call("sessions purge --store sqlite:{nowhere.db}", NotFound, &["the store ", "does not exist: check the path"]),
        call("sessions purge --store {store} --older-than x", Usage, &["30d"]),
        // jar
        call("jar", Usage, &["export"]),
        call("jar show {cookies.txt}", Done, &["theme", ".shop.example", "(hidden)", "Session", "✓", "3 cookies: 3 live (2 session cookies), 0 expired"]),
        call("jar show {cookies.txt} --values --domain shop.example", Done, &["secret-value", "dark", "2 cookies: "]),
        call("jar show {expired.txt}", Done, &["✗ expired", "1 cookie: 0 live (0 session cookies), 1 expired"]),
        call("jar show {expired.txt} --json", Done, &["\"expired\": true", "\"expires\": null"]),
        call("jar show {touched.json}", Done, &["0 cookies"]),
        call("jar show - --from netscape --json", Done, &["\"http_only\": true"]).stdin("cookies.txt"),
        call("jar show {cookies.txt} --from playwright", Unreadable, &["cookies.txt"]),
        call("jar show {cookies.txt} --from word", Usage, &["devtools"]),
        call("jar show {cookies.txt} --domain a~b", Usage, &["not a host name"]),
        call("jar show {nowhere.txt}", NotFound, &["nowhere.txt does not exist: check the path"]),
        call("jar show {.}", Unreadable, &["choose a file in it"]),
        call("jar show {torn.txt}", Unreadable, &["torn.txt: this is not a cookie file"]),
        call("jar show {torn.txt} --from netscape", Negative, &["left out: line 1"]),
        call("jar show {page.html}", Unreadable, &["page.html: this is an HTML page"]),
        call("jar show {response} --url https://shop.example/", Negative, &["first", "left out: line 6"]),
        call("jar show {response}", Usage, &["add --url, such as --url https://example.com/"]),
        call("jar show {response} --url nowhere", Usage, &["--url: "]),
        call("jar show {sent} --from cookie-header --url https://shop.example/", Done, &["theme", "2 cookies"]),
        call("jar show {transcript} --from set-cookie --url https://shop.example/", Done, &["id", "1 cookie"]),
        call("jar show {firefox.sqlite}", Done, &["id", ".shop.example", "2 cookies"]),
        call("jar show {firefox.sqlite} --from firefox --values", Done, &["secret-value"]),
        call("jar show {Cookies}", Negative, &["lang", "left out: cookie 1", "encrypted"]),
        call("jar show {Cookies} --from chromium --key file:{peanuts} --key-system linux --values", Done, &["secret-value", "2 cookies"]),
        call("jar show {Cookies} --key file:{peanuts} --key-system macos", Negative, &["cannot be decrypted with the key from --key"]),
        call("jar show {Cookies} --key file:{key} --key-system windows", Negative, &["cannot be decrypted with the key from --key"]),
        call("jar show {Cookies} --key file:{peanuts} --key-system windows", Unreadable, &["32 bytes"]),
        call("jar show {Cookies} --key hunter2", Usage, &["not the secret itself", "file:PATH"]),
        call("jar show {Cookies} --key env", Usage, &["env:NAME"]),
        call("jar show {Cookies} --key env:BROWSER_KEY", NotFound, &["BROWSER_KEY is not set"]),
        call("jar show {Cookies} --key file:{nowhere}", NotFound, &["nowhere does not exist: check the path"]),
        call("jar show - --key -", Usage, &["cannot both come from standard input"]),
        call("jar show {session_of_httpie.json} --from httpie", Negative, &["left out: cookie 1", "set its URL with --url"]),
        call("jar show {session_of_httpie.json} --from httpie --url https://shop.example/", Done, &["shop.example"]),
        call("jar show {recording.har} --from har", Done, &["shop.example"]),
        call("jar show {sanitized.har}", Done, &["0 cookies", "unless it is exported with sensitive data"]),
        call("jar import {sanitized.har} --output {from_sanitized.json}", Done, &["0 imported", "unless it is exported with sensitive data"]),
        call("jar import {cookies.txt} --output {new.json}", Done, &["3 imported, 0 outdated, 0 expired, 0 left out; 3 cookies in"]),
        call("jar import - --output {new.txt} --from netscape --to netscape --json", Done, &["\"taken\": 3", "\"cookies\": 3", "\"file\": \"standard input\""]).stdin("cookies.txt"),
        call("jar import {cookies.txt} {expired.txt} --output {new.json} --json", Done, &["\"expired\": 1", "\"evicted\": 0"]),
        call("jar import {cookies.txt} --output {state.json}", Done, &["3 cookies in"]),
        call("jar import {cookies.txt} --output - --to httpie", Done, &["secret-value", "3 imported"]),
        call("jar import {Cookies} {Cookies} --key - --key-system linux --output {from_chromium.json}", Done, &["0 left out; 2 cookies in"]).stdin("peanuts"),
        call("jar import {cookies.txt} --output {firefox.sqlite}", Usage, &["firefox is read-only"]),
        call("jar import {cookies.txt} --output - --json", Usage, &["--output"]),
        call("jar import {response} --url https://shop.example/ --output {from_response.json}", Negative, &["1 imported", "1 left out", "left out: line 6"]),
        call("jar import {half.txt} --output {other.json}", Negative, &["left out: line 2", "1 imported, 0 outdated, 0 expired, 1 left out; 1 cookie in"]),
        call("jar import {cookies.txt} --output {half.txt}", Unreadable, &["would lose 1 cookie", "line 2", "--force"]),
        call("jar import {cookies.txt} --output {jar_of_httpie.json}", Unreadable, &["would lose 1 cookie", "`domain` is empty", "--force"]),
        call("jar import {cookies.txt} --output {half.txt} --force", Negative, &["left out: line 2", "1 left out; 4 cookies in"]),
        call("jar import {cookies.txt} --output {no/folder.json}", Unwritable, &["does not exist: create it first"]),
        call("jar import {cookies.txt} --output {new.har} --to har", Usage, &["read-only", "netscape"]),
        call("jar import {cookies.txt} --output {recording.har}", Usage, &["read-only"]),
        call("jar import {cookies.txt} --output {page.html}", Unreadable, &["page.html: this is an HTML page"]),
        call("jar import {cookies.txt} --output {state.json} --to netscape", Usage, &["is in the format playwright, not netscape"]),
        call("jar import {cookies.txt}", Usage, &["--output"]),
        call("jar import {cookies.txt} --output {x} --from word", Usage, &["netscape"]),
        call("jar export {cookies.txt} --to playwright", Done, &["\"cookies\"", "secret-value"]),
        call("jar export {cookies.txt} --to wget", Done, &["shop.example", "cannot store HttpOnly"]),
        call("jar export {cookies.txt} --to python --output -", Done, &["#HttpOnly_"]),
        call("jar export {cookies.txt} --to devtools", Done, &["\"httpOnly\""]),
        call("jar export {cookies.txt} --to cookie-editor", Done, &["\"hostOnly\""]),
        call("jar export {cookies.txt} --to selenium", Done, &["\"expiry\""]),
        call("jar export {cookies.txt} --to cookie-store", Done, &["raw_cookie"]),
        call("jar export {cookies.txt} --to tough-cookie", Done, &["\"cookies\""]),
        call("jar export {cookies.txt} --to httpie", Done, &["\"cookies\""]),
        call("jar export {cookies.txt} --to netscape --from netscape --output {out.txt}", Done, &["3 written to"]),
        call("jar export {cookies.txt} --output {out.txt} --domain shop.example", Done, &["2 written to"]),
        call("jar export {cookies.txt} --to whole --output {out.json} --json", Done, &["\"written\": 3"]),
        call("jar export {response} --url https://shop.example/ --to netscape", Negative, &["first"]),
        call("jar export {cookies.txt} --to devtools --json", Usage, &["--output"]),
        call("jar export {firefox.sqlite} --to netscape --domain shop.example", Done, &["secret-value"]),
        call("jar export {Cookies} --key env:BROWSER_KEY --key-system linux --to netscape", Done, &["secret-value"]).with(&[("BROWSER_KEY", "peanuts")]),
        call("jar export {cookies.txt} --to firefox", Usage, &["read-only"]),
        call("jar export {cookies.txt}", Usage, &["add --to"]),
        call("jar export {cookies.txt} --output {out}", Usage, &["add --to"]),
        call("jar export {cookies.txt} --to har", Usage, &["read-only"]),
        call("jar export {cookies.txt} --to word", Usage, &["whole"]),
        call("jar export {cookies.txt} --to netscape --output {no/folder.txt}", Unwritable, &["does not exist: create it first"]),
        call("jar export {cookies.txt} --to whole --output {list.json}", Unreadable, &["not a jar", "--force"]),
        call("jar export {cookies.txt} --to whole --output {broken.json} --force", Done, &["3 written to"]),
        call("jar export {no.json} --to netscape", Unreadable, &["no.json"]),
        call("jar header https://other.example/ {cookies.txt}", Done, &["Cookie: id=other-value"]),
        call("jar header https://other.example/ - --from netscape", Done, &["Cookie: id=other-value"]).stdin("cookies.txt"),
        call("jar header https://other.example/ {cookies.txt} --json", Done, &["\"header\": \"id=other-value\"", "\"cookies\": 1"]),
        call("jar header https://shop.example/ {sent} --url https://shop.example/", Done, &["Cookie: "]),
        call("jar header https://shop.example/ {Cookies} --key file:{peanuts} --key-system linux", Done, &["Cookie: id=secret-value"]),
        call("jar remove {Cookies} --domain shop.example", Usage, &["read-only"]),
        call("jar header https://nobody.example/ {cookies.txt}", Negative, &[""]),
        call("jar header nowhere {cookies.txt}", Usage, &["https://example.com/"]),
        call("jar header https://shop.example/ {nowhere.txt}", NotFound, &["nowhere.txt does not exist: check the path"]),
        call("jar remove {removable.txt}", Usage, &["--domain"]),
        call("jar remove {removable.txt} --domain other.example --name no", NotFound, &["no matching cookie of other.example"]),
        call("jar remove {removable.txt} --domain other.example --path / --name id", Done, &["1 removed; 2 left in"]),
        call("jar remove {removable.txt} --domain shop.example --from netscape --json", Done, &["\"removed\": 2", "\"cookies\": 0"]),
        call("jar remove - --domain shop.example", Done, &["other.example", "2 removed; 1 left"]).stdin("cookies.txt"),
        call("jar remove - --domain shop.example --json", Usage, &["omit --json"]).stdin("cookies.txt"),
        call("jar remove {half_of_two.txt} --domain shop.example", Unreadable, &["would lose 1 cookie", "--force"]),
        call("jar remove {half_of_two.txt} --domain shop.example --force", Done, &["1 removed; 1 left"]),
        call("jar remove - --domain shop.example --url https://shop.example/", Done, &["2 removed; 1 left"]).stdin("cookies.txt"),
        call("jar remove {removable.txt} --domain shop.example --url nowhere", Usage, &["--url", "https://example.com/"]),
        call("jar remove {recording.har} --domain shop.example", Usage, &["read-only"]),
        // audit
        call("audit", Usage, &["<URL>"]),
        call("audit {site}/nothing", Done, &["1 page, 0 cookies: 0 errors"]),
        call("audit {site}/bad", Negative, &["session", "it can be guessed", "OWASP ASVS"]),
        call("audit {site}/bad --json", Negative, &["\"rule\": \"GuessableId\"", "\"failed\": true"]),
        call("audit {site} --path /bad --path /good --fail-on never", Done, &["/good  200", "2 pages, 2 cookies"]),
        call("audit {site} --path //evil.example/", Usage, &["is not a path on"]),
        call("audit {site}/hint --fail-on notice", Negative, &["notice"]),
        call("audit {site}/hint --fail-on error", Done, &["0 errors"]),
        call("audit {site}/hint --fail-on bad", Usage, &["warning"]),
        call("audit {site}/token --session x", Negative, &["it can be guessed"]),
        call("audit {site}/bad --probe", Negative, &["two new visitors received the same session"]),
        call("audit {site}/adopt --probe", Negative, &["did not replace a session id"]),
        call("audit {site}/private --jar {cookies.txt}", Done, &["/private  403"]),
        call("audit {site}/good --jar {page.html}", Unreadable, &["this is an HTML page"]),
        call("audit {site}/good --jar {nowhere}", NotFound, &["nowhere does not exist: check the path"]),
        call("audit {https}/good --insecure --jar {jar_of_half.txt}", Negative, &["left out: line 2", "no findings"]),
        call("audit {https}/good --insecure --jar {expired.txt}", Done, &["1 expired cookie was ignored"]),
        call("audit {https}/good", Unreachable, &["/good  not reached", "ertificate", "--insecure"]),
        call("audit {https}/good --insecure", Done, &["no findings", "0 errors, 0 warnings, 0 notices"]),
        call("audit {https}/down --insecure", Negative, &["from https to http"]),
        call("audit {site}/moved --fail-on error", Negative, &["/moved  302", "/bad  200"]),
        call("audit {site}/loop", Unreachable, &["redirected more than 20 times"]),
        call("audit {site}/silent --timeout 1s", Unreachable, &["/silent  not reached", "no response within 1 second"]),
        call("audit {https}/good --insecure --timeout 20s", Done, &["0 notices"]),
        call("audit {site}/good --timeout never", Usage, &["90s"]),
        call("audit http://{closed}/", Unreachable, &["not reached", "check the URL, and that the server is running"]),
        call("audit {site}/bad http://{closed}/ {site}/nothing", Unreachable, &["it can be guessed", "/nothing  200", "not reached", "2 pages, 1 cookie", "; 1 page not reached"]),
        call("audit {site}/bad http://{closed}/ --json", Unreachable, &["\"rule\": \"GuessableId\"", "\"unreached\"", "\"reason\": "]),
        call("audit {site}/away", Unreachable, &["/away  302", "(redirected from http"]),
        call("audit ftp://example.com/", Usage, &["not the URL of a site"]),
        // serve: tour.rs tests successful starts
        call("serve --port x", Usage, &["--port"]),
        call("serve --kind safe", Usage, &["signed, encrypted, or stored"]),
        call("serve --store somewhere:hunter2", Usage, &["--store"]),
        call("serve --insecure-http --port 99999", Usage, &["99999"]),
        call("serve --store sqlite:{key}/tour.db --port 0", Unreachable, &[""]),
        // completions and man
        call("completions bash", Done, &["_hardtack"]),
        call("completions fish", Done, &["complete -c hardtack"]),
        call("completions zsh", Done, &["#compdef hardtack"]),
        call("completions powershell", Done, &["Register-ArgumentCompleter"]),
        call("completions elvish", Done, &["edit:completion"]),
        call("completions cmd", Usage, &["zsh"]),
        call("man", Done, &[".TH hardtack 1", "Exit status"]),
        call("man --output {man}", Done, &[""]),
        call("man --output -", Done, &[".TH hardtack 1"]),
        call("man --output {key}", Unwritable, &["cannot be written"]),
        call("help", Done, &["Usage: hardtack", "Exit status:"]),
        call("help audit", Done, &["Usage: hardtack audit", "  4  a page was not reached"]),
        call("help jar export", Done, &["Usage: hardtack jar export", "Examples:"]),
        call("help frobnicate", Usage, &["`frobnicate` is not a command", "inspect"]),
        call("help audit site", Usage, &["`site` is not a command: `audit` has no subcommands"]),
    ]
};

#[test]
fn each_invocation_ends_as_the_table_says() {
    let fixture = Fixture::new();
    let mut failed = Vec::new();
    let mut exits = HashSet::new();
    let tree = Hardtack::tree();
    for invocation in INVOCATIONS {
        if invocation.line.contains("{store}") || !invocation.environment.is_empty() {
            fixture.fill_store();
        }
        let mut command = hardtack();
        command.args(invocation.words().map(|word| fixture.fill(&word)));
        // The command runs in the fixture's folder, so that it does not write to the folder of the tests.
        command.current_dir(fixture.path());
        for (name, value) in invocation.environment {
            command.env(
                name,
                if value.starts_with("{store") { fixture.fill(value) } else { (*value).to_owned() },
            );
        }
        let stdin = invocation.stdin.map(|file| std::fs::read(fixture.path().join(file)).expect("a file"));
        let outcome = finish(&mut command, &stdin.unwrap_or_default());
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        let is_right = outcome.code == Some(i32::from(invocation.exit.code()))
            && invocation.says.iter().all(|words| text.contains(words))
            && !text.contains("panicked");
        if !is_right {
            failed.push(format!("hardtack {}: {outcome:?}", invocation.line));
        }
        assert!(
            !text.contains("`Import::"),
            "hardtack {}: mentions the library: {outcome:?}",
            invocation.line
        );
        // The output contains no secret, unless the command line asks for it.
        if !invocation.line.contains("--values")
            && !invocation.line.contains("--to ")
            && !invocation.line.starts_with("jar header")
        {
            for secret in [SECRET, OLD_SECRET, "hunter2", "secret-value"] {
                assert!(!text.contains(secret), "hardtack {}: {outcome:?}", invocation.line);
            }
        }
        if outcome.code == Some(i32::from(Exit::Usage.code())) || invocation.exit == Exit::NotFound {
            assert!(outcome.stdout.is_empty(), "hardtack {}: {outcome:?}", invocation.line);
        }
        assert!(
            listed(&tree, invocation).contains(&format!("\n  {}  ", invocation.exit.code())),
            "hardtack {}: the help lists no exit status {}",
            invocation.line,
            invocation.exit.code()
        );
        exits.insert(invocation.exit);
    }
    assert!(failed.is_empty(), "{} of {} failed\n{}", failed.len(), INVOCATIONS.len(), failed.join("\n"));
    assert_eq!(exits.len(), Exit::ALL.len(), "each exit status occurs");
    println!("summary: hardtack: {} invocations, {} exit statuses", INVOCATIONS.len(), exits.len());
}

/// Returns the exit statuses in the help of the command that a row calls.
fn listed(tree: &Command, invocation: &Invocation) -> String {
    let mut command = tree;
    for word in invocation.words() {
        command = command.find_subcommand(&word).unwrap_or(command);
    }
    let help = command.get_after_help().unwrap_or_else(|| tree.get_after_help().expect("the table"));
    help.to_string()
}
