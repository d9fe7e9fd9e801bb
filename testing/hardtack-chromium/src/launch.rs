use std::env;
use std::ffi::OsString;
use std::process::{Child, Command, Stdio};

use crate::chromium::Chromium;
use crate::error::Error;

/// The path of Chromium in Debian's package.
const PROGRAM: &str = "/usr/bin/chromium";

/// The shell script that runs the browser. The script creates a profile, and removes it no matter how the browser
/// exits. Root cannot use the browser's sandbox, so the script disables the sandbox for root. The DevTools protocol
/// uses two pipes, which Chromium expects as file descriptors 3 and 4. No port is open to other programs, and the
/// browser exits by itself when the test program exits for any reason.
const LAUNCH_SCRIPT: &str = r#"
profile=$(mktemp -d) || exit
trap 'rm -rf "$profile"' EXIT
trap : INT TERM
mkdir "$profile/Default" && printf %s "$PREFERENCES" >"$profile/Default/Preferences" || exit
[ "$(id -u)" -ne 0 ] || set -- "$@" --no-sandbox
"$@" "--user-data-dir=$profile" 3<&0 4>&1 1>&2 0</dev/null
"#;

const FLAGS: [&str; 20] = [
    "--headless",
    // Makes the browser accept clicks before the first paint of a page.
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

/// The preferences that allow third-party cookies. The mode 0 never blocks them; the mode 2 would block them in private
/// windows.
const THIRD_PARTY_COOKIES: &str =
    r#"{"profile":{"cookie_controls_mode":0,"block_third_party_cookies":false}}"#;

/// Options for launching a browser.
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
    /// Creates options to launch the program that `HARDTACK_CHROMIUM` names, or Debian's Chromium by default.
    pub fn new() -> Self {
        Self {
            program: env::var_os("HARDTACK_CHROMIUM").unwrap_or_else(|| PROGRAM.into()),
            flags: FLAGS.map(str::to_owned).to_vec(),
            preferences: "{}",
        }
    }

    /// Sets how host names are resolved, in the syntax of Chromium's `--host-resolver-rules`.
    pub fn resolving(self, rules: &str) -> Self {
        self.flag(format!("--host-resolver-rules={rules}"))
    }

    /// Adds a Chromium flag.
    pub fn flag(mut self, flag: impl Into<String>) -> Self {
        self.flags.push(flag.into());
        self
    }

    /// Allows cookies in embedded content from other sites. Without this setting, a private window such as a
    /// [`Context`](crate::Context) refuses these cookies, regardless of their attributes, unless they are partitioned.
    pub fn third_party_cookies(mut self) -> Self {
        self.preferences = THIRD_PARTY_COOKIES;
        self
    }

    /// Starts the browser, and waits until it responds.
    ///
    /// # Errors
    ///
    /// Fails if the program does not exist, exits, or does not respond.
    pub async fn start(self) -> Result<Chromium, Error> {
        Chromium::new(self.spawn().map_err(Error::launch)?).await
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let loud = env::var_os("HARDTACK_CHROMIUM_LOG").is_some();
        Command::new("/bin/sh")
            .args(["-c", LAUNCH_SCRIPT, "sh"])
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
    /// Starts the program that `HARDTACK_CHROMIUM` names, or `/usr/bin/chromium` by default. See [`Launch::new`].
    ///
    /// # Errors
    ///
    /// Fails if the program does not exist, exits, or does not respond.
    pub async fn start() -> Result<Self, Error> {
        Launch::new().start().await
    }
}

impl Default for Launch {
    fn default() -> Self {
        Self::new()
    }
}
