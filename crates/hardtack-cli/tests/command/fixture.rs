//! The files, the store, and the sites that the invocations use.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use hardtack_core::protocol::{Content, Dictionary, Lineage, Login, Owner, Purpose, Record, StoreKey};
use hardtack_core::store::{SessionStore, Swap};
use hardtack_stores::AnyStore;
use tempfile::TempDir;

use crate::bad_site::BadSite;
use crate::databases;

pub(crate) const SECRET: &str = "b6a0e5d1c94f47a2830e7f5b1c2d6e9a";
pub(crate) const OLD_SECRET: &str = "17c3f0a9d85e42b6a4f19e02c7d3b586";

/// A recording of one response in the HAR format, as browsers export it.
pub(crate) const RECORDING: &str = r#"{"log": {"entries": [{"startedDateTime": "2026-01-01T00:00:00Z",
    "request": {"method": "GET", "url": "https://shop.example/", "headers": []},
    "response": {"status": 200, "headers": [{"name": "Set-Cookie", "value": "id=1; Path=/; Secure"}]}}]}}"#;

/// A folder with everything that the table of invocations names.
pub(crate) struct Fixture {
    folder: TempDir,
    pub(crate) site: BadSite,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
        file("key", &format!("{SECRET}\n"));
        file("old_key", OLD_SECRET);
        file("short_key", "dev");
        file("empty_key", "\n");
        file("session.json", r#"{"user": "jane", "pair": {" t": [1, 2]}}"#);
        file("list.json", "[1]");
        file("broken.json", "{");
        file("large.json", &format!(r#"{{"a": "{}"}}"#, noise(6000)));
        file("cookie", "eyJhIjoxfQ.ZVPxAA.D3QXMI0ZQYNZDxORB__kVZyT7hk\n");
        file("latin1", "");
        fs::write(folder.path().join("latin1"), b"\xe4").expect("a file");
        // The expiry is below the browsers' maximum of 400 days, so that it is the same in each format.
        let hundred_days = SystemTime::now() + Duration::from_secs(100 * 86_400);
        let end = hundred_days.duration_since(SystemTime::UNIX_EPOCH).expect("a clock that is set").as_secs();
        let cookies = format!(
            "# Netscape HTTP Cookie File\n\
             #HttpOnly_shop.example\tFALSE\t/\tTRUE\t{end}\tid\tsecret-value\n\
             .shop.example\tTRUE\t/\tFALSE\t0\ttheme\tdark\n\
             other.example\tFALSE\t/\tFALSE\t0\tid\tother-value\n"
        );
        file("cookies.txt", &cookies);
        file("torn.txt", "three\tfields\tonly\n");
        file("removable.txt", &cookies);
        file("half.txt", "half.example\tFALSE\t/\tFALSE\t0\tid\tx\nthree\tfields\tonly\n");
        file("jar_of_half.txt", "shop.example\tFALSE\t/\tFALSE\t0\tid\tx\nthree\tfields\tonly\n");
        file(
            "half_of_two.txt",
            "shop.example\tFALSE\t/\tFALSE\t0\tid\tx\nthree\tfields\tonly\n\
             other.example\tFALSE\t/\tFALSE\t0\tid\tx\n",
        );
        file("touched.json", "");
        file(
            "session_of_httpie.json",
            r#"{"cookies": [{"name": "a", "value": "1", "domain": ""}], "headers": []}"#,
        );
        file(
            "jar_of_httpie.json",
            r#"{"__meta__": {}, "cookies": [{"name": "a", "value": "1", "domain": ""}], "headers": []}"#,
        );
        file("sent", "Cookie: theme=dark; lang=en\n");
        file("recording.har", RECORDING);
        file("sanitized.har", &RECORDING.replace("Set-Cookie", "Server"));
        file("expired.txt", "shop.example\tFALSE\t/\tFALSE\t1\tid\tx\n");
        file("page.html", "<!DOCTYPE html>\n<title>Log in</title>\n");
        file("no_cookies", "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<p>a.b.c</p>");
        file(
            "response",
            "HTTP/1.1 302 Found\r\nSet-Cookie: first=1; Path=/; Secure; SameSite=Lax\r\nLocation: /next\r\n\r\n\
             HTTP/1.1 200 OK\r\nSet-Cookie: __Host-x=1; Path=/\r\n\r\n<p>a.b.c</p>\r\n",
        );
        file(
            "transcript",
            "* SSL connection using TLSv1.3\n> GET /login HTTP/2\n> Host: shop.example\n> \n\
             < HTTP/2 200 \n< set-cookie: id=1; Path=/; Secure\n< \n<p>a.b.c</p>\n",
        );
        file("state.json", r#"{"cookies": [], "origins": []}"#);
        file("no.json", "{\"cookies\": 1}");
        file("peanuts", "peanuts\n");
        databases::firefox(&folder.path().join("firefox.sqlite"));
        databases::chromium(&folder.path().join("Cookies"));
        Self { folder, site: BadSite::start() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces the placeholders in braces: the name of a file, `{store}`, `{site}`, `{https}`, or `{closed}`.
    pub(crate) fn fill(&self, argument: &str) -> String {
        let folder = self.path().display().to_string();
        argument
            .replace("{store}", &self.store_url())
            .replace("{site}", &self.site.url())
            .replace("{https}", &self.site.https_url())
            .replace("{closed}", &closed_port().to_string())
            .replace('{', &format!("{folder}/"))
            .replace('}', "")
    }

    pub(crate) fn store_url(&self) -> String {
        format!("sqlite:{}", self.store_path().display())
    }

    fn store_path(&self) -> PathBuf {
        self.path().join("sessions.db")
    }

    /// Replaces the store with a new one that has the same sessions. Each invocation that uses the store starts with a
    /// new one.
    pub(crate) fn fill_store(&self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(self.path().join(format!("sessions.db{suffix}")));
        }
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let store = AnyStore::open(&self.store_url()).await.expect("a store");
            fill(&store).await;
        });
    }
}

/// Creates four sessions (two for jane, an old one for bob, and one for a guest) and a tombstone.
pub(crate) async fn fill<S: SessionStore>(store: &S) {
    let live = |text: &str| Content::Live(Dictionary::parse(text).expect("a session"));
    let hour = 3600;
    let day = 24 * hour;
    let sessions = [
        (1, live(r#"{"_user_id":"jane","cart":{" t":[1,2]},"word":"hunter2"}"#), Some("jane"), hour, 60),
        (2, live(r#"{"_user_id":"jane"}"#), Some("jane"), 2 * hour, hour),
        (3, live(r#"{"_user_id":"bob"}"#), Some("bob"), 20 * day, 10 * day),
        (4, live("{}"), None, 60, 60),
        (5, Content::Moved(key(4)), None, 60, 60),
    ];
    let now = SystemTime::now();
    let ago = |seconds| now - Duration::from_secs(seconds);
    for (number, content, owner, age, idle) in sessions {
        let record = Record::new(Purpose::default(), content.to_data(), ago(age))
            .login(owner.map(|owner| Login::new(Owner::new(owner), Lineage::from_random([number; 16]))))
            .label((number == 1).then(|| "phone".into()))
            .last_seen(ago(idle))
            .expires_at(now + Duration::from_secs(day))
            .deadline(now + Duration::from_secs(10 * day));
        let swap = store.create(&key(number), &record).await.expect("a store that works");
        assert_ne!(swap, Swap::Refused);
    }
}

/// Returns a key whose handle repeats the given digit.
pub(crate) fn key(number: u8) -> StoreKey {
    StoreKey::from_bytes([number * 0x11; 32])
}

/// Returns pseudorandom letters and digits, so that compression does not make a cookie much shorter.
fn noise(length: usize) -> String {
    let mut state = 1_u32;
    let letter = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(
            b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(state >> 16) as usize % 62],
        )
    };
    (0..length).map(letter).collect()
}

/// Returns an address on which no server listens.
pub(crate) fn closed_port() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address")
}
