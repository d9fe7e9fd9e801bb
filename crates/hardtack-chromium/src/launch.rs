use std::env;
use std::ffi::OsString;
use std::process::{Child, Command, Stdio};

use crate::chromium::Chromium;
use crate::error::Error;

/// Debian's.
const PROGRAM: &str = "/usr/bin/chromium";

/// Gives the browser a profile of its own, and takes it away however the browser ends; as root it can have no sandbox.
/// The DevTools protocol goes over two pipes, which Chromium expects as files 3 and 4: no port is open to others, and
/// when the program that holds the other ends is gone, however it went, the browser ends by itself.
const SHELL: &str = r#"
profile=$(mktemp -d) || exit
trap 'rm -rf "$profile"' EXIT
trap : INT TERM
mkdir "$profile/Default" && printf %s "$PREFERENCES" >"$profile/Default/Preferences" || exit
[ "$(id -u)" -ne 0 ] || set -- "$@" --no-sandbox
"$@" "--user-data-dir=$profile" 3<&0 4>&1 1>&2 0</dev/null
"#;

const FLAGS: [&str; 20] = [
    "--headless",
    // A click is not lost that comes before the first picture of a page.
    "--allow-pre-commit-input",
    "--remote-debugging-pipe",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--lang=en-US",
    "--mute-audio",
    "--no-first-run",
    "--password-store=basic",
];

/// "Allow third-party cookies", as its settings have it: 0 blocks them nowhere, 2 in private windows.
const THIRD_PARTY_COOKIES: &str =
    r#"{"profile":{"cookie_controls_mode":0,"block_third_party_cookies":false}}"#;

/// How a browser is to be started.
///
/// ```no_run
/// # async fn example() -> Result<(), hardtack_chromium::Error> {
/// use hardtack_chromium::Launch;
///
/// // Every name leads to this machine.
/// let chromium = Launch::new().resolving("MAP * 127.0.0.1").start().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Launch {
    program: OsString,
    flags: Vec<String>,
    preferences: &'static str,
}

impl Launch {
    /// The program that `HARDTACK_CHROMIUM` names, or else Debian's.
    pub fn new() -> Self {
        Self {
            program: env::var_os("HARDTACK_CHROMIUM").unwrap_or_else(|| PROGRAM.into()),
            flags: FLAGS.map(str::to_owned).to_vec(),
            preferences: "{}",
        }
    }

    /// Where names of hosts lead, in the words of Chromium's `--host-resolver-rules`.
    pub fn resolving(self, rules: &str) -> Self {
        self.flag(format!("--host-resolver-rules={rules}"))
    }

    /// One more flag of Chromium's.
    pub fn flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Lets what other sites embed have cookies. A private window, as each [`Context`](crate::Context) is one, else refuses
    /// them, whatever they say of themselves, unless they are partitioned.
    pub fn third_party_cookies(mut self) -> Self {
        self.preferences = THIRD_PARTY_COOKIES;
        self
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Errors
    ///
    /// If there is no such program, or if it ends or says nothing.
    pub async fn start(self) -> Result<Chromium, Error> {
        Chromium::new(self.spawn().map_err(Error::launch)?).await
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let loud = env::var_os("HARDTACK_CHROMIUM_LOG").is_some();
        Command::new("/bin/sh")
            .args(["-c", SHELL, "sh"])
            .arg(&self.program)
            .args(&self.flags)
            .env("PREFERENCES", self.preferences)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(if loud { Stdio::inherit() } else { Stdio::null() })
            .spawn()
    }
}

impl Chromium {
    /// Starts the program that `HARDTACK_CHROMIUM` names, or else `/usr/bin/chromium`: [`Launch::new`].
    ///
    /// # Errors
    ///
    /// If there is no such program, or if it ends or says nothing.
    pub async fn start() -> Result<Self, Error> {
        Launch::new().start().await
    }
}

impl Default for Launch {
    fn default() -> Self {
        Self::new()
    }
}
